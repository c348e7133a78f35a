"""Procrastinate as it is usually set up: an async worker, jobs in PostgreSQL, a job a recipient.

`schema` makes its tables, `worker` works until it is ended, `enqueue FILE` defers in batches.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from job import URL, await_word, send_async
from procrastinate import App, PsycopgConnector
from psycopg_pool import AsyncConnectionPool

CONCURRENCY = 20
BATCH = 1000
app = App(connector=PsycopgConnector(conninfo=URL))
pool = AsyncConnectionPool(URL, open=False, max_size=CONCURRENCY, kwargs={"autocommit": True})


@app.task(name="send")
async def deliver(campaign: str, client: str, identity: str) -> None:
    """Do the job on a connection of the pool."""
    async with pool.connection() as connection:
        await send_async(connection, campaign, client, identity)


async def main() -> None:
    """Make the schema, work, or enqueue."""
    async with app.open_async():
        if sys.argv[1] == "schema":
            await app.schema_manager.apply_schema_async()
        elif sys.argv[1] == "worker":
            await pool.open()
            await app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=True)
        else:
            await_word()
            lines = [line.split() for line in Path(sys.argv[2]).read_text().splitlines()]
            names = ("campaign", "client", "identity")
            for first in range(0, len(lines), BATCH):
                jobs = [dict(zip(names, one, strict=True)) for one in lines[first : first + BATCH]]
                await deliver.batch_defer_async(*jobs)


if __name__ == "__main__":
    asyncio.run(main())
