"""Puts the fake SMS providers into the lab, behind one set of phones."""

from __future__ import annotations

from aiohttp import web

from lab.aliyun.phone import AliyunPhone
from lab.aliyun.site import build_aliyun
from lab.aliyun.world import AliyunWorld
from lab.played import PlayedAccount
from lab.room import Room
from lab.sms.control import Network, SmsControl
from lab.sms.handset import Handsets
from lab.twilio.call import CallDesk
from lab.twilio.call_control import CallControl
from lab.twilio.phone import TwilioPhone
from lab.twilio.site import build_twilio
from lab.twilio.world import FAKE, TwilioWorld


def mount_sms(app: web.Application, room: Room, accounts: tuple[PlayedAccount, ...]) -> None:
    """Add `/twilio-api`, `/aliyun-api` and the control API of the phones that they reach."""
    handsets = Handsets(room.clock, room.live)
    twilio = TwilioWorld.build(accounts, room, handsets)
    aliyun = AliyunWorld.build(accounts, room, handsets)
    desk = CallDesk(twilio)
    room.join(FAKE, desk.reset)
    app.add_routes(CallControl(desk).routes())
    app.add_subapp("/twilio-api", build_twilio(twilio, desk))
    app.add_subapp("/aliyun-api", build_aliyun(aliyun))
    networks: dict[str, Network] = {"twilio": TwilioPhone(twilio), "aliyun": AliyunPhone(aliyun)}
    app.add_routes(SmsControl(networks, handsets).routes())
    app.cleanup_ctx.append(twilio.courier.closing)
    app.cleanup_ctx.append(aliyun.courier.closing)
