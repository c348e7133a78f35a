"""Takes clients in from a file: looked at first, row by row, then written as a set.

A file goes `checked → imported | cancelled`; nothing is written before a person says so.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from clients.column import BY_NAME, find_scale, guess
from clients.event import EVENT_TYPES
from clients.sheet import Sheet, read_sheet
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.happening import CLIENTS_IMPORTED, IMPORT_CANCELLED, IMPORT_CHECKED, Happening
from kernel.masking import show_name, show_number, show_phone
from store import audit, client_event, client_import
from store.cipher import Cipher
from store.client_import import Entry, Import
from store.engine import Connection, Database

SHOWN: Final = 20
CHUNK: Final = 2000
SECONDS: Final = 300.0
_MASKS: Final = {"client_no": show_number, "phone": show_phone, "name": show_name}
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV Injection)."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A row that cannot be taken: its number in the file, the column, and why."""

    row: int
    column: str
    zh: str
    en: str


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
        mapping = guess(sheet.header)
        return Look(import_id, sheet.header, mapping, len(sheet.rows), _sample(sheet, mapping))

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
            known = await client_import.count_known(connection, self.cipher, numbers)
            counted = replace(found, mapping=mapping, rows=len(sheet.rows), good=len(entries))
            await client_import.record_checked(connection, self.cipher, counted, errors)
            after: dict[str, Any] = {"rows": counted.rows, "good": counted.good}
            happening = Happening(actor, IMPORT_CHECKED, "client_import", import_id, after=after)
            await audit.record(connection, [happening])
        new = len(entries) - known
        return Check(counted.rows, counted.good, new, known, tuple(flaws[:SHOWN]), bad)

    async def run(self, import_id: UUID, *, actor: str) -> tuple[int, int]:
        """Write what the last check found good, all or nothing; return (clients, new ones).

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
            made = 0
            for start in range(0, len(entries), CHUNK):
                chunk = entries[start : start + CHUNK]
                made += await client_import.write(
                    connection, self.cipher, chunk, source=f"import:{import_id}"
                )
            await client_import.record_ended(connection, import_id, "imported")
            after: dict[str, Any] = {"clients": len(entries), "new": made}
            happening = Happening(actor, CLIENTS_IMPORTED, "client_import", import_id, after=after)
            await audit.record(connection, [happening])
            await client_event.readmit(connection, tuple(EVENT_TYPES))
        return len(entries), made

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


def check_mapping(mapping: Mapping[str, str], header: Sequence[str]) -> None:
    """Make sure that a mapping of headers to columns can be followed.

    Raises:
        InvalidInput: a header or a column is unknown, a column is there twice, or one that is
            needed is missing.
    """
    for one, name in mapping.items():
        if one not in header:
            raise InvalidInput(f"The file has no column {one!r}.", zh=f"文件中没有“{one}”这一列。")
        if name not in BY_NAME:
            raise InvalidInput(
                f"{name!r} is none of {', '.join(BY_NAME)}.", zh=f"没有 {name} 这个字段。"
            )
    names = list(mapping.values())
    for column in BY_NAME.values():
        if names.count(column.name) > 1:
            raise InvalidInput(
                f"Two columns are mapped to {column.name}.", zh=f"有两列都对应“{column.zh}”。"
            )
        if column.is_needed and column.name not in names:
            raise InvalidInput(
                f"Say which column is {column.name}.", zh=f"请指定哪一列是“{column.zh}”。"
            )


def read_entries(sheet: Sheet, mapping: Mapping[str, str]) -> tuple[list[Entry], list[Flaw]]:
    """Read every row; a row with a flaw is not among the entries."""
    places = {name: sheet.header.index(one) for one, name in mapping.items()}
    scales = {name: find_scale(one) for one, name in mapping.items()}
    entries: list[Entry] = []
    flaws: list[Flaw] = []
    first: dict[str, int] = {}
    for number, cells in sheet.rows:
        told, wrong = _read_row(number, cells, places, scales)
        number_before = first.setdefault(str(told.get("client_no")), number)
        if "client_no" in told and number_before != number:
            wrong.append(
                Flaw(
                    number,
                    sheet.header[places["client_no"]],
                    f"与第{number_before}行的客户号重复",
                    f"the same client number as in row {number_before}",
                )
            )
        flaws += [replace(one, column=sheet.header[places[one.column]]) if one.column in places
                  else one for one in wrong]  # fmt: skip
        if not wrong:
            entries.append(Entry(**told))
    return entries, flaws


def _read_row(
    number: int, cells: Sequence[str], places: Mapping[str, int], scales: Mapping[str, int]
) -> tuple[dict[str, Any], list[Flaw]]:
    told: dict[str, Any] = {}
    flaws: list[Flaw] = []
    for name, place in places.items():
        column, cell = BY_NAME[name], cells[place]
        if not cell:
            if column.is_needed:
                flaws.append(Flaw(number, name, "不能为空", "must not be empty"))
            continue
        try:
            value = column.read(cell)
        except InvalidInput as error:
            flaws.append(Flaw(number, name, error.zh, error.message))
            continue
        told[name] = value * scales[name] if isinstance(value, Decimal) else value
    return told, flaws


def write_errors(sheet: Sheet, flaws: Sequence[Flaw]) -> bytes:
    """Return the rows with flaws as CSV for Excel: number, what is wrong, and the row itself."""
    by_row: dict[int, list[Flaw]] = {}
    for one in flaws:
        by_row.setdefault(one.row, []).append(one)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["行号 row", "原因", "why", *map(_disarm, sheet.header)])
    for number, cells in sheet.rows:
        if number in by_row:
            zh = "；".join(f"{one.column}：{one.zh}" for one in by_row[number])
            en = "; ".join(f"{one.column}: {one.en}" for one in by_row[number])
            writer.writerow([number, *map(_disarm, (zh, en, *cells))])
    return ("\ufeff" + text.getvalue()).encode()


def _disarm(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell


def _sample(sheet: Sheet, mapping: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Return the first rows, masked; of columns that nobody knows nothing is shown but a length."""

    def show(header: str, cell: str) -> str:
        name = mapping.get(header)
        if name is None:
            return "*" * min(8, len(cell))
        return _MASKS[name](cell) if name in _MASKS else cell

    def rows() -> Iterator[tuple[str, ...]]:
        for _, cells in sheet.rows[:5]:
            yield tuple(show(one, cell) for one, cell in zip(sheet.header, cells, strict=True))

    return tuple(rows())
