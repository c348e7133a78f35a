"""The ledger of what was done to reach a client in a critical matter: one chain a notice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.chain import START, Plain, Step, link
from store.engine import Connection
from store.tables.notice import proof

PROVED = frozenset({"critical"})
"""The urgencies whose every step is kept (DESIGN §5)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A step as it is kept: its number, and its hash over the one before."""

    seq: int
    what: str
    detail: dict[str, Plain]
    at: datetime
    prev_hash: bytes
    hash: bytes


async def record(connection: Connection, steps: Sequence[Step], *, are_first: bool = False) -> None:
    """Add steps to their notices' chains, in the order given.

    The caller holds each notice's row, or has just made it, so that no two write a chain at once;
    `are_first` says that it has made them all, and no chain has begun.
    """
    if not steps:
        return
    ends = {} if are_first else await _find_ends(connection, {step.notice_id for step in steps})
    places: list[dict[str, Any]] = []
    for step in steps:
        seq, prev = ends.get(step.notice_id, (0, START))
        seq, hash_ = seq + 1, link(prev, seq + 1, step)
        ends[step.notice_id] = (seq, hash_)
        places.append(
            {
                "notice_id": step.notice_id,
                "seq": seq,
                "what": step.what,
                "detail": dict(step.detail),
                "at": step.at,
                "prev_hash": prev,
                "hash": hash_,
            }
        )
    await connection.execute(proof.insert(), places)


async def _find_ends(
    connection: Connection, notice_ids: Collection[UUID]
) -> dict[UUID, tuple[int, bytes]]:
    """Return the number and the hash of each chain's last step."""
    rows = await connection.execute(_LAST, {"notices": list(notice_ids)})
    return {row.notice_id: (row.seq, row.hash) for row in rows}


async def lock(connection: Connection, notice_id: UUID) -> None:
    """Hold a notice until the commit, so that nobody else writes its chain."""
    await connection.execute(_LOCK, {"notice": notice_id})


async def read(connection: Connection, notice_id: UUID) -> list[Kept]:
    """Return a notice's steps, the first one first."""
    rows = await connection.execute(_READ, {"notice": notice_id})
    return [Kept(*row) for row in rows]


_LOCK = text("SELECT id FROM notice WHERE id = :notice FOR NO KEY UPDATE")
_LAST = text(
    "SELECT DISTINCT ON (notice_id) notice_id, seq, hash FROM proof "
    "WHERE notice_id = ANY(CAST(:notices AS uuid[])) ORDER BY notice_id, seq DESC"
)
_READ = text(
    "SELECT seq, what, detail, at, prev_hash, hash FROM proof WHERE notice_id = :notice "
    "ORDER BY seq"
).columns(proof.c.seq, proof.c.what, proof.c.detail, proof.c.at, proof.c.prev_hash, proof.c.hash)
