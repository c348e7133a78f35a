"""Tells staff outside of the console of new tickets and of promises that were not kept.

Texts carry a ticket's number, kind and time, and nothing that its client said: groups and robots
belong to other companies.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from channels.account import Accounts
from channels.live import SEALED, Hub
from channels.staff.notice import BREACH, TICKET, find_listeners
from desk.reason import describe_reason
from kernel.clock import CHINA
from kernel.happening import TICKET_OPENED
from store import staff_notice, stream, ticket_alarm
from store.engine import Connection, Database
from store.staff_notice import Notice
from store.ticket_alarm import Alarm

log = logging.getLogger(__name__)

READER: Final = "staff"
LOOK_SECONDS: Final = 2.0
BREATH_SECONDS: Final = 1.0
BATCH: Final = 200

_PRIORITIES: Final[Mapping[str, str]] = {
    "critical": "特急",
    "high": "紧急",
    "normal": "普通",
    "low": "一般",
}


@dataclass(frozen=True, slots=True)
class Alarms:
    """Follows tickets; several may run, each ticket is told of once an account."""

    database: Database
    accounts: Accounts
    hub: Hub

    async def run(self) -> None:
        """Look and keep notices until cancelled; channels/staff/send.py sends them."""
        await self.hub.follow(
            SEALED,
            self._take,
            poll=LOOK_SECONDS,
            what="Notices for staff wait",
            breath=BREATH_SECONDS,
        )

    async def _take(self) -> bool:
        is_more = await self.take_opened() == BATCH
        await self.take_late()
        return is_more

    async def take_opened(self) -> int:
        """Keep notices of the tickets that were opened next; return how many happenings."""
        async with self.database.transaction() as connection:
            told = await stream.read_next(connection, READER, [TICKET_OPENED], BATCH)
            if told:
                ids = [UUID(one.subject_id) for one in told]
                alarms = await ticket_alarm.find_alarms(connection, ids)
                await self._keep(connection, TICKET, alarms)
                await stream.record_read(connection, READER, told[-1].position)
        return len(told)

    async def take_late(self) -> int:
        """Keep notices of promises that have passed; return how many."""
        if not find_listeners(self.accounts, BREACH):
            return 0
        async with self.database.transaction() as connection:
            late = await ticket_alarm.find_late(connection, BREACH)
            await self._keep(connection, BREACH, late)
        return len(late)

    async def _keep(self, connection: Connection, topic: str, alarms: Sequence[Alarm]) -> None:
        listeners = find_listeners(self.accounts, topic)
        if not listeners:
            return
        write = _write_new if topic == TICKET else _write_late
        for one in alarms:
            await staff_notice.record(connection, listeners, str(one.id), Notice(topic, write(one)))


def _write_new(alarm: Alarm) -> str:
    by = f"，请在 {_clock(alarm)} 前答复" if alarm.promised_at else ""
    return f"【新工单】{_name(alarm)}{by} · new ticket"


def _write_late(alarm: Alarm) -> str:
    return f"【超时】{_name(alarm)}，应在 {_clock(alarm)} 前答复 · past its promise"


def _name(alarm: Alarm) -> str:
    priority = _PRIORITIES.get(alarm.priority, alarm.priority)
    return f"{alarm.number} {priority} {describe_reason(alarm.reason).words}"


def _clock(alarm: Alarm) -> str:
    return f"{alarm.promised_at.astimezone(CHINA):%m-%d %H:%M}" if alarm.promised_at else "—"
