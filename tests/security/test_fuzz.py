"""Atheris on every parser that reads what strangers send: no crash, no hang, memory flat.

Three seconds a parser by default; `make security` (ZHIDA_TEST_SIZE=full) gives each a minute.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="atheris has no wheel for this machine")

from tests.security.fuzz.parser import PARSERS  # after the word on what is missing

SECONDS = 60 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 3
START_SECONDS = 60
ROOT = Path(__file__).parents[2]
EXECUTED = re.compile(rb"number_of_executed_units: (\d+)")


@pytest.mark.parametrize("name", PARSERS)
async def test_a_parser_refuses_clearly_whatever_comes(name: str, tmp_path: Path) -> None:
    fuzzer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.security.fuzz.run", name, str(SECONDS), str(tmp_path),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(SECONDS + START_SECONDS):
            told, _ = await fuzzer.communicate()
    finally:
        if fuzzer.returncode is None:
            fuzzer.kill()
            await fuzzer.wait()
    inputs = {one.name: one.read_bytes() for one in tmp_path.glob(f"{name}-*")}
    assert fuzzer.returncode == 0, (told[-3000:].decode(errors="replace"), inputs)
    executed = EXECUTED.search(told)
    assert executed
    assert int(executed[1]) > len(list(PARSERS[name].samples))
