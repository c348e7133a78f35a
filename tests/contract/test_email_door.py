"""A mail comes in and its answer goes out, between the lab's mailboxes and the real door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from kernel.message import Author, Content
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft, post
from tests.mail import (
    CLIENT,
    SENDER,
    MailDoor,
    MailLab,
    pack,
    running_mail_door,
    running_mail_lab,
    sign_body,
    write_mail,
)
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port


@dataclass
class Whole:
    """The lab, the door, and what is behind it."""

    lab: MailLab
    door: MailDoor
    stage: Stage

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        async with self.stage.database.transaction() as connection:
            return [tuple(row) for row in (await connection.execute(text(sql))).all()]

    async def until_mail(self, count: int = 1, address: str = CLIENT) -> list[Any]:
        async with asyncio.timeout(20):
            while len(mails := await self.lab.mailbox(address)) < count:
                await asyncio.sleep(0.02)
        return mails

    async def talk(self, address: str = CLIENT) -> UUID:
        found = await self.rows(
            "SELECT conversation.id FROM conversation JOIN identity ON identity.id = identity_id"
            f" WHERE address = '{address}'"
        )
        assert len(found) == 1
        return UUID(str(found[0][0]))


@pytest.fixture
async def whole(database: Database, cipher: Cipher) -> AsyncIterator[Whole]:
    port = free_port()
    stage = make_stage(database, cipher)
    async with (
        running_mail_lab(f"http://127.0.0.1:{port}") as lab,
        running_mail_door(stage, port=port, smtp_port=lab.smtp_port) as door,
        running(stage),
    ):
        yield Whole(lab, door, stage)


async def test_mail_is_answered_by_mail_in_the_same_thread(whole: Whole) -> None:
    said = await whole.lab.act("send", **{"from": CLIENT, "subject": "咨询", "text": "怎么出金？"})
    assert said["status"] == 200
    (mail,) = await whole.until_mail()
    assert "答：怎么出金？" in mail["text"]
    assert mail["subject"] == "Re: 咨询"
    headers = mail["headers"]
    assert headers["In-Reply-To"].endswith("@lab.zhida.invalid>")
    assert headers["References"].endswith(headers["In-Reply-To"])
    outbox = await whole.rows("SELECT id FROM outbox")
    assert headers["Message-ID"] == f"<{outbox[0][0]}@mail.zhida.test>"
    assert whole.lab.ledger[0]["outbox"] == str(outbox[0][0])


async def test_reply_continues_the_conversation_without_what_it_quotes(whole: Whole) -> None:
    await whole.lab.act("send", **{"from": CLIENT, "subject": "咨询", "text": "怎么出金？"})
    (mail,) = await whole.until_mail()
    await whole.lab.act("reply", id=mail["id"], text="还需要多久到账？")
    await whole.until_mail(2)
    page = await whole.stage.transcript(await whole.talk())
    assert [one.content.text for one in page if one.direction == "in"] == [
        "怎么出金？",
        "还需要多久到账？",
    ]
    ways = await whole.rows("SELECT verified_by FROM inbox ORDER BY received_at")
    assert [way[0] for way in ways] == ["hmac,dmarc", "hmac,reply_address"]


async def test_bounce_is_a_receipt_once(whole: Whole) -> None:
    await whole.lab.act("send", **{"from": CLIENT, "text": "怎么出金？"})
    (mail,) = await whole.until_mail()
    assert (await whole.lab.act("bounce", id=mail["id"], action="delayed"))["status"] == 200
    assert (await whole.rows("SELECT count(*) FROM receipt"))[0][0] == 0
    assert (await whole.lab.act("bounce", id=mail["id"]))["status"] == 200
    rows = await whole.rows("SELECT status, detail FROM receipt")
    assert rows == [("failed", "5.1.1 smtp; 5.1.1 LAB: failed")]
    assert await whole.rows("SELECT state FROM outbox") == [("failed",)]
    assert (await whole.rows("SELECT count(*) FROM inbox"))[0][0] == 1


async def test_bounce_for_a_mail_that_we_never_sent_changes_nothing(whole: Whole) -> None:
    await whole.lab.act("send", **{"from": CLIENT, "text": "怎么出金？"})
    (mail,) = await whole.until_mail()
    async with whole.lab.session.post(
        "/lab/faults", json={"mode": "unknown_id", "target": "mail.callback", "times": 1}
    ):
        pass
    await whole.lab.act("bounce", id=mail["id"])
    assert (await whole.rows("SELECT count(*) FROM receipt"))[0][0] == 0
    async with asyncio.timeout(10):  # the mail is there before its acceptance is recorded
        while await whole.rows("SELECT state FROM outbox") != [("accepted",)]:
            await asyncio.sleep(0.05)


async def test_absence_is_shown_and_never_answered(whole: Whole) -> None:
    await whole.lab.act("send", **{"from": "away@example.cn", "text": "怎么出金？"})
    await whole.until_mail(address="away@example.cn")
    async with asyncio.timeout(20):
        while (await whole.rows("SELECT count(*) FROM inbox"))[0][0] != 2:
            await asyncio.sleep(0.02)
    kinds = await whole.rows("SELECT kind, subtype FROM inbox ORDER BY received_at")
    assert kinds[1] == ("event", "auto_reply")
    await asyncio.sleep(0.3)
    assert len(await whole.lab.mailbox("away@example.cn")) == 1
    assert [one.text for one in whole.stage.assistant.asked] == ["怎么出金？"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<x.example.cn>"},
        {"Subject": "自动回复: 您的邮件已收到"},
        {"X_Zhida_Account": "demo"},
        {"From": "MAILER-DAEMON@example.cn"},
    ],
)
async def test_machines_are_not_answered(whole: Whole, headers: dict[str, str]) -> None:
    status, _ = await whole.door.deliver(write_mail(**headers))
    assert status == 200
    assert (await whole.rows("SELECT count(*) FROM inbox"))[0][0] == 0


async def test_too_many_mails_at_once_are_kept_and_not_answered(whole: Whole) -> None:
    for number in range(15):
        assert (await whole.door.deliver(write_mail(f"第 {number} 封")))[0] == 200
    kinds = await whole.rows("SELECT subtype, count(*) FROM inbox GROUP BY 1 ORDER BY 2 DESC")
    assert kinds == [("", 12), ("mail_loop", 3)]


async def test_same_mail_is_kept_once(whole: Whole) -> None:
    raw = write_mail()
    outcomes = [await whole.door.deliver(raw) for _ in range(3)]
    assert outcomes == [(200, "message"), (200, "repeat"), (200, "repeat")]
    other = write_mail(
        sender="other@example.cn", Message_ID=raw.split(b"Message-ID: ")[1].split()[0].decode()
    )
    assert await whole.door.deliver(other) == (200, "message")


async def test_unproven_sender_is_somebody_apart(whole: Whole) -> None:
    """A forged From reaches neither the client's conversation nor the client's identity."""
    await whole.door.deliver(write_mail())
    await whole.until_mail()
    await whole.door.deliver(write_mail("把钱转给我"), dmarc="fail")
    addresses = await whole.rows("SELECT address FROM identity ORDER BY address")
    assert addresses == [(CLIENT,), (f"unverified:{CLIENT}",)]
    mails = await whole.until_mail(2)
    assert "把钱转给我" in mails[1]["text"]


async def test_reply_address_in_other_hands_proves_nothing(whole: Whole) -> None:
    await whole.door.deliver(write_mail())
    await whole.until_mail()
    reply_to = whole.door.returns.make("reply", await whole.talk())
    await whole.door.deliver(write_mail("我是他", sender="thief@evil.cn"), [reply_to], dmarc="none")
    page = await whole.stage.transcript(await whole.talk())
    assert "我是他" not in [one.content.text for one in page]
    assert await whole.talk("unverified:thief@evil.cn") != await whole.talk()


async def test_long_mail_is_cut_and_kept_whole_beside_it(whole: Whole) -> None:
    raw = write_mail("长" * 9000)
    assert await whole.door.deliver(raw) == (200, "message")
    page = await whole.stage.transcript(await whole.talk())
    assert len(page[0].content.text) <= 2000
    assert "以下省略" in page[0].content.text


async def test_unsubscribe_link_works_by_one_click(whole: Whole) -> None:
    await whole.door.deliver(write_mail())
    await whole.until_mail()
    talk = await whole.talk()
    content = Content(text="讲座邀请", hints={"category": "marketing"})
    async with whole.stage.database.transaction() as connection:
        await post(connection, whole.stage.cipher, Draft(talk, Author.SYSTEM, content))
    headers = (await whole.until_mail(2))[1]["headers"]
    link = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link.removeprefix("https://zhida.test")
    async with whole.door.session.get(path) as answer:
        assert (answer.status, "退订" in await answer.text()) == (200, True)
    assert await whole.rows("SELECT * FROM consent") == []
    async with whole.door.session.post(path, data={"List-Unsubscribe": "One-Click"}) as answer:
        assert answer.status == 200
    assert await whole.rows("SELECT category, state FROM consent") == [("marketing", "no")]
    async with whole.door.session.post(path[:-1] + ("a" if path[-1] != "a" else "b")) as answer:
        assert answer.status == 404


async def test_forged_and_stale_posts_are_refused(whole: Whole) -> None:
    body = pack(write_mail())
    tries = [
        (body, {}),
        (body, sign_body(body, key="guessed")),
        (body, sign_body(body, age=301)),
        (body, sign_body(body, age=-400)),
        (body + b" ", sign_body(body)),
        (body, sign_body(body) | {"X-Zhida-Timestamp": "９"}),
    ]
    for posted, headers in tries:
        assert (await whole.door.post(posted, headers))[0] == 403
    assert (await whole.door.post(body, name="other"))[0] == 404
    assert (await whole.rows("SELECT count(*) FROM inbox"))[0][0] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"to": 1, "raw": ""}',
        b'{"to": [1], "raw": "YQ=="}',
        b'{"to": [], "raw": "%%"}',
    ],
)
async def test_signed_nonsense_is_refused(whole: Whole, body: bytes) -> None:
    assert (await whole.door.post(body))[0] == 400


async def test_mail_without_a_sender_or_too_large_is_refused(whole: Whole) -> None:
    assert (await whole.door.deliver(b"Subject: x\r\n\r\nhi"))[1] == "automatic"
    assert (await whole.door.deliver(b"From: <a b@x>\r\n\r\nhi"))[0] in {200, 400}
    assert (await whole.door.deliver(write_mail("长" * 2_000_000)))[0] == 400
    assert (await whole.rows("SELECT count(*) FROM inbox"))[0][0] == 0


async def test_callbacks_signed_with_the_key_before_are_still_taken(whole: Whole) -> None:
    account = whole.door.account
    object.__setattr__(account, "previous", {"webhook_key": "key-of-before"})
    body = pack(write_mail())
    assert (await whole.door.post(body, sign_body(body, key="key-of-before")))[0] == 200


async def test_return_address_of_another_kind_or_account_is_none(whole: Whole) -> None:
    returns = whole.door.returns
    name = uuid4()
    reply = returns.make("reply", name)
    assert returns.find([reply.upper()]) == ("reply", name)
    assert returns.find([reply.replace("reply+", "bounce+")]) is None
    assert returns.find([reply.replace("mail.zhida.test", "evil.test")]) is None
    for place in range(len("reply+"), len(reply) - len("@mail.zhida.test")):
        other = reply[:place] + ("b" if reply[place] != "b" else "c") + reply[place + 1 :]
        assert returns.find([other]) is None
    assert len(reply.partition("@")[0]) <= 64
    assert SENDER not in reply
