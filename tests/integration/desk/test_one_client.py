"""One client on many channels is one person to the desk; two clients never see each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from channels.contract import Capabilities
from clients.verification import NoTryLeft, NotVerified, Verification
from desk.progress import TicketProgress
from store import binding
from store import client as client_store
from store.binding import Undoing
from tests.integration.clients.conftest import DemoCore
from tests.integration.desk.conftest import Colleague, Office
from tests.ledger import LedgerChannel

PHONE, CLIENT_NO = "19900000003", "86000003"
OTHER_PHONE, OTHER_NO = "19900000004", "86000004"


@pytest.fixture
def sms(office: Office) -> LedgerChannel:
    """A phone company beside WeChat, at which clients write as well."""
    phone = LedgerChannel("sms", "app", Capabilities())
    office.stage.deliverer.channels.add(phone)
    return phone


async def prove(
    verification: Verification,
    core: DemoCore,
    talk: str,
    *,
    phone: str = PHONE,
    channel: str = "wechat",
) -> None:
    """Let the client of a conversation prove who they are by a one-time code."""
    await verification.send_code(UUID(talk), phone)
    await verification.check_code(UUID(talk), await core.read_code(), channel=channel)


async def take(colleague: Colleague, talk: str) -> dict[str, Any]:
    """Take the open ticket of a conversation."""
    for row in (await colleague.get("tickets?view=queue"))["tickets"]:
        ticket = await colleague.get(f"tickets/{row['id']}")
        if ticket["conversation_id"] == talk:
            await colleague.do(f"tickets/{row['id']}/take")
            return dict(await colleague.get(f"tickets/{row['id']}"))
    raise AssertionError(f"no ticket of {talk} waits")


def channels(rows: Sequence[dict[str, Any]]) -> set[str]:
    return {row["channel"] for row in rows}


async def find_verbs(office: Office, subject: str) -> list[tuple[str, dict[str, Any]]]:
    async with office.stage.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT actor, verb, before, after FROM event WHERE subject_id = :id"),
            {"id": subject},
        )
        return [
            (row.verb, {"actor": row.actor, "before": row.before, "after": row.after})
            for row in rows
        ]


@pytest.mark.parametrize("channel", ["wechat", "kf", "sms", "email", "voice", "anything_new"])
async def test_a_code_binds_the_address_on_every_channel_but_a_browsers(
    office: Office, verification: Verification, core: DemoCore, channel: str
) -> None:
    known, stranger = "wechat", "chat"
    for name in (channel, stranger):
        talk = await office.hand_over(who=f"who-{name}", channel=known)
        await prove(verification, core, talk, channel=name)
        async with office.stage.database.transaction() as connection:
            bound = await connection.execute(
                text(
                    "SELECT client_id FROM identity JOIN conversation "
                    "ON identity_id = identity.id WHERE conversation.id = :id"
                ),
                {"id": talk},
            )
            assert (bound.scalar_one() is None) == (name == stranger), name


@pytest.mark.usefixtures("sms")
async def test_a_stranger_in_sms_becomes_the_client_of_wechat_and_the_desk_sees_one_person(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    wechat = await office.hand_over()
    await prove(verification, core, wechat)
    phone = await office.hand_over(who="+8613800000000", channel="sms")
    anna = await office.sign_in("anna")
    first, second = await take(anna, wechat), await take(anna, phone)
    assert second["client"] is None, "a stranger is nobody"
    card = await anna.get(f"clients/{first['client']['id']}")
    assert channels(card["conversations"]) == channels(card["recent_tickets"]) == {"wechat"}

    await prove(verification, core, phone, channel="sms")

    again = await anna.get(f"tickets/{second['id']}")
    assert again["client"] == first["client"]
    card = await anna.get(f"clients/{first['client']['id']}")
    assert channels(card["identities"]) == {"wechat", "sms"}
    assert {one["number"] for one in card["recent_tickets"]} == {first["number"], second["number"]}
    by_channel = {one["channel"]: one for one in card["conversations"]}
    assert by_channel["sms"]["id"] == phone != wechat == by_channel["wechat"]["id"]
    assert by_channel["sms"]["ticket_id"] == second["id"]
    assert (by_channel["sms"]["open_tickets"], by_channel["sms"]["floor"]) == (1, "agent")
    said = (await anna.get(f"conversations/{phone}/messages"))["messages"]
    assert len(said) == 2, "conversations stay apart"


@pytest.mark.usefixtures("sms")
async def test_a_colleagues_conversation_is_not_on_the_card_and_a_supervisor_sees_all(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    wechat = await office.hand_over()
    phone = await office.hand_over(who="+8613800000000", channel="sms")
    await prove(verification, core, wechat)
    await prove(verification, core, phone, channel="sms")
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    hers = await take(anna, wechat)
    client = f"clients/{hers['client']['id']}"
    assert channels((await anna.get(client))["conversations"]) == {"wechat", "sms"}, "it waits"
    his = await take(bert, phone)
    for colleague, seen in ((anna, "wechat"), (bert, "sms")):
        card = await colleague.get(client)
        assert channels(card["conversations"]) == channels(card["recent_tickets"]) == {seen}
        for talk in card["conversations"]:
            assert (await colleague.ask("GET", f"tickets/{talk['ticket_id']}")).status == 200
    boss = await office.sign_in("super")
    card = await boss.get(client)
    assert channels(card["conversations"]) == {"wechat", "sms"}
    await bert.do(f"tickets/{his['id']}/resolve", {"note": "好"})
    card = await boss.get(client)
    assert [one["state"] for one in card["recent_tickets"]] == ["in_progress", "resolved"]
    assert {one["channel"]: one["open_tickets"] for one in card["conversations"]} == {
        "wechat": 1,
        "sms": 0,
    }


@pytest.mark.usefixtures("sms")
async def test_two_clients_never_see_each_other(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    wechat = await office.hand_over()
    phone = await office.hand_over(who="+8613800000000", channel="sms")
    await prove(verification, core, wechat)
    await prove(verification, core, phone, phone=OTHER_PHONE, channel="sms")
    boss = await office.sign_in("super")
    one, two = await take(boss, wechat), await take(boss, phone)
    assert one["client"]["id"] != two["client"]["id"]
    for ticket, other, channel in ((one, two, "wechat"), (two, one, "sms")):
        card = await boss.get(f"clients/{ticket['client']['id']}")
        assert channels(card["conversations"]) == channels(card["identities"]) == {channel}
        assert [row["number"] for row in card["recent_tickets"]] == [ticket["number"]]
        assert other["number"] not in str(card)
    anna = await office.sign_in("anna")
    for ticket in (one, two):
        assert (await anna.ask("GET", f"clients/{ticket['client']['id']}")).status == 404


async def test_a_phone_that_passes_to_another_client_takes_no_ticket_of_the_first_along(
    office: Office, verification: Verification, core: DemoCore
) -> None:
    talk = await office.hand_over()
    await prove(verification, core, talk)
    boss = await office.sign_in("super")
    numbers, client_id = set(), ""
    for reason in ("client_asked", "complaint"):  # opened before the proof, and after it
        ticket = await take(boss, await office.hand_over(reason))
        await boss.do(f"tickets/{ticket['id']}/resolve", {"note": "好"})
        numbers.add(ticket["number"])
        client_id = ticket["client"]["id"]
    progress = TicketProgress(office.stage.database)

    async def told() -> set[str]:
        try:
            client = (await verification.access_client_for(UUID(talk), "account")).client_id
        except NotVerified:
            client = None
        found = await progress.find_progress(UUID(talk), client_id=client, number=None)
        return {one.number for one in found}

    assert await told() == numbers
    await prove(verification, core, talk, phone=OTHER_PHONE)
    assert await told() == set(), "the new client is not told of them"
    await verification.end(UUID(talk))
    assert await told() == set(), "nor once the proof is over"
    card = await boss.get(f"clients/{client_id}")
    assert card["conversations"] == card["identities"] == []
    assert {row["number"] for row in card["recent_tickets"]} == numbers


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
