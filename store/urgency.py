"""The versions of each urgency's policy; the highest one holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from kernel.errors import Conflict
from kernel.message import Json
from store.engine import Connection
from store.tables.notice import urgency_policy


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its definition as JSON, who made it and when."""

    urgency: str
    version: int
    definition: Mapping[str, Json]
    author: str | None
    at: datetime


async def find_newest(connection: Connection) -> dict[str, Version]:
    """Return the version that holds of each urgency that anybody has changed."""
    rows = await connection.execute(_NEWEST)
    return {row.urgency: Version(*row) for row in rows}


async def find_history(connection: Connection, urgency: str) -> list[Version]:
    """Return the last fifty versions of an urgency, newest first."""
    return [Version(*row) for row in await connection.execute(_HISTORY, {"urgency": urgency})]


async def record(
    connection: Connection,
    urgency: str,
    definition: Mapping[str, Json],
    *,
    seen: int,
    author_id: UUID | None,
) -> int:
    """Keep the version after `seen` and return its number.

    Raises:
        Conflict: there is a newer one than the author saw.
    """
    parameters = {
        "urgency": urgency,
        "seen": seen,
        "definition": dict(definition),
        "author": author_id,
    }
    found: int | None = (await connection.execute(_RECORD, parameters)).scalar_one_or_none()
    if found is None:
        raise Conflict(
            "This policy was changed meanwhile; please look at it again.",
            zh="该策略已被他人修改，请刷新后重试。",
        )
    return found


_SELECT = """
SELECT {} urgency, version, definition, person.name AS author, at
FROM urgency_policy LEFT JOIN person ON person.id = author_id
"""
_KINDS = (
    urgency_policy.c.urgency,
    urgency_policy.c.version,
    urgency_policy.c.definition,
)
_NEWEST = text(_SELECT.format("DISTINCT ON (urgency)") + "ORDER BY urgency, version DESC").columns(
    *_KINDS
)
_HISTORY = text(
    _SELECT.format("") + "WHERE urgency = :urgency ORDER BY version DESC LIMIT 50"
).columns(*_KINDS)
_RECORD = text("""
INSERT INTO urgency_policy (urgency, version, definition, author_id)
SELECT :urgency, CAST(:seen AS integer) + 1, :definition, :author
WHERE COALESCE((SELECT max(version) FROM urgency_policy WHERE urgency = :urgency), 0) = :seen
ON CONFLICT DO NOTHING RETURNING version
""").bindparams(bindparam("definition", type_=JSONB))
