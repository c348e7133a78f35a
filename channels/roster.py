"""Keeps the accounts of this process like those in the database, while messages flow."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from channels.account import Account, Accounts
from channels.contract import Channel
from kernel.errors import ServiceError
from store import account, throttle
from store.account import StoredAccount
from store.cipher import Cipher
from store.engine import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 3.0
GRACE_SECONDS = 30.0
"""A replaced channel stays open for the calls that are under way; none takes longer."""


@dataclass(slots=True)
class Roster:
    """Follows the table of accounts; what was set up from the settings is left alone.

    `known` is set once the table was read: before that, nobody may say that there is no account.
    """

    database: Database
    cipher: Cipher
    accounts: Accounts
    known: asyncio.Event = field(default_factory=asyncio.Event)
    _stamp: str = ""
    _known: dict[tuple[str, str], StoredAccount] = field(default_factory=dict)
    _closing: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.accounts.is_complete = False

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                try:
                    await self.refresh()
                except ServiceError as error:
                    log.warning("The accounts are not looked at now: %s", error)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in self._closing:
                task.cancel()

    async def refresh(self) -> bool:
        """Take over what has changed; return whether anything had."""
        async with self.database.once() as connection:
            stamp = await account.find_stamp(connection)
        if self.known.is_set() and stamp == self._stamp:
            return False
        async with self.database.once() as connection:
            found = await account.find_all(connection, self.cipher)
        active = {(one.channel, one.name): one for one in found if one.is_active}
        for place in self._known.keys() - active.keys():
            self._close(self.accounts.remove(*place))
        for place, stored in active.items():
            if self._known.get(place) != stored:
                self._put(stored)
        async with self.database.transaction() as connection:
            places = {place: self.accounts.rate(*place) for place in active}
            await throttle.set_limits(connection, places)
        self._known, self._stamp = active, stamp
        self.accounts.is_complete = True
        self.known.set()
        return True

    def _put(self, stored: StoredAccount) -> None:
        try:
            self._close(self.accounts.put(to_account(stored)))
        except ServiceError as error:  # one wrong account must not keep the others from working
            log.warning("Account %s/%s is not usable: %s", stored.channel, stored.name, error)

    def _close(self, channel: Channel | None) -> None:
        if channel is not None:
            task = asyncio.create_task(_close_later(channel), name="close-account")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


async def _close_later(channel: Channel) -> None:
    try:
        await asyncio.sleep(GRACE_SECONDS)
    finally:
        await channel.close()


def to_account(stored: StoredAccount) -> Account:
    """Return a stored account as channels are made of it."""
    return Account(
        stored.channel, stored.provider, stored.name, stored.public, stored.secret, stored.previous
    )
