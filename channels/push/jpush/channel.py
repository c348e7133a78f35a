"""One app at JPush as the house sees every channel.

Before a message is first pushed, a cid is fetched and kept: JPush pushes the same cid once within
a day, so that a push whose outcome is unknown may be sent again.
Source: docs.jiguang.cn, REST API v3, 推送唯一标识（cid）.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final

import orjson

from channels.contract import Alike, Capabilities
from channels.push.device import Devices
from channels.push.jpush.fault import judge_refusal
from channels.push.sentence import NAME, NOTICE, Push, make_push
from channels.wire import Answer, Wire
from kernel.errors import ServiceError
from kernel.message import (
    Accepted,
    Address,
    Json,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
    Unknown,
)

REGISTRATION = re.compile(r"[0-9a-zA-Z_-]{8,64}", re.ASCII)
_CID = re.compile(r"[0-9a-zA-Z_-]{8,64}", re.ASCII)

CAPABILITIES: Final = Capabilities(
    takes_free_text=False,
    takes_choices=False,
    takes_replies=False,
    has_key=True,
    receipts=frozenset({"read"}),
    notice=NOTICE,
)


@dataclass(frozen=True, slots=True)
class App:
    """One app at JPush: `title` is what its pushes are headed with."""

    account: str
    key: str
    secret: str = field(repr=False)
    title: str
    api_base: str
    is_production: bool = True


@dataclass(frozen=True, slots=True)
class JpushChannel(Alike):
    """Sends for one app; that a push was opened is told by the app itself."""

    app: App
    devices: Devices
    wire: Wire = field(default_factory=Wire)

    @property
    def name(self) -> str:
        """Return `push`."""
        return NAME

    @property
    def account(self) -> str:
        """Return the account's name."""
        return self.app.account

    @property
    def capabilities(self) -> Capabilities:
        """A fixed sentence, a key that de-duplicates for a day, opened as the receipt."""
        return CAPABILITIES

    async def send(self, outbound: Outbound) -> SendResult:
        """Push once, under the same cid at every attempt."""
        if not REGISTRATION.fullmatch(outbound.address.address):
            return Rejected(Refusal.RECIPIENT, "registration_id", "This is no registration id.")
        try:
            cid = await self._get_cid(outbound)
            if not isinstance(cid, str):
                return cid
            push = make_push(outbound.content, outbound.outbox_id, title=self.app.title)
            answer = await self._post(self._body(outbound.address.address, push, cid))
            return await self._judge(answer, outbound.address)
        except ServiceError:
            return Retryable("store_down", 5.0)

    async def close(self) -> None:
        """Close connections."""
        await self.wire.close()

    async def _get_cid(self, outbound: Outbound) -> str | SendResult:
        """Return the cid of this message; what failed here has provably pushed nothing."""
        if kept := await self.devices.find_key(outbound.outbox_id):
            return kept
        answer = await self.wire.call(
            "GET",
            f"{self.app.api_base}/v3/push/cid",
            headers=self._headers(),
            params={"count": "1", "type": "push"},
        )
        if isinstance(answer, Unknown):
            return Retryable(f"cid_{answer.code}", 2.0)
        if not isinstance(answer, Answer):
            return answer
        if answer.status >= 300:
            refused = judge_refusal(answer)
            return Retryable("cid", 5.0) if isinstance(refused, Unknown) else refused
        listed = (answer.body or {}).get("cidlist")
        cid = listed[0] if isinstance(listed, list) and listed else None
        if not isinstance(cid, str) or not _CID.fullmatch(cid):
            return Retryable("no_cid", 5.0)
        return await self.devices.record_key(outbound.outbox_id, cid)

    async def _post(self, body: Json) -> Answer | Retryable | Unknown:
        return await self.wire.call(
            "POST",
            f"{self.app.api_base}/v3/push",
            headers=self._headers() | {"Content-Type": "application/json"},
            data=orjson.dumps(body),
        )

    async def _judge(self, answer: Answer | Retryable | Unknown, address: Address) -> SendResult:
        if not isinstance(answer, Answer):
            return answer
        if answer.status >= 300:
            refused = judge_refusal(answer)
            if isinstance(refused, Rejected) and refused.refusal is Refusal.RECIPIENT:
                await self.devices.end(address)
            return refused
        msg_id = (answer.body or {}).get("msg_id")
        is_name = isinstance(msg_id, str | int) and not isinstance(msg_id, bool) and str(msg_id)
        return Accepted(str(msg_id)) if is_name else Unknown("no_msg_id")

    def _headers(self) -> dict[str, str]:
        pair = b64encode(f"{self.app.key}:{self.app.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}", "Accept": "application/json"}

    def _body(self, registration: str, push: Push, cid: str) -> dict[str, Json]:
        extras: dict[str, Json] = {"id": push.name, "link": push.link}
        return {
            "cid": cid,
            "platform": ["android", "ios"],
            "audience": {"registration_id": [registration]},
            "notification": {
                "android": {
                    "alert": push.body,
                    "title": push.title,
                    "priority": 2 if push.urgency == "critical" else 0,
                    "extras": extras,
                },
                "ios": {
                    "alert": {"title": push.title, "body": push.body},
                    "sound": "default",
                    "thread-id": push.category,
                    "extras": extras,
                },
            },
            "options": {
                "time_to_live": push.seconds,
                "apns_production": self.app.is_production,
            },
        }
