"""How often and when campaigns may write to a client: caps and quiet hours by category."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

from kernel.clock import CHINA, Clock
from orchestrator.calendar import TradingCalendar
from orchestrator.quiet import QuietHours, next_allowed
from orchestrator.trading import HOME, CalendarShelf
from orchestrator.urgency import Policies
from store.engine import Connection
from store.pace import Hour, Pace


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` messages of a category to a client within `days`, today among them."""

    most: int
    days: int


CAPS: Final[Mapping[str, Cap]] = {"marketing": Cap(3, 7)}
"""待合规确认 · to be confirmed by compliance: no law names a number, the house chose it."""
DISTURBING: Final = frozenset({"risk"})
"""Categories that go out at any hour: who hears of a risk too late is worse off than one woken."""
Judge: TypeAlias = Callable[[datetime, zoneinfo.ZoneInfo], Hour]
_HALF_DAY: Final = timedelta(hours=12)


@dataclass(slots=True)
class Pacer:
    """Makes the rules of a category for this minute; zones with the same clock are judged once.

    The quiet hours are those of the urgency table for `low`, unless `quiet` is given.
    """

    clock: Clock
    quiet: QuietHours | None = None
    caps: Mapping[str, Cap] = field(default_factory=lambda: CAPS)
    policies: Policies = field(default_factory=Policies)
    shelf: CalendarShelf = field(default_factory=CalendarShelf)
    _zones: Mapping[str, zoneinfo.ZoneInfo] = field(default_factory=dict)
    _made: dict[str, tuple[datetime, Pace]] = field(default_factory=dict)

    async def find(self, connection: Connection, category: str) -> Pace:
        """Return the rules of a category as they are in this minute."""
        at = self.clock.now().replace(second=0, microsecond=0)
        made = self._made.get(category)
        if made is None or made[0] != at:
            quiet = self.quiet or (await self.policies.get(connection))["low"].quiet_hours
            calendar = (await self.shelf.open(connection, at))[HOME]
            is_calm = quiet is not None and category not in DISTURBING
            judge = partial(_judge, quiet=quiet if is_calm else None, calendar=calendar)
            made = self._made[category] = (at, self._make(category, at, judge))
        return made[1]

    def _make(self, category: str, at: datetime, judge: Judge) -> Pace:
        if not self._zones:
            names = sorted(zoneinfo.available_timezones())
            self._zones = {name: zoneinfo.ZoneInfo(name) for name in names}
        hours: dict[tuple[timedelta | None, timedelta | None], Hour] = {}
        zones: dict[str, Hour] = {}
        for name, zone in self._zones.items():
            local = at.astimezone(zone)
            same = (local.utcoffset(), (at + _HALF_DAY).astimezone(zone).utcoffset())
            if same not in hours:
                hours[same] = judge(at, zone)
            zones[name] = hours[same]
        home = judge(at, CHINA)
        cap = self.caps.get(category)
        return Pace(home, zones, cap.most, cap.days) if cap else Pace(home, zones)


def _judge(
    at: datetime,
    zone: zoneinfo.ZoneInfo,
    *,
    quiet: QuietHours | None,
    calendar: TradingCalendar,
) -> Hour:
    due = next_allowed(at, zone, quiet, calendar) if quiet else at
    return Hour(at.astimezone(zone).date(), due if due > at else None)
