"""Staff see a masked card; what is unmasked is recorded with its reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from clients.profile import Profile
from clients.verification import Verification
from kernel.clock import SystemClock
from kernel.errors import InvalidInput, NotFound
from kernel.ids import new_id
from store.cipher import Cipher
from store.engine import Database
from tests.integration.clients.conftest import DemoCore, open_conversation


@pytest.fixture
def profile(database: Database, cipher: Cipher, core: DemoCore) -> Profile:
    return Profile(database, cipher, broker=core.broker, clock=SystemClock())


@pytest.fixture
async def client_id(database: Database, verification: Verification) -> UUID:
    return await verification.record_app(await open_conversation(database), "86000003")


async def find_events(database: Database, verb: str) -> list[dict[str, str]]:
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT actor, after->>'field' AS field, after->>'reason' AS reason FROM event "
                "WHERE verb = :verb"
            ),
            {"verb": verb},
        )
        return [dict(row) for row in rows.mappings()]


async def test_the_card_is_masked_and_its_sight_recorded(
    profile: Profile, database: Database, client_id: UUID
) -> None:
    card = await profile.get_card(client_id, actor="person:1")
    assert card.phone == "199****0003"
    assert card.client_no == "****0003"
    assert card.name == "示****"
    assert (card.risk_level, card.stage) == ("C5", "active")
    assert [bound.channel for bound in card.identities] == ["chat"]
    assert [event["actor"] for event in await find_events(database, "client_seen")] == ["person:1"]


async def test_a_field_is_revealed_with_a_reason(
    profile: Profile, database: Database, client_id: UUID
) -> None:
    await profile.get_card(client_id, actor="person:1")
    value = await profile.reveal(client_id, "phone", reason="回访核实", actor="person:1")
    assert value == "19900000003"
    assert await find_events(database, "field_revealed") == [
        {"actor": "person:1", "field": "phone", "reason": "回访核实"}
    ]


@pytest.mark.parametrize(("field", "reason"), [("phone", " "), ("phone", "x"), ("tier", "回访")])
async def test_without_a_reason_nothing_is_revealed(
    profile: Profile, database: Database, client_id: UUID, field: str, reason: str
) -> None:
    await profile.get_card(client_id, actor="person:1")
    with pytest.raises(InvalidInput):
        await profile.reveal(client_id, field, reason=reason, actor="person:1")
    assert await find_events(database, "field_revealed") == []


async def test_a_core_that_is_down_leaves_the_card_as_it_was(
    profile: Profile, core: DemoCore, client_id: UUID
) -> None:
    await core.turn_fault("down")
    card = await profile.get_card(client_id, actor="person:1")
    assert (card.client_no, card.name, card.refreshed_at) == ("****0003", "", None)
    with pytest.raises(NotFound):
        await profile.reveal(client_id, "phone", reason="回访核实", actor="person:1")


async def test_facts_are_asked_again_after_ten_minutes(
    profile: Profile, database: Database, client_id: UUID
) -> None:
    first = await profile.get_card(client_id, actor="person:1")
    again = await profile.get_card(client_id, actor="person:1")
    assert first.refreshed_at == again.refreshed_at
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE client SET refreshed_at = refreshed_at - CAST(:age AS interval)"),
            {"age": timedelta(minutes=11)},
        )
    later = await profile.get_card(client_id, actor="person:1")
    assert first.refreshed_at
    assert later.refreshed_at
    assert later.refreshed_at > first.refreshed_at


async def test_nobody_is_not_found(profile: Profile) -> None:
    with pytest.raises(NotFound):
        await profile.get_card(new_id(), actor="person:1")
