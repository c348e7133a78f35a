"""Audiences with a name, to be used again; each is an expression, never a list of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from kernel.errors import Conflict, NotFound
from kernel.happening import Happening
from kernel.ids import new_id
from kernel.message import Json
from store import audit
from store.engine import Connection
from store.tables.campaign import audience

WRITTEN: Final = "audience_written"
FORGOTTEN: Final = "audience_forgotten"


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """A named audience; `author` wrote what it says now."""

    id: UUID
    name: str
    expression: Mapping[str, Json]
    author_id: UUID | None
    author: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class AudienceVersion:
    """What a named audience said from a moment on, and who wrote it."""

    at: datetime
    author: str | None
    name: str
    expression: Mapping[str, Json]


async def record(
    connection: Connection, name: str, expression: Mapping[str, Json], *, author_id: UUID
) -> UUID:
    """Keep an audience under a new name; return its id.

    Raises:
        Conflict: there is one of this name.
    """
    audience_id = new_id()
    row = {"id": audience_id, "name": name, "expression": dict(expression), "author_id": author_id}
    try:
        await connection.execute(audience.insert(), row)
    except IntegrityError as error:
        raise _taken(name) from error
    await _tell(connection, audience_id, WRITTEN, author_id, name=name, expression=dict(expression))
    return audience_id


async def change(
    connection: Connection,
    audience_id: UUID,
    name: str,
    expression: Mapping[str, Json],
    *,
    author_id: UUID,
) -> None:
    """Replace an audience; campaigns keep what they were reviewed with.

    Raises:
        NotFound: there is none.
        Conflict: another one has this name.
    """
    row = {"name": name, "expression": dict(expression), "author_id": author_id}
    statement = audience.update().where(audience.c.id == audience_id)
    try:
        done = await connection.execute(statement.values(**row, changed_at=text("now()")))
    except IntegrityError as error:
        raise _taken(name) from error
    if not done.rowcount:
        raise NotFound
    await _tell(connection, audience_id, WRITTEN, author_id, name=name, expression=dict(expression))


async def forget(connection: Connection, audience_id: UUID, *, author_id: UUID) -> None:
    """Take an audience out of the list.

    Raises:
        NotFound: there is none.
    """
    done = await connection.execute(audience.delete().where(audience.c.id == audience_id))
    if not done.rowcount:
        raise NotFound
    await _tell(connection, audience_id, FORGOTTEN, author_id)


async def find_all(connection: Connection) -> list[AudienceRow]:
    """Return every named audience, by name."""
    return [AudienceRow(*row) for row in await connection.execute(_ALL)]


async def find(connection: Connection, audience_id: UUID) -> AudienceRow:
    """Return a named audience.

    Raises:
        NotFound: there is none.
    """
    row = (await connection.execute(_ONE, {"id": audience_id})).one_or_none()
    if row is None:
        raise NotFound
    return AudienceRow(*row)


async def find_versions(connection: Connection, audience_id: UUID) -> list[AudienceVersion]:
    """Return what an audience has said so far, the newest first, at most fifty."""
    rows = await connection.execute(_VERSIONS, {"id": str(audience_id), "verb": WRITTEN})
    return [AudienceVersion(*row) for row in rows]


async def _tell(
    connection: Connection, audience_id: UUID, verb: str, author_id: UUID, **after: Json
) -> None:
    told = Happening(f"person:{author_id}", verb, "audience", audience_id, after=after)
    await audit.record(connection, [told])


def _taken(name: str) -> Conflict:
    return Conflict(
        f"There is an audience “{name}” already; choose another name.",
        zh=f"已有名为“{name}”的人群，请换一个名称。",
    )


_FIELDS = """
SELECT audience.id, audience.name, audience.expression, audience.author_id, person.name AS author,
  audience.changed_at
FROM audience LEFT JOIN person ON person.id = audience.author_id
"""
_ALL = text(f"{_FIELDS} ORDER BY audience.name LIMIT 500").columns(expression=JSONB)
_ONE = text(f"{_FIELDS} WHERE audience.id = :id").columns(expression=JSONB)
_VERSIONS = text("""
SELECT event.at, person.name AS author, event.after->>'name' AS name,
  event.after->'expression' AS expression
FROM event LEFT JOIN person ON event.actor = 'person:' || CAST(person.id AS text)
WHERE event.subject_kind = 'audience' AND event.subject_id = :id AND event.verb = :verb
  AND jsonb_exists(event.after, 'expression')
ORDER BY event.id DESC LIMIT 50
""").columns(expression=JSONB)
