"""Contents, audiences and campaigns, put together: what is brought in, and who serves them."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from orchestrator.campaign import Campaigns
from orchestrator.content_book import ContentBook
from orchestrator.link import LinkSigner
from orchestrator.preview import Previewer, Tariff
from orchestrator.shipped import ship_contents
from orchestrator.starter import Starter
from orchestrator.trial import TrialDesk
from service.build import House
from service.desk import DeskHouse
from service.settings import Settings
from service.writer import name_house
from store.engine import Database
from web.api.audience import AudienceDoor
from web.api.campaign import CampaignDoor
from web.api.content import ContentDoor
from web.api.link import LinkDoor
from web.app import Part

log = logging.getLogger(__name__)


def list_campaign_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the areas of marketing, and the doors behind the links of messages."""
    known = name_house(house.settings)
    trials = TrialDesk(house.database, house.cipher, house.channels, house.hub, known)
    tariff = _read_tariff(house.settings)
    previewer = Previewer(house.settings.brand, tariff)
    book = ContentBook(house.database)
    return [
        ContentDoor(desk.signs, book, previewer, house.database).install,
        AudienceDoor(desk.signs, house.database, house.cipher).install,
        CampaignDoor(desk.signs, _make_campaigns(house), trials, tariff).install,
        LinkDoor(_make_signer(house), house.database, house.cipher).install,
    ]


def list_campaign_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return who starts scheduled campaigns, where campaigns are planned."""
    return [Starter(_make_campaigns(house)).run()] if "plan" in roles else []


async def prepare_contents(database: Database) -> None:
    """Bring in the house's own contents; doing it again changes nothing."""
    async with database.transaction() as connection:
        count = await ship_contents(connection)
    log.info("%d contents of the house brought in", count)


def _make_campaigns(house: House) -> Campaigns:
    return Campaigns(house.database, house.clock, house.hub, house.channels)


def _make_signer(house: House) -> LinkSigner:
    return LinkSigner.of(house.cipher, house.settings.site_url)


def _read_tariff(settings: Settings) -> Tariff:
    """Return the prices that previews count with; zero means that nobody has said."""
    return Tariff(settings.sms_price or None, settings.call_price or None)
