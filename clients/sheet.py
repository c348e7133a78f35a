"""Reads a table of clients out of a CSV or an Excel file, whatever wrote it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kernel.errors import InvalidInput

FILE_BYTES: Final = 20 * 1024 * 1024
UNPACKED_BYTES: Final = 300 * 1024 * 1024
ROWS: Final = 200_000
COLUMNS: Final = 100
CELL: Final = 2000
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_SHEETS: Final = 1
"""The first sheet is read; what other sheets hold is not a table of clients."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its header, and each row with the number that it has in the file."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(raw: bytes) -> Sheet:
    """Read the first table of a file; rows without any word are left out.

    CSV may be UTF-8 or GB 18030, separated by commas, semicolons or tabs. It takes seconds of CPU
    for a large file: call it in a thread.

    Raises:
        InvalidInput: the file is neither, is too large, or has no header with rows under it.
    """
    if len(raw) > FILE_BYTES:
        raise InvalidInput("A file has at most 20 MB.", zh="文件不能超过20MB。")
    if raw.startswith(_OLD_EXCEL):
        raise InvalidInput(
            "This is an .xls of before 2007: save it as .xlsx or CSV.",
            zh="这是旧版 .xls 文件，请另存为 .xlsx 或 CSV 后再导入。",
        )
    lines = _read_excel(raw) if raw.startswith(_ZIP) else _read_csv(raw)
    return _make(lines)


def _make(lines: Iterable[tuple[int, Sequence[str]]]) -> Sheet:
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not header:
            header = _check_header(cells)
            continue
        if len(rows) >= ROWS:
            raise InvalidInput(
                f"A file has at most {ROWS} rows; split it.", zh=f"文件不能超过{ROWS}行，请拆分。"
            )
        padded = (*cells, *[""] * (len(header) - len(cells)))
        rows.append((number, padded[: len(header)]))
    if not header or not rows:
        raise InvalidInput(
            "The first row holds the names of the columns, and clients are under it.",
            zh="第一行应为列名，其下为客户数据；文件中没有找到数据。",
        )
    return Sheet(header, tuple(rows))


def _check_header(cells: Sequence[str]) -> tuple[str, ...]:
    names = list(cells)
    while names and not names[-1]:
        names.pop()
    if len(names) > COLUMNS:
        raise InvalidInput(f"A file has at most {COLUMNS} columns.", zh=f"不能超过{COLUMNS}列。")
    named = [one or f"#{number}" for number, one in enumerate(names, 1)]
    twice = {one for one in named if named.count(one) > 1}
    if twice:
        raise InvalidInput(
            f"Columns have names of their own; twice: {', '.join(sorted(twice))}.",
            zh=f"列名重复：{'、'.join(sorted(twice))}。",
        )
    return tuple(named)


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\ufeff", "").strip()[:CELL]


def _read_csv(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decode(raw)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, [_clean(one) for one in cells]
    except csv.Error as error:
        raise InvalidInput(
            f"Line {reader.line_num} is not CSV: {error}.",
            zh=f"第{reader.line_num}行不是有效的 CSV 格式。",
        ) from error


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidInput(
        "The file is neither .xlsx nor a CSV in UTF-8 or GB 18030.",
        zh="文件不是 .xlsx，也不是 UTF-8 或 GBK 编码的 CSV。",
    )


def _read_excel(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Read an .xlsx, its formulas as the values that Excel last computed."""
    from openpyxl import load_workbook

    _check_size(raw)
    wrong = InvalidInput(
        "The Excel file cannot be read.", zh="Excel 文件无法读取，可能已损坏或加密。"
    )
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except Exception as error:
        raise wrong from error
    try:
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMNS + 1), 1):
            yield number, [_to_text(one) for one in cells]
    except InvalidInput:
        raise
    except Exception as error:
        raise wrong from error
    finally:
        book.close()


def _check_size(raw: bytes) -> None:
    """Refuse what would unpack to far more than a table of clients."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as error:
        raise InvalidInput("The Excel file is damaged.", zh="Excel 文件已损坏。") from error
    if size > UNPACKED_BYTES:
        raise InvalidInput("The Excel file is too large.", zh="Excel 文件内容过大，请拆分后导入。")


def _to_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return _clean(str(value))
