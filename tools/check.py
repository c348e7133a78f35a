"""Run every quick check side by side and say which failed: `make check`."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_BIN = _ROOT / ".venv" / "bin"
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, its command, and what to do when it fails."""

    name: str
    argv: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check: exit status, what it printed, and its seconds."""

    status: int
    output: str
    seconds: float


CHECKS = (
    Check("format", ("ruff", "format", "--check", "."), "make format"),
    Check("lint", ("ruff", "check", "."), "make format mends many of these"),
    Check("layers", ("lint-imports",), "the rooms' arrows are in docs and pyproject.toml"),
    Check("types", ("mypy",), "mypy --strict is the rule"),
    Check("unit tests", ("pytest", "tests/unit", "-q"), "pytest tests/unit"),
)


def main() -> int:
    """Run all checks, print those that failed in full, and return the exit status."""
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {pool.submit(_run, check): check for check in CHECKS}
        for job in as_completed(jobs):
            check, outcome = jobs[job], job.result()
            failed += outcome.status != 0
            _report(check, outcome)
    return 1 if failed else 0


def _run(check: Check) -> Outcome:
    began = time.monotonic()
    try:
        done = subprocess.run(
            [str(_BIN / check.argv[0]), *check.argv[1:]],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        return Outcome(1, f"no end after {_LONGEST_S:.0f} s", _LONGEST_S)
    return Outcome(done.returncode, done.stdout, time.monotonic() - began)


def _report(check: Check, outcome: Outcome) -> None:
    closing = outcome.output.strip().splitlines()[-1:] or [""]
    if outcome.status == 0:
        print(f"✓ {check.name}  {outcome.seconds:.1f} s  {closing[0]}", flush=True)
        return
    print(f"{outcome.output.rstrip()}\n✗ {check.name}  {outcome.seconds:.1f} s", flush=True)
    print(f"  remedy: {check.remedy}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
