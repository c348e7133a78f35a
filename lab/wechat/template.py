"""Template messages: approved templates only, fields within their lengths, once per client_msg_id.

Source: developers.weixin.qq.com, 模板消息, 类目模板消息参数值内容限制说明.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.message import Json
from lab.wechat.code import Wrong

APPROVED: Mapping[str, tuple[str, ...]] = {
    "lab_ticket_progress": ("character_string1", "phrase2", "time3"),
    "lab_margin_notice": ("thing1", "amount2", "time3"),
    "lab_transfer_done": ("thing1", "amount2", "time3"),
    "lab_account_notice": ("thing1", "time2"),
}
"""The lab's templates with the fields that each must have."""

_LENGTHS = {"thing": 20, "character_string": 32, "phrase": 5, "amount": 16, "time": 32, "const": 20}
_NAME = re.compile(r"([a-z_]+?)\d*")
_ONCE_WITHIN = timedelta(minutes=10)


@dataclass(slots=True)
class TemplateDesk:
    """Checks template messages and remembers those that were sent."""

    _sent: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    _last: int = 400_000_000_000

    def check(self, template_id: str, data: Mapping[str, Json]) -> None:
        """Raise Wrong with 40037 or 47003 unless the template takes these values."""
        needed = APPROVED.get(template_id)
        if needed is None:
            raise Wrong(40037)
        for name in needed:
            field_ = data.get(name)
            value = field_.get("value") if isinstance(field_, Mapping) else None
            match = _NAME.fullmatch(name)
            longest = _LENGTHS.get(match.group(1), 20) if match else 20
            if not isinstance(value, str) or not value or len(value) > longest:
                raise Wrong(47003, f"argument {name}.DATA invalid")

    def find_repeat(self, openid: str, client_msg_id: str, now: datetime) -> str | None:
        """Return the msgid of the same message within ten minutes."""
        msgid, at = self._sent.get((openid, client_msg_id), ("", now))
        return msgid if msgid and now - at < _ONCE_WITHIN else None

    def record(self, openid: str, client_msg_id: str, now: datetime) -> str:
        """Remember a sent message and return its msgid."""
        self._last += 1
        if client_msg_id:
            self._sent[openid, client_msg_id] = (str(self._last), now)
        return str(self._last)
