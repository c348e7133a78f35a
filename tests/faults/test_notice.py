"""kill -9 of the notice worker, again and again: nothing is lost, and nothing is written twice."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from orchestrator.shipped import ship_contents
from orchestrator.urgency import DEFAULTS, Escalation, Policy
from store import notice, urgency
from store.cipher import Cipher
from store.engine import Database
from store.notice import NoticeDraft
from tests.book import add_client
from tests.faults.size import pick

ROOT = Path(__file__).parents[2]
CLIENTS = pick(90, 400)
KILLS = pick(4, 12)
PATIENCE = 120.0
QUICK = 0.02
"""Minutes that a rung waits here."""


async def test_a_killed_worker_loses_and_doubles_nothing(
    database: Database, database_url: str, cipher: Cipher, tmp_path: Path
) -> None:
    ledger, chance = tmp_path / "ledger", Random(20261122)
    await _prepare(database)
    for number in range(CLIENTS):
        async with database.transaction() as connection:
            # Of three clients one has no telephone.
            names = ("push",) if number % 3 == 0 else ("push", "sms")
            places = {name: f"{name}-{number}" for name in names}
            who = await add_client(connection, cipher, f"k{number}", places=places)
            draft = NoticeDraft(who, "risk", "critical", "test", str(number), "margin_call")
            twice = replace(draft, topic=None)
            await notice.raise_many(connection, cipher, [draft, twice])
    worker = await _start(database_url, ledger)
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 1.2) + 1.0)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
        worker = await _start(database_url, ledger)
    try:
        await _until_over(database)
    finally:
        worker.kill()
        await worker.wait()
    await _judge(database, ledger)


async def _judge(database: Database, ledger: Path) -> None:
    states = await _rows(database, "SELECT state, count(*) AS n FROM notice GROUP BY 1")
    assert {row["state"]: row["n"] for row in states} == {"escalated": CLIENTS}
    tasks = await _rows(database, "SELECT count(*) AS n FROM task WHERE state = 'open'")
    assert tasks[0]["n"] == CLIENTS
    doubles = await _rows(
        database,
        "SELECT notice_id, channel, rung FROM outbox GROUP BY 1, 2, 3 HAVING count(*) > 1",
    )
    assert doubles == []
    # Each rung that a client can be reached at was written exactly once.
    written = await _rows(
        database, "SELECT channel, rung, count(*) AS n FROM outbox GROUP BY 1, 2 ORDER BY 2, 1"
    )
    phones = CLIENTS - (CLIENTS + 2) // 3
    assert [(row["channel"], row["rung"], row["n"]) for row in written] == [
        ("push", "0", CLIENTS),
        ("sms", "0", phones),
        ("voice", "1", phones),
    ]
    # What a provider was called for twice was in doubt first: known to the outbox, never silent.
    calls = Counter(line.split()[2] for line in ledger.read_text().splitlines())
    tries = {
        str(row["id"]): row["attempts"] for row in await _rows(database, "SELECT * FROM outbox")
    }
    assert calls.keys() <= tries.keys()
    assert all(n <= tries[one] for one, n in calls.items())
    lost = await _rows(
        database, "SELECT id FROM outbox WHERE state NOT IN ('accepted','failed','unknown')"
    )
    assert lost == []
    broken = await _rows(
        database,
        "SELECT notice_id FROM proof GROUP BY 1 HAVING count(*) <> max(seq) OR min(seq) <> 1",
    )
    assert broken == []


async def _prepare(database: Database) -> None:
    """Ship the contents, and make the ladder of critical notices a quick one."""
    rungs = tuple(
        one.model_copy(update={"wait_minutes": QUICK}) for one in DEFAULTS["critical"].rungs
    )
    policy = Policy(
        rungs=rungs, consent="none", escalate=Escalation(priority="critical", due_minutes=5)
    )
    async with database.transaction() as connection:
        await ship_contents(connection)
        definition = policy.model_dump(mode="json")
        await urgency.record(connection, "critical", definition, seen=0, author_id=None)


async def _start(url: str, ledger: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.climber", url, str(ledger), cwd=ROOT
    )


async def _until_over(database: Database) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _rows(
            database,
            "SELECT 1 FROM notice WHERE state IN ('open','in_progress') "
            "UNION ALL SELECT 1 FROM queue UNION ALL "
            "SELECT 1 FROM outbox WHERE state = 'sending' LIMIT 1",
        ):
            await asyncio.sleep(0.2)


async def _rows(database: Database, statement: str) -> list[dict[str, Any]]:
    async with database.transaction() as connection:
        found = await connection.execute(text(statement))
        return [dict(row) for row in found.mappings()]
