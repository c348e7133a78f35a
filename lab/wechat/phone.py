"""Plays WeChat towards the product: encrypted callbacks, five seconds, three attempts.

Source: developers.weixin.qq.com, 接收普通消息: after five seconds without an answer the
connection is cut and the same MsgId is posted again, three times in all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from defusedxml.ElementTree import fromstring

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.fault import Fault, Mode
from lab.wechat.account import LabAccount
from lab.wechat.act import Act, parse_act
from lab.wechat.envelope import Sealed, open_reply, seal
from lab.wechat.world import World

LIMIT_SECONDS = 5.0
ATTEMPTS = 3
PAUSE_SECONDS = 0.5
"""Between attempts when a connection fails at once, so that a restart is not outrun."""
OUT_OF_SERVICE = "该公众号提供的服务出现故障，请稍后再试"
"""What WeChat shows when three attempts had no answer, or the answer was not XML."""


@dataclass(slots=True)
class Attempt:
    """One post of a callback: HTTP status or what went wrong, and the answer's body."""

    n: int
    status: int = 0
    error: str = ""
    ms: float = 0.0
    body: bytes = field(default=b"", repr=False)

    @property
    def is_answered(self) -> bool:
        """Tell whether WeChat would be content and stop trying."""
        return self.status == 200

    def to_json(self) -> Mapping[str, Json]:
        """Return the attempt as the control API shows it."""
        return {"n": self.n, "status": self.status, "error": self.error, "ms": self.ms}


@dataclass(slots=True)
class Phone:
    """Every client's phone, and the platform between it and the product."""

    world: World
    _wire: aiohttp.ClientSession | None = None
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def say(self, account: LabAccount, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """Let a client do something, and tell how the product answered."""
        act = parse_act(body, int(self.world.clock.now().timestamp()))
        self._open_window(account, act)
        if not body.get("quiet"):
            self.world.bubbles.record_mine(account.name, act.openid, act.shown)
        fault = self.world.take_fault("callback")
        if fault and fault.mode is Mode.LATE:
            await asyncio.sleep(fault.seconds)
        attempts = await self._post_until_answered(account, act, fault)
        passive = self._read_passive(account, act, attempts[-1])
        if fault and fault.mode is Mode.DUPLICATE:
            again = await self._post(account, act, n=len(attempts) + 1)
            attempts.append(again)
            passive = passive or self._read_passive(account, act, again)
        shown: dict[str, Json] = {
            "msg_id": act.msg_id,
            "attempts": [one.to_json() for one in attempts],
            "passive": passive,
            "ok": any(one.is_answered for one in attempts),
        }
        return shown

    async def finish_template(self, account: LabAccount, openid: str, msgid: str) -> None:
        """Send TEMPLATESENDJOBFINISH a moment after the call was answered."""
        follower = self.world.windows.follower(account.name, openid)
        status = "failed:user block" if follower.has_blocked else "success"
        event: dict[str, Json] = {
            "openid": openid,
            "event": "TEMPLATESENDJOBFINISH",
            "extra": {"MsgID": int(msgid), "Status": status},
        }
        task = asyncio.create_task(self._say_later(account, event), name="template-finish")
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def handshake(self, account: LabAccount) -> Mapping[str, Json]:
        """Play the check of the address that 基本配置 makes."""
        sealed = seal(account, "<xml/>", openid="", timestamp=_now(self.world))
        names = ("signature", "timestamp", "nonce")
        query = {name: sealed.query[name] for name in names} | {"echostr": "lab-echo-7265"}
        try:
            async with self._session().get(account.callback, params=query) as answer:
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return {"ok": False, "error": type(error).__name__}
        return {"ok": text == query["echostr"], "status": answer.status}

    async def close(self) -> None:
        """Stop what is under way and close every connection."""
        for task in tuple(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._wire is not None:
            await self._wire.close()

    async def _say_later(self, account: LabAccount, event: Mapping[str, Json]) -> None:
        await asyncio.sleep(0.1)
        await self.say(account, {**event, "quiet": True})

    def _open_window(self, account: LabAccount, act: Act) -> None:
        follower = self.world.windows.follower(account.name, act.openid)
        if act.event == "subscribe":
            follower.is_followed = True
        if act.event == "unsubscribe":
            follower.is_followed = False
            self.world.windows.close(account.name, act.openid)
        if act.rule:
            self.world.windows.open(account.name, act.openid, act.rule)

    async def _post_until_answered(
        self, account: LabAccount, act: Act, fault: Fault | None
    ) -> list[Attempt]:
        cut = fault.seconds if fault and fault.mode is Mode.CUT else None
        attempts: list[Attempt] = []
        while True:
            limit = cut if cut is not None and not attempts else LIMIT_SECONDS
            attempts.append(await self._post(account, act, n=len(attempts) + 1, limit=limit))
            if attempts[-1].is_answered or len(attempts) == ATTEMPTS:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return attempts

    async def _post(
        self, account: LabAccount, act: Act, *, n: int, limit: float = LIMIT_SECONDS
    ) -> Attempt:
        sealed = seal(account, act.xml, openid=act.openid, timestamp=_now(self.world))
        attempt, started = Attempt(n), time.perf_counter()
        try:
            async with (
                asyncio.timeout(limit),
                self._session().post(
                    account.callback,
                    params=sealed.query,
                    data=sealed.body,
                    headers={"Content-Type": "text/xml"},
                ) as answer,
            ):
                attempt.body = await answer.read()
                attempt.status = answer.status
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            attempt.error = type(error).__name__
        attempt.ms = round((time.perf_counter() - started) * 1000, 1)
        self._trace(account, act, sealed, attempt)
        return attempt

    def _trace(self, account: LabAccount, act: Act, sealed: Sealed, attempt: Attempt) -> None:
        opened = ""
        with contextlib.suppress(InvalidInput):
            opened = open_reply(account, attempt.body) if len(attempt.body) > 16 else ""
        query: dict[str, Json] = {**sealed.query}
        self.world.room.trace.record(
            "callback",
            fake="wechat",
            account=account.name,
            openid=act.openid,
            msg_id=act.msg_id,
            attempt=attempt.n,
            query=query,
            sealed=sealed.body.decode(),
            opened=act.xml,
            status=attempt.status,
            error=attempt.error,
            answer=attempt.body.decode("utf-8", "replace")[:8000],
            answer_opened=opened,
            ms=attempt.ms,
        )

    def _read_passive(
        self, account: LabAccount, act: Act, attempt: Attempt
    ) -> Mapping[str, Json] | None:
        """Show a passive reply on the phone and put it into the ledger."""
        if not attempt.is_answered:
            self.world.bubbles.record_note(account.name, act.openid, OUT_OF_SERVICE)
            return None
        if attempt.body.strip() in {b"", b"success"}:
            return None
        try:
            reply = _parse_reply(open_reply(account, attempt.body), act.openid)
        except InvalidInput as error:
            self.world.bubbles.record_note(account.name, act.openid, OUT_OF_SERVICE)
            return {"msgtype": "error", "body": {"why": error.message}}
        msgtype, body = reply
        self.world.record_sent(
            "passive",
            account.name,
            act.openid,
            msgtype=msgtype,
            body=body,
            msg_id=act.msg_id,
            attempt=attempt.n,
        )
        return {"msgtype": msgtype, "body": body}

    def _session(self) -> aiohttp.ClientSession:
        if self._wire is None or self._wire.closed:
            connector = aiohttp.TCPConnector(limit=512, keepalive_timeout=30)
            limits = aiohttp.ClientTimeout(total=30)
            self._wire = aiohttp.ClientSession(connector=connector, timeout=limits)
        return self._wire


def _now(world: World) -> int:
    return int(world.clock.now().timestamp())


def _parse_reply(xml: str, openid: str) -> tuple[str, Mapping[str, Json]]:
    try:
        root = fromstring(xml, forbid_dtd=True)
    except Exception as error:
        raise InvalidInput("The reply is not XML.") from error
    flat = {child.tag: child.text or "" for child in root}
    if flat.get("ToUserName") != openid or not flat.get("FromUserName", "").startswith("gh_"):
        raise InvalidInput("ToUserName or FromUserName is wrong.")
    msgtype = flat.get("MsgType", "")
    if msgtype == "text":
        content = flat.get("Content", "")
        if not content or len(content.encode()) > 2048:
            raise InvalidInput("Content is empty or longer than 2048 bytes.")
        return msgtype, {"content": content}
    media_id = root.findtext(f"{msgtype.title()}/MediaId")
    if msgtype in {"image", "voice", "video"} and media_id:
        return msgtype, {"media_id": media_id}
    raise InvalidInput(f"MsgType {msgtype!r} is not one that a passive reply may have.")
