"""Nothing personal without a proof; a proof has a scope and an end."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from clients.broker import CoreDown
from clients.verification import (
    NoTryLeft,
    NotVerified,
    TooManyCodes,
    Verification,
    WrongCode,
)
from kernel.ids import new_id
from store.engine import Database
from tests.integration.clients.conftest import DemoCore, open_conversation

PHONE, CLIENT_NO = "19900000003", "86000003"
OTHER_PHONE, OTHER_NO = "19900000004", "86000004"


async def identify(verification: Verification, core: DemoCore, conversation: UUID) -> None:
    await verification.send_code(conversation, PHONE)
    await verification.check_code(conversation, await core.read_code(), channel="chat")


async def test_a_stranger_is_nobody(database: Database, verification: Verification) -> None:
    conversation = await open_conversation(database)
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "account")
    assert await verification.find_scopes(conversation) == frozenset()


async def test_the_app_proves_account_and_trade(
    database: Database, verification: Verification
) -> None:
    conversation = await open_conversation(database)
    await verification.record_app(conversation, CLIENT_NO)
    await verification.record_app(conversation, CLIENT_NO)
    client = await verification.access_client_for(conversation, "trade")
    assert (client.client_no, client.method) == (CLIENT_NO, "app")
    assert await verification.find_scopes(conversation) == {"account", "trade"}
    other = await open_conversation(database)
    with pytest.raises(NotVerified):
        await verification.access_client_for(other, "account")


async def test_a_code_proves_the_account_but_no_trade(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    conversation = await open_conversation(database)
    await identify(verification, core, conversation)
    client = await verification.access_client_for(conversation, "account")
    assert (client.client_no, client.method) == (CLIENT_NO, "code")
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "trade")


async def test_a_code_binds_a_wechat_account_but_no_browser(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    for channel, method, bound in (
        ("wechat", "wechat", 1),
        ("kf", "wechat", 1),
        ("chat", "code", 0),
    ):
        conversation = await open_conversation(database, channel)
        await verification.send_code(conversation, PHONE)
        found = await verification.check_code(conversation, await core.read_code(), channel=channel)
        assert found.method == method
        async with database.transaction() as connection:
            count = await connection.execute(
                text(
                    "SELECT count(*) FROM identity JOIN conversation ON identity_id = identity.id "
                    "WHERE conversation.id = :id AND client_id IS NOT NULL"
                ),
                {"id": conversation},
            )
            assert count.scalar_one() == bound


async def test_a_proof_ends(database: Database, verification: Verification) -> None:
    conversation = await open_conversation(database)
    await verification.record_app(conversation, CLIENT_NO)
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE verification SET expires_at = now()"))
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "account")
    await verification.record_app(conversation, CLIENT_NO)
    await verification.end(conversation)
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "account")


async def test_another_client_ends_the_first_ones_proof(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    conversation = await open_conversation(database)
    await verification.record_app(conversation, CLIENT_NO)
    await verification.send_code(conversation, OTHER_PHONE)
    await verification.check_code(conversation, await core.read_code(), channel="chat")
    assert (await verification.access_client_for(conversation, "account")).client_no == OTHER_NO
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "trade")


async def test_a_code_works_once_and_for_its_own_conversation(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    mine, yours = await open_conversation(database), await open_conversation(database)
    await verification.send_code(mine, PHONE)
    code = await core.read_code()
    with pytest.raises(NoTryLeft):
        await verification.check_code(yours, code, channel="chat")
    await verification.check_code(mine, code, channel="chat")
    with pytest.raises(NoTryLeft):
        await verification.check_code(mine, code, channel="chat")


async def test_five_wrong_codes_and_not_one_more(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    conversation = await open_conversation(database)
    await verification.send_code(conversation, PHONE)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await verification.check_code(conversation, "wrong", channel="chat")
    with pytest.raises(NoTryLeft):
        await verification.check_code(conversation, await core.read_code(), channel="chat")


async def test_three_codes_in_ten_minutes(database: Database, verification: Verification) -> None:
    conversation = await open_conversation(database)
    for number in range(3):
        await verification.send_code(conversation, f"1300000000{number}")
    with pytest.raises(TooManyCodes):
        await verification.send_code(conversation, PHONE)
    other = await open_conversation(database)
    for _ in range(3):
        await verification.send_code(other, PHONE)
    third = await open_conversation(database)
    with pytest.raises(TooManyCodes) as refused:
        await verification.send_code(third, PHONE)
    assert refused.value.retry_after > 1


async def test_a_core_that_is_down_is_said_and_nothing_is_proved(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    conversation = await open_conversation(database)
    await verification.send_code(conversation, PHONE)
    code = await core.read_code()
    await core.turn_fault("down")
    with pytest.raises(CoreDown):
        await verification.check_code(conversation, code, channel="chat")
    with pytest.raises(NotVerified):
        await verification.access_client_for(conversation, "account")
    await core.turn_fault("none")
    await verification.check_code(conversation, code, channel="chat")


async def test_no_personal_data_rests_in_clear(
    database: Database, verification: Verification, core: DemoCore
) -> None:
    conversation = await open_conversation(database)
    await identify(verification, core, conversation)
    async with database.transaction() as connection:
        for table in ("client", "identity", "verification", "challenge", "event"):
            rows = await connection.execute(text(f'SELECT CAST(t AS text) FROM "{table}" t'))
            kept = " ".join(rows.scalars())
            assert kept
            for secret in (PHONE, CLIENT_NO, "示例丙寅"):
                assert secret not in kept
                assert secret.encode().hex() not in kept


async def test_an_unknown_conversation_is_nobody(verification: Verification) -> None:
    with pytest.raises(NotVerified):
        await verification.access_client_for(new_id(), "account")
