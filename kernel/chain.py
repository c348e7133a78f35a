"""The links of a proof: each step's hash covers the one before, so that none can be changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

import orjson

START = bytes(32)
"""What the first step's hash goes over in place of a step before it."""

Plain: TypeAlias = "str | int | bool | None"
"""What a detail may hold: nothing whose text a database or another language writes otherwise."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done or heard so that a client learns something."""

    notice_id: UUID
    what: str
    detail: Mapping[str, Plain]
    at: datetime


def link(prev: bytes, seq: int, step: Step) -> bytes:
    """Return SHA-256 over the hash before, the number of the step, and the step in sorted JSON."""
    body = {
        "notice": str(step.notice_id),
        "what": step.what,
        "detail": dict(step.detail),
        "at": show_moment(step.at),
    }
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(prev + seq.to_bytes(8, "big") + text).digest()


def show_moment(at: datetime) -> str:
    """Return a moment the one way in which it is hashed: UTC, always with six decimals."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
