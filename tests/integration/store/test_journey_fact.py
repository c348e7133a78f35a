"""What journeys know of a client comes from where it is kept, tiers from the last computation."""

from __future__ import annotations

from datetime import UTC, datetime

from store import journey_fact
from store.engine import Database
from tests.campaign import add_client, run_sql


async def test_the_tier_of_a_client_is_their_layer(database: Database) -> None:
    async with database.transaction() as connection:
        known, fresh = await add_client(connection), await add_client(connection)
    await run_sql(
        database,
        "INSERT INTO client_tier (client_id, recency, frequency, monetary, layer, asset_band, "
        "frequency_band, risk_band, loyalty_band, stage, churn_risk) "
        "VALUES (:c, 5, 4, 3, 'potential', 'core', 'high', 'low', 'fresh', 'new', 0.5)",
        c=known,
    )
    async with database.transaction() as connection:
        facts = await journey_fact.find_facts(connection, [known, fresh], datetime.now(UTC))
    assert facts[known]["client"]["tier"] == facts[known]["tier"]["layer"] == "potential"
    assert facts[fresh]["client"]["tier"] is None
