"""The command line itself."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from service.main import COMMANDS, format_help, main


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_module_and_its_help(
    command: object, capsys: pytest.CaptureFixture[str]
) -> None:
    name, module = command.name, command.module  # type: ignore[attr-defined]
    assert callable(importlib.import_module(module).run)
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    assert f"zhida {name}" in capsys.readouterr().out


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command.name} " in shown for command in COMMANDS)
    assert shown == format_help()


def test_an_unknown_command_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["upp"]) == 2
    assert "no such command: upp" in capsys.readouterr().err
    assert main([]) == 2


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, service.main; service.main.main(['--help']); "
        "heavy = {'sqlalchemy', 'torch', 'aiohttp', 'numpy', 'rasa_sdk'} & set(sys.modules); "
        "sys.exit(1 if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0


def test_a_bad_setting_ends_with_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHIDA_PORT", "abc")
    assert main(["settings"]) == 2
    assert "a whole number is needed" in capsys.readouterr().err


def test_settings_are_masked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHIDA_CORE_TOKEN", "very-secret")
    monkeypatch.setenv("ZHIDA_DATABASE_URL", "postgresql://u:hidden@db/x")
    for words in (["settings"], ["settings", "--json"]):
        main(words)
        shown = capsys.readouterr().out
        assert "ZHIDA_CORE_TOKEN" in shown
        assert "very-secret" not in shown
        assert "hidden" not in shown
