"""Set-up: nothing twice, in order, with a remedy for what fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.setup import interpreter, step
from tools.setup.failure import StepFailed, find_cause
from tools.setup.plan import list_steps, run_steps
from tools.setup.shell import Shell
from tools.setup.step import Step


@pytest.fixture(autouse=True)
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(step, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(step, "ROOT", tmp_path)
    (tmp_path / "stamps").mkdir()
    return tmp_path / "stamps"


def make(name: str, ledger: list[str], *after: str, **options: object) -> Step:
    def run(_: Shell) -> None:
        ledger.append(name)

    return Step(name, name, run, after=after, **options)  # type: ignore[arg-type]


def test_a_step_is_done_until_its_inputs_or_outputs_change(tmp_path: Path) -> None:
    given, made = tmp_path / "lock", tmp_path / "venv"
    given.write_text("1")
    made.mkdir()
    one = make("one", [], inputs=(given,), outputs=(made,))
    assert not one.is_done()
    one.record_done(1.0)
    assert one.is_done()
    given.write_text("2")
    assert not one.is_done()
    one.record_done(1.0)
    made.rmdir()
    assert not one.is_done()


def test_a_folder_as_input_counts_its_files_but_not_what_is_built(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    (folder / "models").mkdir(parents=True)
    (folder / "data.yml").write_text("a")
    one = make("one", [], inputs=(folder,))
    one.record_done(1.0)
    (folder / "models" / "m.tar.gz").write_text("built")
    assert one.is_done()
    (folder / "more.yml").write_text("b")
    assert not one.is_done()


def test_a_damaged_stamp_means_again(stamps: Path) -> None:
    one = make("one", [])
    one.record_done(1.0)
    (stamps / "one.json").write_text("{")
    assert not one.is_done()


def test_steps_run_after_those_they_wait_for(stamps: Path) -> None:
    ledger: list[str] = []
    steps = [make("c", ledger, "b"), make("b", ledger, "a"), make("a", ledger)]
    run_steps(steps, {})
    assert ledger == ["a", "b", "c"]
    assert all(one.is_done() for one in steps)


def test_a_failed_step_stops_those_after_it_and_is_tried_again() -> None:
    ledger: list[str] = []

    def fail(_: Shell) -> None:
        raise StepFailed("no Python", remedy="install one")

    bad = Step("bad", "bad", fail)
    with pytest.raises(StepFailed, match="no Python"):
        run_steps([bad, make("next", ledger, "bad")], {})
    assert ledger == []
    assert not bad.is_done()


def test_a_command_that_fails_or_hangs_says_so(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "log")
    with pytest.raises(StepFailed, match="disk is full") as caught:
        shell.run(["sh", "-c", "echo 'OSError: No space left on device'; exit 1"])
    assert "8 GB" in caught.value.remedy
    with pytest.raises(StepFailed, match="too slowly"):
        shell.run(["sleep", "60"], seconds=0.2)
    with pytest.raises(StepFailed):
        shell.run([tmp_path / "nothing-here"])
    assert shell.run(["echo", "fine"]).strip() == "fine"


@pytest.mark.parametrize(
    ("output", "what"),
    [
        ("failed to lookup address information", "PyPI could not be reached"),
        ("npm error code ECONNREFUSED", "PyPI could not be reached"),
        ("operation timed out", "PyPI answered too slowly"),
        ("error: Permission denied (os error 13)", "may not be written"),
        ("Hash mismatch for x", "is not the one that the lock file names"),
        ("error sending request\ninvalid peer certificate: UnknownIssuer", "certificate of PyPI"),
    ],
)
def test_causes_are_recognised(output: str, what: str) -> None:
    found = find_cause(output, registry="PyPI")
    assert found is not None
    assert what in found[0]
    assert found[1]


def test_no_interpreter_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "UV", tmp_path / "no-uv")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(StepFailed, match=r"no Python 3\.99") as caught:
        interpreter.find_interpreter(Shell(tmp_path / "log"), "3.99")
    assert "pyenv install 3.99" in caught.value.remedy


def test_somebody_elses_folder_of_interpreters_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "versions").write_text("a file where a folder should be")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(interpreter, "UV", tmp_path / "no-uv")
    with pytest.raises(StepFailed, match=r"no Python 3\.99"):
        interpreter.find_interpreter(Shell(tmp_path / "log"), "3.99")


def test_only_tests_need_the_peers() -> None:
    assert "peers" in {one.name for one in list_steps(tests=True)}
    assert "peers" not in {one.name for one in list_steps(tests=False)}
