"""What clients tell staff by telephone, on paper or at the counter: a yes or no, on the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from clients.insight import CATEGORIES, CHANNELS
from clients.report import parse_moment
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound
from store import consent
from store.consent import ALL, NO, YES, Said, Word
from store.engine import Database
from store.ticket_view import Viewer

WAYS: Final = ("phone", "paper", "counter", "other")
"""How staff learn a client's word."""
NOTE_LENGTHS: Final = range(2, 201)


@dataclass(frozen=True, slots=True)
class Consents:
    """Keeps the words that clients give to staff."""

    database: Database
    clock: Clock

    async def record(
        self, viewer: Viewer, client_id: UUID, body: Mapping[str, object]
    ) -> list[Word]:
        """Keep a client's word at one address, or at all of a channel; return what counts now.

        A word that was said before a newer one is kept, and changes nothing.

        Raises:
            InvalidInput: the word cannot be read; says what would be right.
            NotFound: there is no such client or address, or the viewer may not see the client.
        """
        said = self._parse(body)
        async with self.database.transaction() as connection:
            if not await consent.record_said(connection, viewer, client_id, said):
                raise NotFound(
                    "There is no such client, or no such address of theirs.",
                    zh="没有这位客户，或该客户没有这个联系渠道。",
                )
            return await consent.find_of_client(connection, client_id)

    def _parse(self, body: Mapping[str, object]) -> Said:
        identity, channel = _parse_place(body.get("identity"), body.get("channel"))
        said_at = body.get("said_at")
        return Said(
            identity,
            channel,
            category=_choose(body, "category", (*CATEGORIES, ALL)),
            state=_choose(body, "value", (YES, NO)),
            way=_choose(body, "source", WAYS),
            note=_parse_note(body.get("note")),
            at=None if said_at is None else parse_moment(said_at, self.clock.now(), "said_at"),
        )


def _parse_place(identity: object, channel: object) -> tuple[UUID | None, str | None]:
    if channel is None and isinstance(identity, str):
        try:
            return UUID(identity), None
        except ValueError as error:
            raise InvalidInput("identity is an id.", zh="identity 应为渠道身份的编号。") from error
    if identity is None and channel in (*CHANNELS, ALL):
        return None, None if channel == ALL else str(channel)
    raise InvalidInput(
        f"Give either identity, or channel: one of {', '.join((*CHANNELS, ALL))}.",
        zh=f"请填写 identity，或 channel（可选：{'、'.join((*CHANNELS, ALL))}）。",
    )


def _choose(body: Mapping[str, object], name: str, known: tuple[str, ...]) -> str:
    value = body.get(name)
    if not isinstance(value, str) or value not in known:
        raise InvalidInput(
            f"{name} is one of {', '.join(known)}.", zh=f"{name} 可选：{'、'.join(known)}。"
        )
    return value


def _parse_note(value: object) -> str:
    note = value.strip() if isinstance(value, str) else ""
    if len(note) not in NOTE_LENGTHS or "\0" in note:
        raise InvalidInput(
            "note is a text of 2 to 200 characters: how this can be proven.",
            zh="请填写2到200字的依据，如录音编号或单据编号。",
        )
    return note
