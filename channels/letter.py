"""Words for messages that have a content instead of a text of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from channels.sms.render import count_render
from kernel.message import Address, Content, Letter, Outbound
from store.engine import Connection


class Unwritten(Protocol):
    """A letter that is to be written: its name, where it goes, and from what it is made."""

    @property
    def outbox_id(self) -> UUID:
        """Our name for the message."""
        ...

    @property
    def address(self) -> Address:
        """Where it goes."""
        ...

    @property
    def client_id(self) -> UUID | None:
        """Who gets it, if that is known."""
        ...

    @property
    def letter(self) -> Letter | None:
        """From what it is made."""
        ...


class Writer(Protocol):
    """Somebody who knows the contents; a higher room brings one (orchestrator/letter.py)."""

    async def write(
        self, connection: Connection, letters: Sequence[Unwritten]
    ) -> Mapping[UUID, Content]:
        """Return the words of each letter by its outbox id; one that cannot be written lacks.

        The same letter has the same words each time, or a provider's key would not know it.
        """
        ...


async def write_letters(
    connection: Connection, writer: Writer | None, due: Sequence[Outbound]
) -> tuple[list[Outbound], list[Outbound]]:
    """Return the messages with their words, and those for which there are none."""
    letters = [one for one in due if one.letter is not None]
    words = await writer.write(connection, letters) if writer and letters else {}
    written: list[Outbound] = []
    unwritten: list[Outbound] = []
    for one in due:
        if one.outbox_id in words:
            written.append(replace(one, content=words[one.outbox_id]))
        elif one.letter is None and not one.is_damaged:
            written.append(one)
        else:
            unwritten.append(one)
    return written, unwritten


def measure_sms(letters: Sequence[Unwritten], words: Mapping[UUID, Content]) -> list[int] | None:
    """Return the parts of each letter as an SMS, by which carriers charge; None if all take one.

    What many get is measured once.
    """
    sizes: dict[int, int] = {}
    parts: list[int] = []
    for one in letters:
        said = words.get(one.outbox_id)
        if said is not None and id(said) not in sizes:
            sizes[id(said)] = count_render(said)
        parts.append(1 if said is None else sizes[id(said)])
    return parts if any(n > 1 for n in parts) else None
