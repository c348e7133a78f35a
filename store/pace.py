"""When and how often clients may be written to, as the plan and the sending of many need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Hour:
    """What a time zone's clock says: its day, and when its quiet hours end if it is in them."""

    today: date
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """The rules of a category at this moment.

    `zones` are the hours of every zone; `home` holds for a client whose zone nobody knows.
    `cap` messages of the category may go to a client within `days`, today among them.
    """

    home: Hour
    zones: Mapping[str, Hour]
    cap: int = 1_000_000
    days: int = 1

    def to_parameters(self) -> dict[str, Any]:
        """Return what the statements of the plan and of the slices are given."""
        return {
            "zones": list(self.zones),
            "days": [one.today for one in self.zones.values()],
            "dues": [one.due_at for one in self.zones.values()],
            "today": self.home.today,
            "due": self.home.due_at,
            "cap": self.cap,
            "cap_since": self.home.today - timedelta(days=self.days),
        }
