"""Takes clients in from a file: looked at first, row by row, then written as a set.

A file goes `checked → imported | cancelled`; nothing is written before a person says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from clients.column import guess
from clients.entry import Flaw, check_mapping, mask_sample, read_entries, write_errors
from clients.event import EVENT_TYPES
from clients.sheet import Sheet, read_sheet
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.happening import CLIENTS_IMPORTED, IMPORT_CANCELLED, IMPORT_CHECKED, Happening
from store import audit, client_entry, client_event, client_import
from store.cipher import Cipher
from store.client_import import Import
from store.engine import Connection, Database

SHOWN: Final = 20
CHUNK: Final = 2000
SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was read: its columns, what they are guessed to be, and a few masked rows."""

    id: UUID
    header: tuple[str, ...]
    mapping: Mapping[str, str]
    rows: int
    sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """What an import would do: clients who are new or known, and rows that cannot be taken."""

    rows: int
    good: int
    new: int
    known: int
    flaws: tuple[Flaw, ...]
    bad: int


@dataclass(frozen=True, slots=True)
class Done:
    """What an import has done: clients, new ones among them, and addresses that are another's."""

    clients: int
    new: int
    taken: int


@dataclass(frozen=True, slots=True)
class Imports:
    """Takes files of clients; web has decided before that the person may."""

    database: Database
    cipher: Cipher

    async def open(self, file: bytes, *, file_name: str, person_id: UUID) -> Look:
        """Keep a file and say what is in it; its columns are guessed from their headers.

        Raises:
            InvalidInput: it is no table that we can read, with what is wrong.
        """
        sheet = await asyncio.to_thread(read_sheet, file)
        name = file_name.replace("\0", "").strip()[:200] or "import"
        async with self.database.transaction() as connection:
            import_id = await client_import.record(
                connection, self.cipher, file, person_id=person_id, file_name=name
            )
        return _look(import_id, sheet, {})

    async def find(self, import_id: UUID) -> tuple[Import, Look | None]:
        """Return an import, and what is in its file as long as it has not ended.

        Raises:
            NotFound: there is no such import.
        """
        async with self.database.transaction() as connection:
            found = await client_import.find(connection, import_id)
        if found is None:
            raise NotFound("There is no such import.", zh="没有这次导入。")
        if found.state != "checked":
            return found, None
        _, sheet = await self._load(import_id)
        return found, _look(import_id, sheet, found.mapping)

    async def check(self, import_id: UUID, mapping: Mapping[str, str], *, actor: str) -> Check:
        """Read every row as the mapping says, and say what an import would do: a dry run.

        Raises:
            InvalidInput: the mapping names a column that is not there, or one of ours twice.
            NotFound: there is no such import.
            Conflict: it has ended already.
        """
        _, sheet = await self._load(import_id)
        check_mapping(mapping, sheet.header)
        entries, flaws = await asyncio.to_thread(read_entries, sheet, mapping)
        errors = await asyncio.to_thread(write_errors, sheet, flaws)
        bad = len({one.row for one in flaws})
        async with self.database.transaction(within=SECONDS) as connection:
            found = await self._find(connection, import_id)
            numbers = [one.client_no for one in entries]
            known = await client_entry.count_known(connection, self.cipher, numbers)
            counted = replace(found, mapping=mapping, rows=len(sheet.rows), good=len(entries))
            await client_import.record_checked(connection, self.cipher, counted, errors)
            after: dict[str, Any] = {"rows": counted.rows, "good": counted.good}
            happening = Happening(actor, IMPORT_CHECKED, "client_import", import_id, after=after)
            await audit.record(connection, [happening])
        new = len(entries) - known
        return Check(counted.rows, counted.good, new, known, tuple(flaws[:SHOWN]), bad)

    async def run(self, import_id: UUID, *, actor: str) -> Done:
        """Write what the last check found good, all or nothing.

        Events that were kept for these clients are handled from now on.

        Raises:
            InvalidInput: no row can be taken, or it was never checked.
            NotFound: there is no such import.
            Conflict: it has ended already.
        """
        checked, sheet = await self._load(import_id)
        if not checked.mapping or not checked.good:
            raise InvalidInput(
                "Check the file first: there is no row that can be taken.",
                zh="请先校验文件：目前没有可导入的行。",
            )
        entries, _ = await asyncio.to_thread(read_entries, sheet, checked.mapping)
        async with self.database.transaction(within=SECONDS) as connection:
            if (await self._find(connection, import_id)).mapping != checked.mapping:
                raise Conflict
            made = taken = 0
            for start in range(0, len(entries), CHUNK):
                written = await client_entry.write(
                    connection, self.cipher, entries[start : start + CHUNK],
                    source=f"import:{import_id}",
                )  # fmt: skip
                made, taken = made + written.made, taken + written.taken
            await client_import.record_ended(connection, import_id, "imported")
            after: dict[str, Any] = {"clients": len(entries), "new": made, "taken": taken}
            happening = Happening(actor, CLIENTS_IMPORTED, "client_import", import_id, after=after)
            await audit.record(connection, [happening])
            await client_event.readmit(connection, tuple(EVENT_TYPES))
        return Done(len(entries), made, taken)

    async def cancel(self, import_id: UUID, *, actor: str) -> None:
        """Throw a file away.

        Raises:
            NotFound: there is no such import.
            Conflict: it has ended already.
        """
        async with self.database.transaction() as connection:
            await self._find(connection, import_id)
            await client_import.record_ended(connection, import_id, "cancelled")
            happening = Happening(actor, IMPORT_CANCELLED, "client_import", import_id)
            await audit.record(connection, [happening])

    async def find_errors(self, import_id: UUID) -> bytes:
        """Return the rows that cannot be taken and why, as CSV; they hold what the file held.

        Raises:
            NotFound: there is no such import.
        """
        async with self.database.transaction() as connection:
            if await client_import.find(connection, import_id) is None:
                raise NotFound("There is no such import.", zh="没有这次导入。")
            return await client_import.find_errors(connection, self.cipher, import_id)

    async def find_newest(self) -> Sequence[Import]:
        """Return the newest imports, newest first."""
        async with self.database.transaction() as connection:
            return await client_import.find_newest(connection)

    async def _load(self, import_id: UUID) -> tuple[Import, Sheet]:
        """Return an open import and its file, read outside of any transaction."""
        async with self.database.transaction() as connection:
            found = await self._find(connection, import_id)
            file = await client_import.find_file(connection, self.cipher, import_id)
        return found, await asyncio.to_thread(read_sheet, file)

    async def _find(self, connection: Connection, import_id: UUID) -> Import:
        found = await client_import.find(connection, import_id)
        if found is None:
            raise NotFound("There is no such import.", zh="没有这次导入。")
        if found.state != "checked":
            raise Conflict(f"This import is {found.state} already.", zh="此次导入已结束。")
        return found


def _look(import_id: UUID, sheet: Sheet, mapping: Mapping[str, str]) -> Look:
    """Show a file by the mapping of its last check; before the first one it is guessed."""
    mapping = mapping or guess(sheet.header)
    return Look(import_id, sheet.header, mapping, len(sheet.rows), mask_sample(sheet, mapping))
