"""What each phone shows, so that a page that is opened again shows it again."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.message import Json
from lab.live import Live

PHONES = 200
KEPT = 200

Bubble = Mapping[str, Json]


@dataclass(slots=True)
class BubbleDesk:
    """The last bubbles of the phones that somebody looks at."""

    clock: Clock
    live: Live
    _phones: OrderedDict[tuple[str, str], deque[Bubble]] = field(default_factory=OrderedDict)
    _last: int = 0

    def record_mine(self, account: str, openid: str, said: Bubble) -> None:
        """Show what the phone's owner says."""
        self._record(account, openid, "me", said)

    def record_theirs(self, account: str, openid: str, entry: Bubble) -> None:
        """Show what the account says, on a phone that was looked at before."""
        if (account, openid) in self._phones:
            self._record(account, openid, "them", entry)

    def record_note(self, account: str, openid: str, text: str) -> None:
        """Show a grey line, as WeChat does when the account does not answer."""
        self._record(account, openid, "note", {"text": text})

    def read(self, account: str, openid: str) -> list[Bubble]:
        """Return a phone's bubbles, oldest first."""
        return list(self._phones.get((account, openid), ()))

    def _record(self, account: str, openid: str, side: str, body: Bubble) -> None:
        phone = self._phones.setdefault((account, openid), deque(maxlen=KEPT))
        self._phones.move_to_end((account, openid))
        while len(self._phones) > PHONES:
            self._phones.popitem(last=False)
        self._last += 1
        bubble: dict[str, Json] = {
            "n": self._last,
            "at": self.clock.now().isoformat(),
            "account": account,
            "openid": openid,
            "side": side,
            "body": dict(body),
        }
        phone.append(bubble)
        self.live.tell("bubble", bubble)
