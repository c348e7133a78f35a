"""A scaffolded channel is whole: formatted, typed, and its own tests pass."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from kernel.errors import Conflict, InvalidInput
from service.scaffold.channel import Scaffold
from service.settings import ROOT

NAME = "carrier"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", ".mypy_cache", ".pytest_cache")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of one's own: what the scaffold writes into is copied, the rest is linked."""
    for name in ("channels", "tests", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=LEFT_OUT)
    for part in ROOT.iterdir():
        if not part.name.startswith((".git", "var")) and not (tmp_path / part.name).exists():
            (tmp_path / part.name).symlink_to(part)
    return tmp_path


async def test_what_is_written_is_right_from_the_start(checkout: Path) -> None:
    written = Scaffold(NAME).write(checkout)
    sources = [str(path.relative_to(checkout)) for path in written if path.suffix == ".py"]
    tests = [path for path in sources if path.startswith("tests/")]
    await check(checkout, "ruff", "check", *sources)
    await check(checkout, "ruff", "format", "--check", *sources)
    await check(checkout, "mypy", f"channels/{NAME}")
    await check(checkout, "pytest", "-q", "-p", "no:cacheprovider", *tests)


async def check(checkout: Path, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *words,
        cwd=checkout,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(240):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-4000:]


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    Scaffold(NAME).write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / f"channels/{NAME}/client.py").unlink()
    with pytest.raises(Conflict, match=r"provider\.py"):
        Scaffold(NAME).write(tmp_path)
    assert not (tmp_path / f"channels/{NAME}/client.py").exists()
    assert len(before) == 8


@pytest.mark.parametrize("name", ["", "x", "Line", "a-b", "9lives", "class", "../etc", "a" * 21])
def test_a_name_that_would_not_do_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="channel's name"):
        Scaffold(name)
