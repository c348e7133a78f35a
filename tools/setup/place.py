"""Where set-up puts things, all inside the checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
UV = TOOLS / "bin" / "uv"
NODE = TOOLS / "node" / "bin" / "node"
NPM_SCRIPT = TOOLS / "node" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
BOT_VENV = ROOT / "bot" / ".venv"
BOT_PYTHON = BOT_VENV / "bin" / "python"
CONSOLE = ROOT / "console"
PEERS = ROOT / "tests" / "peers"
STAMPS = ROOT / "var" / "setup"
