"""The record of what happened: written with the deed, then sealed into a hash chain.

A happening is inserted in the transaction of the deed, without a place in the chain, so
that deeds do not wait for each other. One sealer at a time gives committed rows their
`position` and `hash`. As a position is given only to what is committed, a reader that
goes by position never skips a late commit (DESIGN §4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import Happening
from kernel.ids import new_id
from store.tables.audit import event

SEALER_LOCK = 0x7A68_6964
"""The advisory lock that makes the sealer one."""

GENESIS = bytes(32)


async def record(connection: AsyncConnection, happenings: Iterable[Happening]) -> None:
    """Write happenings in the transaction of the deed that they tell of."""
    rows = [
        {
            "id": new_id(),
            "actor": happening.actor,
            "verb": happening.verb,
            "subject_kind": happening.subject_kind,
            "subject_id": str(happening.subject_id),
            "before": dict(happening.before),
            "after": dict(happening.after),
        }
        for happening in happenings
    ]
    if rows:
        await connection.execute(event.insert(), rows)


async def seal(connection: AsyncConnection, limit: int = 2000) -> int:
    """Give up to `limit` committed happenings their place in the chain; return how many."""
    if not (
        await connection.execute(
            text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SEALER_LOCK}
        )
    ).scalar_one():
        return 0
    rows = (await connection.execute(_UNSEALED, {"limit": limit})).mappings().all()
    if not rows:
        return 0
    last = (await connection.execute(_LAST)).one_or_none()
    position, hash_ = (last.position, last.hash) if last else (0, GENESIS)
    places: list[tuple[Any, int, bytes, bytes]] = []
    for row in rows:
        position += 1
        link = chain_hash(hash_, position, row)
        places.append((row["id"], position, hash_, link))
        hash_ = link
    columns: Sequence[Sequence[Any]] = list(zip(*places, strict=True))
    names = ("ids", "positions", "prevs", "hashes")
    await connection.execute(_PLACE, dict(zip(names, map(list, columns), strict=True)))
    return len(rows)


def chain_hash(prev_hash: bytes, position: int, row: RowMapping) -> bytes:
    """Return SHA-256 over the previous hash, the position and the canonical row."""
    at: datetime = row["at"]
    body = orjson.dumps(
        {
            "id": str(row["id"]),
            "at": at.astimezone(UTC).isoformat(),
            "actor": row["actor"],
            "verb": row["verb"],
            "subject": [row["subject_kind"], row["subject_id"]],
            "before": row["before"],
            "after": row["after"],
        },
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(prev_hash + position.to_bytes(8, "big") + body).digest()


async def find_break(connection: AsyncConnection, *, batch: int = 5000) -> int | None:
    """Return the first position at which the chain does not hold, or None if it holds.

    A changed, deleted, inserted or reordered row breaks it.
    """
    position, hash_ = 0, GENESIS
    while True:
        parameters = {"after": position, "limit": batch}
        rows = (await connection.execute(_CHAIN, parameters)).mappings().all()
        for row in rows:
            position += 1
            expected = chain_hash(hash_, position, row)
            if row["position"] != position or row["prev_hash"] != hash_ or row["hash"] != expected:
                return position
            hash_ = expected
        if len(rows) < batch:
            return None


_UNSEALED = text(
    "SELECT id, at, actor, verb, subject_kind, subject_id, before, after FROM event "
    "WHERE position IS NULL ORDER BY id LIMIT :limit"
).columns(
    *(event.c[name] for name in ("id", "at", "actor", "verb")),
    event.c.subject_kind,
    event.c.subject_id,
    event.c.before,
    event.c.after,
)
_LAST = text(
    "SELECT position, hash FROM event WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
)
_PLACE = text(
    "UPDATE event SET position = place.position, prev_hash = place.prev_hash, hash = place.hash "
    "FROM unnest(CAST(:ids AS uuid[]), CAST(:positions AS bigint[]), CAST(:prevs AS bytea[]), "
    "CAST(:hashes AS bytea[])) AS place(id, position, prev_hash, hash) "
    "WHERE event.id = place.id AND event.position IS NULL"
)
_CHAIN = text("SELECT * FROM event WHERE position > :after ORDER BY position LIMIT :limit").columns(
    *event.c
)
