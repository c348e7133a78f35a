"""Words for messages that have a content instead of a text of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from kernel.message import Content, Outbound
from store.engine import Connection


class Writer(Protocol):
    """Somebody who knows the contents; a higher room brings one (orchestrator/letter.py)."""

    async def write(
        self, connection: Connection, letters: Sequence[Outbound]
    ) -> Mapping[UUID, Content]:
        """Return the words of each letter by its outbox id; one that cannot be written lacks.

        The same letter has the same words each time, or a provider's key would not know it.
        """
        ...


async def write_letters(
    connection: Connection, writer: Writer | None, due: Sequence[Outbound]
) -> tuple[list[Outbound], list[Outbound]]:
    """Return the messages with their words, and the letters for which there are none."""
    letters = [one for one in due if one.letter is not None]
    if not letters:
        return list(due), []
    words = await writer.write(connection, letters) if writer else {}
    written = [
        replace(one, content=words[one.outbox_id]) if one.letter is not None else one
        for one in due
        if one.letter is None or one.outbox_id in words
    ]
    return written, [one for one in letters if one.outbox_id not in words]
