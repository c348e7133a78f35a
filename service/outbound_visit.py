"""A client who is called and who gets pushes: what the house sends without being asked."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from service.settings import Settings
from service.visit import ChatVisit, DeskVisit, Row, call_json, ms_since, wait_for

WORDS = "测试消息"


class CallVisit:
    """Somebody whose telephone rings at the lab."""

    def __init__(self, http: aiohttp.ClientSession, settings: Settings) -> None:
        self._http, self._settings = http, settings
        self._lab = f"{settings.lab_url}/lab/voice/demo"
        self.number = f"+86138{secrets.randbelow(10**8):08}"

    async def confirm(self) -> Mapping[str, Any]:
        """Be called by a test message, hear it, press 1, and hear what is said to that."""
        began = time.monotonic()
        admin = DeskVisit(self._http, self._settings)
        await admin.open("admin")
        await admin.try_out("voice", "demo", self.number)
        call = await wait_for(self._find_call, f"a call to {self.number} at the lab")
        home = f"{self._lab}/calls/{call['sid']}"
        heard = await call_json(self._http, "POST", f"{home}/answer", json={})
        pressed = await call_json(self._http, "POST", f"{home}/press", json={"key": "1"})
        said = str(heard["heard"][0])
        end = str(pressed["heard"][-1])
        is_ok = WORDS in said and "已确认" in end and pressed["status"] == "completed"
        return {"question": said, "answer": end, "ms": ms_since(began), "ok": is_ok}

    async def _find_call(self) -> Row | None:
        page = await call_json(
            self._http, "GET", f"{self._lab}/calls", params={"number": self.number}
        )
        calls = [one for one in page["calls"] if one["status"] == "ringing"]
        return calls[0] if calls else None


class PushVisit:
    """Somebody whose app takes pushes."""

    def __init__(self, http: aiohttp.ClientSession, settings: Settings) -> None:
        self._http, self._settings = http, settings
        self._registration = secrets.token_hex(10)

    async def open_one(self) -> Mapping[str, Any]:
        """Ask for pushes, get a test message as one, open it, and have that noted."""
        began, site = time.monotonic(), self._settings.site_url
        visitor = ChatVisit(self._http, self._settings)
        admin = DeskVisit(self._http, self._settings)
        await visitor.open()
        body = {"account": "jpush", "registration_id": self._registration}
        await visitor.post(f"{site}/chat/push/subscribe", body)
        await admin.open("admin")
        await admin.try_out("push", "jpush", self._registration)
        push = await wait_for(self._find_push, "a push on the lab's phone")
        await visitor.post(f"{site}/chat/push/opened", {"account": "jpush", "id": push["id"]})
        is_ok = bool(push["text"]) and WORDS not in str(push["wire"])
        answer = f"{push['text']} → {push['link']}"
        return {"question": WORDS, "answer": answer, "ms": ms_since(began), "ok": is_ok}

    async def _find_push(self) -> Row | None:
        url = f"{self._settings.lab_url}/lab/push/jpush/phone/{self._registration}"
        pushes = (await call_json(self._http, "GET", url))["pushes"]
        body: Row | None = pushes[-1]["body"] if pushes else None
        return body
