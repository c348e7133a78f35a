"""SMS through the whole middle of the house, against the lab, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text

from kernel.message import Address
from store import consent
from store.cipher import Cipher
from store.engine import Database
from tests.ledger import said
from tests.sms import ABROAD, MAINLAND, SmsLab, running_doors, running_sms_lab
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port


@dataclass
class Scene:
    """The house between phones and providers."""

    lab: SmsLab
    stage: Stage

    async def rows(self, statement: str) -> list[Any]:
        async with self.stage.database.transaction() as connection:
            return list((await connection.execute(text(statement))).all())

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows("SELECT state FROM outbox ORDER BY id")]

    async def until(self, look: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(20):
            while not await look():
                await asyncio.sleep(0.05)

    async def until_states(self, *wanted: str) -> None:
        async def look() -> bool:
            return await self.states() == list(wanted)

        await self.until(look)

    async def write(self, name: str, number: str, words: str) -> None:
        """Let a message come in without the lab's courier."""
        address = Address("sms", name, number)
        one = replace(said("key-1", words), address=address)
        await self.stage.receiver.receive(one)

    async def consent(self, name: str, number: str, category: str) -> str | None:
        async with self.stage.database.transaction() as connection:
            return await consent.find(connection, Address("sms", name, number), category)


@pytest.fixture
async def scene(database: Database, cipher: Cipher) -> AsyncIterator[Scene]:
    port = free_port()
    stage = make_stage(database, cipher, settle=0.3)
    async with (
        running_sms_lab(f"http://127.0.0.1:{port}") as lab,
        running_doors(stage, lab.accounts, port=port),
    ):
        for channel in lab.channels:
            stage.deliverer.channels.add(channel)
        async with running(stage):
            yield Scene(lab, stage)


async def test_an_sms_is_answered_and_its_receipt_comes_home(scene: Scene) -> None:
    assert (await scene.lab.say("twilio", ABROAD, "怎么出金"))["ok"]
    await scene.until_states("delivered")
    (sent,) = scene.lab.ledger
    assert (sent["kind"], sent["address"]) == ("message", ABROAD)
    assert sent["body"]["text"] == "答：怎么出金"
    (row,) = await scene.rows("SELECT id, provider_id FROM outbox")
    assert (sent["outbox"], sent["sid"]) == (str(row.id), row.provider_id)


async def test_a_mainland_client_gets_the_template_instead(scene: Scene) -> None:
    assert (await scene.lab.say("aliyun", MAINLAND, "怎么出金"))["ok"]
    await scene.until_states("delivered")
    (sent,) = scene.lab.ledger
    assert (sent["kind"], sent["address"]) == ("template", MAINLAND)
    assert sent["body"]["text"].startswith("【智达期货】您的咨询已有答复")
    assert "答：" not in sent["body"]["text"]


async def test_a_mainland_number_at_twilio_gets_the_registered_notice(scene: Scene) -> None:
    await scene.lab.say("twilio", MAINLAND, "怎么出金")
    await scene.until_states("delivered")
    (sent,) = scene.lab.ledger
    assert "https://broker.example/app" in sent["body"]["text"]
    assert "答：" not in sent["body"]["text"]


@pytest.mark.parametrize(("name", "number"), [("twilio", ABROAD), ("aliyun", MAINLAND)])
async def test_an_sms_that_comes_twice_is_answered_once(
    scene: Scene, name: str, number: str
) -> None:
    first = await scene.lab.say(name, number, "怎么出金")
    again = await scene.lab.say(name, number, "怎么出金", sid=first["sid"])
    assert first["ok"]
    assert again["ok"]
    await scene.until_states("delivered")
    assert len(scene.lab.ledger) == 1


async def test_stop_is_kept_and_not_answered_until_start(scene: Scene) -> None:
    await scene.lab.say("twilio", ABROAD, "Stop")
    assert await scene.consent("twilio", ABROAD, consent.ALL) == consent.NO
    assert scene.stage.assistant.asked == []
    await scene.lab.say("twilio", ABROAD, "怎么出金")
    await scene.until_states("rejected")
    (row,) = await scene.rows("SELECT reason FROM outbox")
    assert row.reason == "consent:21610"
    await scene.lab.say("twilio", ABROAD, "yes")
    assert await scene.consent("twilio", ABROAD, consent.ALL) == consent.YES
    await scene.lab.say("twilio", ABROAD, "怎么出金")
    await scene.until_states("rejected", "delivered")


async def test_a_stop_that_only_twilio_heard_is_believed(scene: Scene) -> None:
    await scene.lab.fault("lost", target="twilio.callback", times=1)
    assert not (await scene.lab.say("twilio", ABROAD, "STOP"))["ok"]
    await scene.lab.say("twilio", ABROAD, "怎么出金")
    await scene.until_states("rejected")
    assert await scene.consent("twilio", ABROAD, consent.ALL) == consent.NO


async def test_an_old_stop_that_comes_again_undoes_no_newer_start(scene: Scene) -> None:
    first = await scene.lab.say("twilio", ABROAD, "STOP")
    await scene.lab.say("twilio", ABROAD, "START")
    await scene.lab.say("twilio", ABROAD, "STOP", sid=first["sid"])
    assert await scene.consent("twilio", ABROAD, consent.ALL) == consent.YES


async def test_yes_is_an_answer_where_nothing_was_stopped(scene: Scene) -> None:
    await scene.lab.say("twilio", ABROAD, "YES")
    await scene.until_states("delivered")
    assert [one.text for one in scene.stage.assistant.asked] == ["YES"]
    assert await scene.consent("twilio", ABROAD, consent.ALL) is None


async def test_a_mainland_client_stops_marketing_alone(scene: Scene) -> None:
    for word in ("退订", "ｔｄ", "R"):
        await scene.lab.say("aliyun", MAINLAND, word)
    assert await scene.consent("aliyun", MAINLAND, consent.MARKETING) == consent.NO
    assert await scene.consent("aliyun", MAINLAND, consent.ALL) is None
    assert len(await scene.rows("SELECT 1 FROM consent")) == 3
    assert scene.stage.assistant.asked == []
    told = await scene.rows("SELECT verb FROM event WHERE verb = 'unsubscribed'")
    assert len(told) == 1


@pytest.mark.parametrize(("name", "number"), [("twilio", ABROAD), ("aliyun", MAINLAND)])
async def test_a_phone_that_is_off_ends_in_failed(scene: Scene, name: str, number: str) -> None:
    await scene.lab.turn(name, number, "off")
    await scene.lab.say(name, number, "怎么出金")
    await scene.until_states("failed")


@pytest.mark.parametrize(
    ("name", "number", "part"),
    [("twilio", ABROAD, "message"), ("aliyun", MAINLAND, "send")],
)
@pytest.mark.parametrize("mode", ["http_500_after", "reset_after", "half", "html_200"])
async def test_an_unknown_outcome_is_looked_up_and_never_sent_twice(
    scene: Scene, name: str, number: str, part: str, mode: str
) -> None:
    """The reports that would settle it are lost, too."""
    await scene.lab.fault("lost", target=f"{name}.callback")
    await scene.lab.fault(mode, target=f"{name}.{part}", times=1)
    await scene.write(name, number, "怎么出金")
    await scene.until_states("unknown")

    async def settled() -> bool:
        await scene.stage.deliverer._sweeper.sweep()
        return await scene.states() == ["accepted"]

    await scene.until(settled)
    assert len(scene.lab.ledger) == 1


@pytest.mark.parametrize(
    ("mode", "name", "number"),
    [
        (mode, name, number)
        for mode in ("duplicate", "late", "reordered", "unknown_id")
        for name, number in (("twilio", ABROAD), ("aliyun", MAINLAND))
    ],
)
async def test_reports_that_come_badly_move_nothing_back(
    scene: Scene, mode: str, name: str, number: str
) -> None:
    assert (await scene.lab.say(name, number, "怎么出金"))["ok"]
    await scene.lab.fault(mode, target=f"{name}.callback", seconds=0.3, times=1)

    async def settled() -> bool:
        return await scene.states() in (["delivered"], ["accepted"])

    await scene.until(settled)
    if mode != "unknown_id":
        await scene.until_states("delivered")
    assert len(scene.lab.ledger) == 1
