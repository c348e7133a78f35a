"""One form for the lines of every child."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from service.journal import Journal, parse_line


def make(screen: io.StringIO, **options: str) -> Journal:
    return Journal(screen, lambda: datetime(2026, 11, 23, 2, 0, tzinfo=UTC), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "level", "text"),
    [
        ("INFO lab on http://x\n", "info", "lab on http://x"),
        ("2026-11-22 06:24:05,123 WARNING slow", "warning", "slow"),
        ("LOG:  database system is ready", "debug", "database system is ready"),
        ("FATAL:  could not open", "error", "could not open"),
        ("Traceback (most recent call last):", "info", "Traceback (most recent call last):"),
        ("ERRORS were few", "info", "ERRORS were few"),
    ],
)
def test_a_childs_level_is_found(line: str, level: str, text: str) -> None:
    assert parse_line(line) == (level, text)


@given(some.text())
def test_any_line_has_a_known_level_and_loses_no_words(line: str) -> None:
    level, text = parse_line(line)
    assert level in {"debug", "info", "warning", "error"}
    assert line.rstrip().endswith(text)


def test_the_screen_hears_from_its_level_on_and_the_file_everything(tmp_path: Path) -> None:
    screen, file = io.StringIO(), tmp_path / "log" / "zhida.log"
    journal = Journal(screen, lambda: datetime.now(UTC), level="warning", file=file)
    journal.write_line("lab", "INFO all well")
    journal.write_line("lab", "ERROR not well")
    journal.write_line("lab", "   \n")
    journal.close()
    assert "not well" in screen.getvalue()
    assert "all well" not in screen.getvalue()
    assert len(file.read_text().splitlines()) == 2


def test_json_lines_are_json() -> None:
    screen = io.StringIO()
    make(screen, form="json").write_line("rasa", "WARNING 慢")
    row = json.loads(screen.getvalue())
    assert (row["part"], row["level"], row["text"]) == ("rasa", "warning", "慢")
