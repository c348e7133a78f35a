"""Identifiers: random enough that nobody guesses them, ordered enough for an index."""

from __future__ import annotations

import secrets
import time
from typing import NewType
from uuid import UUID

ConversationId = NewType("ConversationId", UUID)
MessageId = NewType("MessageId", UUID)
ClientId = NewType("ClientId", UUID)
TicketId = NewType("TicketId", UUID)
PersonId = NewType("PersonId", UUID)


def new_id() -> UUID:
    """Return a new UUID version 7: 48 bits of Unix milliseconds, then 74 random bits.

    Source: RFC 9562 section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random_bits = secrets.randbits(74)
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (random_bits >> 62) << 64
    value |= 0b10 << 62
    value |= random_bits & (1 << 62) - 1
    return UUID(int=value)
