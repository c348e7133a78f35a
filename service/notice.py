"""Makes what tells clients what they must know: doors, workers, and the proof of it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any
from uuid import UUID

from channels.deliver import Deliverer
from channels.sweep import SETTLE_SECONDS
from desk.task import Tasks
from orchestrator.dossier import Dossiers
from orchestrator.event import Handler
from orchestrator.evidence import Signer
from orchestrator.ladder import Ladder
from orchestrator.notice import NoticeWorker
from orchestrator.occasion import Occasions
from orchestrator.order import Orders
from orchestrator.wording import Words
from service.build import House
from service.desk import DeskHouse
from service.writer import make_filler
from store.engine import Connection
from store.notice import record_closed
from web.api.message import MessageDoor
from web.api.notice import NoticeDoor
from web.api.task import TaskDoor
from web.api.urgency import UrgencyDoor
from web.app import Part


def list_notice_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the areas of notices, tasks and urgencies of the public site."""
    database, cipher, hub = house.database, house.cipher, house.hub
    signer = Signer.from_secret(house.settings.proof_key)
    dossiers = Dossiers(database, cipher, signer, house.clock)
    tasks = Tasks(database, cipher, hub, _end_notice)
    keys = [one.strip() for one in house.settings.events_key.split(",") if one.strip()]
    orders = Orders(database, cipher, house.clock)
    return [
        MessageDoor(orders, hub, house.clock, keys).install,
        NoticeDoor(desk.signs, database, cipher, hub, dossiers).install,
        TaskDoor(desk.signs, tasks).install,
        UrgencyDoor(desk.signs, database).install,
    ]


def list_notice_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return the workers of notices that these roles ask for."""
    workers: list[Coroutine[Any, Any, None]] = []
    if "notice" in roles:
        workers.append(_climb(house))
    if "deliver" in roles:
        workers.append(_deliver_critical(house))
    return workers


def list_notice_handlers(house: House) -> tuple[Handler, ...]:
    """Return who makes notices of client events, in the events' own transaction."""
    return (Occasions(house.cipher).raise_for,)


def make_ladder(house: House) -> Ladder:
    """Return the ladder over this process's channels."""
    words = Words(make_filler(house.settings, house.cipher))
    return Ladder(house.database, house.cipher, house.channels, house.hub, words)


async def _climb(house: House) -> None:
    """Climb once the accounts are known: no channel is passed over for one not read yet."""
    await house.roster.known.wait()
    await NoticeWorker(make_ladder(house), house.database, house.cipher, house.hub).run()


async def _deliver_critical(house: House) -> None:
    """Deliver critical messages beside everything else, so that they wait behind nothing."""
    await house.roster.known.wait()
    deliverer = Deliverer(
        house.database,
        house.cipher,
        house.channels,
        house.hub,
        f"{house.deliverer.worker}-critical",
        lanes=("critical",),
        watch=house.deliverer.watch,
        settle=SETTLE_SECONDS,
    )
    await deliverer.run()


async def _end_notice(connection: Connection, notice_id: UUID, outcome: str, actor: str) -> None:
    """Let a notice hear how its task ended."""
    await record_closed(connection, notice_id, outcome, actor=actor)
