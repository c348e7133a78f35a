"""Every channel as the contract suite meets it, at a provider of the lab or a peer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from channels.account import Provider
from channels.chat.channel import ChatChannel
from channels.contract import Channel
from channels.kf.payload import MESSAGE_RULE as KF_RULE
from channels.staff.provider import DINGTALK, WECOM_APP, WECOM_ROBOT
from channels.wechat.payload import MESSAGE_RULE
from kernel.message import (
    Address,
    Author,
    Content,
    Inbound,
    InboundKind,
    Outbound,
)
from tests import wecom
from tests.ledger import LedgerChannel
from tests.mail import CLIENT, running_mail_lab
from tests.push import REGISTRATION, MemoryDevices, running_push_lab, running_push_service
from tests.sms import ABROAD, MAINLAND, running_sms_lab
from tests.voice import NUMBER, running_voice_lab
from tests.wechat import OPENID, running_lab, wechat_channel
from tests.wecom import running_wecom


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


BUILDERS: Sequence[Callable[[], AbstractAsyncContextManager[Subject]]] = [
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
]
"""One for each channel; a new one adds its own."""
