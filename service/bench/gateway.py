"""The same campaign over real HTTP: Aliyun's adapter, and the lab's Aliyun in another process."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import aiohttp

from service.bench.cluster import Url, await_ready, open_database, read_away
from service.bench.crowd import make_crowd
from service.bench.instance import PORTS, free_ports
from service.bench.sending import await_progress, begin, is_done, is_planned, run_sender
from service.child import launch
from service.crew import list_crew
from service.demo_account import list_demo_accounts
from service.settings import Settings
from service.source import load_settings
from store import crowd_campaign
from store.crowd import Place
from store.migration import create_database

CLIENTS = 20_000


async def measure_http(url: Url, n: int) -> dict[str, float]:
    """Return how many messages a second go out by SMS over HTTP, and what became of them."""
    clients = min(n, CLIENTS)
    name = "gateway"
    await create_database(url("postgres"), name)
    async with open_database(url(name)) as database, _run_lab() as account:
        place = Place("sms", account["name"], 1.0)
        await make_crowd(database, clients, places=(place,))
        async with database.transaction() as connection:
            await crowd_campaign.give_numbers(connection)
        campaign = await begin(
            database, ("sms",), template=account["public"]["continue_template"],
            fields=_fields(account),
        )  # fmt: skip
        async with run_sender(url(name), ("plan",), account):
            await await_progress(database, campaign, is_planned)
        async with run_sender(url(name), ("bulk",), account) as sender:
            done = await await_progress(database, campaign, is_done)
        async with database.transaction() as connection:
            states = await crowd_campaign.count_states(connection, campaign)
            begun = await crowd_campaign.find_first_call(connection, campaign)
    assert done.ended_at is not None  # noqa: S101  # is_done() looked
    seconds = (done.ended_at - begun).total_seconds()
    accepted = states.get("accepted", 0) + states.get("delivered", 0)
    return {
        "http_n": float(sum(states.values())),
        "http_accepted": float(accepted),
        "http_per_s": accepted / seconds,
        "http_worker_rss_mb": sender.report["rss_mb"],
    }


def _fields(account: dict[str, Any]) -> dict[str, str]:
    name = account["public"].get("continue_variable")
    return {name: account["public"]["continue_value"]} if name else {}


@asynccontextmanager
async def _run_lab() -> AsyncIterator[dict[str, Any]]:
    """Run the lab in a process of its own; gives the Aliyun account that it plays."""
    with tempfile.TemporaryDirectory(prefix="zhida-bench-lab-") as folder:
        settings = _settings(Path(folder))
        child = next(one for one in list_crew(settings) if one.name == "lab")
        process = await launch(child)
        reading = asyncio.create_task(read_away(process), name="lab-log")
        try:
            await await_ready(child)
            account = next(one for one in list_demo_accounts(settings) if one.provider == "aliyun")
            await _silence(settings.lab_url)
            yield asdict(account)
        finally:
            process.terminate()
            await process.wait()
            await reading


async def _silence(url: str) -> None:
    """Let the lab report nothing: there is no site here that would take its callbacks."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/lab/faults", json={"mode": "lost", "target": "aliyun.callback"}) as ok,
    ):
        ok.raise_for_status()


def _settings(folder: Path) -> Settings:
    (folder / "zhida.toml").touch()
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZHIDA_")}
    environ |= {"ZHIDA_DATA_DIR": str(folder / "var"), "ZHIDA_DEMO": "true"}
    environ |= {"ZHIDA_CONFIG": str(folder / "zhida.toml")}
    return load_settings(environ | {f"ZHIDA_{name}": str(port) for name, port in ports.items()})
