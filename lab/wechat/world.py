"""Everything that the fake WeChat knows, in one place for its parts to share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.message import Json
from lab.wechat.account import LabAccount
from lab.wechat.bubble import BubbleDesk
from lab.wechat.fault import Fault, FaultDesk
from lab.wechat.ledger import Ledger
from lab.wechat.live import Live
from lab.wechat.media import MediaDesk
from lab.wechat.menu import build_menu
from lab.wechat.template import TemplateDesk
from lab.wechat.token import TokenDesk
from lab.wechat.trace import Trace
from lab.wechat.window import WindowDesk


@dataclass(slots=True)
class World:
    """The state of the fake WeChat."""

    accounts: Mapping[str, LabAccount]
    clock: Clock
    ledger: Ledger
    live: Live
    trace: Trace
    tokens: TokenDesk
    windows: WindowDesk
    bubbles: BubbleDesk
    faults: FaultDesk = field(default_factory=FaultDesk)
    media: MediaDesk = field(default_factory=MediaDesk)
    templates: TemplateDesk = field(default_factory=TemplateDesk)
    menus: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def build(cls, accounts: Mapping[str, LabAccount], clock: Clock, ledger: Ledger) -> World:
        """Build an empty world."""
        live = Live()
        return cls(
            accounts=accounts,
            clock=clock,
            ledger=ledger,
            live=live,
            trace=Trace(clock, live),
            tokens=TokenDesk(clock),
            windows=WindowDesk(clock),
            bubbles=BubbleDesk(clock, live),
            menus={name: build_menu() for name in accounts},
        )

    def record_sent(
        self, kind: str, account: str, openid: str, **parts: Json
    ) -> Mapping[str, Json]:
        """Put an accepted message into the ledger and onto the phone."""
        entry = self.ledger.record(kind, account, openid, **parts)
        self.live.tell("ledger", entry)
        self.bubbles.record_theirs(account, openid, entry)
        return entry

    def take_fault(self, target: str) -> Fault | None:
        """Return the fault that a call suffers, and show on the page what is left of it."""
        fault = self.faults.take(target)
        if fault:
            self.live.tell("faults", {"faults": self.faults.show()})
        return fault

    def reset(self) -> None:
        """Begin anew: no followers, no messages, no faults; the ledger's file stays."""
        self.ledger.reset()
        self.trace.reset()
        self.tokens.expire_all()
        self.windows = WindowDesk(self.clock)
        self.bubbles = BubbleDesk(self.clock, self.live)
        self.faults.clear()
        self.templates = TemplateDesk()
        self.menus = {name: build_menu() for name in self.accounts}
