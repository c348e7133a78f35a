"""Undoes what a client, or somebody in their place, has bound: an address that is not theirs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.errors import InvalidInput
from store import binding
from store.binding import Undoing
from store.engine import Database

REASON_LENGTHS = range(2, 201)


@dataclass(frozen=True, slots=True)
class Bindings:
    """Takes addresses off clients; web/access has decided before that the person may."""

    database: Database

    async def undo(
        self,
        client_id: UUID,
        identity_id: UUID,
        *,
        reason: str,
        actor: str,
        with_history: bool = True,
    ) -> UUID:
        """Make the address a stranger's again and return its conversation; recorded with `reason`.

        Its open tickets leave the client, and those that are over where `with_history`: a wrong
        binding was never theirs, a number that has a new owner once was.

        Raises:
            InvalidInput: the reason says nothing.
            NotFound: the address is not bound to this client.
            Conflict: the host app vouches for it, and would bind it again.
        """
        reason = reason.strip()
        if len(reason) not in REASON_LENGTHS or "\0" in reason:
            raise InvalidInput(
                "Give a reason of 2 to 200 characters.", zh="请填写2到200字的解除原因。"
            )
        undoing = Undoing(client_id, identity_id, actor, reason, with_history)
        async with self.database.transaction() as connection:
            return await binding.undo(connection, undoing)
