"""What a reply may be."""

from __future__ import annotations

import pytest

from desk.letter import check_text
from kernel.errors import InvalidInput
from kernel.message import TEXT_LIMIT


def test_a_text_is_stripped_and_keeps_its_lines() -> None:
    assert check_text("  一\n二\t三  ") == "一\n二\t三"
    assert check_text("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT


@pytest.mark.parametrize("text", ["", "  \n", "x" * (TEXT_LIMIT + 1), "a\0b", "a\x1bb"])
def test_what_no_client_could_read_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        check_text(text)
