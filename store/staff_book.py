"""Everybody who may sign in, kept by admins: added, given roles and passwords, switched off.

`actor_id` is the admin who does it, or None for the command of the house; the statements look at
it themselves. Nobody changes their own roles or switches themselves off, and one admin stays.
Whatever changes in a login ends its sign-ins in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Connection
from store.staff import Person


@dataclass(frozen=True, slots=True)
class Member:
    """A person, whether they may sign in, and when they last used a sign-in that is open."""

    person: Person
    is_active: bool
    created_at: datetime
    seen_at: datetime | None


async def find_all(connection: Connection, actor_id: UUID | None) -> list[Member]:
    """Return everybody, those who are switched off last; nobody to who is no admin."""
    rows = await connection.execute(_ALL, {"actor": actor_id})
    return [
        Member(
            Person(row.id, row.login, row.name, tuple(row.roles)),
            row.is_active,
            row.created_at,
            row.seen_at,
        )
        for row in rows
    ]


async def lock(connection: Connection) -> None:
    """Let changes of staff wait for each other: two admins do not switch each other off at once."""
    await connection.execute(_LOCK)


async def add(
    connection: Connection,
    actor_id: UUID | None,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: Sequence[str],
) -> UUID | None:
    """Add a person; None if the login is taken already."""
    parameters = {
        "actor": actor_id,
        "id": new_id(),
        "login": login,
        "name": name,
        "hash": password_hash,
        "roles": list(roles),
    }
    found: UUID | None = (await connection.execute(_ADD, parameters)).scalar_one_or_none()
    return found


async def change_roles(
    connection: Connection, actor_id: UUID | None, person_id: UUID, roles: Sequence[str]
) -> bool:
    """Give a person these roles instead of theirs; False if the actor may not, or none is left."""
    parameters = {"actor": actor_id, "id": person_id, "roles": list(roles)}
    return bool((await connection.execute(_ROLES, parameters)).rowcount)


async def switch(
    connection: Connection, actor_id: UUID | None, person_id: UUID, *, is_active: bool
) -> bool:
    """Switch a login off or on again; False if the actor may not, or no admin would be left."""
    parameters = {"actor": actor_id, "id": person_id, "active": is_active}
    return bool((await connection.execute(_SWITCH, parameters)).rowcount)


async def change_password(
    connection: Connection, actor_id: UUID | None, person_id: UUID, password_hash: str
) -> bool:
    """Give a person another password; False if the actor may not."""
    parameters = {"actor": actor_id, "id": person_id, "hash": password_hash}
    return bool((await connection.execute(_PASSWORD, parameters)).rowcount)


async def end_sign_ins(connection: Connection, person_id: UUID, *, but: bytes = b"") -> int:
    """End every sign-in of a person, `but` the one of this hash; return how many there were."""
    return (await connection.execute(_END_ALL, {"id": person_id, "but": but})).rowcount


_MAY = """(CAST(:actor AS uuid) IS NULL OR EXISTS (SELECT 1 FROM person AS actor
    WHERE actor.id = :actor AND actor.is_active AND 'admin' = ANY(actor.roles)))"""
_ADMIN_STAYS = """EXISTS (SELECT 1 FROM person AS other
    WHERE other.id <> :id AND other.is_active AND 'admin' = ANY(other.roles))"""

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('staff', 3))")
_ALL = text(f"""
SELECT id, login, name, roles, is_active, person.created_at,
  (SELECT max(seen_at) FROM sign_in WHERE person_id = person.id) AS seen_at
FROM person WHERE {_MAY} ORDER BY is_active DESC, login
""")  # noqa: S608  (constants)
_ADD = text(f"""
INSERT INTO person (id, login, name, password_hash, roles)
SELECT :id, :login, :name, :hash, CAST(:roles AS text[]) WHERE {_MAY}
ON CONFLICT (login) DO NOTHING RETURNING id
""")
_ROLES = text(f"""
UPDATE person SET roles = CAST(:roles AS text[])
WHERE id = :id AND id IS DISTINCT FROM CAST(:actor AS uuid) AND {_MAY}
  AND ('admin' = ANY(CAST(:roles AS text[])) OR NOT 'admin' = ANY(roles) OR NOT is_active
    OR {_ADMIN_STAYS})
""")  # noqa: S608
_SWITCH = text(f"""
UPDATE person SET is_active = :active
WHERE id = :id AND id IS DISTINCT FROM CAST(:actor AS uuid) AND {_MAY}
  AND (CAST(:active AS boolean) OR NOT 'admin' = ANY(roles) OR NOT is_active OR {_ADMIN_STAYS})
""")  # noqa: S608
_PASSWORD = text(f"UPDATE person SET password_hash = :hash WHERE id = :id AND {_MAY}")  # noqa: S608
_END_ALL = text("DELETE FROM sign_in WHERE person_id = :id AND token_hash <> :but")
