"""What an SMS costs is counted by its parts, however its message fares on the way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from channels import ending, resend
from orchestrator.preview import Tariff
from orchestrator.report import break_down, report
from store import campaign, campaign_slice, share, throttle
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, accept, add_campaign, add_client, fetch, provider
from tests.mailing import Provider, await_end, await_state, fail_first, make, resending, sending

LONG = "智达周报已更新，请登录查看。" * 8
"""112 letters: two parts of at most 67."""
TARIFF = Tariff(sms_part=0.05)
PARTS = "SELECT state, parts, count(*) AS n FROM outbox GROUP BY 1, 2 ORDER BY 1"


async def read_cost(database: Database, made: UUID) -> tuple[Any, Any]:
    """Return what the page says, and its cells: sent, parts and cost."""
    async with database.transaction() as connection:
        row = await campaign.find(connection, made)
        shown: Any = await report(connection, row, TARIFF)
        cells: Any = await break_down(connection, row, TARIFF)
    return shown["cost"], [(one["sent"], one["parts"], one["cost"]) for one in cells["cells"]]


@pytest.mark.parametrize(("body", "cost", "parts"), [("短", 0.15, 3), (LONG, 0.3, 6)])
async def test_an_sms_of_two_parts_costs_two(
    database: Database, body: str, cost: float, parts: int
) -> None:
    firm = Firm.open(database, provider())
    made, _ = await make(database, 3, body=body)
    await firm.plan()
    async with sending(firm):
        await await_state(database, made)
    assert await read_cost(database, made) == (cost, [(3, parts, cost)])
    noted = [tuple(row) for row in await fetch(database, PARTS)]
    assert noted == [("accepted", 2 if parts > 3 else None, 3)], "what takes one is not noted"


async def test_each_client_has_the_parts_of_their_own_words(database: Database) -> None:
    firm = Firm.open(database, provider())
    made, _ = await make(database, 4, body="{{ topic }}")
    long: list[Any] = []

    def fill(one: Any, names: frozenset[str]) -> dict[str, str]:
        long.append(one.outbox_id)
        return dict.fromkeys(names, LONG if len(long) % 2 else "短")

    firm.writer.fill = fill
    await firm.plan()
    async with sending(firm):
        await await_state(database, made)
    assert await read_cost(database, made) == (0.3, [(4, 6, 0.3)])
    noted = await fetch(database, "SELECT id FROM outbox WHERE parts = 2")
    assert {row.id for row in noted} == set(long[::2])


async def test_a_mail_has_no_parts(database: Database) -> None:
    firm = Firm.open(database, provider("email"))
    async with database.transaction() as connection:
        await add_client(connection, ways={("email", "main"): "yes"})
        made = await add_campaign(connection, channels=("email",), body=LONG)
    await firm.plan()
    async with sending(firm):
        await await_state(database, made)
    assert await read_cost(database, made) == (0.0, [(1, 1, 0.0)])


async def test_what_is_sent_again_still_has_its_parts(
    database: Database, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(resend, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(throttle, "FAILURES", 1_000)
    firm, made = await fail_first(database, Provider(accept), 2, body=LONG)
    assert (await read_cost(database, made))[0] == 0.0
    async with resending(firm, cipher):
        await await_end(firm, made)
    assert await read_cost(database, made) == (0.2, [(2, 4, 0.2)])


async def test_what_a_dead_worker_left_has_its_parts_too(database: Database) -> None:
    firm = Firm.open(database, provider())
    await make(database, 2, body=LONG)
    await firm.plan()
    async with database.transaction() as connection:
        held = await share.lease(connection, "w/1")
    assert held is not None
    async with database.transaction() as connection:
        pace = await firm.pacer.find(connection, held.category)
        taken = await share.take(connection, held, pace, account="main", limit=2)
        await campaign_slice.record_parts(connection, taken.under_way, [2, 3])
    async with database.transaction() as connection:
        await campaign_slice.put_out(connection, taken.under_way.ids[1])
        await campaign_slice.record_lost(connection, worker="w")
    noted = await fetch(database, "SELECT id, parts FROM outbox")
    first, second = taken.under_way.ids
    assert {row.id: row.parts for row in noted} == {first: 2, second: 3}
