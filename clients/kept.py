"""Events that were kept because nobody could handle them: corrected by people, on the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from clients.event import EVENT_TYPES, check_figures
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.happening import EVENT_CORRECTED, EVENTS_REPLAYED, Happening
from kernel.message import Json
from store import audit, client, kept_event
from store.cipher import Cipher
from store.engine import Database
from store.kept_event import Fix, KeptEvent

NUMBER_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """Shows what is kept, corrects it, and has it handled once more."""

    database: Database
    cipher: Cipher

    async def find(
        self, person_id: UUID, *, limit: int, before: UUID | None
    ) -> tuple[list[KeptEvent], dict[str, int]]:
        """Return a page, newest first, and how many there are in each state."""
        async with self.database.transaction() as connection:
            rows = await kept_event.find(
                connection, self.cipher, person_id, limit=limit, before=before
            )
            return rows, await kept_event.count(connection, person_id)

    async def correct(
        self, person_id: UUID, event_id: UUID, *, client_no: str | None, type_: str | None
    ) -> str:
        """Say whose an event is, or what; return its state now: `new` where all is known.

        Raises:
            InvalidInput: nothing is said, the type is none, or its figures do not fit.
            NotFound: there is no such event that waits for people.
            Conflict: nobody has this client number.
        """
        number = _check(client_no, type_)
        async with self.database.transaction() as connection:
            before = await kept_event.find_one(connection, person_id, event_id)
            if before is None:
                raise NotFound("There is no such kept event.", zh="没有这条未处理的事件。")
            if number and await client.find_id(connection, self.cipher, number) is None:
                raise Conflict("Nobody has this client number.", zh="没有这个客户号的客户。")
            known = EVENT_TYPES.get(type_ or before["type"])
            if known:
                check_figures(known, before["figures"])
            fix = Fix(list(EVENT_TYPES), number, type_)
            mended = await kept_event.correct(connection, self.cipher, person_id, event_id, fix)
            if mended is None:
                raise NotFound("There is no such kept event.", zh="没有这条未处理的事件。")
            state, client_id = mended
            after: dict[str, Json] = {"type": type_ or before["type"], "state": state}
            after["client_id"] = str(client_id) if client_id else None
            was: dict[str, Json] = {"type": before["type"], "state": before["state"]}
            await audit.record(connection, [_tell(person_id, event_id, was, after)])
        return state

    async def replay(self, person_id: UUID, event_ids: list[UUID]) -> int:
        """Have failed events handled once more; return how many they were."""
        async with self.database.transaction() as connection:
            count = await kept_event.replay(connection, person_id, event_ids)
            after: dict[str, Json] = {"count": count}
            actor, first = f"person:{person_id}", event_ids[0]
            told = Happening(actor, EVENTS_REPLAYED, "client_event", first, after=after)
            await audit.record(connection, [told] if count else [])
        return count


def _tell(
    person_id: UUID, event_id: UUID, was: dict[str, Json], after: dict[str, Json]
) -> Happening:
    actor = f"person:{person_id}"
    return Happening(actor, EVENT_CORRECTED, "client_event", event_id, was, after)


def _check(client_no: str | None, type_: str | None) -> str | None:
    """Return the client number without spaces at its ends; one of the two must be said."""
    if client_no is None and type_ is None:
        raise InvalidInput("Say client_no, type or both.", zh="请更正客户号或类型。")
    if type_ is not None and type_ not in EVENT_TYPES:
        raise InvalidInput(f"type is one of {', '.join(EVENT_TYPES)}.", zh="没有这种事件类型。")
    if client_no is None:
        return None
    number = client_no.strip()
    if not 0 < len(number) <= NUMBER_LENGTH or "\0" in number:
        raise InvalidInput(
            f"client_no is a text of 1 to {NUMBER_LENGTH} characters.",
            zh=f"客户号应为1到{NUMBER_LENGTH}字。",
        )
    return number
