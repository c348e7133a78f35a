"""Makes the desk: its doors for the public site, and the workers behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from clients.binding import Bindings
from clients.profile import Profile
from desk.alarm import Alarms
from desk.board import Board
from desk.closing import Closing
from desk.contact import Contacts
from desk.letter import Letters
from desk.opening import Opener
from desk.people import People
from desk.queue import Queue
from desk.ticket import Tickets
from desk.undelivered import Undelivered
from service.build import House
from web.access import Access
from web.api.channel import ChannelDoor
from web.api.desk import DeskDoor
from web.api.desk_client import DeskClientDoor
from web.api.desk_conversation import DeskConversationDoor
from web.api.desk_live import DeskLiveDoor
from web.api.session import SessionDoor
from web.api.staff import StaffDoor
from web.app import Part
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class DeskHouse:
    """The desk's parts of the site, and its workers.

    `signs` and `access` are what the other areas of the site let people in by.
    `opener`, `undelivered`, `closing` and `alarms` run where the role `desk` does, and `opener`
    hears when happenings are sealed; `board` runs where the site is.
    """

    parts: tuple[Part, ...]
    signs: SignIns
    access: Access
    opener: Opener
    board: Board
    undelivered: Undelivered
    closing: Closing
    alarms: Alarms


def build_desk(house: House) -> DeskHouse:
    """Make the desk out of the house's parts."""
    database, cipher, hub = house.database, house.cipher, house.hub
    is_secure = house.settings.public_url.startswith("https://")
    signs = SignIns(database, is_secure=is_secure)
    queue = Queue(database, cipher)
    access = Access(database, queue)
    board = Board(database, cipher, hub)
    letters = Letters(database, cipher, house.channels, hub)
    tickets = Tickets(database, cipher, hub)
    parts: tuple[Part, ...] = (
        SessionDoor(signs).install,
        StaffDoor(signs, People(database), hub).install,
        DeskDoor(signs, access, queue, tickets, database).install,
        DeskConversationDoor(signs, access, letters, database, cipher, hub).install,
        _make_client_door(house, signs, access).install,
        DeskLiveDoor(signs, access, board, database, cipher, hub).install,
        _make_channel_door(house, signs).install,
    )
    quiet = timedelta(days=house.settings.ticket_close_days)
    return DeskHouse(
        parts,
        signs=signs,
        access=access,
        opener=Opener(database, cipher, hub),
        board=board,
        undelivered=Undelivered(database, hub),
        closing=Closing(database, hub, quiet),
        alarms=Alarms(database, house.accounts, hub),
    )


def _make_client_door(house: House, signs: SignIns, access: Access) -> DeskClientDoor:
    """Make the API of a client's card, and of what is corrected on it."""
    database, cipher = house.database, house.cipher
    profile = Profile(database, cipher, broker=house.broker, clock=house.clock)
    bindings, contacts = Bindings(database), Contacts(database, cipher)
    return DeskClientDoor(signs, access, profile, bindings, contacts, database, cipher, house.hub)


def _make_channel_door(house: House, signs: SignIns) -> ChannelDoor:
    """Make the channel page's API over the accounts of this process and of the database."""
    return ChannelDoor(
        signs,
        house.accounts,
        house.channels,
        house.database,
        house.cipher,
        house.hub,
        house.settings.site_url,
    )
