"""Forks lives of the product: everything is imported once, so a life after a kill begins at once.

One order a line on standard input, `{"words", "env", "log"}`; the life's pid comes back as a
line of its own. Each life is `zhida WORDS` with these variables, as `zhida up` would start it.
When the input ends, or whoever ordered is killed, every life is killed with the nursery.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any, NoReturn

import kernel.crash
import service.command.serve
import service.command.worker
import service.main
import service.serve

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def main() -> None:
    """Take orders until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    assert service.serve.__name__  # the costly import, made once before every fork
    gc.freeze()
    _answer("ready")
    lives = set()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _live(order)
        lives.add(pid)
        _answer(str(pid))
    for pid in lives:
        _kill(pid)


def _live(order: dict[str, Any]) -> NoReturn:
    os.setsid()
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["env"])
    importlib.reload(kernel.crash)  # it reads its variable when it is loaded
    status = 70
    try:
        status = service.main.main(order["words"])
    finally:  # nothing may go back into the nursery's own loop
        if error := sys.exc_info()[1]:
            traceback.print_exception(error)
        os._exit(status)


def _answer(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _kill(pid: int) -> None:
    try:
        if os.getpgid(pid) == pid:
            os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
