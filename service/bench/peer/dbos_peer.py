"""DBOS as it is usually set up: a workflow a recipient on a queue, its steps checkpointed.

`enqueue FILE` enqueues a workflow for each line and works them off itself, then ends.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from dbos import DBOS
from job import BEGIN, CHECK, END, URL, WORDS, await_word, call_provider
from psycopg_pool import ConnectionPool

CONCURRENCY = 32
DBOS(config={"name": "peer", "system_database_url": os.environ["PEER_SYSTEM"]})
pool = ConnectionPool(URL, open=False, max_size=CONCURRENCY, kwargs={"autocommit": True})


@DBOS.step()
def begin(campaign: str, client: str, identity: str) -> list[str] | None:
    """Check a recipient and keep the message as `sending`."""
    with pool.connection() as connection:
        row = connection.execute(CHECK, {"identity": identity}).fetchone()
        if row is None:
            return None
        known = {"campaign": campaign, "client": client, "address": row[0]}
        begun = connection.execute(BEGIN, known).fetchone()
        return [str(begun[0]), row[0]] if begun else None


@DBOS.step()
def call(address: str) -> str:
    """Call the null provider."""
    provider: str = call_provider(address, WORDS.format("智达期货"))
    return provider


@DBOS.step()
def end(outbox_id: str, provider: str) -> None:
    """Keep the outcome."""
    with pool.connection() as connection:
        connection.execute(END, {"id": outbox_id, "provider": provider})


@DBOS.workflow()
def deliver(campaign: str, client: str, identity: str) -> None:
    """Do the job of one recipient, durably."""
    begun = begin(campaign, client, identity)
    if begun is not None:
        end(begun[0], call(begun[1]))


def main() -> None:
    """Enqueue all, and wait until all are worked off."""
    pool.open()
    DBOS.launch()
    DBOS.register_queue("send", worker_concurrency=CONCURRENCY, polling_interval_sec=0.1)
    await_word()
    lines = [line.split() for line in Path(sys.argv[2]).read_text().splitlines()]
    handles = [DBOS.enqueue_workflow("send", deliver, *line) for line in lines]
    for handle in handles:
        handle.get_result()
    time.sleep(0.1)
    os._exit(0)


if __name__ == "__main__":
    main()
