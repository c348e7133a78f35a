"""The doors and workers of the channels: what answers providers, and what asks them."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from channels.email.webhook import EmailDoor
from channels.kf.pull import KfPuller
from channels.kf.webhook import KfDoor
from channels.sms.aliyun.webhook import AliyunDoor
from channels.sms.door import DoorKit
from channels.sms.twilio.webhook import TwilioDoor
from channels.staff.send import StaffSender
from channels.voice.webhook import VoiceDoor
from service.build import House, build_webhook, chat_keys
from web.api.push import PushDoor
from web.app import Part


def list_doors(house: House) -> list[Part]:
    """Return what answers providers, for every account that is or will be set up."""
    kit = DoorKit(house.accounts, house.receiver, house.database, house.cipher, house.clock)
    return [
        build_webhook(house).install,
        TwilioDoor(kit).install,
        AliyunDoor(kit).install,
        KfDoor(house.accounts, house.hub, house.clock).install,
        EmailDoor(house.accounts, house.receiver, house.database, house.hub, house.clock).install,
        VoiceDoor(
            house.accounts,
            house.receiver,
            house.database,
            house.cipher,
            house.hub,
            house.clock,
        ).install,
        PushDoor(
            house.accounts,
            chat_keys(house.settings),
            house.database,
            house.cipher,
            house.hub,
            house.clock,
        ).install,
    ]


def list_workers(house: House) -> Sequence[Coroutine[Any, Any, None]]:
    """Return what pulls from providers, and what tells staff outside of the console."""
    puller = KfPuller(
        house.accounts,
        house.channels,
        house.receiver,
        house.clock,
        house.deliverer.worker,
        trouble=house.trouble,
    )
    return [puller.run(), StaffSender(house.database, house.channels, house.hub).run()]
