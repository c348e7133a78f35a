"""The rows of a file of clients: read by a mapping of its columns, and what is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from clients.column import BY_NAME, find_scale
from clients.sheet import Sheet
from kernel.errors import InvalidInput
from kernel.masking import show_mail, show_name, show_number, show_phone
from store.client_entry import Entry

_MASKS: Final = {
    "client_no": show_number,
    "phone": show_phone,
    "name": show_name,
    "email": show_mail,
}
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell (OWASP, CSV Injection)."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A row that cannot be taken: its number in the file, the column, and why."""

    row: int
    column: str
    zh: str
    en: str


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


def mask_sample(sheet: Sheet, mapping: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
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
