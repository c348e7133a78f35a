"""Questions that nothing answered, gathered by what they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import numpy.typing as npt
from pgvector.sqlalchemy import Vector
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from store.tables.knowledge import gap

MOST_EXAMPLES = 20
_LOCK = 0x7A68_6761


@dataclass(frozen=True, slots=True)
class Gap:
    """A cluster of questions without an answer."""

    id: UUID
    lang: str
    cluster: str
    examples: tuple[str, ...]
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A masked question with its vector and the model that made it."""

    text: str
    lang: str
    vector: npt.NDArray[np.float32]
    model: str


async def record_question(
    connection: AsyncConnection, question: Question, *, likeness: float
) -> UUID:
    """Count a question in the open cluster nearest to it, or open a cluster; return its id.

    `likeness` is the least cosine at which two questions ask for the same thing.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    values = {"vector": question.vector.tolist(), "model": question.model, "lang": question.lang}
    near = (await connection.execute(_NEAREST, values)).one_or_none()
    if near is None or near.cosine < likeness:
        return await _open(connection, question)
    changes = {"id": near.id, "text": question.text, "most": MOST_EXAMPLES}
    await connection.execute(_COUNT, changes)
    return UUID(str(near.id))


async def find_gaps(connection: AsyncConnection, *, limit: int = 50) -> list[Gap]:
    """Return the open clusters, the most asked first."""
    rows = await connection.execute(_OPEN, {"limit": limit})
    return [
        Gap(r.id, r.lang, r.cluster, tuple(r.examples), r.times, r.first_at, r.last_at)
        for r in rows
    ]


async def _open(connection: AsyncConnection, question: Question) -> UUID:
    gap_id = new_id()
    row: dict[str, object] = {
        "id": gap_id,
        "lang": question.lang,
        "cluster": question.text,
        "examples": [question.text],
        "model": question.model,
        "centre": question.vector.tolist(),
    }
    await connection.execute(gap.insert(), row)
    return gap_id


_NEAREST = text("""
    SELECT id, 1 - (centre <=> :vector) AS cosine FROM gap
    WHERE state = 'open' AND model = :model AND lang = :lang
    ORDER BY centre <=> :vector LIMIT 1
""").bindparams(bindparam("vector", type_=Vector()))
_COUNT = text("""
    UPDATE gap SET count = count + 1, last_at = now(),
        examples = CASE WHEN :text = ANY(examples) OR cardinality(examples) >= :most
                        THEN examples ELSE examples || CAST(:text AS text) END
    WHERE id = :id
""")
_OPEN = text("""
    SELECT *, count AS times FROM gap WHERE state = 'open'
    ORDER BY count DESC, last_at DESC LIMIT :limit
""")
