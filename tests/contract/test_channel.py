"""What the house relies on, of every channel alike; subject.py builds each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest

from kernel.message import (
    Accepted,
    Content,
    Rejected,
    Retryable,
    Unknown,
)
from tests.contract.subject import BUILDERS, Subject

RESULTS = Accepted | Rejected | Retryable | Unknown


@pytest.fixture(params=BUILDERS, ids=lambda build: build.__name__)
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
