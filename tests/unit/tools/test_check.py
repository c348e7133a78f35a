"""The console's check: run when something has changed, remembered only when it passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check
from tools.setup import step
from tools.setup.failure import StepFailed
from tools.setup.shell import Shell
from tools.setup.step import Step


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (step, check):
        monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
        monkeypatch.setattr(module, "ROOT", tmp_path)
    source = tmp_path / "source.ts"
    source.write_text("right")
    return source


def make(source: Path, ledger: list[str]) -> Step:
    def run(_: Shell) -> None:
        ledger.append(source.read_text())
        if ledger[-1] == "wrong":
            raise StepFailed("npm exited with status 1", remedy="mend it", tail="line 7 is wrong")

    return Step("console-check", "check", run, inputs=(source,))


def test_it_runs_once_for_the_same_files(source: Path) -> None:
    ledger: list[str] = []
    one = make(source, ledger)
    assert [check.run_step(one).status for _ in range(2)] == [0, 0]
    assert ledger == ["right"]
    source.write_text("right too")
    assert check.run_step(one).status == 0
    assert ledger == ["right", "right too"]


def test_what_failed_is_told_and_runs_again(source: Path) -> None:
    ledger: list[str] = []
    one = make(source, ledger)
    source.write_text("wrong")
    outcome = check.run_step(one)
    assert outcome.status == 1
    assert "line 7 is wrong" in outcome.output
    assert str(one.log) in outcome.output
    assert check.run_step(one).status == 1
    assert len(ledger) == 2


def test_the_consoles_own_tests_and_the_browsers_count_as_inputs() -> None:
    names = {path.name for path in check.CONSOLE_CHECK.inputs}
    assert {"src", "tests", "dev", "browser", "package.json", ".prettierrc.json"} <= names
    assert all(path.exists() for path in check.CONSOLE_CHECK.inputs)
