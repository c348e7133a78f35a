"""WeChat's error codes with the sentences that it answers."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.message import Json

MESSAGES: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40037: "invalid template_id",
    40066: "invalid url",
    40125: "invalid appsecret",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41006: "media_id missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45065: "clientmsgid exist",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block the message",
    48004: "api forbidden for irregularities",
    50002: "user limited",
    61004: "access clientip is not registered",
}


class Wrong(Exception):
    """WeChat answers with an errcode."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.detail = detail

    def to_json(self) -> Mapping[str, Json]:
        """Return the body of the answer."""
        sentence = MESSAGES.get(self.errcode, "unknown error")
        tail = f" ({self.detail})" if self.detail else ""
        return {"errcode": self.errcode, "errmsg": f"{sentence}{tail} rid: lab-rid"}
