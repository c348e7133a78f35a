"""WeCom's error codes with the sentences that it answers."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.message import Json

MESSAGES: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential",
    40003: "invalid userid",
    40008: "invalid message type",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40033: "invalid charset",
    40056: "invalid agentid",
    40058: "invalid Request Parameter",
    41001: "access_token missing",
    42001: "access_token expired",
    44004: "text content is empty",
    45002: "content size out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    47001: "data format error",
    48002: "api forbidden",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    93000: "invalid webhook url",
    95000: "invalid open_kfid",
    95001: "send msg count limit",
    95002: "send msg time limit",
    95007: "invalid msgtoken",
    95008: "menu item count out of limit",
    95009: "invalid menu item type",
    95013: "open_kfid is not managed by api",
    95016: "not allow to change service state",
    95018: "send msg session status invalid",
}


class Wrong(Exception):
    """WeCom answers with an errcode."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.detail = detail

    def to_json(self) -> Mapping[str, Json]:
        """Return the body of the answer."""
        sentence = MESSAGES.get(self.errcode, "unknown error")
        tail = f" ({self.detail})" if self.detail else ""
        return {"errcode": self.errcode, "errmsg": f"{sentence}{tail}, hint: [lab]"}
