"""How each part of the house is asked whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import aiohttp
import redis.asyncio as redis

from kernel.errors import Transient
from knowledge.search import Knowledge
from service.settings import Settings
from store.engine import Database, StoreDown
from web.api.health import Ask, HealthDoors, Part


def make_health(
    settings: Settings,
    database: Database,
    session: aiohttp.ClientSession,
    *,
    knowledge: Knowledge,
) -> HealthDoors:
    """Return the doors that tell the state of every part this installation has."""
    parts = list_parts(settings, database, session)
    return HealthDoors(
        {**parts, "knowledge": Part(_ask_knowledge(knowledge))},
        version=version("zhida"),
        metrics_token=settings.metrics_token,
    )


def list_parts(
    settings: Settings, database: Database, session: aiohttp.ClientSession
) -> Mapping[str, Part]:
    """List the parts; without the database nothing works, without any other something does."""
    parts = {
        "database": Part(_ask_database(database), essential=True),
        "valkey": Part(_ask_valkey(settings.fanout_url)),
        "encoder": Part(_ask_http(session, f"{settings.encoder_url}/healthz")),
        "core": Part(_ask_http(session, f"{settings.core_address}/healthz")),
    }
    for number, url in enumerate(settings.assistant_urls):
        name = "rasa" if number == 0 else f"rasa{number + 1}"
        parts[name] = Part(_ask_http(session, f"{url.rstrip('/')}/webhooks/zhida/health"))
    if settings.demo:
        parts["lab"] = Part(_ask_http(session, f"{settings.lab_url}/"))
    return parts


def _ask_database(database: Database) -> Ask:
    async def ask() -> str:
        if not await database.ping():
            raise StoreDown
        return ""

    return ask


def _ask_knowledge(knowledge: Knowledge) -> Ask:
    async def ask() -> str:
        return knowledge.version

    return ask


def _ask_valkey(url: str) -> Ask:
    async def ask() -> str:
        client = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0)
        try:
            await client.ping()
        finally:
            await client.aclose()
        return ""

    return ask


def _ask_http(session: aiohttp.ClientSession, url: str) -> Ask:
    async def ask() -> str:
        async with session.get(url, allow_redirects=False) as response:
            if response.status >= 400:
                raise Transient(f"It answered {response.status}.")
        return ""

    return ask
