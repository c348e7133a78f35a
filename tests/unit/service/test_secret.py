"""Secrets that nobody gave."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.secret import find_secret, get_secret
from service.setting import InvalidSetting


def test_many_who_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: get_secret(tmp_path / "s", "core_token"), range(16)))
    assert len(made) == 1
    assert [file.name for file in (tmp_path / "s").iterdir()] == ["core_token"]


def test_a_made_secret_is_found_again(tmp_path: Path) -> None:
    assert find_secret(tmp_path, "index_key") is None
    made = get_secret(tmp_path, "index_key")
    assert find_secret(tmp_path, "index_key") == made
    assert get_secret(tmp_path, "visitor_key") != get_secret(tmp_path, "core_token")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSetting, match=r"kept in|cannot be read"):
        get_secret(tmp_path / "file" / "secrets", "core_token")
