"""Notices on their way to staff: kept once, merged, paced, sent again, never lost by a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from channels.account import Accounts
from channels.contract import Channels
from channels.live import Hub
from channels.staff.channel import StaffChannel
from channels.staff.notice import BREACH, TICKET
from channels.staff.provider import DINGTALK, WECOM_APP, WECOM_ROBOT
from channels.staff.send import StaffSender
from channels.staff.trouble import IN_A_ROW, Trouble
from kernel.clock import FakeClock
from kernel.message import Accepted, Address, Refusal, Rejected, SendResult, Unknown
from store import staff_notice
from store.cipher import Cipher
from store.engine import Database
from store.staff_notice import Notice, Pace
from tests.ledger import said
from tests.stage import make_stage, running
from tests.wecom import WecomLab, running_wecom


@dataclass
class Scene:
    lab: WecomLab
    database: Database
    accounts: Accounts
    channels: Channels
    sender: StaffSender

    async def tell(self, *texts: str, account: str = "robot", topic: str = TICKET) -> None:
        async with self.database.transaction() as connection:
            for one in texts:
                await staff_notice.record(connection, [account], one, Notice(topic, one))

    async def hurry(self) -> None:
        """Let every message that is to be sent again be due now."""
        await self.run("UPDATE staff_batch SET due_at = now() - interval '1 second'")

    async def run(self, statement: str) -> Any:
        async with self.database.transaction() as connection:
            return await connection.execute(text(statement))

    async def states(self) -> list[str]:
        rows = await self.run("SELECT state FROM staff_batch ORDER BY id")
        return [row.state for row in rows]

    def set_pace(self, pace: Pace, account: str = "robot") -> None:
        channel = self.channels.get(Address("staff", account, ""))
        assert isinstance(channel, StaffChannel)
        self.channels.add(replace(channel, pace=pace))

    @property
    def texts(self) -> list[str]:
        return [one["body"]["content"] for one in self.lab.ledger]


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    async with running_wecom() as lab:
        channels = Channels()
        accounts = Accounts([WECOM_APP, WECOM_ROBOT, DINGTALK], channels)
        for account in lab.staff().values():
            accounts.put(account)
        yield Scene(lab, database, accounts, channels, StaffSender(database, channels, Hub()))
        for channel in channels:
            await channel.close()


@pytest.mark.parametrize("account", ["app", "robot", "ding"])
async def test_notice_reaches_people_at_each_provider(scene: Scene, account: str) -> None:
    await scene.tell("【新工单】T-1", account=account)
    assert await scene.sender.send_due() == 1
    assert scene.texts == ["【新工单】T-1"]
    assert [one["account"] for one in scene.lab.ledger] == [account]
    assert await scene.states() == ["sent"]


async def test_notice_that_is_told_twice_is_said_once(scene: Scene) -> None:
    await scene.tell("T-1")
    await scene.sender.send_due()
    await scene.tell("T-1")
    assert await scene.sender.send_due() == 0


async def test_what_waits_is_said_together(scene: Scene) -> None:
    await scene.tell(*(f"T-{n}" for n in range(12)))
    await scene.tell("T-0 late", topic=BREACH)
    await scene.sender.send_due()
    (said,) = scene.texts
    assert said.startswith("12 条新工单")
    assert "1 条工单超时" in said


async def test_pace_is_kept_by_all_senders_together(scene: Scene) -> None:
    scene.set_pace(Pace(3, 3600.0))
    others = [StaffSender(scene.database, scene.channels, Hub()) for _ in range(4)]
    for n in range(11):
        await scene.tell(f"T-{n}")
        await asyncio.gather(*(one.send_due() for one in others))
    assert len(scene.texts) == 3
    scene.set_pace(Pace(4, 3600.0))
    await scene.sender.send_due()
    assert len(scene.texts) == 4
    assert "".join(scene.texts).count("T-") == 11


async def test_providers_own_limit_is_waited_out_and_nothing_is_lost(scene: Scene) -> None:
    scene.set_pace(Pace(1000, 1.0))
    for n in range(25):
        await scene.tell(f"T-{n}")
        await scene.sender.send_due()
    assert len(scene.texts) == 20
    assert (await scene.states())[-1] == "waiting"
    scene.lab.world._robot_calls.clear()
    await scene.hurry()
    await scene.sender.send_due()
    await scene.sender.send_due()
    assert len(scene.texts) == 22
    assert "".join(scene.texts).count("T-") == 25


@pytest.mark.parametrize("mode", ["http_502", "reset_before", "http_429", "html_200"])
async def test_message_that_failed_is_sent_again_before_new_ones(scene: Scene, mode: str) -> None:
    await scene.lab.fault(mode, target="wecom.robot", times=1)
    await scene.tell("first")
    await scene.sender.send_due()
    await scene.tell("second")
    assert await scene.sender.send_due() == 0
    await scene.hurry()
    await scene.sender.send_due()
    await scene.sender.send_due()
    assert scene.texts == ["first", "second"]


async def test_application_message_that_may_have_arrived_arrives_once(scene: Scene) -> None:
    await scene.lab.fault("reset_after", target="wecom.message", times=1)
    await scene.tell("T-1", account="app")
    await scene.sender.send_due()
    assert await scene.states() == ["waiting"]
    await scene.tell("T-2", account="app")
    await scene.hurry()
    await scene.sender.send_due()
    await scene.sender.send_due()
    assert scene.texts == ["T-1", "T-2"]


async def test_robot_that_is_gone_ends_the_message_and_not_the_worker(scene: Scene) -> None:
    await scene.lab.fault("errcode", target="wecom.robot", errcode=93000, times=1)
    await scene.tell("T-1")
    await scene.sender.send_due()
    assert await scene.states() == ["failed"]
    await scene.tell("T-2")
    await scene.sender.send_due()
    assert scene.texts == ["T-2"]


async def test_message_of_a_sender_that_died_is_taken_over(scene: Scene) -> None:
    await scene.tell("T-1")
    async with scene.database.transaction() as connection:
        claimed = await staff_notice.claim(connection, "robot", Pace(20, 65.0))
    assert claimed is not None
    assert await scene.sender.send_due() == 0
    await scene.run("UPDATE staff_batch SET sending_at = now() - interval '2 minutes'")
    assert await scene.sender.send_due() == 1
    assert scene.texts == ["T-1"]


async def test_account_that_is_switched_off_keeps_what_waits(scene: Scene) -> None:
    await scene.tell("T-1")
    channel = scene.accounts.remove("staff", "robot")
    assert channel is not None
    assert await scene.sender.send_due() == 0
    scene.channels.add(channel)
    assert await scene.sender.send_due() == 1


SMS = Address("sms", "twilio", "+852")


async def fail(scene: Scene, trouble: Trouble, *results: SendResult) -> None:
    async with scene.database.transaction() as connection:
        for one in results:
            await trouble.record(connection, SMS, one)


async def test_account_that_fails_in_a_row_reaches_the_robots_once_an_hour(scene: Scene) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    trouble = Trouble(scene.accounts, clock)
    await fail(scene, trouble, *[Unknown("timeout")] * (IN_A_ROW - 1))
    assert await scene.sender.send_due() == 0
    await fail(scene, trouble, *[Rejected(Refusal.CONFIG, "20003")] * 10)
    assert await scene.sender.send_due() == 3
    assert all("sms/twilio" in said for said in scene.texts)
    clock.advance(seconds=3600)
    await fail(scene, trouble, Unknown("timeout"))
    assert await scene.sender.send_due() == 3


async def test_success_and_wrong_addresses_are_no_trouble(scene: Scene) -> None:
    trouble = Trouble(scene.accounts, FakeClock(datetime(2026, 11, 22, tzinfo=UTC)))
    for _ in range(4):
        await fail(scene, trouble, *[Unknown("timeout")] * (IN_A_ROW - 1), Accepted())
    await fail(scene, trouble, *[Rejected(Refusal.RECIPIENT, "21211")] * 20)
    assert await scene.sender.send_due() == 0


async def test_failing_sends_of_the_deliverer_reach_a_robot(scene: Scene, cipher: Cipher) -> None:
    stage = make_stage(scene.database, cipher)
    stage.channel.script = lambda _: Rejected(Refusal.CONFIG, "40001")
    stage.deliverer.watch = Trouble(scene.accounts, FakeClock(datetime.now(UTC)))
    async with running(stage):
        for n in range(IN_A_ROW):
            kept = await stage.receiver.receive(said(f"k{n}", who=f"o{n}"))
            await stage.until(kept.conversation_id, 2, "rejected")
    await scene.sender.send_due()
    assert len(scene.texts) == 3
    assert all("wechat/demo" in one and "config:40001" in one for one in scene.texts)
