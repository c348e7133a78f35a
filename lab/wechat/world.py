"""Everything that the fake WeChat knows, in one place for its parts to share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.message import Json
from lab.fault import Fault
from lab.room import Room
from lab.wechat.account import LabAccount
from lab.wechat.bubble import BubbleDesk
from lab.wechat.media import MediaDesk
from lab.wechat.menu import build_menu
from lab.wechat.template import TemplateDesk
from lab.wechat.token import TokenDesk
from lab.wechat.window import WindowDesk

NAME = "wechat"


@dataclass(slots=True)
class World:
    """The state of the fake WeChat."""

    accounts: Mapping[str, LabAccount]
    room: Room
    tokens: TokenDesk
    windows: WindowDesk
    bubbles: BubbleDesk
    media: MediaDesk = field(default_factory=MediaDesk)
    templates: TemplateDesk = field(default_factory=TemplateDesk)
    menus: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def build(cls, accounts: Mapping[str, LabAccount], room: Room) -> World:
        """Build an empty world in the lab's room."""
        return cls(
            accounts=accounts,
            room=room,
            tokens=TokenDesk(room.clock),
            windows=WindowDesk(room.clock),
            bubbles=BubbleDesk(room.clock, room.live),
            menus={name: build_menu() for name in accounts},
        )

    @property
    def clock(self) -> Clock:
        """The lab's clock."""
        return self.room.clock

    def record_sent(
        self, kind: str, account: str, openid: str, **parts: Json
    ) -> Mapping[str, Json]:
        """Put an accepted message into the ledger and onto the phone."""
        entry = self.room.record_sent(
            NAME, kind, account=account, address=openid, openid=openid, **parts
        )
        self.bubbles.record_theirs(account, openid, entry)
        return entry

    def take_fault(self, part: str) -> Fault | None:
        """Return the fault that a call suffers."""
        return self.room.take_fault(NAME, part)

    def reset(self) -> None:
        """Begin anew: no followers, no tokens, the menus of the beginning."""
        self.tokens.expire_all()
        self.windows = WindowDesk(self.clock)
        self.bubbles = BubbleDesk(self.clock, self.room.live)
        self.templates = TemplateDesk()
        self.menus = {name: build_menu() for name in self.accounts}
