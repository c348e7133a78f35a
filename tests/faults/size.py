"""How big a fault test is: small inside `make test`, full size by `make faults`."""

from __future__ import annotations

import os

IS_FULL = os.environ.get("ZHIDA_TEST_SIZE") == "full"


def pick(small: int, full: int) -> int:
    """Return the number for the size that was asked for."""
    return full if IS_FULL else small
