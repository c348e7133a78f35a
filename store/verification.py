"""Who is on the other side of a conversation, as proved, for which scopes and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import IDENTITY_VERIFIED, Happening
from kernel.ids import new_id
from store import audit
from store.cipher import Cipher


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof to be kept: who, how, for what, for how long."""

    client_id: UUID
    method: str
    scopes: Sequence[str]
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Verified:
    """A proof that holds now; `client_no` is in clear."""

    client_id: UUID
    client_no: str
    method: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenChallenge:
    """A one-time code that is still waited for."""

    id: UUID
    broker_challenge: str
    attempts: int


async def record(connection: AsyncConnection, conversation_id: UUID, proof: Proof) -> None:
    """Keep a proof; an earlier one of the same client and method is prolonged instead.

    Proofs of another client for this conversation end: it has one other side at a time.
    """
    parameters = {
        "id": new_id(),
        "conversation": conversation_id,
        "client": proof.client_id,
        "method": proof.method,
        "scopes": list(proof.scopes),
        "lasts": proof.lasts,
    }
    await connection.execute(_END_OTHERS, parameters)
    prolonged = await connection.execute(_PROLONG, parameters)
    if prolonged.first() is not None:
        return
    await connection.execute(_INSERT, parameters)
    after = {"client_id": str(proof.client_id), "method": proof.method}
    happening = Happening("client", IDENTITY_VERIFIED, "conversation", conversation_id, after=after)
    await audit.record(connection, [happening])


async def find(
    connection: AsyncConnection, cipher: Cipher, conversation_id: UUID, *, scope: str
) -> Verified | None:
    """Return the proof that holds now for this scope, the longest, or None."""
    parameters = {"conversation": conversation_id, "scope": scope}
    row = (await connection.execute(_HOLDS, parameters)).one_or_none()
    if row is None:
        return None
    client_no = cipher.open_text(
        row.client_no_enc, table="client", column="client_no_enc", row=row.client_id
    )
    return Verified(row.client_id, client_no, row.method, frozenset(row.scopes), row.expires_at)


async def find_scopes(connection: AsyncConnection, conversation_id: UUID) -> frozenset[str]:
    """Return every scope for which a proof holds now."""
    rows = await connection.execute(_SCOPES, {"conversation": conversation_id})
    return frozenset(row.scope for row in rows)


async def end(connection: AsyncConnection, conversation_id: UUID) -> int:
    """End every proof of a conversation at once; return how many there were."""
    ended = await connection.execute(_END, {"conversation": conversation_id})
    return len(ended.all())


async def record_challenge(
    connection: AsyncConnection,
    conversation_id: UUID,
    broker_challenge: str,
    *,
    phone_hash: bytes,
    lasts: timedelta,
) -> None:
    """Keep a code that was sent; earlier ones of this conversation end."""
    parameters = {
        "id": new_id(),
        "conversation": conversation_id,
        "broker": broker_challenge,
        "phone": phone_hash,
        "lasts": lasts,
    }
    await connection.execute(_REPLACE_CHALLENGE, parameters)
    await connection.execute(_INSERT_CHALLENGE, parameters)


async def count_challenges(
    connection: AsyncConnection, conversation_id: UUID, within: timedelta
) -> int:
    """Return how many codes this conversation asked for within this time."""
    parameters = {"conversation": conversation_id, "within": within}
    counted: int = (await connection.execute(_COUNT, parameters)).scalar_one()
    return counted


async def claim_try(
    connection: AsyncConnection, conversation_id: UUID, limit: int
) -> OpenChallenge | None:
    """Count one try on the open code before it is checked; None if there is none or no try left."""
    parameters = {"conversation": conversation_id, "limit": limit}
    row = (await connection.execute(_CLAIM_TRY, parameters)).one_or_none()
    return OpenChallenge(*row) if row else None


async def close_challenge(connection: AsyncConnection, challenge_id: UUID) -> None:
    """Mark a code as used."""
    await connection.execute(_CLOSE, {"id": challenge_id})


_END_OTHERS = text("""
UPDATE verification SET revoked_at = now()
WHERE conversation_id = :conversation AND client_id <> :client
  AND revoked_at IS NULL AND expires_at > now()
""")
_PROLONG = text("""
UPDATE verification SET expires_at = greatest(expires_at, now() + CAST(:lasts AS interval))
WHERE conversation_id = :conversation AND client_id = :client AND method = :method
  AND scopes = CAST(:scopes AS text[]) AND revoked_at IS NULL AND expires_at > now()
RETURNING id
""")
_INSERT = text("""
INSERT INTO verification (id, conversation_id, client_id, method, scopes, expires_at)
VALUES (:id, :conversation, :client, :method, CAST(:scopes AS text[]),
  now() + CAST(:lasts AS interval))
""")
_HOLDS = text("""
SELECT verification.client_id, client.client_no_enc, method, scopes, expires_at
FROM verification JOIN client ON client.id = client_id
WHERE conversation_id = :conversation AND :scope = ANY(scopes)
  AND revoked_at IS NULL AND expires_at > now()
ORDER BY expires_at DESC LIMIT 1
""")
_SCOPES = text("""
SELECT DISTINCT unnest(scopes) AS scope FROM verification
WHERE conversation_id = :conversation AND revoked_at IS NULL AND expires_at > now()
""")
_END = text("""
UPDATE verification SET revoked_at = now()
WHERE conversation_id = :conversation AND revoked_at IS NULL AND expires_at > now() RETURNING id
""")
_REPLACE_CHALLENGE = text(
    "UPDATE challenge SET state = 'replaced' "
    "WHERE conversation_id = :conversation AND state = 'open'"
)
_INSERT_CHALLENGE = text("""
INSERT INTO challenge (id, conversation_id, broker_challenge, phone_hash, expires_at)
VALUES (:id, :conversation, :broker, :phone, now() + CAST(:lasts AS interval))
""")
_COUNT = text(
    "SELECT count(*) FROM challenge "
    "WHERE conversation_id = :conversation AND created_at > now() - CAST(:within AS interval)"
)
_CLAIM_TRY = text("""
UPDATE challenge SET attempts = attempts + 1
WHERE conversation_id = :conversation AND state = 'open' AND expires_at > now()
  AND attempts < :limit
RETURNING id, broker_challenge, attempts
""")
_CLOSE = text("UPDATE challenge SET state = 'used' WHERE id = :id")
