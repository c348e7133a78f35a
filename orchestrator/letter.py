"""Writes the messages of contents: prepares each variant once, and fills it for every client.

What a campaign says itself is the same for all of its letters. What is of each client is read for
all letters of a slice at once, and a name is opened for those alone whose content says it.
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
from orchestrator.field import OF_CLIENT
from orchestrator.link import OWN_FIELD, OWN_LINK
from orchestrator.wording import counts_own
from store import campaign_value, content
from store.cipher import Cipher
from store.client_field import find_fields
from store.content import ContentRow
from store.engine import Connection

Fill: TypeAlias = Callable[[Unwritten, frozenset[str]], Mapping[str, Json]]
"""Gives the values of the named fields for one message, links that count clicks among them."""

KEPT = 64


@dataclass(frozen=True, slots=True)
class _Ready:
    """A variant that was prepared: its campaign's values, the fields to fill for each message.

    `alike` are its words if all get the same; `has_own` tells that an address of the campaign's
    own is counted.
    """

    prepared: Prepared
    values: Mapping[str, Json]
    names: frozenset[str]
    of_client: frozenset[str]
    has_own: bool
    alike: Content | None

    def render(self, filled: Mapping[str, Json]) -> Content:
        """Return the words of one message, of which these values are filled."""
        values = {**self.values, **filled}
        if self.has_own:
            values[OWN_FIELD] = filled[OWN_LINK]
        return self.prepared.render(values)


def fill_nothing(outbound: Unwritten, names: frozenset[str]) -> Mapping[str, Json]:
    """Know no value; a content that needs one cannot be written."""
    del outbound, names
    return {}


@dataclass(slots=True)
class ContentWriter:
    """Writes letters; what an approved content or campaign says never changes, so it is read once.

    Without a `cipher` it opens no names.
    """

    fill: Fill = fill_nothing
    house: Mapping[str, Json] = field(default_factory=dict)
    """The values that are the same for everybody; words that need no others are made once."""
    language: str = "zh"
    cipher: Cipher | None = None
    _rows: dict[UUID, ContentRow] = field(default_factory=dict)
    _values: dict[UUID, Mapping[str, Json]] = field(default_factory=dict)
    _ready: dict[tuple[UUID, UUID | None, str, str, str], _Ready] = field(default_factory=dict)

    async def write(
        self, connection: Connection, letters: Sequence[Unwritten]
    ) -> Mapping[UUID, Content]:
        """Return the words of each letter; one whose content is gone or lacks a value has none."""
        ready: dict[UUID, _Ready] = {}
        for outbound in letters:
            if outbound.letter is None:
                continue
            try:
                ready[outbound.outbox_id] = await self._prepare(
                    connection, outbound.letter, outbound.address.channel
                )
            except ServiceError:
                continue
        people = await self._find_people(connection, letters, ready)
        words: dict[UUID, Content] = {}
        for outbound in letters:
            made = ready.get(outbound.outbox_id)
            if made is None:
                continue
            if made.alike is not None:
                words[outbound.outbox_id] = made.alike
                continue
            known = people.get(outbound.client_id, {}) if outbound.client_id else {}
            try:
                words[outbound.outbox_id] = made.render(
                    {**self.fill(outbound, made.names), **known}
                )
            except ServiceError:
                continue
        return words

    async def _find_people(
        self, connection: Connection, letters: Sequence[Unwritten], ready: Mapping[UUID, _Ready]
    ) -> Mapping[UUID, Mapping[str, Json]]:
        """Return what the letters say of their clients, all of them at once."""
        wanted: dict[UUID, None] = {}
        names: frozenset[str] = frozenset()
        for outbound in letters:
            made = ready.get(outbound.outbox_id)
            if made and made.of_client and outbound.client_id:
                wanted[outbound.client_id] = None
                names |= made.of_client
        return await find_fields(connection, self.cipher, list(wanted), names)

    async def _prepare(self, connection: Connection, letter: Letter, channel: str) -> _Ready:
        language = letter.language or self.language
        key = (letter.content_id, letter.campaign_id, channel, language, letter.arm)
        ready = self._ready.get(key)
        if ready is None:
            row = await self._find_row(connection, letter.content_id)
            values = await self._find_values(connection, letter.campaign_id)
            made = prepare(row, channel, language, letter.arm)
            ready = self._ready[key] = self._sort(made, values)
        return ready

    def _sort(self, made: Prepared, values: Mapping[str, Json]) -> _Ready:
        """Tell what of a variant's fields is filled when, and write it if all get the same."""
        has_own = counts_own(made, values.get(OWN_FIELD))
        known = {**values, **self.house}
        alike = made.render(known) if made.names <= known.keys() and not has_own else None
        names = frozenset(made.names - values.keys()) | ({OWN_LINK} if has_own else frozenset())
        of_client = frozenset(names & OF_CLIENT)
        return _Ready(made, values, names - of_client, of_client, has_own, alike)

    async def _find_row(self, connection: Connection, content_id: UUID) -> ContentRow:
        row = self._rows.get(content_id)
        if row is None:
            if len(self._rows) >= KEPT:
                self._rows.clear()
                self._ready.clear()
            row = self._rows[content_id] = await content.find(connection, content_id)
        return row

    async def _find_values(
        self, connection: Connection, campaign_id: UUID | None
    ) -> Mapping[str, Json]:
        if campaign_id is None:
            return {}
        values = self._values.get(campaign_id)
        if values is None:
            if len(self._values) >= KEPT:
                self._values.clear()
                self._ready.clear()
            values = await campaign_value.find(connection, campaign_id)
            self._values[campaign_id] = values
        return values
