"""An address of a client that staff correct: the permission is in the query.

Who proved to be the client wrote from the old address, so every proof of its conversation ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel.errors import Conflict
from kernel.happening import ADDRESS_CORRECTED, Happening
from kernel.masking import show_text
from kernel.message import Json
from store import audit, verification
from store.cipher import Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks for which address of which client.

    Supervisors and admins may for everybody; who writes campaigns for the recipient of a failed
    `message_id` of theirs.
    """

    person_id: UUID
    sees_all: bool
    is_writer: bool
    client_id: UUID
    identity_id: UUID
    message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The address as it is."""

    channel: str
    account: str
    address: str
    conversation_id: UUID | None


async def find(connection: Connection, asking: Asking) -> Found | None:
    """Return the address, locked, if this person may correct it."""
    parameters = {
        "sees_all": asking.sees_all,
        "is_writer": asking.is_writer,
        "client": asking.client_id,
        "identity": asking.identity_id,
        "message": asking.message_id,
    }
    row = (await connection.execute(_FIND, parameters)).one_or_none()
    return Found(*row) if row else None


async def correct(
    connection: Connection,
    cipher: Cipher,
    asking: Asking,
    found: Found,
    *,
    address: str,
    reason: str,
) -> None:
    """Write the new address down; neither it nor the old one is in the audit but by its hash.

    Raises:
        Conflict: somebody is known at the new address already.
    """
    place = {"identity": asking.identity_id, "address": address}
    try:
        async with connection.begin_nested():
            await connection.execute(_CORRECT, place)
    except IntegrityError as error:
        raise Conflict(
            "Somebody is known at this address already.",
            zh="该地址已属于另一条联系方式，请先核实。",
        ) from error
    if found.conversation_id:
        await verification.end(connection, found.conversation_id)
        await connection.execute(_DROP_CODES, {"conversation": found.conversation_id})
    after = {"channel": found.channel, "reason": reason} | _tell(cipher, address)
    actor, before = f"person:{asking.person_id}", _tell(cipher, found.address)
    told = Happening(actor, ADDRESS_CORRECTED, "identity", asking.identity_id, before, after)
    await audit.record(connection, [told])


def _tell(cipher: Cipher, address: str) -> dict[str, Json]:
    return {"shown": show_text(address), "hash": cipher.blind("address", address).hex()}


_FIND = text("""
SELECT identity.channel, identity.account, identity.address, conversation.id AS conversation_id
FROM identity LEFT JOIN conversation ON conversation.identity_id = identity.id
WHERE identity.id = :identity AND identity.client_id = :client
  AND (CAST(:sees_all AS boolean) OR (CAST(:is_writer AS boolean) AND EXISTS (
    SELECT 1 FROM outbox JOIN campaign_recipient AS recipient
      ON recipient.campaign_id = outbox.campaign_id AND recipient.client_id = outbox.client_id
    WHERE outbox.id = CAST(:message AS uuid) AND outbox.client_id = identity.client_id
      AND outbox.state IN ('rejected','failed') AND recipient.identity_id = identity.id)))
FOR UPDATE OF identity
""")
_CORRECT = text("""
UPDATE identity SET address = :address, is_blocked = false, bound_at = NULL WHERE id = :identity
""")
_DROP_CODES = text(
    "UPDATE challenge SET state = 'replaced' "
    "WHERE conversation_id = :conversation AND state = 'open'"
)
