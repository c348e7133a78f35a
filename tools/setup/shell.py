"""Run one command of a step: logged, bounded in time, never waiting for a keyboard."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.setup.failure import StepFailed, find_cause
from tools.setup.place import ROOT

_RUNNING: set[subprocess.Popen[bytes]] = set()
_LOCK = threading.Lock()
_LONGEST_S = 3600.0
_TAIL_LINES = 12


@dataclass(frozen=True)
class Shell:
    """Runs the commands of one step and keeps what they print in `log`."""

    log: Path
    registry: str = "PyPI"
    env: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        argv: Sequence[object],
        *,
        cwd: Path = ROOT,
        env: Mapping[str, str] | None = None,
        seconds: float = _LONGEST_S,
    ) -> str:
        """Run `argv` to its end and return what it printed.

        Raises StepFailed with a remedy when it exits with another status than 0 or takes
        longer than `seconds`.
        """
        words = [str(word) for word in argv]
        merged = {**os.environ, **self.env, **(env or {})}
        merged.pop("VIRTUAL_ENV", None)
        with self.log.open("ab") as sink:
            sink.write(f"$ {' '.join(words)}\n".encode())
            sink.flush()
            start = sink.tell()
            status = _wait(words, sink.fileno(), cwd=cwd, env=merged, seconds=seconds)
        output = _read(self.log, start)
        if status is None:
            raise self._failure(words, output, f"took longer than {seconds:.0f} s: timed out")
        if status != 0:
            raise self._failure(words, output, f"exited with status {status}")
        return output

    def succeeds(self, argv: Sequence[object], **options: float) -> bool:
        """Tell whether `argv` exits with status 0 within `options["seconds"]`."""
        try:
            self.run(argv, seconds=options.get("seconds", _LONGEST_S))
        except StepFailed:
            return False
        return True

    def _failure(self, words: list[str], output: str, how: str) -> StepFailed:
        cause = find_cause(f"{output}\n{how}", registry=self.registry)
        name = Path(words[0]).name
        tail = "\n".join(output.strip().splitlines()[-_TAIL_LINES:])
        if cause is None:
            return StepFailed(f"{name} {how}", remedy=f"read {self.log}", tail=tail)
        what, remedy = cause
        return StepFailed(f"{what} ({name} {how})", remedy=remedy, tail=tail)


def stop_all() -> None:
    """End every command that still runs, with its children."""
    with _LOCK:
        running = list(_RUNNING)
    for process in running:
        _kill(process, signal.SIGTERM)
    for process in running:
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            _kill(process, signal.SIGKILL)


def _wait(
    words: list[str], sink: int, *, cwd: Path, env: Mapping[str, str], seconds: float
) -> int | None:
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        os.write(sink, f"{error}\n".encode())
        return 127
    with _LOCK:
        _RUNNING.add(process)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill(process, signal.SIGKILL)
        process.wait()
        return None
    finally:
        with _LOCK:
            _RUNNING.discard(process)


def _kill(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _read(log: Path, start: int) -> str:
    with log.open("rb") as source:
        source.seek(start)
        return source.read().decode("utf-8", "replace")
