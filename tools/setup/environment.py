"""The steps that build uv and the two Python environments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.setup.failure import StepFailed
from tools.setup.index import find_wheel_folders
from tools.setup.interpreter import find_interpreter
from tools.setup.place import BOT_PYTHON, BOT_VENV, ROOT, TOOLS, UV, VENV, VENV_PYTHON
from tools.setup.shell import Shell

TORCH = "torch==2.13.0"
_TORCH_PAGE_S = 1800.0


def install_uv(shell: Shell) -> None:
    """Bring uv into .tools with pip, or through a venv where this Python has no pip."""
    lock = ROOT / "tools" / "uv.lock"
    options = ["--quiet", "--require-hashes", "--upgrade", "-r", lock]
    UV.parent.mkdir(parents=True, exist_ok=True)
    if shell.succeeds([sys.executable, "-m", "pip", "--version"], seconds=60):
        folder = TOOLS / "uv"
        shell.run([sys.executable, "-m", "pip", "install", "--target", folder, *options])
        found = folder / "bin" / "uv"
    elif shell.succeeds([sys.executable, "-m", "venv", TOOLS / "pip"], seconds=120):
        shell.run([TOOLS / "pip" / "bin" / "python", "-m", "pip", "install", *options])
        found = TOOLS / "pip" / "bin" / "uv"
    else:
        raise StepFailed(
            f"{sys.executable} has neither pip nor a working venv module",
            remedy="install one of them (Debian, Ubuntu: `apt install python3-venv`) "
            "or run make with another interpreter: `make setup PYTHON=/path/to/python3`",
        )
    UV.unlink(missing_ok=True)
    UV.symlink_to(os.path.relpath(found, UV.parent))


def build_service(shell: Shell) -> None:
    """Make .venv with the service's locked packages and the `zhida` command."""
    _make_venv(shell, VENV, VENV_PYTHON, versions=("3.11", "3.12", "3.13"))
    _install_lock(shell, VENV_PYTHON, ROOT / "requirements.lock")
    _install_torch(shell)
    shell.run(
        [UV, "pip", "install", "-q", "--no-deps", "--python", VENV_PYTHON, "--editable", ROOT]
    )


def build_bot(shell: Shell) -> None:
    """Make bot/.venv, where Rasa lives on its own Python 3.10."""
    _make_venv(shell, BOT_VENV, BOT_PYTHON, versions=("3.10",))
    _install_lock(shell, BOT_PYTHON, ROOT / "bot" / "requirements.lock")


def _make_venv(shell: Shell, folder: Path, python: Path, *, versions: tuple[str, ...]) -> None:
    if python.exists() and any(_is_version(shell, python, version) for version in versions):
        return
    found = find_interpreter(shell, *versions)
    shell.run([UV, "venv", "-q", "--no-project", "--clear", "--python", found, folder])


def _is_version(shell: Shell, python: Path, version: str) -> bool:
    code = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    return shell.succeeds([python, "-c", code], seconds=30)


def _install_lock(shell: Shell, python: Path, lock: Path) -> None:
    shell.run(
        [UV, "pip", "install", "-q", "--no-deps", "--require-hashes", "--python", python]
        + ["-r", lock]
    )


def _install_torch(shell: Shell) -> None:
    """Install the CPU build of PyTorch wherever one can be had.

    Order: wheels that pip was told of, PyTorch's own CPU index, then the plain registry, whose
    build for Linux brings several gigabytes of CUDA (macOS has the CPU build there).
    """
    install = [UV, "pip", "install", "-q", "--python", VENV_PYTHON]
    for folder in find_wheel_folders(os.environ):
        near = [*install, "--no-deps", "--no-index", "--find-links", folder, TORCH]
        if shell.succeeds(near, seconds=_TORCH_PAGE_S):
            return
    page = Shell(shell.log, "PyTorch", {**shell.env, "UV_HTTP_TIMEOUT": "20"})
    cpu = [*install, "--no-deps", "--torch-backend", "cpu", TORCH]
    if sys.platform == "linux" and page.succeeds(cpu, seconds=_TORCH_PAGE_S):
        return
    shell.run([*install, TORCH])
