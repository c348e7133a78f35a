"""What `make run` lets marketing try: a campaign to the demo's clients, delivered to the lab."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from channels.bulk import BulkSender
from channels.fetched import Poster
from lab.played import parse_played
from lab.site import ROOM, LabSettings
from lab.site import build_app as build_lab
from orchestrator.campaign import Campaigns
from orchestrator.pacing import Pacer
from orchestrator.plan import Planner
from orchestrator.shipped import ship_contents
from orchestrator.starter import Starter
from service.command.lab import say_played
from service.demo_account import list_demo_accounts
from service.serve import prepare_demo
from store.audience_sql import compile_where
from tests.campaign import NO_QUIET, fetch
from tests.integration.web.marketing import call
from tests.site import Site, build_site, make_settings
from tests.wechat import free_port

CHANNELS = ("sms", "email", "push")
WILLING = {"kind": "consent", "category": "marketing", "is": "yes"}


@dataclass
class Demo:
    """The running demo: its site, who writes and who approves, and the lab's ledger."""

    site: Site
    marketing: aiohttp.ClientSession
    approver: aiohttp.ClientSession
    lab: Any


@pytest.fixture
async def demo(database_url: str) -> AsyncIterator[Demo]:
    ports = [free_port() for _ in range(3)]
    settings = replace(
        make_settings(database_url), port=ports[0], lab_port=ports[1], lab_smtp_port=ports[2]
    )
    played = parse_played(say_played(list_demo_accounts(settings)), settings.site_url)
    async with AsyncExitStack() as stack:
        lab = build_lab(LabSettings({}, played=played, smtp_port=ports[2]))
        await stack.enter_async_context(TestServer(lab, port=ports[1]))
        house, desk, app = await build_site(settings)
        stack.push_async_callback(house.close)
        await stack.enter_async_context(TestServer(app, port=ports[0]))
        async with house.database.transaction() as connection:
            await ship_contents(connection)
        await prepare_demo(house)
        await house.roster.refresh()
        site = Site(settings.site_url, house, desk)
        people = [
            await stack.enter_async_context(
                aiohttp.ClientSession(site.url, headers=await site.staff_headers(role))
            )
            for role in ("marketing", "approver")
        ]
        pacer = Pacer(house.clock, NO_QUIET)
        planner = Planner(house.database, house.channels, house.hub, pacer, compile_where)
        sender = BulkSender(
            house.database, house.channels, house.hub, house.writer, Poster(house.cipher), pacer,
            "demo", loops=2,
        )  # fmt: skip
        starter = Starter(Campaigns(house.database, house.clock, house.hub))
        workers = [asyncio.create_task(one.run()) for one in (planner, sender, starter)]
        yield Demo(site, people[0], people[1], lab[ROOM])
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


@pytest.mark.slow
async def test_a_campaign_of_the_demo_is_delivered_to_the_lab_and_shows_what_failed(
    demo: Demo,
) -> None:
    _, found = await call(demo.marketing, "GET", "/v1/contents?state=approved")
    content = next(one for one in found["contents"] if one["key"] == "event_invitation")
    body = {
        "name": "投资者交流会",
        "content_id": content["id"],
        "expression": WILLING,
        "channels": list(CHANNELS),
        "schedule": {"kind": "now"},
    }
    status, made = await call(demo.marketing, "POST", "/v1/campaigns", body)
    assert status == 201, made
    path = f"/v1/campaigns/{made['id']}"
    assert (await call(demo.marketing, "POST", f"{path}/submit"))[0] == 200
    assert (await call(demo.approver, "POST", f"{path}/approve"))[0] == 200
    assert (await call(demo.approver, "POST", f"{path}/launch"))[0] == 200
    counts = await await_end(demo)
    assert set(counts) <= {"accepted", "delivered", "rejected"}, counts
    assert counts["delivered"] > 100, counts
    assert counts["rejected"] == 5
    _, failed = await call(demo.marketing, "GET", f"{path}/failure-groups")
    assert [(one["kind"], one["channel"], one["count"]) for one in failed["groups"]] == [
        ("recipient", "email", 5)
    ]
    sent = {one["channel"] for one in map(dict, demo.lab.ledger.read()) if "channel" in one}
    assert set(CHANNELS) <= sent


async def await_end(demo: Demo) -> dict[str, int]:
    """Wait until the campaign is done and every SMS has its receipt; return messages by state."""
    async with asyncio.timeout(120):
        while True:
            database = demo.site.house.database
            rows = await fetch(database, "SELECT state FROM campaign")
            open_ = await fetch(
                database,
                "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending') "
                "OR (channel = 'sms' AND state = 'accepted') LIMIT 1",
            )
            if rows[0].state == "done" and not open_:
                break
            await asyncio.sleep(0.2)
    found = await fetch(database, "SELECT state, count(*) AS n FROM outbox GROUP BY state")
    return {row.state: row.n for row in found}
