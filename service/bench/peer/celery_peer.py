"""Celery as it is usually set up: Redis' protocol as broker, prefork workers, a task a recipient.

`worker` works until it is ended, two processes; `enqueue FILE` sends a task for each line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from job import URL, await_word, send

app = Celery("peer", broker=os.environ["PEER_BROKER"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=16,
    broker_connection_retry_on_startup=True,
)
_open: dict[int, Any] = {}


@app.task(name="send")
def deliver(campaign: str, client: str, identity: str) -> None:
    """Do the job on this process's own connection."""
    connection = _open.get(os.getpid())
    if connection is None:
        connection = _open[os.getpid()] = psycopg.connect(URL, autocommit=True)
    send(connection, campaign, client, identity)


def main() -> None:
    """Work, or enqueue."""
    if sys.argv[1] == "worker":
        app.worker_main(["worker", "--concurrency=2", "--loglevel=error", "--without-mingle"])
        return
    await_word()
    for line in Path(sys.argv[2]).read_text().splitlines():
        deliver.delay(*line.split())


if __name__ == "__main__":
    main()
