"""Run every quick check side by side and say which failed: `make check`.

The console's takes long, so it is run only when something of it has changed since it passed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from tools.setup import front
from tools.setup.failure import StepFailed
from tools.setup.place import CONSOLE, NODE, ROOT, STAMPS, VENV
from tools.setup.shell import Shell
from tools.setup.step import Step

_BIN = VENV / "bin"
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
    Check("unit tests", ("pytest", "tests/unit", "-q"), "pytest tests/unit"),
    Check("format", ("ruff", "format", "--check", "."), "make format"),
    Check("lint", ("ruff", "check", "."), "make format mends many of these"),
    Check("layers", ("lint-imports",), "the rooms' arrows are in docs and pyproject.toml"),
    Check("types", ("mypy",), "mypy --strict is the rule"),
)
CONSOLE_CHECK = Step(
    "console-check",
    "前端检查 · console check",
    front.check_console,
    inputs=(
        *(CONSOLE / folder for folder in ("src", "tests", "dev")),
        *sorted(CONSOLE.glob("*.json")),
        *sorted(CONSOLE.glob("*.ts")),
        ROOT / "tests" / "acceptance" / "browser",
    ),
)


def main() -> int:
    """Run all checks, print those that failed in full, and return the exit status."""
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        jobs = {pool.submit(_run, check): check for check in CHECKS}
        if NODE.exists() and (CONSOLE / "node_modules").is_dir():
            about = Check("console", (), "npm run format in console/ mends some of it")
            jobs[pool.submit(run_step, CONSOLE_CHECK)] = about
        for job in as_completed(jobs):
            check, outcome = jobs[job], job.result()
            failed += outcome.status != 0
            _report(check, outcome)
    return 1 if failed else 0


def run_step(step: Step) -> Outcome:
    """Run a check that need not be run again for the same inputs."""
    began = time.monotonic()
    if step.is_done():
        return Outcome(0, "unchanged since it last passed", 0.0)
    STAMPS.mkdir(parents=True, exist_ok=True)
    try:
        step.run(Shell(step.log))
    except StepFailed as error:
        return Outcome(1, f"{error.tail}\n{error}; all of it: {step.log}", time.monotonic() - began)
    seconds = time.monotonic() - began
    step.record_done(seconds)
    return Outcome(0, "passed", seconds)


def _run(check: Check) -> Outcome:
    began = time.monotonic()
    try:
        done = subprocess.run(
            [str(_BIN / check.argv[0]), *check.argv[1:]],
            cwd=ROOT,
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
