"""Visits to a running Zhida over its public doors, as a client in each channel and as an agent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp

from kernel.errors import TooMany, Transient
from service.settings import Settings

Row = Mapping[str, Any]
T = TypeVar("T")

PATIENCE_S = 20.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a client: the text, the buttons under it, who said it, and how fast."""

    text: str
    choices: tuple[str, ...]
    author: str
    ms: float


class ChatVisit:
    """A visitor of the app chat, over its REST doors."""

    def __init__(self, http: aiohttp.ClientSession, settings: Settings) -> None:
        self._http, self._site = http, settings.site_url
        self._headers: dict[str, str] = {}
        self._seen = 0

    async def open(self) -> None:
        """Become a visitor nobody has seen before."""
        body = await call_json(self._http, "POST", f"{self._site}/chat/visitor", json={})
        self._headers = {"Authorization": f"Bearer {body['token']}"}

    async def post(self, url: str, body: Row) -> Row:
        """Post something else with the visitor's token."""
        return await call_json(self._http, "POST", url, json=body, headers=self._headers)

    async def ask(self, text: str) -> Answer:
        """Say something and wait for what is answered.

        Raises:
            Transient: it was not taken, or nobody answered in time.
        """
        url, began = f"{self._site}/chat/messages", time.monotonic()
        said = {"client_msg_id": str(uuid4()), "text": text}
        kept = await call_json(self._http, "POST", url, json=said, headers=self._headers)
        self._seen = max(self._seen, int(kept["seq"]))
        return await self.listen("bot", "system", "agent", since=began)

    async def listen(self, *authors: str, since: float | None = None) -> Answer:
        """Wait for the next message of one of `authors`."""
        began = time.monotonic() if since is None else since
        url = f"{self._site}/chat/messages"

        async def look() -> Answer | None:
            params = {"after": str(self._seen)}
            page = await call_json(self._http, "GET", url, params=params, headers=self._headers)
            for message in page["messages"]:
                self._seen = max(self._seen, int(message["seq"]))
                if message["author"] in authors:
                    return _to_answer(message["content"], message["author"], began)
            return None

        return await wait_for(look, f"an answer of {' or '.join(authors)} in the app chat")


class WechatVisit:
    """A follower of the lab's WeChat account, who writes and reads on the lab's phone."""

    def __init__(
        self, http: aiohttp.ClientSession, settings: Settings, *, account: str = "demo"
    ) -> None:
        self._http, self._lab, self._account = http, settings.lab_url, account
        self._openid = f"smoke-{uuid4().hex[:16]}"

    async def ask(self, text: str) -> Answer:
        """Write a message and wait until an answer is in the lab's ledger.

        Raises:
            Transient: the lab could not deliver it, or no answer came in time.
        """
        after, began = await self._last(), time.monotonic()
        say = f"{self._lab}/lab/wechat/{self._account}/say"
        await call_json(self._http, "POST", say, json={"openid": self._openid, "text": text})

        async def look() -> Answer | None:
            for entry in await self._read(after):
                if entry.get("openid") == self._openid:
                    return Answer(_wechat_text(entry), (), "bot", ms_since(began))
            return None

        return await wait_for(look, "an answer in the lab's WeChat ledger")

    async def _last(self) -> int:
        entries = await self._read(0)
        return int(entries[-1]["n"]) if entries else 0

    async def _read(self, after: int) -> Sequence[Row]:
        params = {"after": str(after)}
        page = await call_json(self._http, "GET", f"{self._lab}/lab/ledger", params=params)
        entries: Sequence[Row] = page["entries"]
        return entries


class DeskVisit:
    """An agent at the desk."""

    def __init__(self, http: aiohttp.ClientSession, settings: Settings) -> None:
        self._http, self._site = http, settings.site_url
        self._password = settings.demo_password
        self._headers: dict[str, str] = {"Origin": settings.site_url}

    async def open(self, login: str = "agent") -> None:
        """Sign in with a demo login; after too many sign-ins of late, wait as long as is asked."""
        body = {"login": login, "password": self._password}
        try:
            signed = await self._post("/v1/session", body)
        except TooMany as error:
            await asyncio.sleep(error.retry_after)
            signed = await self._post("/v1/session", body)
        self._headers["X-Zhida-CSRF"] = str(signed["csrf"])

    async def take(self, mark: str) -> Row:
        """Wait for the ticket whose talk has `mark` in it, and take it."""

        async def look() -> Row | None:
            page = await self._get("/v1/desk/tickets?view=queue&limit=50")
            for row in page["tickets"]:
                ticket = await self._get(f"/v1/desk/tickets/{row['id']}")
                if mark in str(ticket):
                    return ticket
            return None

        ticket = await wait_for(look, f"a ticket with {mark!r} in the queue")
        taken = await self._post(f"/v1/desk/tickets/{ticket['id']}/take", {})
        return {**ticket, "floor_epoch": taken["floor_epoch"]}

    async def reply(self, ticket: Row, text: str) -> None:
        """Answer the client of a ticket that was taken."""
        body = {
            "client_msg_id": str(uuid4()),
            "text": text,
            "floor_epoch": ticket["floor_epoch"],
        }
        await self._post(f"/v1/desk/conversations/{ticket['conversation_id']}/messages", body)

    async def try_out(self, channel: str, account: str, address: str) -> Row:
        """Have a test message sent, as an admin."""
        path = f"/v1/channels/{channel}/{account}/test"
        return await self._post(path, {"address": address})

    async def resolve(self, ticket: Row, note: str) -> None:
        """Close the matter and give the talk back to the assistant."""
        body = {"note": note, "hand_back": True}
        await self._post(f"/v1/desk/tickets/{ticket['id']}/resolve", body)

    async def _get(self, path: str) -> Row:
        return await call_json(self._http, "GET", self._site + path, headers=self._headers)

    async def _post(self, path: str, body: Row) -> Row:
        url = self._site + path
        return await call_json(self._http, "POST", url, json=body, headers=self._headers)


async def call_json(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    json: Row | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Row:
    """Make one call and return its JSON object.

    Raises:
        TooMany: it was refused for now.
        Transient: it was refused, or nobody answered.
    """
    try:
        async with http.request(method, url, json=json, params=params, headers=headers) as response:
            body: Row = await response.json(content_type=None)
            if response.status == TooMany.status:
                raise TooMany(retry_after=float(response.headers.get("Retry-After", 1)))
            if response.status >= 400:
                said = (body or {}).get("error", {}).get("message_en", "")
                raise Transient(f"{url} answered {response.status}: {said}")
            return body
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Transient(f"{url} cannot be reached ({type(error).__name__}): is it up?") from error


async def wait_for(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look again and again until something is found.

    Raises:
        Transient: nothing was, in time.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if (found := await look()) is not None:
            return found
        await asyncio.sleep(_POLL_S)
    raise Transient(f"There was not {what} within {PATIENCE_S:.0f} s.")


def _to_answer(content: Row, author: str, began: float) -> Answer:
    titles = tuple(str(choice["title"]) for choice in content.get("choices", ()))
    return Answer(str(content.get("text", "")), titles, author, ms_since(began))


def _wechat_text(entry: Row) -> str:
    body = entry.get("body", entry)
    text = body.get("text", body) if isinstance(body, Mapping) else body
    return str(text.get("content", text)) if isinstance(text, Mapping) else str(text)


def ms_since(began: float) -> float:
    """Return the milliseconds since a moment of the monotonic clock."""
    return round((time.monotonic() - began) * 1000, 1)
