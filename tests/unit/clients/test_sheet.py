"""Tables out of CSV and Excel, in whatever encoding, and clear words for what is none."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from clients import sheet
from clients.sheet import read_sheet
from kernel.errors import InvalidInput

TEXT = "客户号,姓名,资产\r\n86000001,张三,100\r\n\r\n86000002,李四\r\n"
TABLE = ((2, ("86000001", "张三", "100")), (4, ("86000002", "李四", "")))


def excel(*rows: list[object]) -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").encode(),
    ],
)
def test_csv_of_any_encoding_and_separator(raw: bytes) -> None:
    found = read_sheet(raw)
    assert found.header == ("客户号", "姓名", "资产")
    assert found.rows == TABLE


def test_excel_with_numbers_dates_and_holes() -> None:
    raw = excel(
        ["客户号", "开户日期", "资产", None],
        [86000001, datetime(2026, 11, 23, 9, 30), 1234.5],  # noqa: DTZ001  (Excel knows no zone)
        [None, None, None],
        ["86000002", None, True, "beyond the header"],
    )
    found = read_sheet(raw)
    assert found.header == ("客户号", "开户日期", "资产")
    assert found.rows == (
        (2, ("86000001", "2026-11-23 09:30:00", "1234.5")),
        (4, ("86000002", "", "是")),
    )


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "first row"),
        ("客户号\n".encode(), "first row"),
        (b"\xd0\xcf\x11\xe0old", "before 2007"),
        (b"PK\x03\x04broken", "damaged"),
        (b"\x00\x01\x02", "neither"),
        (b"a,a\n1,2\n", "twice"),
        (b"x," * 101 + b"\n1\n", "twice|columns"),
        (b'a,b\n"unfinished', "not CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_what_is_wrong(raw: bytes, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        read_sheet(raw)


def test_what_would_unpack_too_large_or_has_too_many_rows_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheet, "UNPACKED_BYTES", 500_000)
    with pytest.raises(InvalidInput, match="too large"):
        read_sheet(bomb())
    monkeypatch.setattr(sheet, "ROWS", 2)
    with pytest.raises(InvalidInput, match="at most 2 rows"):
        read_sheet(b"a\n1\n2\n3\n")
    monkeypatch.setattr(sheet, "FILE_BYTES", 5)
    with pytest.raises(InvalidInput, match="20 MB"):
        read_sheet(b"a\n1\n2\n")


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda raw: b"PK\x03\x04" + raw))
def test_any_bytes_are_a_table_or_are_refused(raw: bytes) -> None:
    try:
        found = read_sheet(raw)
    except InvalidInput:
        return
    assert found.rows
    assert all(len(cells) == len(found.header) for _, cells in found.rows)
