"""`zhida journey`: files are checked, drawn, and refused with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.journey_shipped import FOLDER
from service.main import main


def test_what_ships_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(one) for one in sorted(FOLDER.glob("*.yaml"))]
    assert main(["journey", "lint", *files]) == 0
    assert capsys.readouterr().out.count("✓ 可以运行") == len(files) == 6


def test_a_mistake_is_told_with_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    text = (FOLDER / "new-client.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("timeout: 3d", "timeout: soon"), encoding="utf-8")
    assert main(["journey", "lint", str(file)]) == 1
    out = capsys.readouterr().out
    assert f"{file}: ✗ 13: " in out
    assert "不是时长" in out


def test_a_content_that_does_not_ship_is_pointed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    text = (FOLDER / "new-client.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("content: welcome", "content: our_own"), encoding="utf-8")
    assert main(["journey", "lint", str(file)]) == 0
    assert "our_own" in capsys.readouterr().out


def test_a_journey_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journey", "draw", str(FOLDER / "silent-client.yaml")]) == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")


@pytest.mark.parametrize(
    "words",
    [
        ["draw", "/nowhere.yaml"],
        ["lint", "/nowhere.yaml"],
        ["dry-run", "new-client", "--since", "soon"],
        ["calendar", "/nowhere.csv"],
    ],
)
def test_what_cannot_be_done_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journey", *words]) == 1
    assert capsys.readouterr().err.startswith("zhida journey: ")
