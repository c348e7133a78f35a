"""Named points at which a fault test may kill this very process; without the variable, nothing.

`ZHIDA_CRASH_AT=turn.after_commit:3` kills the process, as `kill -9` would, the third time
that it comes to that point.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "receive.before_commit",
    "receive.after_commit",
    "pull.before_commit",
    "pull.after_commit",
    "turn.after_claim",
    "turn.before_commit",
    "turn.after_commit",
    "passive.before_write",
    "passive.after_write",
    "deliver.after_claim",
    "deliver.before_call",
    "deliver.after_call",
    "deliver.after_record",
    "plan.before_commit",
    "bulk.after_take",
    "bulk.after_calls",
    "ticket.before_commit",
    "ticket.after_commit",
    "journey.before_commit",
    "journey.after_commit",
    "webhook.before_call",
    "webhook.after_call",
)

_point, _, _times = os.environ.get("ZHIDA_CRASH_AT", "").partition(":")
_left = {_point: int(_times or 1)} if _point else {}


def reach(point: str) -> None:
    """Say that the work has come to `point`; die there if a fault test asked for it."""
    if _left and point in _left:
        _left[point] -= 1
        if _left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
