"""Makes what knows the clients: the doors of events and of the client's page, and their workers."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from clients.consent import Consents
from clients.importing import Imports
from clients.insight import Insights
from clients.kept import KeptEvents
from clients.merge import Merges
from clients.record import Records
from clients.report import Reports
from clients.tier import Tiers
from clients.timeline import Timelines
from orchestrator.event import EventWorker, Handler, fold_figures
from orchestrator.night import Night
from service.build import House
from service.desk import DeskHouse
from service.journey import make_journey_handler
from service.notice import list_notice_handlers
from web.api.client import ClientDoor
from web.api.event import EventDoor
from web.api.importing import ImportDoor
from web.api.merge import MergeDoor
from web.api.tier import TierDoor
from web.app import Part


def list_client_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the clients' areas of the public site."""
    database, cipher = house.database, house.cipher
    return [
        _make_event_door(house, desk).install,
        ImportDoor(desk.signs, Imports(database, cipher), house.hub).install,
        MergeDoor(desk.signs, Merges(database), Records(database, cipher)).install,
        TierDoor(desk.signs, Tiers(database, house.clock)).install,
        _make_client_door(house, desk).install,
    ]


def list_client_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return the clients' workers that these roles ask for."""
    if "event" not in roles:
        return []
    tiers = Tiers(house.database, house.clock)
    return [
        EventWorker(house.database, house.hub, list_handlers(house)).run(),
        Night(house.database, house.cipher, tiers, house.clock).run(),
    ]


def list_handlers(house: House) -> tuple[Handler, ...]:
    """Return who acts on a client's event, in this order, within the one transaction."""
    return (fold_figures, *list_notice_handlers(house), make_journey_handler(house))


def _make_client_door(house: House, desk: DeskHouse) -> ClientDoor:
    database = house.database
    return ClientDoor(
        desk.signs,
        Timelines(database, house.cipher),
        Insights(database),
        Consents(database, house.clock),
    )


def _make_event_door(house: House, desk: DeskHouse) -> EventDoor:
    keys = [one.strip() for one in house.settings.events_key.split(",") if one.strip()]
    reports = Reports(house.database, house.cipher, house.clock)
    kept = KeptEvents(house.database, house.cipher)
    return EventDoor(desk.signs, reports, kept, house.hub, house.clock, keys)
