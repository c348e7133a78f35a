"""The peer: stock Rasa, its own `rest` channel, JiebaTokenizer + CountVectors + DIET.

It is trained on fourteen of our articles, some six examples each, with rules that utter the
answer: the smallest assistant that a team would start with, and what Rasa does best.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import yaml

from kernel.errors import ServiceError

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
INTENTS = 14
EXAMPLES = 6
EPOCHS = 60
TRAIN_SECONDS = 1500.0
START_SECONDS = 300.0
ENVIRON = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}
CONFIG = {
    "recipe": "default.v1",
    "language": "zh",
    "assistant_id": "stock",
    "pipeline": [
        {"name": "JiebaTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
    ],
    "policies": [{"name": "MemoizationPolicy"}, {"name": "RulePolicy"}],
}


class PeerFailed(ServiceError):
    """The peer could not be trained or started; its log says why."""

    code = "peer_failed"
    message_zh = "对比对象未能训练或启动，原因见其日志。"


@dataclass(frozen=True, slots=True)
class Stock:
    """A running stock Rasa."""

    url: str
    start_s: float
    train_s: float


@asynccontextmanager
async def run_stock(groups: Sequence[Sequence[str]], folder: Path) -> AsyncIterator[Stock]:
    """Train (once for the same examples) and run stock Rasa; `groups` are its intents."""
    folder.mkdir(parents=True, exist_ok=True)
    train_s = await _train(groups, folder)
    port = _free_port()
    started = time.perf_counter()
    process = await _rasa(
        folder, "run", "--port", str(port), "-i", "127.0.0.1", "--credentials", "credentials.yml",
        "--endpoints", "endpoints.yml",
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        await _wait(url, process)
        yield Stock(url, time.perf_counter() - started, train_s)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def ask(session: aiohttp.ClientSession, url: str, sender: str, text: str) -> bool:
    """Ask one question; True if something was answered."""
    body = {"sender": sender, "message": text}
    async with session.post(f"{url}/webhooks/rest/webhook", json=body) as answer:
        return answer.status == 200 and bool(await answer.json())


async def _train(groups: Sequence[Sequence[str]], folder: Path) -> float:
    files = _project([list(group[:EXAMPLES]) for group in groups[:INTENTS]])
    mark = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    stamp = folder / "models" / "stock.json"
    if stamp.exists() and json.loads(stamp.read_text())["mark"] == mark:
        return float(json.loads(stamp.read_text())["train_s"])
    for name, text in files.items():
        (folder / name).write_text(text)
    started = time.perf_counter()
    process = await _rasa(folder, "train", "--fixed-model-name", "stock", "--out", "models")
    async with asyncio.timeout(TRAIN_SECONDS):
        if await process.wait():
            raise PeerFailed(f"rasa train failed: {(folder / 'rasa.log').read_text()[-2000:]}")
    train_s = time.perf_counter() - started
    stamp.write_text(json.dumps({"mark": mark, "train_s": round(train_s, 1)}))
    return train_s


def _project(groups: Sequence[Sequence[str]]) -> dict[str, str]:
    names = [f"topic_{number}" for number in range(len(groups))]
    nlu = [
        {"intent": name, "examples": "".join(f"- {one}\n" for one in group)}
        for name, group in zip(names, groups, strict=True)
    ]
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in names
    ]
    rules.append({"rule": "else", "steps": [{"intent": "nlu_fallback"}, {"action": "utter_else"}]})
    responses = {f"utter_{name}": [{"text": f"关于{name}的回答。"}] for name in (*names, "else")}
    responses["utter_else"] = responses.pop("utter_else")
    domain = {"version": "3.1", "intents": names, "responses": responses}
    documents: dict[str, object] = {
        "config.yml": CONFIG,
        "domain.yml": domain,
        "nlu.yml": {"version": "3.1", "nlu": nlu},
        "rules.yml": {"version": "3.1", "rules": rules},
        "credentials.yml": {"rest": None},
        "endpoints.yml": {},
    }
    return {name: yaml.safe_dump(one, allow_unicode=True) for name, one in documents.items()}


async def _rasa(folder: Path, *words: str) -> asyncio.subprocess.Process:
    if words[0] == "train":
        words = (*words, "--data", "nlu.yml", "rules.yml", "--config", "config.yml")
    with (folder / "rasa.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            str(PYTHON), "-m", "rasa", *words,
            cwd=folder, env=dict(os.environ) | ENVIRON, stdout=log, stderr=log,
            stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip


async def _wait(url: str, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        while time.monotonic() < deadline and process.returncode is None:
            try:
                if await ask(session, url, "warm-up", "你好"):
                    return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.5)
    raise PeerFailed("Stock Rasa did not answer in time.")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
