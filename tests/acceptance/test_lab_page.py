"""The lab's page in a real browser; `lab.test.mjs` says what it must do."""

from __future__ import annotations

import subprocess

import pytest

from tests.peer import ROOT, find_node


@pytest.mark.slow
def test_page_in_a_browser() -> None:
    script = ROOT / "tests" / "acceptance" / "browser" / "lab.test.mjs"
    done = subprocess.run(
        [find_node(), "--test", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
