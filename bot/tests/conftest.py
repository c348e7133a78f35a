"""The processes that the bot's tests talk to: encoder, fake actions, and the assistant itself."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot import light

light.lighten()

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "bot/models/zhida.tar.gz"
ENCODER_START_S, BOT_START_S = 180.0, 120.0
KEY = "key-of-the-tests"


def find_port() -> int:
    """Finds a free port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Sends one request and returns status and parsed answer."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def start(argv: list[str], url: str, *, patience: float, **env: str) -> subprocess.Popen[bytes]:
    """Starts a process from the top folder and waits until it answers at `url`."""
    process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", **env})
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{argv} ended with status {process.returncode}")
        try:
            if call(url)[0] == 200:
                return process
        except OSError:
            pass
        time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"{argv} did not answer at {url} within {patience:.0f} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and waits for it."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def encoder_url() -> Iterator[str]:
    """Gives the encoder at ZHIDA_ENCODER_URL, or one started from the service's Python."""
    given = os.environ.get("ZHIDA_ENCODER_URL")
    if given:
        yield given
        return
    url = f"http://127.0.0.1:{find_port()}"
    argv = [
        str(ROOT / ".venv/bin/python"),
        "-m",
        "knowledge.encoder_server",
        "--port",
        url.rsplit(":", 1)[1],
    ]
    process = start(argv, url + "/healthz", patience=ENCODER_START_S)
    os.environ["ZHIDA_ENCODER_URL"] = url
    yield url
    del os.environ["ZHIDA_ENCODER_URL"]
    stop(process)


@dataclass(frozen=True)
class Bot:
    """The running assistant with its fake actions."""

    url: str
    actions: str

    def say(
        self,
        text: str,
        state: Any = None,
        *,
        identified: bool = False,
        language: str = "zh",
        **more: Any,
    ) -> tuple[int, Any]:
        """Sends one message of a client."""
        body = {
            "conversation": "0192-a",
            "turn": "0192-b",
            "text": text,
            "language": language,
            "vector": None,
            "state": state,
            "client": {"identified": identified, "scopes": []},
            "channel": "chat",
            **more,
        }
        return call(self.url + "/webhook", body, {"X-Zhida-Key": KEY})

    def set_mode(self, mode: str) -> None:
        """Breaks or mends the fake actions and empties their ledger."""
        call(self.actions + "/mode", {"mode": mode})

    def get_ledger(self) -> list[dict[str, Any]]:
        """Gives the calls that the fake actions took."""
        return call(self.actions + "/ledger")[1]


@pytest.fixture(scope="session")
def bot_process(encoder_url: str) -> Iterator[Bot]:
    """Starts the assistant and the fake actions as processes."""
    if not MODEL.is_file():
        raise RuntimeError(f"{MODEL} is missing: run `zhida train` first")
    port, actions = find_port(), find_port()
    bot = Bot(f"http://127.0.0.1:{port}/webhooks/zhida", f"http://127.0.0.1:{actions}")
    python = sys.executable
    fake = start(
        [python, "-m", "bot.tests.fake_actions", str(actions)],
        bot.actions + "/ledger",
        patience=30.0,
    )
    rasa = start(
        [python, "-m", "bot.run", "--port", str(port)],
        bot.url + "/health",
        patience=BOT_START_S,
        ZHIDA_INTERNAL_PORT=str(actions),
        ZHIDA_ENCODER_URL=encoder_url,
        ZHIDA_RASA_KEY=KEY,
    )
    yield bot
    stop(rasa)
    stop(fake)


@pytest.fixture
def bot(bot_process: Bot) -> Iterator[Bot]:
    """Gives the assistant with its actions working."""
    bot_process.set_mode("ok")
    yield bot_process
    bot_process.set_mode("ok")
