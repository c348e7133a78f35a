"""Our client against the lab's WeChat, over real HTTP, with everything that goes wrong there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from channels.wechat.channel import WechatChannel
from channels.wechat.client import WechatClient
from channels.wechat.fault import ApiRefused
from kernel.errors import InvalidInput, OutcomeUnknown, TooLarge
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
    Unknown,
)
from tests.wechat import OPENID, Lab, free_port, running_lab

TEMPLATE = "lab_ticket_progress"
VALUES = {"character_string1": "T20261123", "phrase2": "处理中", "time3": "2026-11-23 10:00"}


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with running_lab() as running:
        running.world.windows.open("demo", OPENID, "message")
        yield running


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[WechatClient]:
    client = lab.client(seconds=1.0)
    yield client
    await client.close()


@pytest.fixture
def channel(client: WechatClient) -> WechatChannel:
    return WechatChannel("demo", client)


def order(text: str = "您好😀", openid: str = OPENID) -> Outbound:
    address = Address("wechat", "demo", openid)
    return Outbound(UUID(int=7), address, Content(text=text), Author.BOT, seq=2)


def calls(lab: Lab, path: str) -> int:
    return sum(str(one["path"]).endswith(path) for one in lab.world.room.trace.read(limit=10_000))


async def test_text_arrives_as_it_was_written(lab: Lab, channel: WechatChannel) -> None:
    assert await channel.send(order()) == Accepted()
    (sent,) = lab.ledger
    assert (sent["kind"], sent["openid"], sent["body"]) == ("custom", OPENID, {"content": "您好😀"})


async def test_fifty_senders_fetch_one_token(lab: Lab, channel: WechatChannel) -> None:
    for number in range(50):
        lab.world.windows.open("demo", f"lab_o{number}", "message")
    orders = [order(openid=f"lab_o{number}") for number in range(50)]
    results = await asyncio.gather(*(channel.send(one) for one in orders))
    assert set(results) == {Accepted()}
    assert calls(lab, "/stable_token") == 1


async def test_stale_token_is_refreshed_and_the_send_repeated_once(
    lab: Lab, channel: WechatChannel
) -> None:
    await channel.send(order())
    lab.world.tokens.expire_all()
    assert await channel.send(order()) == Accepted()
    assert len(lab.ledger) == 2
    assert calls(lab, "/stable_token") == 2


async def test_token_that_stays_wrong_costs_two_sends_and_no_storm(
    lab: Lab, channel: WechatChannel
) -> None:
    await lab.fault("errcode", errcode=40001, target="custom")
    assert await channel.send(order()) == Retryable("40001", 30.0)
    assert calls(lab, "/custom/send") == 2
    assert calls(lab, "/stable_token") <= 3


SENDS: list[tuple[str, dict[str, object], SendResult, int]] = [
    ("http_429", {}, Retryable("http_429", 1.0), 0),
    ("http_500", {}, Unknown("no_answer"), 0),
    ("http_502", {}, Unknown("no_answer"), 0),
    ("http_500_after", {}, Unknown("no_answer"), 1),
    ("html_200", {}, Unknown("no_answer"), 0),
    ("reset_before", {}, Unknown("no_answer"), 0),
    ("reset_after", {}, Unknown("no_answer"), 1),
    ("half", {}, Unknown("no_answer"), 1),
    ("timeout_before", {"seconds": 3}, Unknown("no_answer"), 0),
    ("timeout_after", {"seconds": 3}, Unknown("no_answer"), 1),
    ("errcode", {"errcode": -1}, Retryable("-1", 1.0), 0),
    ("errcode", {"errcode": 45011}, Retryable("45011", 60.0), 0),
    ("errcode", {"errcode": 45065}, Accepted(), 0),
]


@pytest.mark.parametrize(("mode", "more", "result", "sent"), SENDS)
async def test_each_fault_has_its_honest_result(
    lab: Lab,
    channel: WechatChannel,
    mode: str,
    more: dict[str, object],
    result: SendResult,
    sent: int,
) -> None:
    await lab.fault(mode, target="custom", times=1, **more)
    assert await channel.send(order()) == result
    assert len(lab.ledger) == sent


@pytest.mark.parametrize(
    ("errcode", "refusal"),
    [(45009, Refusal.QUOTA), (48001, Refusal.CONFIG), (43004, Refusal.RECIPIENT)],
)
async def test_refusals_keep_their_reason(
    lab: Lab, channel: WechatChannel, errcode: int, refusal: Refusal
) -> None:
    await lab.fault("errcode", errcode=errcode, target="custom", times=1)
    result = await channel.send(order())
    assert isinstance(result, Rejected)
    assert (result.refusal, result.code) == (refusal, str(errcode))


async def test_unreachable_api_is_provably_not_processed() -> None:
    client = WechatClient("a", "s", api_base=f"http://127.0.0.1:{free_port()}")
    channel = WechatChannel("demo", client)
    assert await channel.send(order()) == Retryable("unreachable", 2.0)
    await channel.close()


async def test_hanging_token_is_not_waited_for(lab: Lab, channel: WechatChannel) -> None:
    await lab.fault("timeout_before", target="token", seconds=5, times=1)
    async with asyncio.timeout(4):
        assert await channel.send(order()) == Retryable("unreachable", 2.0)
    assert lab.ledger == []


async def test_wrong_secret_is_a_matter_of_configuration(lab: Lab) -> None:
    client = WechatClient("labwx0123456789", "wrong", api_base=lab.api_base)
    result = await WechatChannel("demo", client).send(order())
    assert isinstance(result, Rejected)
    assert (result.refusal, result.code) == (Refusal.CONFIG, "40125")
    await client.close()


async def test_sixth_message_is_refused_and_so_is_a_stranger(
    lab: Lab, channel: WechatChannel
) -> None:
    results = [await channel.send(order()) for _ in range(6)]
    assert results[:5] == [Accepted()] * 5
    assert isinstance(results[5], Rejected)
    assert (results[5].refusal, results[5].code) == (Refusal.WINDOW, "45047")
    lab.world.windows.close("demo", OPENID)
    closed = await channel.send(order())
    assert isinstance(closed, Rejected)
    assert (closed.refusal, closed.code) == (Refusal.WINDOW, "45015")


async def test_template_is_delivered_once_for_its_id(lab: Lab, channel: WechatChannel) -> None:
    first = await channel.send_template(order(), TEMPLATE, VALUES)
    again = await channel.send_template(order(), TEMPLATE, VALUES)
    assert isinstance(first, Accepted)
    assert first.provider_id
    assert again == first
    (sent,) = lab.ledger
    assert (sent["kind"], sent["client_msg_id"]) == ("template", UUID(int=7).hex)


async def test_a_message_that_names_a_template_goes_as_one(
    lab: Lab, channel: WechatChannel
) -> None:
    wanted = Content(hints={"template": {"code": TEMPLATE, "values": VALUES}})
    sent = await channel.send(replace(order(), content=wanted))
    assert isinstance(sent, Accepted)
    assert sent.provider_id
    assert [one["kind"] for one in lab.ledger] == ["template"]


async def test_template_that_wechat_would_refuse_is_refused(
    lab: Lab, channel: WechatChannel
) -> None:
    bad = await channel.send_template(order(), TEMPLATE, VALUES | {"phrase2": "六个字的状态"})
    unknown = await channel.send_template(order(), "no_such_template", VALUES)
    assert [one.code for one in (bad, unknown) if isinstance(one, Rejected)] == ["47003", "40037"]
    assert lab.ledger == []


async def test_media_arrives_whole_even_with_a_stale_token(lab: Lab, client: WechatClient) -> None:
    data = bytes(range(256)) * 40
    first = await client.upload("image", "a.png", data)
    lab.world.tokens.expire_all()
    second = await client.upload("image", "a.png", data)
    lab.world.tokens.expire_all()
    for media_id in (first, second):
        assert (await client.download(media_id))[0] == data


async def test_media_that_nobody_takes_is_not_sent(lab: Lab, client: WechatClient) -> None:
    with pytest.raises(InvalidInput):
        await client.upload("image", "a.png", b"")
    with pytest.raises(InvalidInput):
        await client.upload("hologram", "a", b"x")
    with pytest.raises(TooLarge):
        await client.upload("thumb", "a.jpg", b"x" * (65 * 1024))
    with pytest.raises(ApiRefused, match="40007"):
        await client.download("lab-media-none")
    assert calls(lab, "/media/upload") == 0


async def test_wechatpys_own_methods_work_over_our_transport(
    lab: Lab, client: WechatClient
) -> None:
    menu = {"button": [{"type": "click", "name": "查余额", "key": "/check_balance"}]}
    await client.menu.create(menu)
    assert await client.menu.get() == {"menu": menu}
    assert lab.world.menus["demo"] == menu
    assert (await client.user.get(OPENID))["subscribe"] == 1
    await client.menu.delete()
    with pytest.raises(ApiRefused, match="46003"):
        await client.menu.get()


async def test_typing_is_shown_or_does_not_matter(lab: Lab, channel: WechatChannel) -> None:
    assert await channel.show_typing(OPENID)
    await lab.fault("http_500", target="typing")
    assert not await channel.show_typing(OPENID)


async def test_wechatpys_blocking_token_is_out_of_reach(client: WechatClient) -> None:
    with pytest.raises(NotImplementedError):
        client.fetch_access_token()
    with pytest.raises(InvalidInput):
        await client.media.upload("image", b"x")


async def test_caller_that_gives_up_leaves_the_client_usable(
    lab: Lab, channel: WechatChannel
) -> None:
    await lab.fault("slow", target="custom", seconds=0.5, times=1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await channel.send(order())
    assert await channel.send(order()) == Accepted()


async def test_broken_answer_to_a_template_is_unknown(lab: Lab, client: WechatClient) -> None:
    await lab.fault("html_200", target="template", times=1)
    with pytest.raises(OutcomeUnknown):
        await client.send_template(OPENID, TEMPLATE, data=VALUES, client_msg_id="x")
