"""Makes the journeys: their doors, the worker that moves clients along them, what ships with us."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from orchestrator.advance import Advance, JourneyWorker
from orchestrator.entry import Entries, Sweeps
from orchestrator.event import Handler
from orchestrator.journey_book import Book
from orchestrator.journey_shipped import ship_journeys
from orchestrator.standing import StandingDesk
from service.build import House
from service.desk import DeskHouse
from store.engine import Database
from web.api.calendar import CalendarDoor
from web.api.journey import JourneyDoor
from web.api.journey_standing import JourneyStandingDoor
from web.app import Part

log = logging.getLogger(__name__)


def list_journey_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the journeys' and calendars' areas of the public site."""
    return [
        JourneyDoor(desk.signs, house.database, house.hub, house.clock).install,
        JourneyStandingDoor(
            desk.signs, StandingDesk(house.database, house.cipher, house.clock), house.hub
        ).install,
        CalendarDoor(desk.signs, house.database, house.clock).install,
    ]


def list_journey_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return the journeys' worker if these roles ask for it."""
    if "journey" not in roles:
        return []
    book = Book()
    advance = Advance(house.database, house.cipher, book, clock=house.clock)
    sweeps = Sweeps(house.database, book, house.clock)
    return [JourneyWorker(advance, sweeps, house.hub).run()]


def make_journey_handler(house: House) -> Handler:
    """Return who lets clients into journeys, for the worker of client events."""
    return Entries(Book(), house.clock).enter_for


async def prepare_journeys(database: Database, *, is_active: bool) -> None:
    """Bring in the house's own journeys; doing it again changes nothing."""
    async with database.transaction() as connection:
        count = await ship_journeys(connection, is_active=is_active)
    log.info("%d journeys of the house brought in", count)
