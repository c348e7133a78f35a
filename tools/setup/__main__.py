"""Set up everything that the product (and its tests) needs: `python3 -m tools.setup`.

Only the standard library, and any Python from 3.9 on. Nothing is done twice: a step whose
inputs have not changed is passed over. Run it through `make setup`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tools.setup.failure import StepFailed, find_cause
from tools.setup.index import find_uv_settings
from tools.setup.place import ROOT, STAMPS
from tools.setup.plan import list_steps, run_steps
from tools.setup.shell import stop_all
from tools.setup.step import Step

_NEEDED_GB = {"bot": 3.0, "service": 2.0, "node": 0.3, "console-packages": 0.7, "peers": 0.6}
_GB = 1024**3


def main() -> int:
    """Carry out what is still to be done and return the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.setup", description=__doc__)
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=("run", "test"),
        default="test",
        help="what it will be used for; `run` leaves out what only the tests need",
    )
    arguments = parser.parse_args()
    began = time.monotonic()
    try:
        with _one_at_a_time():
            done = _set_up(tests=arguments.purpose == "test")
    except StepFailed as failure:
        _explain(failure)
        return 1
    except OSError as error:
        cause = find_cause(str(error), registry="the disk")
        what, remedy = cause or (str(error), "see the message above")
        _explain(StepFailed(f"{what} ({error})", remedy=remedy))
        return 1
    except KeyboardInterrupt:
        stop_all()
        sys.stdout.write("\n已中断 · stopped; run it again to go on where it was\n")
        return 130
    if done:
        sys.stdout.write(f"环境就绪 · set up in {time.monotonic() - began:.1f} s\n")
    return 0


def _set_up(*, tests: bool) -> int:
    todo = [step for step in list_steps(tests=tests) if not step.is_done()]
    if not todo:
        return 0
    sys.stdout.write(f"智达环境准备 · setting up Zhida in {ROOT}\n")
    sys.stdout.flush()
    _check_space(todo)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    run_steps(todo, find_uv_settings(os.environ))
    return len(todo)


def _check_space(todo: list[Step]) -> None:
    needed = sum(
        _NEEDED_GB.get(step.name, 0.1)
        for step in todo
        if not all(output.exists() for output in step.outputs)
    )
    free = shutil.disk_usage(ROOT).free / _GB
    if free < needed:
        raise StepFailed(
            f"{free:.1f} GB are free on the disk of {ROOT}; {needed:.1f} GB are needed",
            remedy="free some space, or clone to a larger disk",
        )


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    STAMPS.mkdir(parents=True, exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stdout.write("另一个安装正在进行 · waiting for another set-up of this checkout …\n")
            sys.stdout.flush()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _explain(failure: StepFailed) -> None:
    if failure.tail:
        sys.stderr.write("".join(f"    | {line}\n" for line in failure.tail.splitlines()))
    sys.stderr.write(f"安装失败 · set-up failed: {failure.what}\n")
    sys.stderr.write(f"怎么办 · remedy: {failure.remedy}\n")


if __name__ == "__main__":
    sys.exit(main())
