"""Where the broker's book says that clients are reached, as long as they prove nothing else.

An address has one owner: one that another client has already stays theirs, for a person to look
into. A number that the book no longer has for a client is not written to any more: the carrier
may have given it to a stranger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from kernel.number import is_mainland, parse_number
from store.cipher import Cipher
from store.engine import Connection

CHANNELS: Final = ("sms", "email")
HOME: Final = "aliyun"
"""The provider that carries SMS to mainland numbers first, where there are several."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the book says of one client; a phone number as people write it."""

    client_id: UUID
    phone: str | None = None
    email: str | None = None


async def record(connection: Connection, told: Sequence[Told]) -> int:
    """Let clients be reached where the book says; return how many addresses are another's.

    An account that can carry the message must be set up: without one nothing is kept, and
    `find_unreached` names the client later.
    """
    rows = [row for one in told for row in _list_addresses(one)]
    if not rows:
        return 0
    clients, channels, addresses, home = zip(*rows, strict=True)
    parameters = {
        "clients": list(clients),
        "channels": list(channels),
        "addresses": list(addresses),
        "home": list(home),
    }
    await connection.execute(_LEAVE, parameters)
    return int((await connection.execute(_RECORD, parameters)).scalar_one())


async def find_unreached(
    connection: Connection, cipher: Cipher, *, after: UUID | None, limit: int
) -> list[Told]:
    """Return clients behind `after` who have a phone number in the book and no address for SMS."""
    rows = await connection.execute(_UNREACHED, {"after": after, "limit": limit})
    return [
        Told(
            row.id, cipher.open_text(row.phone_enc, table="client", column="phone_enc", row=row.id)
        )
        for row in rows
    ]


def _list_addresses(one: Told) -> list[tuple[UUID, str, str, bool]]:
    number = parse_number(one.phone) if one.phone else None
    found = []
    if number:
        found.append((one.client_id, "sms", number, is_mainland(number)))
    if one.email:
        found.append((one.client_id, "email", one.email, False))
    return found


_TOLD = """unnest(CAST(:clients AS uuid[]), CAST(:channels AS text[]), CAST(:addresses AS text[]),
  CAST(:home AS boolean[])) AS told (client_id, channel, address, is_home)"""
_LEAVE = text(f"""
UPDATE identity SET client_id = NULL, bound_at = NULL, from_book = false
FROM {_TOLD}
WHERE identity.client_id = told.client_id AND identity.from_book
  AND identity.channel = ANY(CASE told.channel WHEN 'sms' THEN ARRAY['sms', 'voice']
    ELSE ARRAY[told.channel] END)
  AND identity.address <> told.address
""")  # noqa: S608  (constants)
_RECORD = text(f"""
WITH told AS (
  SELECT DISTINCT ON (channel, address) told.* FROM {_TOLD}
  JOIN client ON client.id = told.client_id ORDER BY channel, address, client_id
), owned AS (
  SELECT told.*, owner.client_id AS owner FROM told
  LEFT JOIN LATERAL (
    SELECT identity.client_id FROM identity WHERE identity.channel = told.channel
      AND identity.account IN (SELECT name FROM channel_account WHERE channel = told.channel)
      AND identity.address = told.address AND identity.client_id IS NOT NULL LIMIT 1
  ) AS owner ON true
), made AS (
  INSERT INTO identity AS old (id, client_id, channel, account, address, bound_at, from_book)
  SELECT row_id(), owned.client_id, owned.channel, account.name, owned.address, now(), true
  FROM owned CROSS JOIN LATERAL (
    SELECT name FROM channel_account WHERE channel = owned.channel AND is_active
    ORDER BY (provider = '{HOME}') = owned.is_home DESC, created_at LIMIT 1
  ) AS account
  WHERE owned.owner IS NULL
  ORDER BY owned.channel, account.name, owned.address
  ON CONFLICT (channel, account, address) DO UPDATE
  SET client_id = EXCLUDED.client_id, bound_at = now(), from_book = true
  WHERE old.client_id IS NULL
)
SELECT (SELECT count(*) FROM {_TOLD}) - count(*) FILTER (WHERE owner IS NULL OR owner = client_id)
FROM owned
""")  # noqa: S608  (constants)
_UNREACHED = text("""
SELECT id, phone_enc FROM client
WHERE phone_enc IS NOT NULL AND merged_into IS NULL
  AND (CAST(:after AS uuid) IS NULL OR id > :after)
  AND EXISTS (SELECT 1 FROM channel_account WHERE channel = 'sms' AND is_active)
  AND NOT EXISTS (SELECT 1 FROM identity WHERE identity.client_id = client.id AND channel = 'sms')
ORDER BY id LIMIT :limit
""")
