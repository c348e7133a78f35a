"""Makes what tells other systems of the broker: the admins' door, and the workers behind it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from channels.system.call import Caller
from channels.system.follow import Follower
from channels.system.guard import Guard
from channels.system.send import SystemSender
from service.build import House
from service.desk import DeskHouse
from web.api.webhook import WebhookDoor
from web.app import Part


def list_webhook_parts(house: House, desk: DeskHouse) -> list[Part]:
    """Return the area of webhooks of the public site."""
    door = WebhookDoor(desk.signs, house.database, house.cipher, house.hub, make_caller(house))
    return [door.install]


def list_webhook_workers(house: House, roles: Sequence[str]) -> list[Coroutine[Any, Any, None]]:
    """Return what makes deliveries and what calls, if these roles ask for it."""
    if "webhook" not in roles:
        return []
    sender = SystemSender(
        house.database, house.cipher, house.hub, make_caller(house), house.deliverer.worker
    )
    return [Follower(house.database, house.hub).run(), sender.run()]


def make_caller(house: House) -> Caller:
    """Return who calls webhooks, and nothing in our own networks that no setting names."""
    return Caller(Guard(house.settings.callable_networks))
