"""Where clients are reached, corrected by staff who know better, on the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from channels.contact import read_address
from kernel.errors import Conflict, InvalidInput, NotFound
from store import contact
from store.cipher import Cipher
from store.contact import Asking
from store.engine import Database

REASON_LENGTHS: Final = range(2, 201)


@dataclass(frozen=True, slots=True)
class Contacts:
    """Corrects telephone numbers and mailboxes."""

    database: Database
    cipher: Cipher

    async def correct(self, asking: Asking, written: str, reason: str) -> str:
        """Write down what an address is now; return it as its channel keeps it.

        The client's word on messages stays with it. Whoever answers from there proves anew who
        they are.

        Raises:
            InvalidInput: the reason says nothing, or nobody can be reached at the address.
            NotFound: there is no such address that this person may correct.
            Conflict: it is that already, or somebody else's.
        """
        reason = reason.strip()
        if len(reason) not in REASON_LENGTHS or "\0" in reason:
            raise InvalidInput(
                "Give a reason of 2 to 200 characters.", zh="请填写2到200字的更正原因。"
            )
        async with self.database.transaction() as connection:
            found = await contact.find(connection, asking)
            if found is None:
                raise NotFound("There is no such address.", zh="没有这条联系方式。")
            address = read_address(found.channel, written)
            if address == found.address:
                raise Conflict("It is this address already.", zh="与现有地址相同。")
            await contact.correct(
                connection, self.cipher, asking, found, address=address, reason=reason
            )
        return address
