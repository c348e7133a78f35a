"""Nobody sees what is another's: by list, by address, by socket, by card; it is not there."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from channels.live import DESK
from clients.verification import Verification
from desk.queue import may_see
from store import ticket_view
from store.staff import Person
from store.ticket_view import Viewer
from tests.integration.desk.conftest import Colleague, Office


async def take_first(colleague: Colleague) -> dict[str, Any]:
    row = (await colleague.get("tickets?view=queue"))["tickets"][0]
    moved: dict[str, Any] = await colleague.do(f"tickets/{row['id']}/take")
    return moved


async def test_without_a_sign_in_there_is_nothing(office: Office) -> None:
    talk = await office.hand_over()
    browser = office.browser()
    for path in ("tickets", "people", f"conversations/{talk}/messages", f"clients/{uuid4()}"):
        async with browser.get(f"/v1/desk/{path}") as answer:
            assert answer.status == 401
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await browser.ws_connect("/v1/desk/live")
    assert refused.value.status == 401


async def test_a_colleagues_ticket_is_not_there(office: Office, verification: Verification) -> None:
    talk = await office.hand_over()
    await verification.record_app(UUID(talk), "86000003")
    await office.hand_over("complaint", who="openid-1")
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    moved = await take_first(anna)
    ticket, client = moved["ticket"]["id"], moved["ticket"]["client"]["id"]
    paths = [
        f"tickets/{ticket}",
        f"conversations/{talk}/messages",
        f"conversations/{talk}/reach",
        f"clients/{client}",
    ]
    for path in paths:
        assert (await anna.ask("GET", path)).status == 200, path
        assert (await bert.ask("GET", path)).status == 404, path
    deeds = [
        (f"tickets/{ticket}/take", {}),
        (f"tickets/{ticket}/hand-back", {}),
        (f"tickets/{ticket}/resolve", {"note": ""}),
        (f"conversations/{talk}/typing", {}),
        (f"conversations/{talk}/read", {"seq": 1}),
        (f"clients/{client}/reveal", {"field": "phone", "reason": "好奇"}),
    ]
    for path, body in deeds:
        assert (await bert.ask("POST", path, body)).status == 404, path
    assert (await bert.send(talk, "你好", moved["floor_epoch"])).status == 404
    for view in ("queue", "mine", "all", "resolved"):
        assert (await bert.get(f"tickets?view={view}"))["tickets"] == [], view
    assert (await bert.get("tickets"))["counts"] == {"queue": 0, "mine": 0}
    for login in ("super", "admin"):
        boss = await office.sign_in(login)
        for path in paths:
            assert (await boss.ask("GET", path)).status == 200, path


async def test_marketing_sees_nothing_of_the_desk(
    office: Office, verification: Verification
) -> None:
    talk = await office.hand_over()
    await verification.record_app(UUID(talk), "86000003")
    boss, mara = await office.sign_in("super"), await office.sign_in("mara")
    (row,) = (await boss.get("tickets?view=queue"))["tickets"]
    for view in ("queue", "mine", "all", "resolved"):
        assert (await mara.get(f"tickets?view={view}"))["tickets"] == [], view
    assert (await mara.get("tickets"))["counts"] == {"queue": 0, "mine": 0}
    for path in (
        f"tickets/{row['id']}",
        f"conversations/{talk}/messages",
        f"clients/{row['client']['id']}",
    ):
        assert (await boss.ask("GET", path)).status == 200, path
        assert (await mara.ask("GET", path)).status == 404, path
    assert (await mara.ask("POST", f"tickets/{row['id']}/take", {})).status == 404


async def test_the_live_socket_follows_the_same_rule(office: Office) -> None:
    talk = await office.hand_over()
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    hers, his = await anna.live(), await bert.live()
    await his.watch(talk)
    moved = await take_first(anna)
    gone = await his.read("ticket")
    assert gone["ticket"]["assignee"]["id"] == anna.id
    assert gone["ticket"]["last_message"] is None
    assert gone["ticket"]["client"] is None
    await hers.read("ticket")
    await hers.watch(talk)
    await anna.send(talk, "只给客户看", moved["floor_epoch"])
    heard = await hers.read("message", conversation_id=talk)
    assert heard["message"]["content"]["text"] == "只给客户看"
    await his.watch(talk)
    assert any(frame["type"] == "error" for frame in his.heard)
    await asyncio.sleep(0.3)
    await his.socket.send_json({"type": "ping"})
    await his.read("pong")
    assert "只给客户看" not in str(his.heard)


async def test_the_socket_says_that_a_task_changed_and_not_which(office: Office) -> None:
    anna = await office.sign_in("anna")
    live = await anna.live()
    await live.socket.send_json({"type": "ping"})
    await live.read("pong")
    office.stage.hub.publish(DESK, {"type": "task", "id": str(uuid4())})
    assert await live.read("task") == {"type": "task"}


async def test_the_socket_tells_messages_floor_delivery_and_rows(office: Office) -> None:
    anna = await office.sign_in("anna")
    live = await anna.live()
    talk = await office.hand_over()
    row = await live.read("ticket")
    assert row["ticket"]["state"] == "new"
    await live.watch(talk)
    moved = await anna.do(f"tickets/{row['ticket']['id']}/take")
    floor = await live.read("floor", conversation_id=talk)
    assert (floor["floor"], floor["floor_epoch"]) == ("agent", moved["floor_epoch"])
    await office.write("在吗")
    heard = await live.read("message", conversation_id=talk)
    assert heard["message"]["author"] == "client"
    await anna.send(talk, "在的", moved["floor_epoch"])
    delivery = await live.read("delivery", conversation_id=talk)
    assert delivery["state"] == "accepted"
    await anna.do(f"conversations/{talk}/read", {"seq": heard["message"]["seq"]})
    while (await live.read("ticket"))["ticket"]["unread"]:
        pass


async def test_odd_frames_are_answered_and_the_socket_lives(office: Office) -> None:
    live = await (await office.sign_in("anna")).live()
    for frame in (
        "{",
        "[]",
        '"x"',
        '{"type":"watch"}',
        '{"type":"watch","conversation_id":"x"}',
        '{"type":"dance"}',
    ):
        await live.socket.send_str(frame)
        assert (await live.read("error"))["code"] == "invalid_input"
    await live.socket.send_json({"type": "watch", "conversation_id": str(uuid4())})
    assert (await live.read("error"))["code"] == "not_found"
    await live.socket.send_json({"type": "unwatch"})
    await live.socket.send_json({"type": "ping"})
    await live.read("pong")


async def test_the_card_is_masked_and_a_look_is_recorded(
    office: Office, verification: Verification
) -> None:
    talk = await office.hand_over()
    await verification.record_app(UUID(talk), "86000003")
    await office.hand_over("complaint")
    anna = await office.sign_in("anna")
    moved = await take_first(anna)
    client = moved["ticket"]["client"]["id"]
    card = await anna.get(f"clients/{client}")
    assert (card["phone"], card["client_no"]) == ("199****0003", "****0003")
    assert card["recent_tickets"][0]["number"] == moved["ticket"]["number"]
    refused = await anna.ask("POST", f"clients/{client}/reveal", {"field": "phone", "reason": ""})
    assert refused.status == 400
    asked = {"field": "phone", "reason": "回访核实"}
    assert await anna.do(f"clients/{client}/reveal", asked) == {"value": "19900000003"}


async def test_people_are_for_supervisors(office: Office) -> None:
    assert (await (await office.sign_in("anna")).ask("GET", "people")).status == 403
    found = await (await office.sign_in("super")).get("people")
    assert {person["login"] for person in found["people"]} == {"anna", "bert", "super", "admin"}
    assert "password" not in str(found)


async def test_the_socket_and_the_queries_agree_on_who_may_see(office: Office) -> None:
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    boss = await office.sign_in("super")
    for number, colleague in enumerate((anna, bert, None, anna)):
        await office.hand_over(who=f"openid-{number}")
        if colleague:
            moved = await take_first(colleague)
            if number == 3:
                await anna.do(f"tickets/{moved['ticket']['id']}/resolve", {"note": "好"})
    rows = [
        row for view in ("all", "resolved")
        for row in (await boss.get(f"tickets?view={view}"))["tickets"]
    ]  # fmt: skip
    assert len(rows) == 4
    for colleague in (anna, bert):
        person = Person(UUID(colleague.id), "", "", ("agent",))
        for row in rows:
            found = await colleague.ask("GET", f"tickets/{row['id']}")
            async with office.stage.database.transaction() as connection:
                viewer = Viewer(person.id, sees_all=True)
                kept = await ticket_view.find(
                    connection, office.stage.cipher, viewer, UUID(row["id"])
                )
            assert kept
            assert may_see(person, kept) == (found.status == 200)
