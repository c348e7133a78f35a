"""A person's reply: within the channel's window or not at all, and then with a way out."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from channels.contract import Capabilities
from clients.verification import Verification
from store.engine import Database
from tests.integration.desk.conftest import Colleague, Office
from tests.ledger import LedgerChannel


async def take(office: Office, colleague: Colleague) -> tuple[str, int]:
    talk = await office.hand_over()
    (row,) = (await colleague.get("tickets"))["tickets"]
    moved = await colleague.do(f"tickets/{row['id']}/take")
    return talk, int(moved["floor_epoch"])


async def close_window(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text('UPDATE "window" SET expires_at = now()'))


async def test_the_window_is_told(office: Office) -> None:
    anna = await office.sign_in("anna")
    talk, _ = await take(office, anna)
    reach = await anna.get(f"conversations/{talk}/reach")
    assert (reach["channel"], reach["can_send"], reach["why"]) == ("wechat", True, None)
    assert reach["window"]["quota"] == 5
    assert 0 < reach["window"]["remaining"] < 5


async def test_a_closed_window_sends_nothing_and_offers_another_channel(
    office: Office, database: Database, verification: Verification
) -> None:
    anna = await office.sign_in("anna")
    talk, epoch = await take(office, anna)
    app = await office.write("在APP里", who="in-the-app", channel="chat")
    await verification.record_app(app, "86000003")
    await verification.record_app(UUID(talk), "86000003")
    await close_window(database)
    sent = await anna.send(talk, "还在吗", epoch)
    assert (sent.status, sent.code) == (409, "window_closed")
    assert "48 小时" in sent.body["error"]["message"]
    (other,) = sent.body["error"]["alternatives"]
    assert (other["channel"], other["available"]) == ("chat", True)
    page = await anna.get(f"conversations/{talk}/messages")
    assert "还在吗" not in str(page)
    reach = await anna.get(f"conversations/{talk}/reach")
    assert (reach["can_send"], reach["window"]) == (False, None)
    assert reach["alternatives"] == sent.body["error"]["alternatives"]


async def test_in_the_app_a_written_reply_is_an_accepted_one(office: Office) -> None:
    anna = await office.sign_in("anna")
    talk = await office.hand_over(who="guest", channel="chat")
    (row,) = (await anna.get("tickets"))["tickets"]
    moved = await anna.do(f"tickets/{row['id']}/take")
    sent = await anna.send(talk, "您好", moved["floor_epoch"])
    assert sent.body["state"] == "accepted"


BAD_REPLIES: list[dict[str, Any]] = [
    {"text": ""},
    {"text": " \n "},
    {"text": "x" * 2001},
    {"text": "a\0b"},
    {"text": 5},
    {"floor_epoch": None},
    {"floor_epoch": True},
    {"floor_epoch": -1},
    {"floor_epoch": 2**40},
    {"client_msg_id": "x"},
    {"client_msg_id": None},
]


async def test_bad_replies_are_refused_and_leave_nothing(office: Office) -> None:
    anna = await office.sign_in("anna")
    talk, epoch = await take(office, anna)
    for change in BAD_REPLIES:
        body = {"client_msg_id": str(uuid4()), "text": "好", "floor_epoch": epoch} | change
        answer = await anna.ask("POST", f"conversations/{talk}/messages", body)
        assert answer.status == 400, change
    page = await anna.get(f"conversations/{talk}/messages")
    assert [one["author"] for one in page["messages"]] == ["client", "bot"]


async def test_an_older_epoch_and_no_floor_are_refused(office: Office) -> None:
    anna = await office.sign_in("anna")
    talk, epoch = await take(office, anna)
    assert (await anna.send(talk, "旧", epoch - 1)).code == "floor_moved"
    boss = await office.sign_in("super")
    assert (await boss.send(talk, "插话", epoch)).code == "floor_moved"


async def test_the_transcript_goes_both_ways_and_reading_is_noted(office: Office) -> None:
    anna = await office.sign_in("anna")
    talk, epoch = await take(office, anna)
    for number in range(4):
        assert (await anna.send(talk, f"第{number}条", epoch)).status == 201
    newest = await anna.get(f"conversations/{talk}/messages?before=999999999999999&limit=3")
    assert [one["seq"] for one in newest["messages"]] == [4, 5, 6]
    after = await anna.get(f"conversations/{talk}/messages?after=5&limit=100")
    assert [one["seq"] for one in after["messages"]] == [6]
    await anna.do(f"conversations/{talk}/read", {"seq": 6})
    (row,) = (await anna.get("tickets?view=mine"))["tickets"]
    assert row["unread"] == 0
    for seq in (-1, True, "x", 2**63):
        answer = await anna.ask("POST", f"conversations/{talk}/read", {"seq": seq})
        assert answer.status == 400


async def test_who_writes_to_a_template_only_number_knows_it_beforehand(office: Office) -> None:
    templates = Capabilities(takes_free_text=False, notice="template_only")
    phone = LedgerChannel("sms", "app", templates)
    office.stage.deliverer.channels.add(phone)
    anna = await office.sign_in("anna")
    talk = await office.hand_over(who="+8613800138000", channel="sms")
    (row,) = (await anna.get("tickets"))["tickets"]
    moved = await anna.do(f"tickets/{row['id']}/take")
    reach = await anna.get(f"conversations/{talk}/reach")
    assert (reach["can_send"], reach["notice"], reach["window"]) == (True, "template_only", None)
    assert (await anna.send(talk, "您好，我来处理。", int(moved["floor_epoch"]))).status == 201
