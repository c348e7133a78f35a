"""`zhida proof verify` says whether a file is what was signed, and leaves with 1 if it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.main import main
from tests.unit.orchestrator.test_evidence import NOTICE, SIGNER, make_json


def test_a_good_file_passes_and_a_bad_one_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, key = tmp_path / "good.json", tmp_path / "bad.json", tmp_path / "key.txt"
    good.write_bytes(make_json())
    bad.write_bytes(make_json().replace("张三".encode(), "李四".encode()))
    key.write_text(SIGNER.public + "\n")
    assert main(["proof", "verify", str(good), "--key", str(key)]) == 0
    assert str(NOTICE) in capsys.readouterr().out
    assert main(["proof", "verify", str(good), "--key", SIGNER.public]) == 0
    assert main(["proof", "verify", str(bad), "--key", SIGNER.public]) == 1
    assert "签名" in capsys.readouterr().err
    assert main(["proof", "verify", str(tmp_path / "none"), "--key", SIGNER.public]) == 1
