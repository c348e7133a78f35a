"""The days on which China's exchanges are closed beside weekends, as their notices say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

from kernel.errors import InvalidInput

FILE = Path(__file__).with_name("holiday.yaml")


@dataclass(frozen=True, slots=True)
class Holidays:
    """Closed days with the notice of each year that they were taken from, and their names."""

    closed: frozenset[date]
    sources: Mapping[int, str]
    urls: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)

    def is_confirmed(self, day: date) -> bool:
        """Tell whether a notice for the day's year is known; without one only weekends are."""
        return day.year in self.sources


@cache
def load_holidays(path: Path = FILE) -> Holidays:
    """Read the years that ship with Zhida; raise InvalidInput naming the year that is wrong."""
    years = yaml.safe_load(path.read_text(encoding="utf-8"))
    names: dict[date, str] = {}
    for year, entry in years.items():
        for name, (first, last) in entry["closed"].items():
            if not first <= last or first.year != year:
                raise InvalidInput(f"{path.name}: {year}: {name} ends before it starts.")
            days = range((last - first).days + 1)
            names.update({first + timedelta(days=n): name for n in days})
    sources = {year: one["source"] for year, one in years.items()}
    urls = {year: one["url"] for year, one in years.items() if "url" in one}
    return Holidays(frozenset(names), sources, urls, names)
