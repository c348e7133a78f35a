"""The step that trains the assistant."""

from __future__ import annotations

from tools.setup.place import VENV
from tools.setup.shell import Shell


def train_assistant(shell: Shell) -> None:
    """Train the Rasa model with the product's own command."""
    shell.run([VENV / "bin" / "zhida", "train"])
