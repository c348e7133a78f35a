"""The steps that need the product itself: the trained assistant, the knowledge."""

from __future__ import annotations

from tools.setup.place import VENV
from tools.setup.shell import Shell


def train_assistant(shell: Shell) -> None:
    """Train the Rasa model with the product's own command."""
    shell.run([VENV / "bin" / "zhida", "train", "--if-changed"])


def import_articles(shell: Shell) -> None:
    """Make the database and bring the articles in, beside the training: it takes minutes too."""
    shell.run([VENV / "bin" / "zhida", "migrate"])
