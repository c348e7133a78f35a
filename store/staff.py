"""People at the desk, their sign-ins and their tries to sign in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at the desk."""

    id: UUID
    login: str
    name: str
    roles: tuple[str, ...]

    @property
    def sees_all(self) -> bool:
        """Supervisors and admins see every ticket, agents the queue's and their own."""
        return bool({"supervisor", "admin"} & set(self.roles))

    @property
    def sees_queue(self) -> bool:
        """Who works at the desk sees its queue; marketing and approvers have no business there."""
        return bool({"agent", "supervisor", "admin"} & set(self.roles))


@dataclass(frozen=True, slots=True)
class Known:
    """A person with what the password is checked against."""

    person: Person
    password_hash: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An open sign-in."""

    person: Person
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries there were: from this address in 20 s, for this login in 5 min."""

    attempt_id: int
    of_ip: int
    of_login: int


async def record_person(
    connection: Connection, *, login: str, name: str, password_hash: str, roles: Sequence[str]
) -> UUID:
    """Add a person, or give an existing login this name, password and these roles."""
    parameters = {
        "id": new_id(),
        "login": login,
        "name": name,
        "hash": password_hash,
        "roles": list(roles),
    }
    found: UUID = (await connection.execute(_RECORD, parameters)).scalar_one()
    return found


async def record_password(connection: Connection, person_id: UUID, password_hash: str) -> None:
    """Replace a password's hash, for one of stronger parameters."""
    await connection.execute(_PASSWORD, {"id": person_id, "hash": password_hash})


async def find_known(connection: Connection, login: str) -> Known | None:
    """Return a person by login, active or not."""
    row = (await connection.execute(_BY_LOGIN, {"login": login})).one_or_none()
    if row is None:
        return None
    person = Person(row.id, row.login, row.name, tuple(row.roles))
    return Known(person, row.password_hash, row.is_active)


async def find_people(connection: Connection) -> list[Person]:
    """Return everybody active, by name."""
    rows = await connection.execute(_PEOPLE)
    return [Person(row.id, row.login, row.name, tuple(row.roles)) for row in rows]


async def find_person(connection: Connection, person_id: UUID) -> Person | None:
    """Return an active person, or None."""
    row = (await connection.execute(_BY_ID, {"id": person_id})).one_or_none()
    return Person(row.id, row.login, row.name, tuple(row.roles)) if row else None


async def record_sign_in(
    connection: Connection, person_id: UUID, *, token_hash: bytes, csrf: str, lasts: timedelta
) -> datetime:
    """Open a sign-in and return when it ends at the latest; what is long over is swept away."""
    await connection.execute(_SWEEP_SIGN_INS)
    await connection.execute(_SWEEP_TRIES)
    parameters = {"hash": token_hash, "person": person_id, "csrf": csrf, "lasts": lasts}
    ends: datetime = (await connection.execute(_OPEN, parameters)).scalar_one()
    return ends


async def find_sign_in(
    connection: Connection, token_hash: bytes, *, idle: timedelta
) -> SignedIn | None:
    """Return an open sign-in that was used within `idle`, and note that it is used now."""
    row = (await connection.execute(_USE, {"hash": token_hash, "idle": idle})).one_or_none()
    if row is None:
        return None
    person = Person(row.id, row.login, row.name, tuple(row.roles))
    return SignedIn(person, row.csrf, row.expires_at)


async def end_sign_in(connection: Connection, token_hash: bytes) -> UUID | None:
    """End a sign-in; return whose it was."""
    row = (await connection.execute(_END, {"hash": token_hash})).one_or_none()
    return row.person_id if row else None


async def claim_try(connection: Connection, *, login: str, ip: str) -> Tries:
    """Note a try before the password is looked at, and count it among the recent ones.

    Tries of one address or for one login wait for each other, so that many at once are counted.
    """
    parameters = {"login": login, "ip": ip}
    await connection.execute(_LOCK_TRIES, parameters)
    row = (await connection.execute(_TRY, parameters)).one()
    return Tries(row.id, row.of_ip + 1, row.of_login + 1)


async def record_good_try(connection: Connection, attempt_id: int) -> None:
    """Note that a try succeeded: it no longer counts against the login."""
    await connection.execute(_GOOD, {"id": attempt_id})


_RECORD = text("""
INSERT INTO person (id, login, name, password_hash, roles)
VALUES (:id, :login, :name, :hash, CAST(:roles AS text[]))
ON CONFLICT (login) DO UPDATE SET name = EXCLUDED.name, password_hash = EXCLUDED.password_hash,
  roles = EXCLUDED.roles, is_active = true
RETURNING id
""")
_PASSWORD = text("UPDATE person SET password_hash = :hash WHERE id = :id")
_BY_LOGIN = text(
    "SELECT id, login, name, roles, password_hash, is_active FROM person WHERE login = :login"
)
_PEOPLE = text("SELECT id, login, name, roles FROM person WHERE is_active ORDER BY name, id")
_BY_ID = text("SELECT id, login, name, roles FROM person WHERE id = :id AND is_active")
_OPEN = text("""
INSERT INTO sign_in (token_hash, person_id, csrf, expires_at)
VALUES (:hash, :person, :csrf, now() + CAST(:lasts AS interval)) RETURNING expires_at
""")
_USE = text("""
WITH found AS (
  SELECT token_hash, csrf, expires_at, seen_at, person.id, login, name, roles
  FROM sign_in JOIN person ON person.id = person_id
  WHERE token_hash = :hash AND is_active AND expires_at > now()
    AND seen_at > now() - CAST(:idle AS interval)
), used AS (
  UPDATE sign_in SET seen_at = now() FROM found
  WHERE sign_in.token_hash = found.token_hash AND found.seen_at < now() - interval '30 seconds'
)
SELECT id, login, name, roles, csrf, expires_at FROM found
""")
_SWEEP_SIGN_INS = text("DELETE FROM sign_in WHERE expires_at < now() - interval '1 day'")
_SWEEP_TRIES = text("DELETE FROM sign_in_attempt WHERE at < now() - interval '30 days'")
_END = text("DELETE FROM sign_in WHERE token_hash = :hash RETURNING person_id")
_LOCK_TRIES = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('ip:' || :ip, 1)), "
    "pg_advisory_xact_lock(hashtextextended('login:' || :login, 2))"
)
_TRY = text("""
WITH recent AS (
  SELECT count(*) FILTER (WHERE ip = :ip AND at > now() - interval '20 seconds') AS of_ip,
    count(*) FILTER (WHERE login = :login AND NOT is_good) AS of_login
  FROM sign_in_attempt
  WHERE at > now() - interval '5 minutes' AND (ip = :ip OR login = :login)
)
INSERT INTO sign_in_attempt (login, ip, is_good) VALUES (:login, :ip, false)
RETURNING id, (SELECT of_ip FROM recent) AS of_ip, (SELECT of_login FROM recent) AS of_login
""")
_GOOD = text("UPDATE sign_in_attempt SET is_good = true WHERE id = :id")
