"""Trains the assistant: `zhida train [--if-changed]`.

Rasa lives in a Python of its own (`bot/.venv`); this starts it there as `python -m bot.train`. What
the model was made of is kept as a fingerprint beside it, so that training happens once for the same
sentences, rules and articles.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kernel.errors import ServiceError

ROOT = Path(__file__).resolve().parent.parent
MODEL = Path("bot/models/zhida.tar.gz")
MARK = Path("bot/models/zhida.json")
_INPUTS = (
    "config.yml",
    "bot/corpus.py",
    "bot/light.py",
    "bot/train.py",
    "bot/domain/*.yml",
    "bot/data/**/*.yml",
    "bot/components/*.py",
    "knowledge/negative/*.yml",
)
_TRAIN_S = 1800.0
Say = Callable[[str], None]


class TrainingFailed(ServiceError):
    """The assistant could not be trained; what was printed above says why."""

    code = "training_failed"
    message_zh = "助手训练失败，原因见上面的输出。"


def compute_fingerprint(root: Path, encoder: str) -> str:
    """Compute what a model is made of: sentences, rules, components, articles' questions, encoder.

    The text of an article is left out: only its front matter teaches the assistant.
    """
    digest = hashlib.sha256(f"encoder={encoder}\n".encode())
    for path in _list_inputs(root):
        digest.update(f"{path.relative_to(root)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for path in sorted((root / "knowledge/articles").rglob("*.md")):
        front = path.read_text("utf-8").split("\n---", 1)[0]
        digest.update(f"{path.name}\n{front}\n".encode())
    return digest.hexdigest()


def is_trained(root: Path, encoder: str) -> bool:
    """Tell whether the model that is there was made of what is there now."""
    if not (root / MODEL).is_file():
        return False
    try:
        mark = json.loads((root / MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("fingerprint") == compute_fingerprint(root, encoder)


async def train_assistant(*, encoder_url: str, encoder: str, say: Say, root: Path = ROOT) -> None:
    """Train the assistant and keep what its model was made of; `is_trained` says whether to.

    Args:
        encoder_url: where an encoder answers now (service/loan.py lends one).
        encoder: the encoder's name as in the settings ("e5", or a sentence-transformers name).
        say: told what was made and the time it took.
        root: the top folder of the project.

    Raises:
        TrainingFailed: there is no bot/.venv, the encoder is silent, or Rasa made no model.
    """
    start = time.monotonic()
    python = root / "bot/.venv/bin/python"
    if not python.exists():
        raise TrainingFailed(f"There is no {python}: run `make setup` first.")
    fingerprint = compute_fingerprint(root, encoder)
    env = {"ZHIDA_ENCODER_URL": encoder_url, "ZHIDA_ENCODER_MODEL": encoder}
    await _run([str(python), "-m", "bot.train"], env=env, root=root)
    seconds = time.monotonic() - start
    mark = {"fingerprint": fingerprint, "encoder": encoder, "seconds": seconds}
    _write_mark(root / MARK, mark)
    say(f"助手训练完成 · assistant trained in {seconds:.0f} s: {root / MODEL}")


def _list_inputs(root: Path) -> Iterator[Path]:
    for pattern in _INPUTS:
        yield from sorted(root.glob(pattern))


def _write_mark(path: Path, mark: dict[str, object]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(mark, indent=1), "utf-8")
    part.replace(path)


async def _run(argv: list[str], *, env: dict[str, str], root: Path) -> None:
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", **env}
    process = await asyncio.create_subprocess_exec(*argv, cwd=root, env=surroundings)
    try:
        async with asyncio.timeout(_TRAIN_S):
            status = await process.wait()
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if status:
        raise TrainingFailed(f"Training ended with status {status}.")
