"""Accounts that are set up, rotated and switched off in the database, followed by a process."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import text

from channels.account import Account, Accounts, Detail, Provider
from channels.contract import Channels
from channels.roster import Roster
from kernel.errors import Conflict, InvalidInput, NotFound, Transient
from kernel.ids import new_id
from kernel.message import Address
from store import account
from store.account import Setup
from store.cipher import Cipher
from store.engine import Database
from tests.ledger import LedgerChannel


@dataclass
class Phone(LedgerChannel):
    """A channel that remembers what it was made of."""

    made_of: Account | None = None


def build(made_of: Account) -> Phone:
    if made_of.public["number"] == "broken":
        raise InvalidInput("number is no number.")
    return Phone("sms", made_of.name, made_of=made_of)


DETAILS = (
    Detail("number", "号码", "the number"),
    Detail("region", "地域", "the region", default="cn"),
    Detail("key", "密钥", "the key", is_secret=True),
)
PROVIDER = Provider("sms", "acme", "埃克米", "Acme", DETAILS, build, "/channels/sms/acme/{account}")
SETUP = Setup("sms", "acme", "one", {"number": "10690"}, {"key": "first"})


@pytest.fixture
def roster(database: Database, cipher: Cipher) -> Roster:
    return Roster(database, cipher, Accounts([PROVIDER], Channels()))


async def add(roster: Roster, setup: Setup = SETUP) -> None:
    async with roster.database.transaction() as connection:
        await account.add(connection, roster.cipher, setup, actor="person:1")


async def test_nobody_is_told_that_there_is_no_account_before_it_is_known(roster: Roster) -> None:
    with pytest.raises(Transient):
        roster.accounts.get("sms", "one")
    assert not roster.known.is_set()
    await roster.refresh()
    assert roster.known.is_set()


async def test_an_account_works_a_moment_after_it_was_set_up(roster: Roster) -> None:
    await roster.refresh()
    with pytest.raises(NotFound):
        roster.accounts.get("sms", "one")
    await add(roster)
    assert await roster.refresh()
    assert not await roster.refresh()
    found = roster.accounts.get("sms", "one")
    assert found.public == {"number": "10690", "region": "cn"}
    assert found.secret == {"key": "first"}


async def test_a_rotated_secret_is_used_and_the_one_before_still_opens(roster: Roster) -> None:
    await add(roster)
    await roster.refresh()
    async with roster.database.transaction() as connection:
        (stored,) = await account.find_all(connection, roster.cipher)
        await account.rotate(
            connection, roster.cipher, stored.id, {"key": "second"}, actor="person:1"
        )
    assert await roster.refresh()
    found = roster.accounts.get("sms", "one")
    assert (found.secret, found.previous) == ({"key": "second"}, {"key": "first"})
    async with roster.database.transaction() as connection:
        await connection.execute(
            text("UPDATE channel_account SET rotated_at = now() - interval '25 hours'")
        )
    assert await roster.refresh()
    assert roster.accounts.get("sms", "one").previous == {}


async def test_nobody_reads_a_secret_in_the_database(roster: Roster) -> None:
    await add(roster)
    async with roster.database.transaction() as connection:
        rows = (await connection.execute(text("SELECT * FROM channel_account"))).all()
        told = (await connection.execute(text("SELECT after FROM event"))).all()
    assert "first" not in f"{rows}{told}"


async def test_an_account_that_is_off_sends_nothing(roster: Roster) -> None:
    await add(roster)
    await roster.refresh()
    async with roster.database.transaction() as connection:
        (stored,) = await account.find_all(connection, roster.cipher)
        await account.set_active(connection, stored.id, is_active=False, actor="person:1")
    await roster.refresh()
    with pytest.raises(NotFound):
        roster.accounts.get("sms", "one")
    with pytest.raises(NotFound):
        roster.accounts._channels.get(Address("sms", "one", "1"))


async def test_a_broken_account_does_not_keep_the_others_from_working(roster: Roster) -> None:
    await add(roster, Setup("sms", "acme", "bad", {"number": "broken"}, {"key": "k"}))
    await add(roster, Setup("sms", "nobody", "odd", {}, {}))
    await add(roster)
    await roster.refresh()
    assert [one.name for one in roster.accounts] == ["one"]


async def test_a_name_is_taken_once_and_what_is_not_there_is_not_found(roster: Roster) -> None:
    await add(roster)
    with pytest.raises(Conflict):
        await add(roster)
    async with roster.database.transaction() as connection:
        with pytest.raises(NotFound):
            await account.change(connection, new_id(), {}, actor="person:1")
        with pytest.raises(NotFound):
            await account.rotate(connection, roster.cipher, new_id(), {}, actor="person:1")


def test_a_wrong_setup_is_refused_with_what_would_be_right() -> None:
    with pytest.raises(InvalidInput, match="needs key"):
        PROVIDER.complete(Account("sms", "acme", "a", {"number": "1"}))
    with pytest.raises(InvalidInput, match="knows no colour"):
        PROVIDER.complete(Account("sms", "acme", "a", {"number": "1", "colour": "red"}))
