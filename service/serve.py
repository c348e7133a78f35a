"""One process of the product: the public site, the internal site, and the workers."""

from __future__ import annotations

import asyncio
import logging
import platform
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import uvloop
from aiohttp import web

from service.build import House, build, build_webhook
from service.sealer import Sealer
from service.settings import Settings
from web.api.chat import ChatDoors
from web.app import Part, make_app
from web.pages import Pages

log = logging.getLogger(__name__)

ROLES: Final = ("turn", "deliver", "desk")
DRAIN_SECONDS: Final = 5.0


def main(settings: Settings, *, roles: Sequence[str] = ROLES, with_site: bool = True) -> None:
    """Run until SIGTERM or Ctrl-C; what was acknowledged is committed, so the end may be sudden."""
    uvloop.run(_serve(settings, roles, with_site=with_site))


async def _serve(settings: Settings, roles: Sequence[str], *, with_site: bool) -> None:
    name = "serve" if with_site else "worker"
    house = await build(settings, worker=f"{platform.node()}-{name}")
    house.hub.start()
    runners: list[web.AppRunner] = []
    try:
        if with_site:
            runners = await _open_sites(house)
        await _work(house, roles)
    finally:
        for runner in runners:
            await runner.cleanup()
        await house.close()


async def _open_sites(house: House) -> list[web.AppRunner]:
    settings = house.settings
    public = await _open(
        make_app(public_parts(house), ancestors=settings.allowed_origins),
        settings.host,
        settings.port,
    )
    internal = await _open(make_app(internal_parts(house)), "127.0.0.1", settings.internal_port)
    return [public, internal]


def public_parts(house: House) -> list[Part]:
    """Return the areas of the public site."""
    dist = Path(__file__).resolve().parents[1] / "console" / "dist"
    return [ChatDoors(house.talks).install, build_webhook(house).install, Pages(dist).install]


def internal_parts(house: House) -> list[Part]:
    """Return the areas of the site that only this machine reaches."""
    return []


async def _open(app: web.Application, host: str, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    await web.TCPSite(runner, host, port, reuse_address=True).start()
    return runner


async def _work(house: House, roles: Sequence[str]) -> None:
    """Run the workers of these roles until a signal; a worker that ends is a bug and ends all."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(one) for one in _workers(house, roles)]
    tasks.append(asyncio.create_task(stop.wait(), name="signal"))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error


def _workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    workers: list[Coroutine[Any, Any, None]] = [Sealer(house.database, house.hub).run()]
    if "turn" in roles:
        workers.append(house.worker.run())
    if "deliver" in roles:
        workers.append(house.deliverer.run())
    return workers
