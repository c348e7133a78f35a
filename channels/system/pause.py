"""How long a delivery waits for its next call: longer each time, and never all at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 7200.0
"""The longest pause; with it a delivery is called some 20 times within its day."""


def find_pause(
    attempt: int, *, asked: float = 0.0, dice: Callable[[], float] = random.random
) -> float:
    """Return the seconds from the end of call number `attempt` to the next one.

    They double with each call; half of them is by chance, so that many that failed at once do not
    come back at once. A system that `asked` for more gets it.
    """
    full = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt - 1, 32))
    return max(asked, full * (0.5 + 0.5 * dice()))
