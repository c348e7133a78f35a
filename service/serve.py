"""One process of the product: the public site, the internal site, and the workers."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

import uvloop
from aiohttp import web

from channels.lookout import Lookout
from clients.demo import DemoClients
from desk.staff import record_demo_people
from kernel.errors import Conflict, ServiceError
from service.build import House, build, build_actions_door
from service.bulk import list_bulk_parts, list_bulk_workers
from service.calm import calm_collector
from service.campaign import list_campaign_parts, list_campaign_workers
from service.channel import list_doors, list_workers
from service.clientbook import list_client_parts, list_client_workers
from service.desk import DeskHouse, build_desk
from service.health import make_health
from service.journey import list_journey_parts, list_journey_workers
from service.notice import list_notice_parts, list_notice_workers
from service.role import ROLES
from service.sealer import Sealer
from service.settings import ROOT, Settings
from service.webhook import list_webhook_parts, list_webhook_workers
from web.api.chat import ChatDoors
from web.api.demo import DemoDoor
from web.api.document import DocumentDoor
from web.app import Part, make_app
from web.pages import Pages

log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 5.0
KNOWLEDGE_SECONDS: Final = 5.0


def main(
    settings: Settings, *, roles: Sequence[str] = tuple(ROLES), with_site: bool = True
) -> None:
    """Run until SIGTERM or Ctrl-C; what was acknowledged is committed, so the end may be sudden."""
    uvloop.run(_serve(settings, roles, with_site=with_site))


def name_worker(*, with_site: bool) -> str:
    """Name this process's work: a restarted site takes up at once what its predecessor left.

    There is one site a machine; workers may be many, and wait for the lease of a dead one.
    """
    return f"{platform.node()}-serve" if with_site else f"{platform.node()}-{os.getpid()}"


async def _serve(settings: Settings, roles: Sequence[str], *, with_site: bool) -> None:
    async with AsyncExitStack() as stack:
        house = await build(settings, worker=name_worker(with_site=with_site))
        stack.push_async_callback(house.close)
        house.hub.start()
        desk = build_desk(house)
        await prepare_demo(house)
        if with_site:
            public = make_app(public_parts(house, desk), ancestors=settings.allowed_origins)
            await _open(stack, public, settings.host, settings.port)
            internal = make_app([_internal_part(house)])
            await _open(stack, internal, "127.0.0.1", settings.internal_port)
        calm_collector()
        await _work(_workers(house, desk, roles, with_site=with_site))


def public_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the areas of the public site."""
    return [
        make_health(
            house.settings, house.database, house.session, knowledge=house.knowledge
        ).install,
        ChatDoors(house.talks).install,
        *list_doors(house),
        *desk.parts,
        *list_campaign_parts(house, desk),
        *list_bulk_parts(house, desk),
        *list_client_parts(house, desk),
        *list_journey_parts(house, desk),
        *list_notice_parts(house, desk),
        *list_webhook_parts(house, desk),
        *_demo_parts(house),
        DocumentDoor(ROOT / "docs" / "openapi.yaml").install,
        Pages(ROOT / "console" / "dist").install,
    ]


def _demo_parts(house: House) -> list[Part]:
    """Return the demo page's doors; there are none beside a broker's own core."""
    settings = house.settings
    if not settings.demo or settings.core_url:
        return []
    return [DemoDoor(house.session, settings.core_address, settings.core_token).install]


def _internal_part(house: House) -> Part:
    door = build_actions_door(house)

    def install(app: web.Application) -> None:
        app.router.add_post("/actions", door)

    return install


async def prepare_demo(house: House) -> None:
    """Let the demo's people sign in with the generated password, and give them clients.

    Real people are not touched, and there are no generated clients beside a broker's own core.
    """
    settings = house.settings
    if not settings.demo:
        return
    await record_demo_people(house.database, settings.demo_password)
    if settings.demo_clients and not settings.core_url:
        clients = DemoClients(house.database, house.cipher, house.clock, settings.demo_clients)
        try:
            await clients.record()
        except Conflict as error:
            log.warning("The demo's clients have no tiers yet: %s", error)


async def _open(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host, port, reuse_address=True).start()


async def _work(workers: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run the workers until a signal; a worker that ends is a bug and ends all."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks: list[asyncio.Task[Any]] = [asyncio.create_task(one) for one in workers]
    tasks.append(asyncio.create_task(stop.wait(), name="signal"))
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error


def _workers(
    house: House, desk: DeskHouse, roles: Sequence[str], *, with_site: bool
) -> list[Coroutine[Any, Any, None]]:
    workers = [Lookout(house.database, house.hub).run(), house.roster.run()]
    workers.append(Sealer(house.database, house.hub).run())
    if with_site:
        workers += [_follow_knowledge(house), desk.board.run()]
    if "turn" in roles:
        workers.append(house.worker.run())
    if "deliver" in roles:
        workers.append(_deliver(house))
    if "channel" in roles:
        workers += list_workers(house)
    if "desk" in roles:
        workers += [desk.opener.run(), desk.undelivered.run(), desk.closing.run()]
        workers.append(desk.alarms.run())
    workers += list_bulk_workers(house, roles)
    workers += list_campaign_workers(house, roles)
    workers += list_client_workers(house, roles)
    workers += list_journey_workers(house, roles)
    workers += list_notice_workers(house, roles)
    workers += list_webhook_workers(house, roles)
    return workers


async def _deliver(house: House) -> None:
    """Deliver once the accounts are known: nothing is refused for one that was not read yet."""
    await house.roster.known.wait()
    await house.deliverer.run()


async def _follow_knowledge(house: House) -> None:
    """Take over what is published or trained, soon after it is."""
    is_ready = True
    while True:
        try:
            await house.knowledge.refresh()
            is_ready = True
        except ServiceError as error:
            if is_ready:
                log.warning("Knowledge waits: %s", error)
            is_ready = False
        await asyncio.sleep(KNOWLEDGE_SECONDS)
