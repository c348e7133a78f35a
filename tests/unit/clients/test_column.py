"""Columns are recognised by Chinese and English headers, and cells read as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.column import BY_NAME, COLUMNS, find_scale, guess
from kernel.errors import InvalidInput


def test_headers_are_recognised_in_both_languages() -> None:
    chinese = [
        "序号",
        "客户号",
        "客户姓名",
        "手机号码",
        "风险等级",
        "总资产（万元）",
        "开户日期",
        "备注",
    ]
    assert guess(chinese) == {
        "客户号": "client_no",
        "客户姓名": "name",
        "手机号码": "phone",
        "风险等级": "risk_level",
        "总资产（万元）": "assets",
        "开户日期": "opened_at",
    }
    english = ["Client No", "Full_Name", "Mobile", "Risk level", "Total assets", "Last login"]
    assert list(guess(english).values()) == [
        "client_no", "name", "phone", "risk_level", "assets", "last_active_at",
    ]  # fmt: skip


def test_a_column_is_guessed_once_and_its_very_name_first() -> None:
    assert guess(["备用手机", "手机"]) == {"手机": "phone"}
    assert guess(["client_no", "账号"]) == {"client_no": "client_no"}


@given(st.lists(st.text(max_size=12), unique=True, max_size=20))
def test_guesses_never_name_a_column_twice(header: list[str]) -> None:
    found = guess(header)
    assert set(found) <= set(header)
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("client_no", "86000001", "86000001"),
        ("phone", "138 0013 8000", "13800138000"),
        ("phone", "+852-9123-4567", "+85291234567"),
        ("risk_level", "c4", "C4"),
        ("risk_level", "3", "C3"),
        ("risk_level", "积极型", "C4"),
        ("investor_class", "专业投资者", "professional"),
        ("stage", "休眠客户", "silent"),
        ("instruments", "螺纹钢、沪深300，IF;IF", ("螺纹钢", "沪深300", "IF")),
        ("assets", "¥1,234.5", Decimal("1234.50")),
        ("assets", "12.5万", Decimal(125_000)),
        ("assets", "1.2亿元", Decimal(120_000_000)),
        ("trades_90d", "1,024笔", 1024),
        ("suitability_valid_until", "2027年3月5日", date(2027, 3, 5)),
        ("opened_at", "20261123", datetime(2026, 11, 22, 16, tzinfo=UTC)),
        ("opened_at", "2026/11/23 09:30", datetime(2026, 11, 23, 1, 30, tzinfo=UTC)),
        ("last_active_at", "2026-11-23 09:30:15", datetime(2026, 11, 23, 1, 30, 15, tzinfo=UTC)),
    ],
)
def test_cells_are_read_as_people_write_them(name: str, cell: str, value: object) -> None:
    assert BY_NAME[name].read(cell) == value


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("client_no", "8600 0001"),
        ("phone", "13800"[:4]),
        ("phone", "电话"),
        ("risk_level", "C6"),
        ("investor_class", "机构"),
        ("assets", "-5"),
        ("assets", "一百万"),
        ("assets", "1.2.3"),
        ("assets", "9" * 30),
        ("trades_90d", "1.5"),
        ("opened_at", "2026-02-30"),
        ("opened_at", "昨天"),
        ("opened_at", "0001-01-01"),
        ("instruments", "长" * 41),
    ],
)
def test_what_cannot_be_read_says_what_would_be_right(name: str, cell: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        BY_NAME[name].read(cell)
    assert caught.value.zh != InvalidInput.message_zh


@given(st.sampled_from(COLUMNS), st.text(min_size=1, max_size=60))
def test_any_cell_is_read_or_refused(column: object, cell: str) -> None:
    try:
        column.read(cell)  # type: ignore[attr-defined]
    except InvalidInput:
        return


def test_a_header_may_say_that_money_is_in_ten_thousands() -> None:
    assert [find_scale(one) for one in ("总资产", "总资产（万元）", "资产(亿)", "资产（元）")] == [
        1, 10_000, 100_000_000, 1,
    ]  # fmt: skip
