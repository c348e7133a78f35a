"""The doors of every channel: what answers the callbacks of providers."""

from __future__ import annotations

from channels.email.webhook import EmailDoor
from channels.sms.aliyun.webhook import AliyunDoor
from channels.sms.door import DoorKit
from channels.sms.twilio.webhook import TwilioDoor
from channels.voice.webhook import VoiceDoor
from service.build import House, build_webhook
from web.app import Part


def list_doors(house: House) -> list[Part]:
    """Return what answers providers, for every account that is or will be set up."""
    kit = DoorKit(house.accounts, house.receiver, house.database, house.cipher, house.clock)
    return [
        build_webhook(house).install,
        TwilioDoor(kit).install,
        AliyunDoor(kit).install,
        EmailDoor(house.accounts, house.receiver, house.database, house.hub, house.clock).install,
        VoiceDoor(
            house.accounts,
            house.receiver,
            house.database,
            house.cipher,
            house.hub,
            house.clock,
        ).install,
    ]
