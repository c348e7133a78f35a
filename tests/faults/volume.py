"""A small disk of its own for one database, which a test fills up and frees again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.postgres import find_account
from tests.faults.ground import Ground

MEGABYTE = 1 << 20
SIZE = 96 * MEGABYTE


@dataclass(frozen=True)
class Volume:
    """A mounted file system with a tablespace on it; the write-ahead log lies elsewhere."""

    folder: Path
    tablespace: str

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> int:
        """Take all the room that is left; returns how many bytes that was."""
        with self.ballast.open("ab") as file:
            try:
                while True:
                    file.write(bytes(MEGABYTE // 4))
                    file.flush()
            except OSError:
                return self.ballast.stat().st_size

    def free(self) -> None:
        """Give the room back."""
        self.ballast.unlink()


@asynccontextmanager
async def small_volume(ground: Ground) -> AsyncIterator[Volume]:
    """Mount a small disk and make a tablespace on it; skips where nobody may mount."""
    folder = ground.folder / "volume"
    folder.mkdir(exist_ok=True)
    _mount(folder)
    try:
        place = folder / "space"
        place.mkdir()
        if account := find_account():
            shutil.chown(place, account.uid, account.gid)
        place.chmod(0o700)
        await ground.admin(f"CREATE TABLESPACE small LOCATION '{place}'")
        yield Volume(folder, "small")
        await ground.admin("DROP TABLESPACE small")
        await ground.admin("CHECKPOINT")  # no recovery shall look for a disk that is gone
    finally:
        _unmount(folder)


def _mount(folder: Path) -> None:
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "zhida-fault", str(folder)]
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("A disk that is full needs one of its own: only root may mount it.")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"A disk that is full needs one of its own: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
