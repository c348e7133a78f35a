"""Find a Python of a wanted version on this machine, or fetch one through uv."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tools.setup.failure import StepFailed
from tools.setup.place import UV
from tools.setup.shell import Shell

# What Rasa and the service import from the standard library, and a hand-made Python often lacks.
_PROBE = (
    "import sys, ssl, sqlite3, ctypes, bz2, lzma, zlib, venv; print('found', *sys.version_info[:2])"
)
_ANSWER_S = 30.0
_FETCH_S = 600.0


def find_interpreter(shell: Shell, *versions: str) -> Path:
    """Find a working interpreter of the first of `versions` that can be had.

    Order: what uv finds, pyenv's versions (also those not switched on), then uv's download.
    Raises StepFailed where none of them gives one.
    """
    for version in versions:
        for candidate in (*_by_uv(shell, version), *_by_pyenv(version)):
            if _works(shell, candidate, version):
                return candidate
    for version in versions:
        if shell.succeeds([UV, "python", "install", version], seconds=_FETCH_S):
            for candidate in _by_uv(shell, version):
                if _works(shell, candidate, version):
                    return candidate
    raise StepFailed(
        f"no Python {' or '.join(versions)} was found, and none could be fetched",
        remedy=_remedy(versions[0]),
    )


def _by_uv(shell: Shell, version: str) -> Iterator[Path]:
    try:
        output = shell.run(
            [UV, "python", "find", "--no-project", version],
            env={"UV_PYTHON_DOWNLOADS": "never"},
            seconds=_ANSWER_S,
        )
    except StepFailed:
        return
    lines = [line for line in output.splitlines() if line.startswith("/")]
    if lines:
        yield Path(lines[-1].strip())


def _by_pyenv(version: str) -> Iterator[Path]:
    for root in (os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv"), "/opt/pyenv"):
        if root:
            with suppress(OSError):  # somebody else's, and not to be read
                found = list(Path(root).glob(f"versions/{version}.*/bin/python{version}"))
                yield from sorted(found, key=_patch, reverse=True)


def _patch(path: Path) -> int:
    match = re.search(r"versions/\d+\.\d+\.(\d+)", str(path))
    return int(match.group(1)) if match else 0


def _works(shell: Shell, python: Path, version: str) -> bool:
    try:
        output = shell.run([python, "-c", _PROBE], seconds=_ANSWER_S)
    except StepFailed:
        return False
    return f"found {version.replace('.', ' ')}" in output


def _remedy(version: str) -> str:
    return (
        f"install one and run this again, for example `pyenv install {version}`, "
        f"`uv python install {version}` on a machine that reaches GitHub, "
        f"`apt install python{version} python{version}-venv` where your system has it, or "
        f"`conda create -n py{version.replace('.', '')} python={version}`; "
        "it need not be the default, only on the PATH or below ~/.pyenv/versions"
    )
