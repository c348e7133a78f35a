from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import new_id
from store.cipher import CellDamaged, Cipher

OLD = Cipher(keys={1: b"a" * 32}, index_key=b"i" * 32)
NEW = Cipher(keys={1: b"a" * 32, 2: b"b" * 32}, index_key=b"i" * 32)
ROW = new_id()


@given(st.binary(max_size=200))
def test_sealed_opens_and_shows_nothing(plain: bytes) -> None:
    cell = NEW.seal(plain, table="message", column="body", row=ROW)
    assert NEW.open(cell, table="message", column="body", row=ROW) == plain
    assert len(plain) < 8 or plain not in cell


def test_old_key_still_opens_after_rotation_and_new_key_seals() -> None:
    cell = OLD.seal_text("王小明", table="client", column="name", row=ROW)
    assert NEW.open_text(cell, table="client", column="name", row=ROW) == "王小明"
    assert NEW.seal_text("x", table="t", column="c", row=ROW)[0] == 2


@pytest.mark.parametrize(
    "place",
    [
        {"table": "ticket", "column": "name", "row": ROW},
        {"table": "client", "column": "phone", "row": ROW},
        {"table": "client", "column": "name", "row": new_id()},
    ],
)
def test_cell_moved_elsewhere_does_not_open(place: dict[str, object]) -> None:
    cell = NEW.seal_text("王小明", table="client", column="name", row=ROW)
    with pytest.raises(CellDamaged):
        NEW.open_text(cell, **place)  # type: ignore[arg-type]


@given(st.integers(0, 40))
def test_damaged_cell_does_not_open(position: int) -> None:
    cell = bytearray(NEW.seal(b"0123456789abcdef", table="t", column="c", row=ROW))
    cell[position % len(cell)] ^= 1
    with pytest.raises(CellDamaged):
        NEW.open(bytes(cell), table="t", column="c", row=ROW)


def test_unknown_key_and_empty_cell_are_damaged() -> None:
    for cell in (b"", b"\x09" + b"0" * 40):
        with pytest.raises(CellDamaged):
            NEW.open(cell, table="t", column="c", row=ROW)


def test_blind_index_is_equal_for_equals_and_apart_by_kind() -> None:
    assert NEW.blind("phone", "1") == OLD.blind("phone", "1")
    assert NEW.blind("phone", "1") != NEW.blind("client", "1")
