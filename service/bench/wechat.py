"""Plays WeChat's servers as cheaply as can be, so that the load costs the cores little.

Callbacks are encrypted beforehand with wechatpy's own crypto. A passive reply counts when it is
in our answer; any other reply counts when it is in the lab's ledger.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
from wechatpy.crypto import WeChatCrypto

from service.setting import WechatAccount

PATIENCE_SECONDS = 5.0
LATEST_SECONDS = 15.0
LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Caller:
    """Posts callbacks and waits for each reply."""

    session: aiohttp.ClientSession
    url: str
    lab_url: str
    account: WechatAccount
    passive: int = 0
    later: int = 0
    _seen: int = 0
    _waiting: dict[str, asyncio.Event] = field(default_factory=dict)

    def prepare(self, texts: list[str]) -> list[Callback]:
        """Encrypt a callback for each text, each from a client of its own."""
        crypto = WeChatCrypto(self.account.token, self.account.aes_key, self.account.appid)
        return [self._encrypt(crypto, text) for text in texts]

    async def post(self, callback: Callback) -> bool:
        """Post one callback and wait for its reply, wherever it comes; False if none came."""
        arrived = self._waiting[callback.openid] = asyncio.Event()
        try:
            async with self.session.post(
                self.url, params=callback.query(), data=callback.body
            ) as answer:
                body = await answer.read()
                if answer.status != 200:
                    return False
            if body != b"success":
                self.passive += 1
                return True
            self.later += 1
            async with asyncio.timeout(LATEST_SECONDS):
                await arrived.wait()
        except (aiohttp.ClientError, TimeoutError):
            return False
        else:
            return True
        finally:
            del self._waiting[callback.openid]

    async def watch(self) -> None:
        """Follow the lab's ledger for replies that did not come on the callback."""
        while True:
            if self.later:
                params = {"after": str(self._seen)}
                async with self.session.get(f"{self.lab_url}/lab/ledger", params=params) as answer:
                    entries: list[dict[str, Any]] = (await answer.json())["entries"]
                for entry in entries:
                    self._seen = max(self._seen, int(entry["n"]))
                    if arrived := self._waiting.get(entry.get("openid", "")):
                        arrived.set()
            await asyncio.sleep(LOOK_SECONDS)

    def _encrypt(self, crypto: WeChatCrypto, text: str) -> Callback:
        openid, number = f"labbench{uuid4().hex[:20]}", uuid4().int >> 66
        xml = (
            f"<xml><ToUserName><![CDATA[gh_bench]]></ToUserName><FromUserName><![CDATA[{openid}]]>"
            f"</FromUserName><CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]>"
            f"</MsgType><Content><![CDATA[{text}]]></Content><MsgId>{number}</MsgId></xml>"
        )
        timestamp, nonce = str(int(time.time())), uuid4().hex[:10]
        sealed: str = crypto.encrypt_message(xml, nonce, timestamp)
        signature = sealed.split("<MsgSignature><![CDATA[")[1].split("]]>", maxsplit=1)[0]
        return Callback(openid, sealed.encode(), timestamp, nonce, signature)


@dataclass(frozen=True, slots=True)
class Callback:
    """One encrypted callback, ready to be posted."""

    openid: str
    body: bytes
    timestamp: str
    nonce: str
    signature: str

    def query(self) -> dict[str, str]:
        """Return the query that WeChat adds in safe mode."""
        return {
            "timestamp": self.timestamp,
            "nonce": self.nonce,
            "encrypt_type": "aes",
            "msg_signature": self.signature,
            "openid": self.openid,
        }
