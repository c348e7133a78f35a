"""The state of the fake JPush: cids that were handed out, pushes, apps that were removed."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.message import Json
from lab.fault import Fake
from lab.jpush.code import MESSAGES
from lab.played import PlayedAccount
from lab.room import Room

FAKE = Fake("jpush", ("cid", "push"), frozenset(MESSAGES))
KEPT = 500
CIDS = 200_000
"""As many as are handed out on a day of tests: JPush forgets none before its day is over."""


@dataclass(slots=True)
class JpushWorld:
    """Every app and every push; a cid is pushed once, whatever is posted under it again."""

    accounts: Mapping[str, PlayedAccount]
    room: Room
    removed: set[str] = field(default_factory=set)
    _cids: dict[str, str | None] = field(default_factory=dict)
    _shown: dict[str, deque[Mapping[str, Json]]] = field(default_factory=dict)
    _last: int = 18_100_000_000_000_000

    def new_cid(self, app_key: str) -> str:
        """Hand out a cid; it is good for a day, here until the lab begins anew."""
        cid = f"{app_key}-{secrets.token_hex(12)}"
        self._cids[cid] = None
        while len(self._cids) > CIDS:
            self._cids.pop(next(iter(self._cids)))
        return cid

    def is_known(self, cid: str) -> bool:
        """Tell whether this cid was handed out."""
        return cid in self._cids

    def push(
        self, account: PlayedAccount, registration: str, *, cid: str, body: Mapping[str, Json]
    ) -> str:
        """Show a push on a phone and return its msg_id; the same one for a cid that came before."""
        if earlier := self._cids.get(cid):
            return earlier
        self._last += 1
        msg_id = str(self._last)
        if cid:
            self._cids[cid] = msg_id
        entry = self.room.record_sent(
            "push",
            "jpush",
            account=account.name,
            address=registration,
            provider="jpush",
            outbox=body.get("id"),
            msg_id=msg_id,
            cid=cid,
            body=body,
        )
        self._shown.setdefault(registration, deque(maxlen=KEPT)).append(entry)
        return msg_id

    def read(self, registration: str) -> list[Mapping[str, Json]]:
        """Return the pushes that a phone shows, oldest first."""
        return list(self._shown.get(registration, ()))

    def reset(self) -> None:
        """Forget every push and every cid."""
        self.removed.clear()
        self._cids.clear()
        self._shown.clear()
