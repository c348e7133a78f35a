"""The journeys that somebody may be on, read once each: versions do not change once they live."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from kernel.errors import InvalidInput
from orchestrator.journey import Journey
from orchestrator.journey_lint import parse_journey
from store import journey
from store.engine import Connection
from store.journey import Live
from store.journey_run import Door

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lives at this moment: versions, and the journeys that they say."""

    rows: Sequence[Live]
    journeys: Mapping[UUID, Journey]

    def list_active(self) -> list[tuple[Live, Journey]]:
        """Return the versions that let clients in."""
        return [
            (row, self.journeys[row.id])
            for row in self.rows
            if row.state == "active" and row.id in self.journeys
        ]

    def list_awaiting(self, types: Iterable[str]) -> list[UUID]:
        """Return the versions on which one of these events may move somebody."""
        wanted = frozenset(types)
        return [id_ for id_, one in self.journeys.items() if one.awaited & wanted]

    def make_door(self, row: Live) -> Door:
        """Return how clients enter a version: those who were on an older one are known."""
        reentry = self.journeys[row.id].form.reentry
        versions = [one.id for one in self.rows if one.key == row.key]
        return Door(row.id, versions, reentry.rule, reentry.gap)


@dataclass(slots=True)
class Book:
    """Reads journeys and keeps what it read; one for a process."""

    _read: dict[UUID, Journey | None] = field(default_factory=dict)

    async def open(self, connection: Connection) -> Shelf:
        """Return what lives now."""
        rows = await journey.find_live(connection)
        unread = [row for row in rows if row.id not in self._read]
        if unread:
            words = await journey.find_words(connection, [row.id for row in unread])
            self._read |= {row.id: _parse(row, words[row.id]) for row in unread}
        found = {row.id: self._read[row.id] for row in rows}
        return Shelf(rows, {id_: one for id_, one in found.items() if one})


def _parse(row: Live, words: str) -> Journey | None:
    try:
        return parse_journey(words)
    except InvalidInput as error:
        log.error("%s, version %d, stands still: %s", row.key, row.version, error.message)  # noqa: TRY400
        return None
