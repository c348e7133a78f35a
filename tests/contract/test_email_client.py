"""SMTP as it goes wrong: against the lab's server, and against aiosmtpd, which others wrote."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.email.channel import EmailChannel
from channels.email.client import Server, SmtpClient
from channels.email.fault import Stage, judge_answer
from channels.email.provider import PROVIDER
from kernel.message import (
    Accepted,
    Address,
    Author,
    Content,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
    Thread,
    Unknown,
)
from tests.mail import CLIENT, MailLab, mail_account, running_mail_lab
from tests.wechat import free_port

FULL = Content(
    text='您的出金申请已受理。\n\n<b>不是</b>标签 & "引号"',
    card={"title": "出金", "rows": [{"label": "金额", "value": "1,000.00"}], "note": "T+1"},
    choices=({"title": "查进度", "payload": "/progress"}, {"title": "转人工", "payload": "/human"}),
    article={"key": "k", "title": "如何出金"},
)


def order(content: Content = FULL, *, to: str = CLIENT, thread: Thread | None = None) -> Outbound:
    talk = uuid4()
    address = Address("email", "demo", to)
    return Outbound(uuid4(), address, content, Author.BOT, conversation_id=talk, thread=thread)


class Handler:
    """Keeps what aiosmtpd was given; `says` is its answer to each command."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.says: dict[str, str] = {}
        self.once: list[str] = []
        self.talks: list[SMTP] = []

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.once.pop() if self.once else self.says.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.says.get("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.taken.append(envelope)
        return self.says.get("DATA", "250 2.0.0 OK queued as ABC123")


@pytest.fixture
async def peer() -> AsyncIterator[tuple[Handler, EmailChannel]]:
    handler, port = Handler(), free_port()
    loop = asyncio.get_running_loop()

    def answer() -> SMTP:
        handler.talks.append(SMTP(handler, loop=loop))
        return handler.talks[-1]

    server = await loop.create_server(answer, "127.0.0.1", port)
    try:
        channel = PROVIDER.build(mail_account(port))
        assert isinstance(channel, EmailChannel)
        yield handler, channel
    finally:
        server.close()
        await channel.close()
        for talk in handler.talks:
            if talk.transport is not None:
                talk.transport.abort()
        await asyncio.sleep(0)


async def test_mail_as_another_server_gets_it(peer: tuple[Handler, EmailChannel]) -> None:
    handler, channel = peer
    one = order(thread=Thread("<asked@example.cn>", "咨询\r\nBcc: x@evil.cn"))
    assert await channel.send(one) == Accepted(f"<{one.outbox_id}@mail.zhida.test>")
    (envelope,) = handler.taken
    assert envelope.rcpt_tos == [CLIENT]
    assert channel.returns.find([str(envelope.mail_from)]) == ("bounce", one.outbox_id)
    raw = envelope.content
    assert isinstance(raw, bytes)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    mail = message_from_bytes(raw, policy=default)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Reply-To"):
        assert len(mail.get_all(name, [])) == 1, name
    assert mail["Subject"] == "Re: 咨询 Bcc: x@evil.cn"
    assert mail["Bcc"] is None
    assert mail["From"].addresses[0].display_name == "智达期货"
    assert mail["In-Reply-To"] == "<asked@example.cn>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    shown, drawn = text.get_content(), page.get_content()
    for part in ("<b>不是</b>", "1,000.00", "1. 查进度", "来源：如何出金"):
        assert part in shown
    assert "&lt;b&gt;不是&lt;/b&gt; 标签"[:16] in drawn
    assert f"mailto:{channel.returns.make('reply', one.conversation_id or uuid4())}" in drawn
    assert "<img" not in drawn
    assert "http" not in drawn


async def test_an_approved_subject_and_the_way_out_of_a_campaign(
    peer: tuple[Handler, EmailChannel],
) -> None:
    handler, channel = peer
    way_out = "https://zhida.test/u/abc"
    content = Content(text="周报", hints={"subject_line": "周报\r\nBcc: x", "unsubscribe": way_out})
    address = Address("email", "demo", CLIENT)
    await channel.send(Outbound(uuid4(), address, content, Author.SYSTEM))
    raw = handler.taken[0].content
    assert isinstance(raw, bytes)
    mail = message_from_bytes(raw, policy=default)
    assert (mail["Subject"], mail["Bcc"]) == ("周报 Bcc: x", None)
    assert mail["List-Unsubscribe"] == f"<{way_out}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        ("MAIL", "421 4.3.2 closing", Retryable("421", 30.0)),
        ("MAIL", "550 5.7.1 no", Rejected(Refusal.CONFIG, "550", "5.7.1 no")),
        ("RCPT", "450 4.2.1 busy", Retryable("450", 60.0)),
        ("RCPT", "451 4.7.1 greylisted", Retryable("451", 60.0)),
        ("RCPT", "452 full", Retryable("452", 120.0)),
        ("RCPT", "550 5.1.1 unknown", Rejected(Refusal.RECIPIENT, "550", "5.1.1 unknown")),
        ("RCPT", "550 unknown", Rejected(Refusal.RECIPIENT, "550", "unknown")),
        ("RCPT", "554 5.7.1 relay", Rejected(Refusal.CONFIG, "554", "5.7.1 relay")),
        ("RCPT", "525 5.7.13 off", Rejected(Refusal.RECIPIENT, "525", "5.7.13 off")),
        ("DATA", "451 later", Retryable("451", 60.0)),
        ("DATA", "552 5.3.4 big", Rejected(Refusal.CONTENT, "552", "5.3.4 big")),
        ("DATA", "554 5.7.1 spam", Rejected(Refusal.CONTENT, "554", "5.7.1 spam")),
    ],
)
async def test_refusals(
    peer: tuple[Handler, EmailChannel], command: str, answer: str, expected: SendResult
) -> None:
    handler, channel = peer
    handler.says[command] = answer
    assert await channel.send(order()) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("timeout_before", Retryable("timeout", 5.0)),
        ("reset_before", Retryable("unreachable", 5.0)),
        ("timeout_after", Unknown("timeout")),
        ("reset_after", Unknown("no_answer")),
        ("http_502", Unknown("no_answer")),
        ("html_200", Unknown("strange_answer")),
    ],
)
async def test_connections_that_break(mode: str, expected: SendResult) -> None:
    async with running_mail_lab() as lab:
        await lab.fault(mode, seconds=3, times=1)
        client = SmtpClient(Server("127.0.0.1", lab.smtp_port, "none"), seconds=1.0)
        sent = await client.send(
            b"From: service@mail.zhida.test\r\n\r\nx\r\n", sender="a@b.cn", recipient=CLIENT
        )
        assert sent == expected
        arrived = {"timeout_after", "reset_after", "html_200"}
        assert len(lab.ledger) == (1 if mode in arrived else 0)


async def test_mails_follow_each_other_on_one_connection(
    peer: tuple[Handler, EmailChannel],
) -> None:
    handler, channel = peer
    for _ in range(3):
        assert isinstance(await channel.send(order()), Accepted)
    assert len({bytes(one.content or b"") for one in handler.taken}) == 3
    assert len(handler.talks) == 1


@pytest.mark.parametrize("said", ["421 4.4.2 idle for too long", None])
async def test_that_a_kept_connection_has_ended_is_no_attempt(
    peer: tuple[Handler, EmailChannel], said: str | None
) -> None:
    handler, channel = peer
    assert isinstance(await channel.send(order()), Accepted)
    if said:
        handler.once = [said]
    else:
        handler.talks[0].transport.abort()
    assert isinstance(await channel.send(order()), Accepted)
    assert (len(handler.taken), len(handler.talks)) == (2, 2)


async def test_what_a_server_says_of_a_mail_is_not_asked_twice(
    peer: tuple[Handler, EmailChannel],
) -> None:
    handler, channel = peer
    assert isinstance(await channel.send(order()), Accepted)
    handler.says["RCPT"] = "550 5.1.1 nobody"
    assert isinstance(await channel.send(order()), Rejected)
    assert len(handler.talks) == 1


async def test_nobody_listens() -> None:
    client = SmtpClient(Server("127.0.0.1", free_port(), "none"), seconds=2.0)
    assert await client.send(b"x", sender="a@b.cn", recipient=CLIENT) == Retryable(
        "unreachable", 5.0
    )


async def test_server_that_says_nothing_delivers_nothing() -> None:
    is_over = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        is_over.set()

    server = await asyncio.start_server(hold, "127.0.0.1", port := free_port())
    client = SmtpClient(Server("127.0.0.1", port, "none"), seconds=0.5)
    assert await client.send(b"x", sender="a@b.cn", recipient=CLIENT) == Retryable("timeout", 5.0)
    async with asyncio.timeout(5):
        await is_over.wait()
    server.close()


async def test_unencrypted_server_gets_no_mail_where_encryption_is_asked_for(
    peer: tuple[Handler, EmailChannel],
) -> None:
    handler, channel = peer
    server = Server("127.0.0.1", channel.client.server.port, "starttls")
    sent = await SmtpClient(server, seconds=3).send(b"x", sender="a@b.cn", recipient=CLIENT)
    assert isinstance(sent, Rejected | Retryable)
    assert handler.taken == []


WRONG = ["", "x", "a@b", "a b@c.cn", "中@c.cn", "a@b@c.cn", "-@-c.cn", "a,b@c.cn", "<a@c.cn>"]


@pytest.mark.parametrize(
    "address", [*WRONG, "a" * 65 + "@c.cn", "a@c.cn\r\nRCPT TO:<x@y.cn>", "a@" + "c" * 260 + ".cn"]
)
async def test_address_that_is_none_is_never_said_to_a_server(
    peer: tuple[Handler, EmailChannel], address: str
) -> None:
    handler, channel = peer
    result = await channel.send(order(to=address))
    assert isinstance(result, Rejected)
    assert result.refusal is Refusal.RECIPIENT
    assert handler.taken == []


def test_every_answer_has_a_result() -> None:
    for stage in Stage:
        for code in (-1, 0, 199, 250, 399, 421, 499, 500, 530, 535, 550, 571, 599, 600):
            assert not isinstance(judge_answer(code, "", stage), Accepted)


async def test_lab_refuses_mailboxes_that_do_not_exist() -> None:
    async with running_mail_lab() as lab:
        assert isinstance(lab, MailLab)
        result = await lab.channel().send(order(to="nobody@example.cn"))
        assert result == Rejected(Refusal.RECIPIENT, "550", "5.1.1 LAB: no such mailbox")
