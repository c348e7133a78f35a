"""Somebody who proves who they are on one channel and another, and the desk that looks on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from channels.contract import Capabilities
from clients.verification import Verification
from tests.integration.clients.conftest import DemoCore
from tests.integration.desk.conftest import Colleague, Office
from tests.ledger import LedgerChannel

PHONE, CLIENT_NO = "19900000003", "86000003"
OTHER_PHONE, OTHER_NO = "19900000004", "86000004"


@pytest.fixture
def sms(office: Office) -> LedgerChannel:
    """A phone company beside WeChat, at which clients write as well."""
    phone = LedgerChannel("sms", "app", Capabilities())
    office.stage.deliverer.channels.add(phone)
    return phone


async def prove(
    verification: Verification,
    core: DemoCore,
    talk: str,
    *,
    phone: str = PHONE,
    channel: str = "wechat",
) -> None:
    """Let the client of a conversation prove who they are by a one-time code."""
    await verification.send_code(UUID(talk), phone)
    await verification.check_code(UUID(talk), await core.read_code(), channel=channel)


async def take(colleague: Colleague, talk: str) -> dict[str, Any]:
    """Take the open ticket of a conversation."""
    for row in (await colleague.get("tickets?view=queue"))["tickets"]:
        ticket = await colleague.get(f"tickets/{row['id']}")
        if ticket["conversation_id"] == talk:
            await colleague.do(f"tickets/{row['id']}/take")
            return dict(await colleague.get(f"tickets/{row['id']}"))
    raise AssertionError(f"no ticket of {talk} waits")


def channels(rows: Sequence[dict[str, Any]]) -> set[str]:
    return {row["channel"] for row in rows}


async def find_verbs(office: Office, subject: str) -> list[tuple[str, dict[str, Any]]]:
    async with office.stage.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT actor, verb, before, after FROM event WHERE subject_id = :id"),
            {"id": subject},
        )
        return [
            (row.verb, {"actor": row.actor, "before": row.before, "after": row.after})
            for row in rows
        ]
