"""Calls beside Twilio's own OpenAPI (Prism)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from channels.sms.twilio.client import TwilioClient
from channels.voice.channel import Caller, VoiceChannel
from channels.voice.provider import PROVIDER
from kernel.message import Accepted, Address, Author, Content, Outbound, SendResult
from tests.prism import running_prism
from tests.voice import CALLER, NUMBER, voice_account


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prism-calls")
    with running_prism(folder, "/Calls.json", "/Calls/{Sid}.json") as url:
        yield url


async def call(prism: str, words: str) -> SendResult:
    channel = PROVIDER.build(voice_account("https://zhida.example", prism))
    address = Address("voice", "demo", NUMBER)
    try:
        return await channel.send(Outbound(uuid4(), address, Content(text=words), Author.SYSTEM))
    finally:
        await channel.close()


@pytest.mark.parametrize("words", ["您的保证金不足。", 'A&B <c> "d" +=%', "保" * 300])
async def test_calls_are_what_twilios_own_description_asks_for(prism: str, words: str) -> None:
    assert isinstance(await call(prism, words), Accepted)


async def test_call_of_an_account_that_cannot_be_is_refused(prism: str) -> None:
    caller = Caller("demo", CALLER, "https://zhida.example")
    channel = VoiceChannel(caller, TwilioClient("ACnone", "token", api_base=prism))
    address = Address("voice", "demo", NUMBER)
    result = await channel.send(Outbound(uuid4(), address, Content(text="x"), Author.SYSTEM))
    await channel.close()
    assert not isinstance(result, Accepted)
