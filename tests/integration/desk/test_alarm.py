"""New tickets and broken promises really reach a robot, and nothing of their client does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from channels.account import Accounts
from channels.contract import Channels
from channels.staff.provider import WECOM_ROBOT
from channels.staff.send import StaffSender
from desk.alarm import Alarms
from tests.integration.desk.conftest import Office
from tests.wecom import WecomLab, running_wecom


@dataclass
class Group:
    """The people in front of a robot."""

    office: Office
    lab: WecomLab
    alarms: Alarms
    sender: StaffSender

    async def listen(self) -> list[str]:
        """Return all that the robot has said by now."""
        await self.office.open_tickets()
        while await self.alarms.take_opened():
            pass
        await self.alarms.take_late()
        await self.sender.send_due()
        return [one["body"]["content"] for one in self.lab.ledger]

    async def change(self, statement: str) -> None:
        async with self.office.stage.database.transaction() as connection:
            await connection.execute(text(statement))


@pytest.fixture
async def group(office: Office) -> AsyncIterator[Group]:
    async with running_wecom() as lab:
        channels, database = Channels(), office.stage.database
        accounts = Accounts([WECOM_ROBOT], channels)
        accounts.put(lab.staff()["robot"])
        hub = office.stage.hub
        alarms = Alarms(database, accounts, hub)
        yield Group(office, lab, alarms, StaffSender(database, channels, hub))
        for channel in channels:
            await channel.close()


async def test_new_ticket_is_told_once_without_its_clients_words(group: Group) -> None:
    await group.office.write("我的账户是 8800123，请打 13812345678")
    await group.office.hand_over("complaint")
    (said,) = await group.listen()
    assert said.startswith("【新工单】T")
    assert "客户投诉" in said
    assert "8800123" not in said
    assert "138" not in said
    assert await group.listen() == [said]


async def test_promise_that_was_not_kept_is_told_once(group: Group) -> None:
    await group.office.hand_over()
    await group.listen()
    await group.change("UPDATE ticket SET promised_at = now() - interval '1 minute'")
    said = await group.listen()
    assert [one[:4] for one in said] == ["【新工单", "【超时】"]
    assert await group.listen() == said


async def test_answered_ticket_is_not_late(group: Group) -> None:
    await group.office.hand_over()
    await group.listen()
    await group.change(
        "UPDATE ticket SET promised_at = now() - interval '1 minute', answered_at = now()"
    )
    assert len(await group.listen()) == 1
