"""What the doors of all SMS carriers share: bodies within limits, outcomes counted, wishes kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import Counter

from channels.account import Account, Accounts
from channels.receive import Receiver
from channels.sms.channel import NAME
from channels.wish import Wish
from kernel.clock import Clock
from kernel.errors import NotFound, Untrusted
from kernel.message import Address, Inbound, Receipt
from store import consent, receipt
from store.cipher import Cipher
from store.engine import DOOR_SECONDS, Database

log = logging.getLogger(__name__)

CALLBACKS = Counter("zhida_sms_callbacks_total", "Callbacks by outcome", ["provider", "outcome"])

BODY_LIMIT: Final = 256 * 1024
BODY_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class DoorKit:
    """What a door works with."""

    accounts: Accounts
    receiver: Receiver
    database: Database
    cipher: Cipher
    clock: Clock

    def find_account(self, request: web.Request, provider: str) -> Account:
        """Return the account that the path names, if it is one of this provider.

        Raises:
            NotFound: there is none.
        """
        account = self.accounts.get(NAME, request.match_info["account"])
        if account.provider != provider:
            raise NotFound("No such SMS account is set up.", zh="未配置该短信账号。")
        return account

    async def receive(self, inbound: Inbound, *, wish: Wish | None, category: str) -> bool:
        """Keep a message, and a client's yes or no if it is one; False for a repeat.

        The wish is looked at again on a repeat: the first time may have ended between the two.
        """
        kept = await self.receiver.receive(inbound)
        if wish in {Wish.STOP, Wish.START}:
            state = consent.NO if wish is Wish.STOP else consent.YES
            async with self.database.transaction(within=DOOR_SECONDS) as connection:
                await consent.record(
                    connection,
                    inbound.address,
                    category=category,
                    state=state,
                    source=f"{NAME}:{inbound.dedup_key}",
                )
        return kept.is_new

    async def find_consent(self, address: Address, category: str) -> str | None:
        """Return the newest word of an address on a category."""
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            return await consent.find(connection, address, category)

    async def record_receipts(self, receipts: list[Receipt]) -> int:
        """Keep receipts, all or none; return how many were new."""
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            return sum([await receipt.record(connection, one) for one in receipts])


def refuse(provider: str, error: Untrusted) -> web.Response:
    """Answer what cannot be trusted, and count it; nothing of it is kept."""
    CALLBACKS.labels(provider, error.code).inc()
    log.warning("A callback of %s was refused: %s", provider, error.code)
    return web.Response(status=error.status, text=f"{error.code}: {error.message}\n")
