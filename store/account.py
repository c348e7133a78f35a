"""Accounts at providers: kept with sealed secrets, changed while messages flow, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from kernel.errors import Conflict, NotFound
from kernel.happening import Happening
from kernel.ids import new_id
from store import audit
from store.cipher import Cipher
from store.engine import Connection

PREVIOUS_HOURS = 24
"""How long callbacks may still be signed with the secrets of before a rotation."""


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account as it is kept; `previous` is empty once the rotation is a day old."""

    id: UUID
    channel: str
    provider: str
    name: str
    public: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    previous: Mapping[str, str] = field(repr=False)
    is_active: bool
    rotated_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person enters to set up an account."""

    channel: str
    provider: str
    name: str
    public: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)


async def add(connection: Connection, cipher: Cipher, setup: Setup, *, actor: str) -> UUID:
    """Keep a new account.

    Raises:
        Conflict: there is one of this name in this channel.
    """
    account_id = new_id()
    parameters = {
        "id": account_id,
        "channel": setup.channel,
        "provider": setup.provider,
        "name": setup.name,
        "public": dict(setup.public),
        "secret": _seal(cipher, account_id, "secret_enc", setup.secret),
    }
    if (await connection.execute(_ADD, parameters)).first() is None:
        place = f"{setup.channel}/{setup.name}"
        raise Conflict(f"There is an account {place} already.", zh=f"渠道账号 {place} 已存在。")
    told = {"channel": setup.channel, "provider": setup.provider, "name": setup.name}
    await audit.record(
        connection, [Happening(actor, "account_added", "account", account_id, after=told)]
    )
    return account_id


async def change(
    connection: Connection, account_id: UUID, public: Mapping[str, str], *, actor: str
) -> None:
    """Change what may be seen of an account.

    Raises:
        NotFound: there is no such account.
    """
    parameters = {"id": account_id, "public": dict(public)}
    if (await connection.execute(_CHANGE, parameters)).first() is None:
        raise _missing()
    await audit.record(
        connection,
        [Happening(actor, "account_changed", "account", account_id, after=dict(public))],
    )


async def rotate(
    connection: Connection,
    cipher: Cipher,
    account_id: UUID,
    secret: Mapping[str, str],
    *,
    actor: str,
) -> None:
    """Replace the secrets; those of before go on opening callbacks for a day.

    Raises:
        NotFound: there is no such account.
    """
    found = (await connection.execute(_LOCK, {"id": account_id})).mappings().one_or_none()
    if found is None:
        raise _missing()
    before = _open(cipher, found, "secret_enc")
    parameters = {
        "id": account_id,
        "secret": _seal(cipher, account_id, "secret_enc", {**before, **secret}),
        "previous": _seal(cipher, account_id, "previous_enc", before),
    }
    await connection.execute(_ROTATE, parameters)
    names = {"changed": sorted(secret)}
    await audit.record(
        connection, [Happening(actor, "account_rotated", "account", account_id, after=names)]
    )


async def set_active(
    connection: Connection, account_id: UUID, *, is_active: bool, actor: str
) -> None:
    """Switch an account on or off; nothing is sent from one that is off.

    Raises:
        NotFound: there is no such account.
    """
    parameters = {"id": account_id, "active": is_active}
    if (await connection.execute(_SWITCH, parameters)).first() is None:
        raise _missing()
    verb = "account_switched_on" if is_active else "account_switched_off"
    await audit.record(connection, [Happening(actor, verb, "account", account_id)])


async def find_all(connection: Connection, cipher: Cipher) -> list[StoredAccount]:
    """Return every account with its secrets, for the process that sends; not for people."""
    rows = (await connection.execute(_ALL, {"hours": PREVIOUS_HOURS})).mappings().all()
    return [_to_account(cipher, row) for row in rows]


async def find_stamp(connection: Connection) -> str:
    """Return a word that changes whenever any account does."""
    row = (await connection.execute(_STAMP, {"hours": PREVIOUS_HOURS})).one()
    return f"{row.count}/{row.changed}/{row.fresh}"


@dataclass(frozen=True, slots=True)
class Health:
    """How an account's sends went in the last day; `reason` is the code of the last that failed."""

    channel: str
    account: str
    accepted: int
    failed: int
    unknown: int
    last_accepted_at: datetime | None
    last_failed_at: datetime | None
    reason: str | None


async def find_health(connection: Connection) -> list[Health]:
    """Return how the sends of the last day went, for every account that sent."""
    rows = (await connection.execute(_HEALTH)).mappings().all()
    return [Health(**row) for row in rows]


def _to_account(cipher: Cipher, row: RowMapping) -> StoredAccount:
    return StoredAccount(
        **{name: row[name] for name in _PLAIN},
        secret=_open(cipher, row, "secret_enc"),
        previous=_open(cipher, row, "previous_enc") if row["previous_enc"] else {},
    )


def _seal(cipher: Cipher, row: UUID, column: str, values: Mapping[str, str]) -> bytes:
    return cipher.seal_json(dict(values), table="channel_account", column=column, row=row)


def _open(cipher: Cipher, row: RowMapping, column: str) -> dict[str, str]:
    opened: Any = cipher.open_json(
        row[column], table="channel_account", column=column, row=row["id"]
    )
    return {str(name): str(value) for name, value in opened.items()}


def _missing() -> NotFound:
    return NotFound("There is no such account.", zh="没有这个渠道账号。")


_PLAIN = ("id", "channel", "provider", "name", "public", "is_active", "rotated_at", "changed_at")

_ADD = text("""
INSERT INTO channel_account (id, channel, provider, name, public, secret_enc)
VALUES (:id, :channel, :provider, :name, :public, :secret)
ON CONFLICT (channel, name) DO NOTHING RETURNING id
""").bindparams(bindparam("public", type_=JSONB))

_CHANGE = text(
    "UPDATE channel_account SET public = :public, changed_at = clock_timestamp() "
    "WHERE id = :id RETURNING id"
).bindparams(bindparam("public", type_=JSONB))

_LOCK = text("SELECT id, secret_enc FROM channel_account WHERE id = :id FOR UPDATE")

_ROTATE = text(
    "UPDATE channel_account SET secret_enc = :secret, previous_enc = :previous, "
    "rotated_at = clock_timestamp(), changed_at = clock_timestamp() WHERE id = :id"
)

_SWITCH = text(
    "UPDATE channel_account SET is_active = :active, changed_at = clock_timestamp() "
    "WHERE id = :id RETURNING id"
)

_FRESH = "rotated_at > now() - make_interval(hours => :hours)"

_ALL = text(f"""
SELECT id, channel, provider, name, public, secret_enc, is_active, rotated_at, changed_at,
  CASE WHEN {_FRESH} THEN previous_enc END AS previous_enc
FROM channel_account ORDER BY channel, name
""").columns(public=JSONB)  # noqa: S608

_STAMP = text(
    f"SELECT count(*) AS count, max(changed_at) AS changed, "  # noqa: S608
    f"count(*) FILTER (WHERE {_FRESH}) AS fresh FROM channel_account"
)

_GOOD = "state IN ('accepted', 'delivered', 'read')"
_BAD = "state IN ('rejected', 'failed', 'unknown')"

_HEALTH = text(f"""
SELECT channel, account, count(*) FILTER (WHERE {_GOOD}) AS accepted,
  count(*) FILTER (WHERE state IN ('rejected', 'failed')) AS failed,
  count(*) FILTER (WHERE state = 'unknown') AS unknown,
  max(sending_at) FILTER (WHERE {_GOOD}) AS last_accepted_at,
  max(sending_at) FILTER (WHERE {_BAD}) AS last_failed_at,
  (array_agg(reason ORDER BY sending_at DESC) FILTER (WHERE {_BAD}))[1] AS reason
FROM outbox WHERE sending_at > now() - interval '1 day' GROUP BY channel, account
""")  # noqa: S608
