"""Writes the messages of contents: prepares each variant once, and fills it for every client.

What many get says nothing personal: campaigns fill the fields of `OPEN` alone, so no name is
decrypted for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from channels.letter import Unwritten
from kernel.errors import ServiceError
from kernel.message import Content, Json, Letter
from orchestrator.content import Prepared, prepare
from store import content
from store.content import ContentRow
from store.engine import Connection

Fill: TypeAlias = Callable[[Unwritten, frozenset[str]], Mapping[str, Json]]
"""Gives the values of the named fields for one message, links that count clicks among them."""

KEPT = 64


@dataclass(frozen=True, slots=True)
class _Ready:
    """A variant that was prepared, the fields it names, and its words if all get the same."""

    prepared: Prepared
    names: frozenset[str]
    alike: Content | None


def fill_nothing(outbound: Unwritten, names: frozenset[str]) -> Mapping[str, Json]:
    """Know no value; a content that needs one cannot be written."""
    del outbound, names
    return {}


@dataclass(slots=True)
class ContentWriter:
    """Writes letters; what an approved content says never changes, so it is read once."""

    fill: Fill = fill_nothing
    house: Mapping[str, Json] = field(default_factory=dict)
    """The values that are the same for everybody; words that need no others are made once."""
    language: str = "zh"
    _rows: dict[UUID, ContentRow] = field(default_factory=dict)
    _ready: dict[tuple[UUID, str, str, str], _Ready] = field(default_factory=dict)

    async def write(
        self, connection: Connection, letters: Sequence[Unwritten]
    ) -> Mapping[UUID, Content]:
        """Return the words of each letter; one whose content is gone or lacks a value has none."""
        words: dict[UUID, Content] = {}
        for outbound in letters:
            letter = outbound.letter
            if letter is None:
                continue
            try:
                ready = await self._prepare(connection, letter, outbound.address.channel)
                words[outbound.outbox_id] = ready.alike or ready.prepared.render(
                    self.fill(outbound, ready.names)
                )
            except ServiceError:
                continue
        return words

    async def _prepare(self, connection: Connection, letter: Letter, channel: str) -> _Ready:
        key = (letter.content_id, channel, letter.language or self.language, letter.arm)
        ready = self._ready.get(key)
        if ready is None:
            row = self._rows.get(letter.content_id)
            if row is None:
                if len(self._rows) >= KEPT:
                    self._rows.clear()
                    self._ready.clear()
                row = self._rows[letter.content_id] = await content.find(
                    connection, letter.content_id
                )
            made = prepare(row, key[1], key[2], key[3])
            names = made.names
            alike = made.render(self.house) if names <= self.house.keys() else None
            ready = self._ready[key] = _Ready(made, names, alike)
        return ready
