"""What the house relies on, of every channel alike: a new channel joins by one more `Subject`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.account import Provider
from channels.chat.channel import ChatChannel
from channels.contract import Channel
from channels.kf.payload import MESSAGE_RULE as KF_RULE
from channels.staff.provider import DINGTALK, WECOM_APP, WECOM_ROBOT
from channels.wechat.payload import MESSAGE_RULE
from kernel.message import (
    Accepted,
    Address,
    Author,
    Content,
    Inbound,
    InboundKind,
    Outbound,
    Rejected,
    Retryable,
    Unknown,
)
from tests import wecom
from tests.ledger import LedgerChannel
from tests.mail import CLIENT, running_mail_lab
from tests.push import REGISTRATION, MemoryDevices, running_push_lab, running_push_service
from tests.sms import ABROAD, MAINLAND, running_sms_lab
from tests.voice import NUMBER, running_voice_lab
from tests.wechat import OPENID, running_lab, wechat_channel
from tests.wecom import running_wecom

RESULTS = Accepted | Rejected | Retryable | Unknown


@dataclass
class Subject:
    """A channel, somebody who may be written to, what arrived there, and how to break it."""

    channel: Channel
    address: Address
    window_rule: str | None
    arrived: Callable[[], list[str]]
    break_provider: Callable[[str], Awaitable[None]] | None = None

    def order(self, content: Content) -> Outbound:
        return Outbound(uuid4(), self.address, content, Author.BOT, seq=2)

    def inbound(self) -> Inbound:
        return Inbound(
            address=self.address,
            dedup_key="1",
            kind=InboundKind.MESSAGE,
            content=Content(text="您好"),
            received_at=datetime.now(UTC),
            window_rule=self.window_rule,
        )


@asynccontextmanager
async def wechat() -> AsyncIterator[Subject]:
    async with running_lab() as lab:
        lab.world.windows.open("demo", OPENID, "message")
        channel = wechat_channel(lab)
        yield Subject(
            channel,
            Address("wechat", "demo", OPENID),
            MESSAGE_RULE,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lambda mode: lab.fault(mode, target="custom"),
        )
        await channel.close()


@asynccontextmanager
async def kf() -> AsyncIterator[Subject]:
    async with running_wecom() as lab:
        lab.world.sessions.speak(wecom.OPEN_KFID, wecom.USER)
        channel = lab.channel()
        yield Subject(
            channel,
            Address("kf", "demo", wecom.USER),
            KF_RULE,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lambda mode: lab.fault(mode, target="wecom.send"),
        )
        await channel.close()


@asynccontextmanager
async def _staff(account: str, provider: Provider, part: str) -> AsyncIterator[Subject]:
    async with running_wecom() as lab:
        channel = provider.build(provider.complete(lab.staff()[account]))
        yield Subject(
            channel,
            Address("staff", account, "staff"),
            None,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lambda mode: lab.fault(mode, target=part),
        )
        await channel.close()


def wecom_app() -> AbstractAsyncContextManager[Subject]:
    return _staff("app", WECOM_APP, "wecom.message")


def wecom_robot() -> AbstractAsyncContextManager[Subject]:
    return _staff("robot", WECOM_ROBOT, "wecom.robot")


def dingtalk() -> AbstractAsyncContextManager[Subject]:
    return _staff("ding", DINGTALK, "dingtalk.robot")


@asynccontextmanager
async def _sms(name: str, number: str, part: str) -> AsyncIterator[Subject]:
    async with running_sms_lab() as lab:
        yield Subject(
            lab.channel(name),
            Address("sms", name, number),
            None,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lambda mode: lab.fault(mode, target=f"{name}.{part}"),
        )


def sms_twilio() -> AbstractAsyncContextManager[Subject]:
    return _sms("twilio", ABROAD, "message")


def sms_aliyun() -> AbstractAsyncContextManager[Subject]:
    return _sms("aliyun", MAINLAND, "send")


@asynccontextmanager
async def email() -> AsyncIterator[Subject]:
    async with running_mail_lab() as lab:
        yield Subject(
            lab.channel(),
            Address("email", "demo", CLIENT),
            None,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lab.fault,
        )


@asynccontextmanager
async def voice() -> AsyncIterator[Subject]:
    async with running_voice_lab() as lab:
        channel = lab.channel()
        yield Subject(
            channel,
            Address("voice", "demo", NUMBER),
            None,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lab.fault,
        )
        await channel.close()


@asynccontextmanager
async def push_jpush() -> AsyncIterator[Subject]:
    async with running_push_lab() as lab:
        channel = lab.channel(MemoryDevices())
        yield Subject(
            channel,
            Address("push", "jpush", REGISTRATION),
            None,
            lambda: [json.dumps(entry["body"], ensure_ascii=False) for entry in lab.ledger],
            lab.fault,
        )
        await channel.close()


@asynccontextmanager
async def push_web() -> AsyncIterator[Subject]:
    async with running_push_service() as service:
        yield Subject(
            service.channel,
            Address("push", "web", service.address),
            None,
            lambda: service.arrived,
            service.fault,
        )
        await service.channel.close()


@asynccontextmanager
async def chat() -> AsyncIterator[Subject]:
    yield Subject(ChatChannel(), Address("chat", "app", "visitor:1"), None, list)


@asynccontextmanager
async def ledger() -> AsyncIterator[Subject]:
    """The fake that other tests trust keeps the same promises."""
    channel = LedgerChannel()
    yield Subject(channel, Address("wechat", "demo", "o"), "message", lambda: channel.texts)


@pytest.fixture(
    params=[
        wechat,
        kf,
        wecom_app,
        wecom_robot,
        dingtalk,
        sms_twilio,
        sms_aliyun,
        email,
        voice,
        push_jpush,
        push_web,
        chat,
        ledger,
    ],
    ids=lambda build: build.__name__,
)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    build: Callable[[], AbstractAsyncContextManager[Subject]] = request.param
    async with build() as subject:
        yield subject


CONTENTS = [
    Content(text="您的出金申请已受理。"),
    Content(text="长" * 5000),
    Content(text="]]></Content><script>alert(1)</script>&amp;"),
    Content(text="选一个", choices=({"title": "是", "payload": '/affirm{"a":"b"}'},)),
    Content(text="余额", card={"title": "资金", "rows": [{"label": "可用", "value": "1.00"}]}),
    Content(text="有用吗", feedback=True, article={"key": "k", "title": "t"}),
    Content(text=""),
    Content(kind="image", media={"id": "gone", "mime": "image/png"}),
]


def test_channel_says_where_it_is_and_what_it_can(subject: Subject) -> None:
    channel = subject.channel
    assert (channel.name, channel.account) == (subject.address.channel, subject.address.account)
    can = channel.capabilities
    assert can.text_limit > 0
    assert can == channel.capabilities
    assert can.reserve == 0 or can.has_windows


def test_message_opens_a_window_where_there_are_windows(subject: Subject) -> None:
    rule = subject.channel.find_window(subject.inbound())
    assert (rule is not None) is subject.channel.capabilities.has_windows
    if rule is not None:
        assert rule.quota > subject.channel.capabilities.reserve
        assert rule.lasts.total_seconds() > 0


async def test_plain_text_is_accepted_once(subject: Subject) -> None:
    assert isinstance(await subject.channel.send(subject.order(CONTENTS[0])), Accepted)
    if not subject.channel.capabilities.is_pulled:
        assert len(subject.arrived()) == 1


@pytest.mark.parametrize("content", CONTENTS)
async def test_any_content_has_a_result_and_never_an_exception(
    subject: Subject, content: Content
) -> None:
    assert isinstance(await subject.channel.send(subject.order(content)), RESULTS)


async def test_what_is_for_the_house_alone_stays_in_it(subject: Subject) -> None:
    content = replace(CONTENTS[0], hints={"intent": "secret_hint"})
    await subject.channel.send(subject.order(content))
    assert "secret_hint" not in "".join(subject.arrived())


async def test_many_at_once_do_not_mix(subject: Subject) -> None:
    orders = [subject.order(Content(text=f"第{n}条")) for n in range(5)]
    results = await asyncio.gather(*(subject.channel.send(one) for one in orders))
    assert {type(one) for one in results} == {Accepted}
    if not subject.channel.capabilities.is_pulled:
        said = sorted(subject.arrived())
        assert len(said) == 5
        if subject.channel.describe(subject.address).takes_free_text:
            assert all(f"第{n}条" in one for n, one in enumerate(said))


@pytest.mark.parametrize(
    ("mode", "result"),
    [
        ("http_429", Retryable),
        ("http_502", Unknown),
        ("reset_after", Unknown),
        ("html_200", Unknown),
        ("half", Unknown),
    ],
)
async def test_provider_that_fails_is_reported_honestly(
    subject: Subject, mode: str, result: type
) -> None:
    if subject.break_provider is None:
        assert isinstance(await subject.channel.send(subject.order(CONTENTS[0])), Accepted)
        return
    await subject.break_provider(mode)
    before = len(subject.arrived())
    assert isinstance(await subject.channel.send(subject.order(CONTENTS[0])), result)
    arrived = len(subject.arrived()) - before
    assert arrived <= (1 if result is Unknown else 0)


async def test_closing_twice_is_fine(subject: Subject) -> None:
    await subject.channel.close()
    await subject.channel.close()
