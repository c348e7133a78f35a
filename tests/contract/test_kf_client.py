"""Our kf channel against the lab's WeCom over real HTTP: keys, states, windows, tokens, codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from channels.kf.channel import KfChannel
from kernel.message import (
    REPLY_CODE,
    Accepted,
    Json,
    Refusal,
    Rejected,
    Retryable,
    Unknown,
)
from lab.wecom.session import ASSISTANT, ENDED, PERSON, WAITING
from tests.wecom import OPEN_KFID, USER, WecomLab, order, running_wecom


@pytest.fixture
async def lab() -> AsyncIterator[WecomLab]:
    async with running_wecom() as lab:
        lab.world.sessions.speak(OPEN_KFID, USER)
        yield lab


@pytest.fixture
async def channel(lab: WecomLab) -> AsyncIterator[KfChannel]:
    channel = lab.channel()
    yield channel
    await channel.close()


async def test_message_goes_out_under_our_own_id(lab: WecomLab, channel: KfChannel) -> None:
    sent = order("您好")
    assert await channel.send(sent) == Accepted(sent.outbox_id.hex)
    (entry,) = lab.ledger
    assert entry["body"] == {"content": "您好"}
    assert (entry["outbox"], entry["address"]) == (str(sent.outbox_id), USER)


async def test_what_may_have_arrived_is_sent_again_under_the_same_key_and_arrives_once(
    lab: WecomLab, channel: KfChannel
) -> None:
    await lab.fault("reset_after", target="wecom.send", times=1)
    sent = order("您好")
    assert isinstance(await channel.send(sent), Unknown)
    assert await channel.send(replace(sent, is_repeat=True)) == Accepted(sent.outbox_id.hex)
    assert len(lab.ledger) == 1


async def test_used_key_on_a_first_call_is_no_success(lab: WecomLab, channel: KfChannel) -> None:
    sent = order("您好")
    await channel.send(sent)
    assert await channel.send(sent) == Rejected(
        Refusal.CONFIG, "40058", "WeChat answered 40058: invalid Request Parameter (msgid exists), "
        "hint: [lab]",
    )  # fmt: skip


async def test_repeat_that_is_refused_for_a_known_reason_is_refused(
    lab: WecomLab, channel: KfChannel
) -> None:
    lab.world.sessions.get(OPEN_KFID, USER).left = 0
    refused = await channel.send(order("您好", repeat=True))
    assert isinstance(refused, Rejected)
    assert (refused.refusal, refused.code) == (Refusal.WINDOW, "95001")


async def test_sixth_message_is_refused_as_the_windows_end(
    lab: WecomLab, channel: KfChannel
) -> None:
    results = [await channel.send(order(f"第{n}条")) for n in range(6)]
    assert [type(one) for one in results] == [Accepted] * 5 + [Rejected]
    last = results[-1]
    assert isinstance(last, Rejected)
    assert (last.refusal, last.code) == (Refusal.WINDOW, "95001")


async def test_waiting_session_is_taken_by_the_assistant(lab: WecomLab, channel: KfChannel) -> None:
    session = lab.world.sessions.get(OPEN_KFID, USER)
    session.state = WAITING
    assert isinstance(await channel.send(order()), Accepted)
    assert session.state == ASSISTANT


@pytest.mark.parametrize(("state", "word"), [(PERSON, "WeCom"), (ENDED, "ended")])
async def test_session_of_a_person_inside_wecom_is_left_to_them(
    lab: WecomLab, channel: KfChannel, state: int, word: str
) -> None:
    session = lab.world.sessions.get(OPEN_KFID, USER)
    session.state = state
    refused = await channel.send(order())
    assert isinstance(refused, Rejected)
    assert (refused.refusal, refused.code) == (Refusal.WINDOW, f"95018_state_{state}")
    assert word in refused.detail
    assert session.state == state
    assert lab.ledger == []


async def test_welcome_goes_by_the_events_code_once(lab: WecomLab, channel: KfChannel) -> None:
    code = lab.world.sessions.enter(OPEN_KFID, "wm_new")
    sent = order("欢迎", hints={REPLY_CODE: code})
    assert isinstance(await channel.send(sent), Accepted)
    assert [(one["kind"], one["address"]) for one in lab.ledger] == [("welcome", "wm_new")]
    assert isinstance(await channel.send(order("欢迎", hints={REPLY_CODE: code})), Rejected)


async def test_hundred_callers_fetch_one_token(lab: WecomLab, channel: KfChannel) -> None:
    await asyncio.gather(*(channel.client.find_state(USER) for _ in range(50)))
    assert lab.world.tokens.fetches == 1


async def test_stale_token_is_replaced_once(lab: WecomLab, channel: KfChannel) -> None:
    await channel.send(order("一"))
    lab.world.tokens.expire_all()
    results = await asyncio.gather(*(channel.send(order(f"第{n}条")) for n in range(4)))
    assert {type(one) for one in results} == {Accepted}
    assert lab.world.tokens.fetches == 2


async def test_token_that_stays_wrong_ends_the_attempt(lab: WecomLab, channel: KfChannel) -> None:
    await lab.fault("errcode", target="wecom.send", errcode=42001)
    assert isinstance(await channel.send(order()), Retryable)
    assert lab.world.tokens.fetches <= 3


@pytest.mark.parametrize(
    ("code", "refusal"),
    [(45002, Refusal.CONTENT), (60020, Refusal.CONFIG), (95013, Refusal.CONFIG),
     (95002, Refusal.WINDOW), (40003, Refusal.RECIPIENT)],
)  # fmt: skip
async def test_refusals_are_told_apart(
    lab: WecomLab, channel: KfChannel, code: int, refusal: Refusal
) -> None:
    await lab.fault("errcode", target="wecom.send", errcode=code)
    refused = await channel.send(order())
    assert isinstance(refused, Rejected)
    assert (refused.refusal, refused.code) == (refusal, str(code))


async def test_pages_follow_the_cursor_to_the_end(lab: WecomLab, channel: KfChannel) -> None:
    account = lab.world.accounts.kfs["demo"]
    for n in range(450):
        words: dict[str, Json] = {"content": str(n)}
        lab.world.add_item(account, 3, {"msgtype": "text", "text": words, "external_userid": USER})
    cursor, seen, calls = "", [], 0
    while True:
        page = await channel.client.pull(cursor)
        calls += 1
        seen += [one["text"]["content"] for one in page.items]  # type: ignore[index,call-overload]
        cursor = page.next_cursor
        if not page.has_more:
            break
    assert (calls, seen) == (3, [str(n) for n in range(450)])
