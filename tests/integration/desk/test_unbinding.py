"""A wrong binding is undone, and nothing hangs on it any more."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from clients.verification import NoTryLeft, NotVerified, Verification
from store import binding
from store import client as client_store
from store.binding import Undoing
from tests.integration.clients.conftest import DemoCore
from tests.integration.desk.conftest import Office
from tests.integration.desk.one_client import (
    CLIENT_NO,
    OTHER_PHONE,
    PHONE,
    channels,
    find_verbs,
    prove,
    sms,
    take,
)

__all__ = ["sms"]


@pytest.mark.usefixtures("sms")
async def test_a_wrong_binding_is_undone_by_a_supervisor_and_nothing_hangs_on_it(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    wechat = await office.hand_over()
    await prove(verification, core, wechat)
    phone = await office.hand_over(who="+8613800000000", channel="sms")
    await prove(verification, core, phone, channel="sms")
    await verification.send_code(UUID(phone), PHONE)
    anna, boss = await office.sign_in("anna"), await office.sign_in("super")
    his = await take(anna, phone)
    client = f"clients/{his['client']['id']}"
    card = await boss.get(client)
    (identity,) = [one["id"] for one in card["identities"] if one["channel"] == "sms"]
    path = f"{client}/identities/{identity}/unbind"
    asked = {"reason": "客户来电：不是本人的手机号"}
    assert (await anna.ask("POST", path, asked)).status == 403
    for wrong in ({}, {"reason": " "}, {"reason": 7}, {**asked, "with_history": "x"}):
        assert (await boss.ask("POST", path, wrong)).status == 400
    assert (
        await boss.ask("POST", f"{client}/identities/{UUID(int=1)}/unbind", asked)
    ).status == 404
    assert channels((await boss.get(client))["identities"]) == {"wechat", "sms"}

    live = await anna.live()
    assert await boss.do(path, asked) == {"conversation_id": phone}

    assert (await live.read("ticket"))["ticket"]["client"] is None
    assert (await anna.get(f"tickets/{his['id']}"))["client"] is None
    assert (await anna.ask("GET", client)).status == 200, "the other ticket still waits for her"
    await take(boss, wechat)
    assert (await anna.ask("GET", client)).status == 404, "the card is out of reach"
    reveal = {"field": "phone", "reason": "核对"}
    assert (await anna.ask("POST", client + "/reveal", reveal)).status == 404
    card = await boss.get(client)
    assert channels(card["identities"]) == channels(card["conversations"]) == {"wechat"}
    assert his["number"] not in str(card)
    with pytest.raises(NotVerified):
        await verification.access_client_for(UUID(phone), "account")
    with pytest.raises(NoTryLeft):
        await verification.check_code(UUID(phone), await core.read_code(), channel="sms")
    verbs = dict(await find_verbs(office, identity))
    undone = verbs["identity_unbound"]
    assert undone["actor"] == f"person:{boss.id}"
    assert undone["after"] == asked
    assert undone["before"]["client_id"] == his["client"]["id"]
    assert (await boss.ask("POST", path, asked)).status == 404, "it is done once"
    await prove(verification, core, phone, phone=OTHER_PHONE, channel="sms")
    found = await anna.get(f"tickets/{his['id']}")
    assert found["client"]["id"] != his["client"]["id"], "whoever it is may prove it"


@pytest.mark.parametrize("with_history", [True, False])
async def test_what_was_over_stays_with_its_client_where_the_supervisor_says_so(
    office: Office, verification: Verification, core: DemoCore, *, with_history: bool
) -> None:
    await prove(verification, core, await office.hand_over())
    boss = await office.sign_in("super")
    ticket = (await boss.get("tickets?view=queue"))["tickets"][0]
    await boss.do(f"tickets/{ticket['id']}/take")
    await boss.do(f"tickets/{ticket['id']}/resolve", {"note": "好"})
    client = f"clients/{ticket['client']['id']}"
    (bound,) = (await boss.get(client))["identities"]
    path = f"{client}/identities/{bound['id']}/unbind"
    await boss.do(path, {"reason": "号码已换主人", "with_history": with_history})
    row = await boss.get(f"tickets/{ticket['id']}")
    assert (row["client"] is None) == with_history


async def test_a_ticket_that_opens_while_a_binding_is_undone_is_nobodys(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    talk = await office.ask_for_a_person()
    await prove(verification, core, talk)
    client = (await verification.access_client_for(UUID(talk), "account")).client_id
    async with office.stage.database.transaction() as connection:
        (bound,) = await client_store.find_identities(connection, client)
    undoing = Undoing(client, bound.id, "person:test", "不是本人")
    async with office.stage.database.transaction() as connection:
        await binding.undo(connection, undoing)
        opening = asyncio.create_task(office.open_tickets())
        while not await waits_for_a_lock(office):
            assert not opening.done(), "the ticket waits until it is known whose it is"
            await asyncio.sleep(0.01)
    assert await opening
    boss = await office.sign_in("super")
    assert [row["client"] for row in (await boss.get("tickets"))["tickets"]] == [None]


async def waits_for_a_lock(office: Office) -> bool:
    async with office.stage.database.transaction() as connection:
        waiting = await connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            )
        )
        return bool(waiting.scalar_one())


async def test_what_the_app_vouches_for_is_not_undone_here(
    office: Office, verification: Verification
) -> None:
    talk = await office.hand_over()
    await verification.record_app(UUID(talk), CLIENT_NO)
    boss = await office.sign_in("super")
    ticket = await take(boss, talk)
    client = f"clients/{ticket['client']['id']}"
    (bound,) = (await boss.get(client))["identities"]
    refused = await boss.ask(
        "POST", f"{client}/identities/{bound['id']}/unbind", {"reason": "不是本人"}
    )
    assert (refused.status, refused.code) == (409, "conflict")
    assert (await boss.get(f"tickets/{ticket['id']}"))["client"]["id"] == ticket["client"]["id"]
