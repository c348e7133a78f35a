"""Finds the words of notices: approved contents, ready to be rendered for many clients."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from kernel.errors import NoVariant
from kernel.message import Content, Json
from orchestrator.content import Prepared, prepare
from orchestrator.link import OWN, OWN_FIELD, OWN_HINT, Filler, is_address
from store import content
from store.content import ContentRow
from store.engine import Connection

DIGEST: Final = "digest"
"""The content that carries several messages as one."""
REFRESH_SECONDS: Final = 2.0


@dataclass(slots=True)
class Words:
    """Approved contents by key, read anew when they are a moment old.

    `filler` knows what is the house's own: its names, and for each message its counted links
    and its way out. Without it, links are what they are in the content.
    """

    filler: Filler | None = None
    _rows: dict[str, ContentRow | None] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _ready: dict[tuple[str, int, str, str], Prepared | None] = field(default_factory=dict)

    async def load(self, connection: Connection, keys: Iterable[str]) -> None:
        """Have the approved versions of these contents at hand."""
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            self._rows.clear()
            self._read_at = time.monotonic()
        missing = {*keys, DIGEST} - self._rows.keys()
        if missing:
            found = await content.find_approved(connection, sorted(missing))
            self._rows |= {key: found.get(key) for key in missing}

    def find(self, key: str) -> ContentRow | None:
        """Return a loaded content, or None if there is none that is approved."""
        return self._rows.get(key)

    def find_prepared(self, row: ContentRow, channel: str, language: str) -> Prepared | None:
        """Return the words for a channel, or None if the content has none for it."""
        place = (row.key, row.version, channel, language)
        if place not in self._ready:
            try:
                self._ready[place] = prepare(row, channel, language)
            except NoVariant:
                self._ready[place] = None
        return self._ready[place]

    def say(
        self,
        prepared: Prepared,
        outbox_id: UUID,
        *,
        values: Mapping[str, Json],
        hints: Mapping[str, Json],
    ) -> Content:
        """Return what the message of this name says, with more hints.

        Raises:
            MissingField: a field that is shown has no value.
        """
        if self.filler:
            values = {**self.filler.fill(outbox_id, prepared.names), **values}
            own = values.get(OWN_FIELD)
            if counts_own(prepared, own):
                link = self.filler.signer.make_link(outbox_id, OWN)
                values, hints = {**values, OWN_FIELD: link}, {**hints, OWN_HINT: own}
        said = prepared.render(values)
        return replace(said, hints={**said.hints, **hints})


def counts_own(prepared: Prepared, own: Json) -> bool:
    """Tell whether an address that a message brings itself is counted: not in a template.

    The variables of those are short, and providers want to know the site beforehand.
    """
    return OWN_FIELD in prepared.names and not prepared.template and is_address(own)
