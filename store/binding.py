"""Undoes the binding of an address to a client, with everything that hung on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.errors import Conflict, NotFound
from kernel.happening import IDENTITY_UNBOUND, Happening
from store import audit, verification
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be undone, by whom and why; `with_history` takes over what is resolved, too."""

    client_id: UUID
    identity_id: UUID
    actor: str
    reason: str
    with_history: bool = True


async def undo(connection: Connection, undoing: Undoing) -> UUID:
    """Make a client's address a stranger's again; return its conversation.

    Every proof of the conversation ends, an open one-time code no longer counts, and the open
    tickets of the conversation are no longer this client's: who holds them no longer sees the
    client. Nothing is deleted; what was before is in the audit.

    Raises:
        NotFound: the address is not bound to this client.
        Conflict: the host app vouches for the address, and would bind it again.
    """
    parameters: dict[str, object] = {"client": undoing.client_id, "identity": undoing.identity_id}
    found = (await connection.execute(_LOCK, parameters)).one_or_none()
    if found is None:
        raise NotFound("This address is not bound to this client.", zh="该渠道未绑定此客户。")
    if found.by_app:
        raise Conflict(
            "The broker's app signs this client in and would bind them again.",
            zh="该渠道由 APP 登录确认，会自动重新绑定，请在 APP 侧处理。",
        )
    await connection.execute(_UNBIND, parameters)
    await verification.end(connection, found.conversation_id)
    parameters |= {
        "conversation": found.conversation_id,
        "with_history": undoing.with_history,
    }
    await connection.execute(_DROP_CODES, parameters)
    moved = (await connection.execute(_DETACH, parameters)).scalars().all()
    happening = Happening(
        undoing.actor,
        IDENTITY_UNBOUND,
        "identity",
        undoing.identity_id,
        before={
            "client_id": str(undoing.client_id),
            "channel": found.channel,
            "bound_at": found.bound_at.isoformat() if found.bound_at else None,
            "tickets": [str(one) for one in sorted(moved)],
        },
        after={"reason": undoing.reason},
    )
    await audit.record(connection, [happening])
    conversation_id: UUID = found.conversation_id
    return conversation_id


_LOCK = text("""
SELECT identity.channel, identity.bound_at, conversation.id AS conversation_id, EXISTS (
    SELECT 1 FROM verification WHERE verification.conversation_id = conversation.id
      AND verification.client_id = :client AND method = 'app') AS by_app
FROM identity JOIN conversation ON conversation.identity_id = identity.id
WHERE identity.id = :identity AND identity.client_id = :client
FOR UPDATE OF identity
""")
_UNBIND = text(
    "UPDATE identity SET client_id = NULL, bound_at = NULL, from_book = false WHERE id = :identity"
)
_DROP_CODES = text(
    "UPDATE challenge SET state = 'replaced' "
    "WHERE conversation_id = :conversation AND state = 'open'"
)
_DETACH = text("""
UPDATE ticket SET client_id = NULL
WHERE conversation_id = :conversation AND client_id = :client
  AND (:with_history OR state NOT IN ('resolved','closed'))
RETURNING id
""")
