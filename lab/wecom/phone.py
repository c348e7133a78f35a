"""Plays WeCom towards the product: what clients do is kept for the pull, a callback tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.courier import Courier, Parcel
from lab.wechat.envelope import encrypt, seal, sign
from lab.wecom.account import KfAccount
from lab.wecom.world import WecomWorld

CLIENT, SYSTEM, SERVICER = 3, 4, 5
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("content", "menu_id"),
    "image": ("media_id",),
    "voice": ("media_id",),
    "video": ("media_id",),
    "file": ("media_id",),
    "location": ("latitude", "longitude", "name", "address"),
    "link": ("title", "desc", "url", "pic_url"),
    "miniprogram": ("title", "appid", "pagepath", "thumb_media_id"),
}


@dataclass(slots=True)
class KfPhone:
    """Every client's WeChat as far as 微信客服 goes, and the platform behind it."""

    world: WecomWorld
    courier: Courier

    async def say(self, account: KfAccount, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """Let a client write or enter, and tell how the product took the callback.

        `{"user", "text"}`, `{"user", "type": "image", …}`, `{"user", "event": "enter_session"}`,
        or `{"item": …}` for what no client could do.

        Raises:
            InvalidInput: with what would be right.
        """
        msgid = self._keep(account, body)
        answer = await self.courier.post(self.make_callback(account))
        return {"msgid": msgid, "callback": answer.to_json(), "ok": answer.status == 200}

    async def fail(self, account: KfAccount, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """Tell that a message did not reach its client: `{"user", "msgid", "fail_type"}`."""
        event = {"fail_msgid": body.get("msgid", ""), "fail_type": body.get("fail_type", 10)}
        msgid = self._keep_event(account, _read_user(body), "msg_send_fail", event)
        answer = await self.courier.post(self.make_callback(account))
        return {"msgid": msgid, "callback": answer.to_json()}

    async def handshake(self, account: KfAccount) -> Mapping[str, Json]:
        """Play the check of the address that the callback settings make: echostr is sealed."""
        stamp, nonce = str(int(self.world.clock.now().timestamp())), "lab-nonce"
        echo = encrypt(account.seals, b"lab-echo-7265")
        query = {"timestamp": stamp, "nonce": nonce, "echostr": echo}
        query["msg_signature"] = sign(account.seals.token, stamp, nonce, echo)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.get(account.callback, params=query) as answer,
            ):
                text = await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return {"ok": False, "error": type(error).__name__}
        return {"ok": text == "lab-echo-7265", "status": answer.status}

    def make_callback(self, account: KfAccount, open_kfid: str | None = None) -> Parcel:
        """Seal a callback that says: there is something to pull."""
        stamp = int(self.world.clock.now().timestamp())
        parts = {
            "ToUserName": account.corp_id,
            "CreateTime": str(stamp),
            "MsgType": "event",
            "Event": "kf_msg_or_event",
            "Token": self.world.issue_pull_token(),
            "OpenKfId": open_kfid or account.open_kfid,
        }
        xml = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in parts.items())
        sealed = seal(account.seals, f"<xml>{xml}</xml>", openid="", timestamp=stamp)
        query = {name: sealed.query[name] for name in ("msg_signature", "timestamp", "nonce")}
        return Parcel(
            f"{account.callback}?{urlencode(query)}",
            {"Content-Type": "text/xml"},
            sealed.body,
            stranger=None if open_kfid else lambda: self.make_callback(account, "wkNobody"),
            shown={"account": account.name},
        )

    def _keep(self, account: KfAccount, body: Mapping[str, Json]) -> str:
        item = body.get("item")
        if isinstance(item, Mapping):
            return self.world.add_item(account, CLIENT, item)
        user = _read_user(body)
        if body.get("event"):
            return self._keep_event(account, user, str(body["event"]), {})
        kind = str(body.get("type") or "text")
        if kind not in _FIELDS:
            raise InvalidInput(f"type is one of {', '.join(_FIELDS)}.")
        said = dict(body)
        if kind == "text":
            if not isinstance(body.get("text"), str):
                raise InvalidInput("text is missing.")
            said["content"] = body["text"]
        part: dict[str, Json] = {name: said[name] for name in _FIELDS[kind] if name in said}
        self.world.sessions.speak(account.open_kfid, user)
        parts: dict[str, Json] = {"external_userid": user, "msgtype": kind, kind: part}
        if body.get("msgid"):
            parts["msgid"] = body["msgid"]
        self.world.room.live.tell("kf", {"account": account.name, "user": user, "side": "me"})
        return self.world.add_item(account, CLIENT, parts)

    def _keep_event(
        self, account: KfAccount, user: str, name: str, more: Mapping[str, Json]
    ) -> str:
        event: dict[str, Json] = {
            "event_type": name,
            "open_kfid": account.open_kfid,
            "external_userid": user,
            **more,
        }
        if name == "enter_session":
            code = self.world.sessions.enter(account.open_kfid, user)
            event |= {"scene": "lab", **({"welcome_code": code} if code else {})}
        return self.world.add_item(account, SYSTEM, {"msgtype": "event", "event": event})


def _read_user(body: Mapping[str, Json]) -> str:
    user = body.get("user")
    if not isinstance(user, str) or not 1 <= len(user) <= 64:
        raise InvalidInput("user is missing: the external_userid of a client.")
    return user
