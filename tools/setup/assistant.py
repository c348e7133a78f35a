"""The steps that need the product itself: the trained assistant, the articles' vectors."""

from __future__ import annotations

from tools.setup.place import VENV
from tools.setup.shell import Shell


def train_assistant(shell: Shell) -> None:
    """Train the Rasa model with the product's own command."""
    shell.run([VENV / "bin" / "zhida", "train", "--if-changed"])


def encode_articles(shell: Shell) -> None:
    """Encode the articles ahead, beside the training, so that the first start need not."""
    shell.run([VENV / "bin" / "zhida", "migrate", "--only", "vectors"])
