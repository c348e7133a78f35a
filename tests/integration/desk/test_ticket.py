"""From the hand-over to the resolved ticket, as two agents and a supervisor live it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from actions.port import Tickets as TicketsPort
from channels.live import Frame, talk_topic
from desk.progress import TicketProgress
from kernel.machine import PUBLIC_STATUS
from store import audit
from tests.integration.desk.conftest import Office
from tests.ledger import said


async def queue_of(colleague: Any, view: str = "queue") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await colleague.get(f"tickets?view={view}"))["tickets"]
    return found


async def test_a_hand_over_becomes_one_ticket(office: Office) -> None:
    talk = await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    assert row["number"].startswith("T")
    assert (row["state"], row["priority"], row["channel"]) == ("new", "normal", "wechat")
    assert row["last_message"]["author"] == "bot"
    assert row["number"] in row["last_message"]["text"]
    assert row["unread"] == 1
    assert row["promised_at"] > row["opened_at"]
    detail = await anna.get(f"tickets/{row['id']}")
    assert detail["conversation_id"] == talk
    assert (detail["floor"], detail["public_status"]) == ("queue", "已受理")
    handover = detail["handover"]
    assert (handover["reason"], handover["intent"]) == ("client_asked", "human")
    assert handover["slots"] == {"product": "star"}
    assert [turn["author"] for turn in handover["turns"]] == ["client", "bot"]


async def test_a_ticket_is_called_what_its_client_asked_without_personal_data(
    office: Office,
) -> None:
    await office.write("出金三天没到账，请打 13812345678")
    await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    assert row["title"] == "出金三天没到账，请打 [手机号]"
    assert row["reason"] == "client_asked"


async def test_the_stream_read_twice_opens_one_ticket(office: Office) -> None:
    await office.hand_over()
    async with office.stage.database.transaction() as connection:
        await connection.execute(text("UPDATE event_cursor SET position = 0"))
    assert await office.opener.open_next() > 0
    anna = await office.sign_in("anna")
    assert len(await queue_of(anna)) == 1


async def test_many_openers_at_once_open_one_ticket(office: Office) -> None:
    await office.hand_over()
    async with office.stage.database.transaction() as connection:
        await connection.execute(text("UPDATE event_cursor SET position = 0"))
        await connection.execute(text("DELETE FROM ticket"))
    await asyncio.gather(*(office.opener.open_next() for _ in range(8)))
    anna = await office.sign_in("anna")
    assert len(await queue_of(anna)) == 1


async def test_take_answer_resolve(office: Office) -> None:
    talk = await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    taken = await anna.do(f"tickets/{row['id']}/take")
    assert taken["ticket"]["state"] == "in_progress"
    assert taken["ticket"]["assignee"]["id"] == anna.id
    again = await anna.do(f"tickets/{row['id']}/take")
    assert again["floor_epoch"] == taken["floor_epoch"]
    sent = await anna.send(talk, "您好，我是安娜。", taken["floor_epoch"])
    assert sent.status == 201
    page = await office.stage.until(UUID(talk), 3, "accepted")
    assert (page[-1].author, page[-1].author_name) == ("agent", "示例安娜")
    assert office.stage.channel.texts[-1] == "您好，我是安娜。"
    done = await anna.do(f"tickets/{row['id']}/resolve", {"note": "已解释", "hand_back": True})
    assert done["ticket"]["state"] == "resolved"
    assert (await anna.get(f"tickets/{row['id']}"))["floor"] == "bot"
    assert await queue_of(anna, "mine") == []
    assert [one["id"] for one in await queue_of(anna, "resolved")] == [row["id"]]
    await office.write("谢谢")
    assert (await anna.send(talk, "还在吗", taken["floor_epoch"])).code == "floor_moved"


async def test_a_persons_answer_keeps_the_promise_and_the_assistants_does_not(
    office: Office,
) -> None:
    talk = await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    moved = await anna.do(f"tickets/{row['id']}/take")
    assert moved["ticket"]["promised_at"] == row["promised_at"] is not None
    told: list[Frame] = []
    office.stage.hub.listen(talk_topic(talk), lambda _, frame: told.append(frame))
    for _ in range(2):
        await anna.send(talk, "我在处理", moved["floor_epoch"])
    statuses = [frame for frame in told if frame["type"] == "ticket"]
    assert [(one["status"], one["promised_at"]) for one in statuses] == [("处理中", None)]
    (mine,) = await queue_of(anna, "mine")
    assert mine["promised_at"] is None
    progress = TicketProgress(office.stage.database)
    (seen,) = await progress.find_progress(UUID(talk), client_id=None, number=None)
    assert seen.promised_at is None


async def test_the_bot_is_silent_while_a_person_has_the_floor(office: Office) -> None:
    talk = await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    await anna.do(f"tickets/{row['id']}/take")
    asked = len(office.stage.assistant.asked)
    await office.stage.receiver.receive(said(str(uuid4()), "在吗"))
    await asyncio.sleep(0.3)
    assert len(office.stage.assistant.asked) == asked
    page = await anna.get(f"conversations/{talk}/messages")
    assert [one["author"] for one in page["messages"]] == ["client", "bot", "client"]


async def test_two_take_at_once_and_one_gets_it(office: Office) -> None:
    await office.hand_over()
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    (row,) = await queue_of(anna)
    tries = [one.ask("POST", f"tickets/{row['id']}/take", {}) for one in (anna, bert) * 5]
    answers = await asyncio.gather(*tries)
    winners = {one.body["ticket"]["assignee"]["id"] for one in answers if one.status == 200}
    assert len(winners) == 1
    assert {one.status for one in answers} <= {200, 404, 409}
    assert sum(one.status == 200 for one in answers) == 5


async def test_the_same_reply_is_written_once(office: Office) -> None:
    talk = await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    epoch = (await anna.do(f"tickets/{row['id']}/take"))["floor_epoch"]
    name = str(uuid4())
    answers = await asyncio.gather(*(anna.send(talk, "一次", epoch, name) for _ in range(6)))
    assert {one.status for one in answers} == {201}
    assert len({one.body["seq"] for one in answers}) == 1
    page = await anna.get(f"conversations/{talk}/messages")
    assert [one["content"]["text"] for one in page["messages"]].count("一次") == 1


async def test_a_supervisor_assigns_and_the_floor_goes_along(office: Office) -> None:
    talk = await office.hand_over()
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    boss = await office.sign_in("super")
    (row,) = await queue_of(anna)
    epoch = (await anna.do(f"tickets/{row['id']}/take"))["floor_epoch"]
    refused = await anna.ask("POST", f"tickets/{row['id']}/assign", {"person_id": bert.id})
    assert refused.status == 403
    unknown = await boss.ask("POST", f"tickets/{row['id']}/assign", {"person_id": str(uuid4())})
    assert unknown.status == 400
    moved = await boss.do(f"tickets/{row['id']}/assign", {"person_id": bert.id})
    assert moved["ticket"]["assignee"]["id"] == bert.id
    assert (await anna.send(talk, "我还在", epoch)).status == 404
    assert (await bert.send(talk, "我来接手", moved["floor_epoch"])).status == 201
    assert (await boss.send(talk, "我插一句", moved["floor_epoch"])).code == "floor_moved"


async def test_the_client_is_told_who_is_there_by_the_name_for_clients(office: Office) -> None:
    talk = await office.hand_over()
    anna, boss = await office.sign_in("anna"), await office.sign_in("super")
    told: list[Frame] = []
    office.stage.hub.listen(talk_topic(talk), lambda _, frame: told.append(frame))
    (row,) = await queue_of(anna)
    moved = await anna.do(f"tickets/{row['id']}/take")
    await boss.do(f"tickets/{row['id']}/assign", {"person_id": boss.id})
    await boss.do(f"tickets/{row['id']}/hand-back")
    floors = [frame for frame in told if frame["type"] == "floor"]
    assert [(frame["floor"], frame["name"]) for frame in floors] == [
        ("agent", "示例安娜"),
        ("agent", "示例主管"),
        ("bot", None),
    ]
    assert floors[0]["floor_epoch"] == moved["floor_epoch"]


async def test_hand_back_leaves_the_ticket_and_taking_again_goes_on(office: Office) -> None:
    await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    await anna.do(f"tickets/{row['id']}/take")
    back = await anna.do(f"tickets/{row['id']}/hand-back")
    assert back["ticket"]["state"] == "waiting_internal"
    assert (await anna.get(f"tickets/{row['id']}"))["floor"] == "bot"
    again = await anna.do(f"tickets/{row['id']}/take")
    assert again["ticket"]["state"] == "in_progress"
    assert (await anna.get(f"tickets/{row['id']}"))["floor"] == "agent"


async def test_a_second_hand_over_goes_on_with_the_first(office: Office) -> None:
    await office.hand_over()
    anna = await office.sign_in("anna")
    (first,) = await queue_of(anna)
    await anna.do(f"tickets/{first['id']}/take")
    await anna.do(f"tickets/{first['id']}/hand-back")
    await office.hand_over("complaint")
    (second,) = await queue_of(anna)
    assert second["number"] != first["number"]
    assert second["priority"] == "high"
    assert (await anna.get(f"tickets/{first['id']}"))["state"] == "resolved"


async def test_a_client_who_leaves_the_queue_closes_the_ticket(office: Office) -> None:
    talk = await office.hand_over()
    inbound = replace(said(str(uuid4()), "不等了"), menu_payload="/restart")
    await office.stage.receiver.receive(inbound)
    await office.stage.until(UUID(talk), 4)
    await office.open_tickets()
    anna = await office.sign_in("anna")
    assert await queue_of(anna) == []


async def test_resolving_twice_or_without_holding_is_refused(office: Office) -> None:
    await office.hand_over()
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    (row,) = await queue_of(anna)
    assert (await bert.ask("POST", f"tickets/{row['id']}/resolve", {"note": ""})).status == 403
    await anna.do(f"tickets/{row['id']}/take")
    await anna.do(f"tickets/{row['id']}/resolve", {"note": "好"})
    assert (await anna.ask("POST", f"tickets/{row['id']}/resolve", {"note": ""})).status == 409
    assert (await anna.ask("POST", f"tickets/{row['id']}/take", {})).status == 409


async def test_every_move_is_in_the_chain_and_the_note_is_sealed(office: Office) -> None:
    await office.hand_over()
    anna = await office.sign_in("anna")
    (row,) = await queue_of(anna)
    await anna.do(f"tickets/{row['id']}/take")
    await anna.do(f"tickets/{row['id']}/resolve", {"note": "客户住在某街"})
    async with office.stage.database.transaction() as connection:
        await audit.seal(connection)
        moves = await connection.execute(
            text("SELECT before->>'state', after->>'state' FROM event "
                 "WHERE verb = 'ticket_moved' ORDER BY position")
        )  # fmt: skip
        assert [tuple(move) for move in moves] == [
            ("new", "assigned"), ("assigned", "in_progress"), ("in_progress", "resolved"),
        ]  # fmt: skip
        kept = (await connection.execute(text("SELECT CAST(t AS text) FROM ticket t"))).scalar_one()
        assert "客户住在某街" not in kept
        assert await audit.find_break(connection) is None


async def test_progress_tells_number_status_and_promise(office: Office) -> None:
    talk = await office.hand_over()
    progress: TicketsPort = TicketProgress(office.stage.database)
    (row,) = await progress.find_progress(UUID(talk), client_id=None, number=None)
    assert (row.status_zh, row.status_en) == PUBLIC_STATUS["new"]
    assert row.promised_at
    other = await progress.find_progress(uuid4(), client_id=None, number=row.number)
    assert list(other) == []
