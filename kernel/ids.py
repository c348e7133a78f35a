"""Identifiers: random enough that nobody guesses them, ordered enough for an index."""

from __future__ import annotations

import secrets
import threading
import time
from typing import NewType
from uuid import UUID

ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)
ClientId = NewType("ClientId", UUID)
TicketId = NewType("TicketId", UUID)
PersonId = NewType("PersonId", UUID)


_STEP_BITS = 40
_RANDOM_BITS = 74
_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """Return a new UUID version 7, greater than every one that this process made before.

    48 bits of Unix milliseconds and 74 random bits; within a millisecond, or while the clock goes
    back, the next is a random step above the last. So what is written in order is read in order.

    Source: RFC 9562 sections 5.7 and 6.2, method 2.
    """
    global _last  # noqa: PLW0603  # one clock for the process
    fresh = time.time_ns() // 1_000_000 << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        same = fresh >> _RANDOM_BITS <= _last >> _RANDOM_BITS
        _last = _last + 1 + secrets.randbits(_STEP_BITS) if same else fresh
        ordered = _last
    high = ordered >> 62 & 0xFFF
    low = ordered & (1 << 62) - 1
    milliseconds = ordered >> _RANDOM_BITS & (1 << 48) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
