"""The phones: what each shows, and whether it can be reached."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.clock import Clock
from kernel.message import Json
from lab.live import Live

PHONES = 500
KEPT = 200


class State(StrEnum):
    """What becomes of an SMS to a phone."""

    ON = "on"
    OFF = "off"
    FILTERED = "filtered"
    LANDLINE = "landline"


@dataclass(slots=True)
class Handsets:
    """Every phone that somebody has used, by provider, account and number."""

    clock: Clock
    live: Live
    _phones: OrderedDict[tuple[str, str, str], deque[Mapping[str, Json]]] = field(
        default_factory=OrderedDict
    )
    _states: dict[str, State] = field(default_factory=dict)
    _last: int = 0

    def record(self, provider: str, account: str, number: str, side: str, text: str) -> None:
        """Show a text on a phone: `me` wrote it, or `them`; `note` is the network itself."""
        phone = self._phones.setdefault((provider, account, number), deque(maxlen=KEPT))
        self._phones.move_to_end((provider, account, number))
        while len(self._phones) > PHONES:
            self._phones.popitem(last=False)
        self._last += 1
        bubble: dict[str, Json] = {
            "n": self._last,
            "at": self.clock.now().isoformat(),
            "provider": provider,
            "account": account,
            "number": number,
            "side": side,
            "text": text,
        }
        phone.append(bubble)
        self.live.tell("sms", bubble)

    def read(self, provider: str, account: str, number: str) -> list[Mapping[str, Json]]:
        """Return what a phone shows, oldest first."""
        return list(self._phones.get((provider, account, number), ()))

    def turn(self, number: str, state: State) -> None:
        """Switch a phone on or off, or make it something that gets no SMS."""
        self._states[number] = state

    def state(self, number: str) -> State:
        """Return what becomes of an SMS to a phone."""
        return self._states.get(number, State.ON)

    def reset(self) -> None:
        """Forget every phone."""
        self._phones.clear()
        self._states.clear()
