"""Trains the assistant: `zhida train [--if-changed]`.

Rasa lives in a Python of its own (`bot/.venv`); this starts it there as `python -m bot.train`, with
an encoder to ask. What the model was made of is kept as a fingerprint beside it, so that training
happens once for the same sentences, rules and articles.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

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
_ENCODER_START_S = 180.0
_TRAIN_S = 1800.0
Say = Callable[[str], None]


class TrainingFailed(ServiceError):
    """The assistant could not be trained; what was printed above says why."""

    code = "training_failed"
    message_zh = "助手训练失败，原因见上面的输出。"


@dataclass(frozen=True, slots=True)
class Trained:
    """What `train_assistant` did: the model's path, and whether it is new."""

    model: Path
    is_new: bool
    seconds: float


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


async def train_assistant(
    *, encoder_url: str, encoder: str, only_if_changed: bool, say: Say, root: Path = ROOT
) -> Trained:
    """Train, or do nothing where nothing has changed.

    Args:
        encoder_url: where an encoder is asked first; if none answers there, one is started.
        encoder: the encoder's name as in the settings ("e5", or a sentence-transformers name).
        only_if_changed: leave a model alone that was made of the same inputs.
        say: told each step with the time it took.
        root: the top folder of the project.

    Raises:
        TrainingFailed: there is no bot/.venv, no encoder, or Rasa made no model.
    """
    start = time.monotonic()
    if only_if_changed and is_trained(root, encoder):
        say("助手已是最新，无需训练 · the assistant is up to date")
        return Trained(root / MODEL, is_new=False, seconds=time.monotonic() - start)
    python = root / "bot/.venv/bin/python"
    if not python.exists():
        raise TrainingFailed(f"There is no {python}: run `make setup` first.")
    fingerprint = compute_fingerprint(root, encoder)
    async with _reach_encoder(encoder_url, encoder, root=root, say=say) as url:
        say(f"编码器就绪 · encoder ready at {url} ({time.monotonic() - start:.0f} s)")
        env = {"ZHIDA_ENCODER_URL": url, "ZHIDA_ENCODER_MODEL": encoder}
        await _run([str(python), "-m", "bot.train"], env=env, root=root)
    mark = {"fingerprint": fingerprint, "encoder": encoder, "seconds": time.monotonic() - start}
    _write_mark(root / MARK, mark)
    seconds = time.monotonic() - start
    say(f"助手训练完成 · assistant trained in {seconds:.0f} s: {root / MODEL}")
    return Trained(root / MODEL, is_new=True, seconds=seconds)


def _list_inputs(root: Path) -> Iterator[Path]:
    for pattern in _INPUTS:
        yield from sorted(root.glob(pattern))


def _write_mark(path: Path, mark: dict[str, object]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(mark, indent=1), "utf-8")
    part.replace(path)


@contextlib.asynccontextmanager
async def _reach_encoder(url: str, encoder: str, *, root: Path, say: Say) -> AsyncIterator[str]:
    if await _is_ready(url):
        yield url
        return
    port = _find_port()
    say("启动编码器（加载模型约半分钟）· starting an encoder, loading it takes half a minute")
    model = [] if encoder == "e5" else ["--model", encoder]
    argv = ["-m", "knowledge.encoder_server", "--host", "127.0.0.1", "--port", str(port), *model]
    process = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=root)
    own = f"http://127.0.0.1:{port}"
    try:
        await _wait_until_ready(own, process)
        yield own
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _wait_until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + _ENCODER_START_S
    while not await _is_ready(url):
        if process.returncode is not None:
            raise TrainingFailed("The encoder ended before it was ready.")
        if time.monotonic() > deadline:
            raise TrainingFailed(f"The encoder was not ready after {_ENCODER_START_S:.0f} s.")
        await asyncio.sleep(0.5)


async def _is_ready(url: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=5.0)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/healthz") as reply,
        ):
            return reply.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `zhida train`."""
    parser.add_argument(
        "--if-changed",
        action="store_true",
        help="train only if sentences, rules, components, articles or encoder have changed",
    )


def run(arguments: argparse.Namespace, *, encoder_url: str, encoder: str, say: Say) -> int:
    """Run `zhida train` with parsed options and return its exit status."""
    try:
        asyncio.run(
            train_assistant(
                encoder_url=encoder_url,
                encoder=encoder,
                only_if_changed=arguments.if_changed,
                say=say,
            )
        )
    except TrainingFailed as error:
        say(f"{error.message_zh} {error.message}")
        return 1
    return 0
