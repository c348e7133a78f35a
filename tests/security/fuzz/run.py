"""Fuzz one parser: `python -m tests.security.fuzz.run NAME SECONDS FOLDER`.

Exit status 0: the time is over and nothing was found. A crash is any exception but a refusal, a
call of more than 5 s, or 200 MB more memory than after the first thousand calls; what caused it
is kept in the folder.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris
import psutil

with atheris.instrument_imports(include=["channels", "email", "html", "kernel"]):
    from tests.security.fuzz.parser import PARSERS, REFUSALS

HANG_SECONDS = 5
LONGEST = 20_000
GROWTH_BYTES = 200 << 20
LOOK_EVERY = 1000


class TooSlow(Exception):
    """One input keeps the parser busy for more than five seconds."""


class TooBig(Exception):
    """The parser keeps what it has read."""


def watch(take: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return a parser that is held to time and memory; refusals are what it is there for."""
    process, calls, first = psutil.Process(), 0, 0

    def run(data: bytes) -> None:
        nonlocal calls, first
        began = time.monotonic()
        with suppress(*REFUSALS):
            take(data)
        if time.monotonic() - began > HANG_SECONDS:
            raise TooSlow
        calls += 1
        if calls % LOOK_EVERY == 0:
            now = process.memory_info().rss
            first = first or now
            if now > first + GROWTH_BYTES:
                raise TooBig(f"{now - first} bytes after {calls} calls")

    return run


def main(name: str, seconds: str, folder: str) -> None:
    """Fuzz until the time is over; libFuzzer ends the process."""
    parser = PARSERS[name]
    corpus = Path(folder) / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, one in enumerate(parser.samples):
        (corpus / f"sample-{number}").write_bytes(one)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-max_len={LONGEST}",
        f"-artifact_prefix={folder}/{name}-",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-seed=20261122",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], watch(parser.take))
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
