"""`zhida up` as a person starts it: real database, Valkey, site and lab, without the assistant."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

PORTS = (
    "PORT",
    "ENCODER_PORT",
    "CORE_PORT",
    "LAB_PORT",
    "LAB_SMTP_PORT",
    "RASA_PORT",
    "INTERNAL_PORT",
)
NOWHERE = "http://127.0.0.1:9"
LONGEST_S = 120.0


@dataclass
class Up:
    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    log: Path

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.environ['ZHIDA_PORT']}"

    def health(self) -> dict[str, object] | None:
        try:
            with urllib.request.urlopen(f"{self.site}/healthz", timeout=5) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        except OSError:
            return None
        found: dict[str, object] = json.loads(body)
        return found

    def is_well(self, *names: str) -> bool:
        parts = (self.health() or {}).get("parts")
        return isinstance(parts, dict) and all(parts[name]["state"] == "ok" for name in names)

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                words = " ".join(child.cmdline())
            except psutil.Error:  # it has just died and is not buried yet
                continue
            for name in ("postgres", "valkey", " serve", " lab"):
                if name in words:
                    found[name.strip()] = child
        return found


def launch(folder: Path, **more: str) -> Up:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("ZHIDA_")}
    environ |= {f"ZHIDA_{name}": str(port) for name, port in zip(PORTS, ports(), strict=True)}
    environ |= {"ZHIDA_DATA_DIR": str(folder / "var"), "ZHIDA_CONFIG": str(empty(folder))}
    environ |= {"ZHIDA_RASA_URLS": NOWHERE, "ZHIDA_ENCODER": NOWHERE, "ZHIDA_CORE_URL": NOWHERE}
    environ |= more
    log = folder / "up.log"
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.main", "up"],
            env=environ, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
        )  # fmt: skip
    return Up(process, environ, log)


def ports() -> list[int]:
    trials = [socket.socket() for _ in PORTS]
    try:
        for trial in trials:
            trial.bind(("127.0.0.1", 0))
        return [trial.getsockname()[1] for trial in trials]
    finally:
        for trial in trials:
            trial.close()


def empty(folder: Path) -> Path:
    file = folder / "zhida.toml"
    file.touch()
    return file


def until(condition: Callable[[], bool], up: Up) -> None:
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert up.process.poll() is None, up.log.read_text()
        assert time.monotonic() < end, up.log.read_text()
        time.sleep(0.1)


def await_end(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=40)[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # The database runs under an account of its own where the tests run as root.
    for place in (tmp_path, *tmp_path.parents):
        if place.stat().st_uid == os.getuid() and os.getuid() == 0:
            place.chmod(place.stat().st_mode | 0o011)
    return tmp_path


@pytest.fixture
def up(folder: Path) -> Iterator[Up]:
    started = launch(folder)
    try:
        until(lambda: started.is_well("database", "valkey", "lab"), started)
        yield started
    finally:
        if started.process.poll() is None:
            started.process.send_signal(signal.SIGINT)
        started.process.wait(timeout=60)


def test_a_life_of_zhida_up(up: Up, folder: Path) -> None:
    # Whole though parts are missing: it says so and serves.
    health = up.health()
    assert health is not None
    assert health["status"] == "degraded"
    assert not up.is_well("rasa")

    # A second one in the same place is refused, in words.
    second = launch(folder, **{f"ZHIDA_{name}": up.environ[f"ZHIDA_{name}"] for name in PORTS})
    assert second.process.wait(timeout=60) == 1
    assert f"(pid {up.process.pid}) already runs" in up.log.read_text()

    # What is killed comes back, the database with everything in it.
    for name in ("serve", "valkey", "postgres"):
        victim = up.children()[name]
        victim.kill()
        until(lambda name=name, victim=victim: is_another(up, name, victim), up)  # type: ignore[misc]
        until(lambda: up.is_well("database", "valkey"), up)

    # A signal stops all of it.
    family = psutil.Process(up.process.pid).children(recursive=True)
    assert {"serve", "lab", "valkey", "postgres"} <= set(up.children())
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(timeout=60) == 0
    assert await_end(family) == []
    assert " stopped after " in up.log.read_text()


def is_another(up: Up, name: str, victim: psutil.Process) -> bool:
    found = up.children().get(name)
    return found is not None and found.pid != victim.pid


def test_killing_it_outright_leaves_nobody_and_the_next_start_is_whole(
    up: Up, folder: Path
) -> None:
    family = psutil.Process(up.process.pid).children(recursive=True)
    up.process.kill()
    up.process.wait(timeout=10)
    assert await_end(family) == []
    again = launch(folder)
    try:
        until(lambda: again.is_well("database", "valkey", "lab"), again)
    finally:
        again.process.terminate()
        assert again.process.wait(timeout=60) == 0


def test_a_taken_port_is_named_with_its_owner_and_the_remedy(folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = launch(folder, ZHIDA_LAB_PORT=str(port))
        assert refused.process.wait(timeout=60) == 1
    said = refused.log.read_text()
    assert f"Port {port} is taken by pid {os.getpid()}" in said
    assert "ZHIDA_LAB_PORT=" in said


def test_a_setting_that_cannot_be_is_refused_before_anything_starts(folder: Path) -> None:
    refused = launch(folder, ZHIDA_WORKERS="many")
    assert refused.process.wait(timeout=60) == 2
    assert "ZHIDA_WORKERS is 'many': a whole number is needed" in refused.log.read_text()
    assert not (folder / "var").exists()
