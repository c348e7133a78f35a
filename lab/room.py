"""What every fake provider shares: one clock, ledger, trace, live feed and fault desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.message import Json
from lab.fault import Fake, Fault, FaultDesk
from lab.ledger import Ledger
from lab.live import Live
from lab.trace import Trace


@dataclass(slots=True)
class Room:
    """The lab itself; a fake joins it once, and then takes faults and records messages here."""

    clock: Clock
    ledger: Ledger
    live: Live
    trace: Trace
    faults: FaultDesk = field(default_factory=FaultDesk)
    _resets: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def build(cls, clock: Clock, ledger: Ledger) -> Room:
        """Build an empty room."""
        live = Live()
        return cls(clock, ledger, live, Trace(clock, live))

    def join(self, fake: Fake, reset: Callable[[], None]) -> None:
        """Take a fake in; `reset` makes it forget everything when the lab begins anew."""
        self.faults.join(fake)
        self._resets.append(reset)

    def record_sent(
        self, channel: str, kind: str, *, account: str, address: str, **parts: Json
    ) -> Mapping[str, Json]:
        """Put an accepted message into the ledger and onto the page, before it is answered."""
        entry = self.ledger.record(channel, kind, account=account, address=address, **parts)
        self.live.tell("ledger", entry)
        return entry

    def take_fault(self, fake: str, part: str) -> Fault | None:
        """Return the fault that a call suffers, and show on the page what is left of it."""
        fault = self.faults.take(fake, part)
        if fault:
            self.live.tell("faults", {"faults": self.faults.show()})
        return fault

    def reset(self) -> None:
        """Begin anew: no messages, no faults; the ledger's file stays."""
        self.ledger.reset()
        self.trace.reset()
        self.faults.clear()
        for reset in self._resets:
            reset()
        self.live.tell("reset", {})
