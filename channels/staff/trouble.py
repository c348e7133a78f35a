"""Notices when an account's calls fail in a row, and tells staff once an hour."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from channels.account import Accounts
from channels.staff.channel import NAME
from channels.staff.notice import PROVIDER, find_listeners
from kernel.clock import CHINA, Clock
from kernel.message import Accepted, Address, Refusal, Rejected, Retryable, SendResult, Unknown
from store import staff_notice
from store.engine import Connection
from store.staff_notice import Notice

log = logging.getLogger(__name__)

IN_A_ROW: Final = 5
_OURS: Final = frozenset({Refusal.CONFIG, Refusal.QUOTA})
"""Refusals that are about the account, not about one client or one text."""


@dataclass(slots=True)
class Trouble:
    """Counts failures in a row, in this process, and keeps a notice at the fifth and on."""

    accounts: Accounts
    clock: Clock
    _rows: dict[tuple[str, str], int] = field(default_factory=dict)

    async def record(self, connection: Connection, address: Address, result: SendResult) -> None:
        """Take the outcome of one call, in the transaction that records it."""
        place = address.channel, address.account
        failed = _find_fault(result)
        if failed is None:
            if isinstance(result, Accepted):
                self._rows.pop(place, None)
            return
        self._rows[place] = self._rows.get(place, 0) + 1
        if self._rows[place] < IN_A_ROW or address.channel == NAME:
            return
        now = self.clock.now().astimezone(CHINA)
        name = f"{address.channel}/{address.account}"
        text = (
            f"【渠道异常】{name} 连续 {self._rows[place]} 次调用失败（{failed}），{now:%H:%M}，"
            f"请查看控制台“渠道”页 · {name} fails in a row"
        )
        listeners = find_listeners(self.accounts, PROVIDER)
        key = f"{name}|{now:%Y-%m-%dT%H}"
        await staff_notice.record(connection, listeners, key, Notice(PROVIDER, text))


def _find_fault(result: SendResult) -> str | None:
    """Return the code of a failure that is the account's or the provider's; else None."""
    match result:
        case Rejected(refusal, code, _) if refusal in _OURS:
            return f"{refusal.value}:{code}"
        case Retryable(code, _) | Unknown(code):
            return code
        case _:
            return None
