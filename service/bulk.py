"""The engine that carries campaigns: who plans them and who sends them."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from channels.bulk import BulkSender
from channels.fetched import Poster
from channels.resend import Resender
from conversations.transcript import tell_fetched
from orchestrator.pacing import Pacer
from orchestrator.plan import Planner
from service.build import House
from service.desk import DeskHouse
from store.audience_sql import compile_where
from web.api.dead_letter import DeadLetterDoor
from web.app import Part


def list_bulk_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the areas of the public site that belong to the engine."""
    pacer = Pacer(house.clock)
    return [DeadLetterDoor(desk.signs, house.database, house.cipher, house.hub, pacer).install]


def list_bulk_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return the workers of campaigns that these roles ask for."""
    workers: list[Coroutine[Any, Any, None]] = []
    pacer = Pacer(house.clock)
    if "plan" in roles:
        workers.append(_plan(house, pacer))
    if "bulk" in roles:
        workers += [_send(house, pacer), _send_again(house, pacer)]
    return workers


async def _plan(house: House, pacer: Pacer) -> None:
    """Plan once the accounts are known: nobody is left out for one that was not read yet."""
    await house.roster.known.wait()
    await Planner(house.database, house.channels, house.hub, pacer, compile_where).run()


async def _send(house: House, pacer: Pacer) -> None:
    await house.roster.known.wait()
    sender = BulkSender(
        house.database,
        house.channels,
        house.hub,
        house.writer,
        _make_poster(house),
        pacer,
        f"{house.deliverer.worker}-bulk",
        watch=house.deliverer.watch,
    )
    await sender.run()


async def _send_again(house: House, pacer: Pacer) -> None:
    await house.roster.known.wait()
    resender = Resender(
        house.database,
        house.cipher,
        house.channels,
        house.hub,
        house.writer,
        pacer,
        _make_poster(house),
        f"{house.deliverer.worker}-again",
        watch=house.deliverer.watch,
    )
    await resender.run()


def _make_poster(house: House) -> Poster:
    return Poster(house.cipher, partial(tell_fetched, house.hub))
