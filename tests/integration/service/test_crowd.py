"""A crowd is as large as was asked for, the same each time, and grows by what is missing."""

from __future__ import annotations

from sqlalchemy import text

from service.bench.crowd import make_crowd
from store.crowd import Place
from store.engine import Database


async def count(database: Database, table: str) -> int:
    async with database.transaction() as connection:
        found: int = (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return found


async def test_a_crowd_grows_to_its_size_and_its_parts_fit_together(database: Database) -> None:
    places = (Place("wechat", "crowd", 0.5), Place("sms", "crowd", 1.0))
    await make_crowd(database, 1000, places=places)
    await make_crowd(database, 3000, places=places)
    await make_crowd(database, 3000, places=places)
    assert await count(database, "client") == 3000
    assert await count(database, "client_figure JOIN client ON client.id = client_id") == 3000
    assert await count(database, "identity WHERE channel = 'sms'") == 3000
    assert 1350 < await count(database, "identity WHERE channel = 'wechat'") < 1650
    wanted = "identity WHERE consents->>'marketing' = 'yes'"
    assert 0.7 < await count(database, wanted) / await count(database, "identity") < 0.82
    assert await count(database, "preference WHERE channel NOT IN ('wechat','sms')") == 0
    assert await count(database, "client_figure WHERE last_trade_at IS NULL") > 300
    assert await count(database, "client_figure WHERE assets > 1000000") > 300
