"""A slice reads what it needs, of a campaign too new for the statistics to know of it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from kernel.clock import SystemClock
from orchestrator.pacing import Pacer
from service.bench.crowd import make_crowd
from service.bench.sender import ALWAYS
from store import crowd_campaign, plan, share
from store.audience_sql import compile_where
from store.crowd import PLACES
from store.engine import Connection, Database
from store.plan import Place

CLIENTS, LIMIT = 4_000, 20
READ = """
SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'campaign_recipient'
"""


async def plan_all(connection: Connection, campaign: UUID) -> None:
    brief = await plan.claim(connection, campaign)
    assert brief is not None
    places = [Place(one.channel, one.account, rank) for rank, one in enumerate(PLACES)]
    pace = await Pacer(SystemClock(), ALWAYS).find(connection, brief.category)
    where = compile_where(brief.expression)
    await plan.plan_next(connection, brief, where, places=places, pace=pace)
    brief = await plan.claim(connection, campaign)
    assert brief is not None
    await plan.plan_next(connection, brief, where, places=places, pace=pace)


async def test_a_slice_of_a_new_campaign_reads_its_own_recipients_and_no_others(
    database: Database,
) -> None:
    await make_crowd(database, CLIENTS)
    channels = tuple(one.channel for one in PLACES)
    for _ in range(2):  # the statistics know the first one
        async with database.transaction() as connection:
            await connection.execute(text("ANALYZE campaign_recipient"))
            await connection.execute(text("UPDATE campaign SET state = 'cancelled'"))
            campaign = await crowd_campaign.record_campaign(connection, channels)
            await plan_all(connection, campaign)
    async with database.once() as connection:
        held = await share.lease(connection, "w/1")
    assert held is not None
    async with database.transaction() as connection:
        pace = await Pacer(SystemClock(), ALWAYS).find(connection, held.category)
        taken = await share.take(connection, held, pace, account=held.account, limit=LIMIT)
        read = (await connection.execute(text(READ))).scalar_one()
    assert len(taken.going) == LIMIT
    assert read < 10 * LIMIT, f"{read} recipients were read for a slice of {LIMIT}"
