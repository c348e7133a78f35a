"""One client on many channels is one person to the desk; two clients never see each other."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from clients.verification import NotVerified, Verification
from desk.progress import TicketProgress
from tests.integration.clients.conftest import DemoCore
from tests.integration.desk.conftest import Office
from tests.integration.desk.one_client import OTHER_PHONE, channels, prove, sms, take

__all__ = ["sms"]


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
