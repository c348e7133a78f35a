"""The lab's HTTP site: fake providers, control API, page. Every answer says that it is a lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from kernel.clock import Clock, SystemClock
from lab.broker.gate import answer_errors
from lab.control import Control
from lab.dingtalk.fake import add_dingtalk, find_robots
from lab.jpush.fake import add_jpush
from lab.ledger import Ledger
from lab.mail.account import find_accounts
from lab.mail.fake import add_mail
from lab.page import PageDesk
from lab.played import PlayedAccount
from lab.room import Room
from lab.sms.mount import mount_sms
from lab.wechat.account import LabAccount
from lab.wechat.api import Api
from lab.wechat.control import WechatControl
from lab.wechat.door import FAKE, build_middlewares
from lab.wechat.phone import Phone
from lab.wechat.world import World
from lab.wecom.account import find_wecom
from lab.wecom.fake import add_wecom

BODY_LIMIT = 12 * 1024 * 1024
"""Bytes; the largest media file is 10 MB."""


@dataclass(frozen=True, slots=True)
class LabSettings:
    """What the lab is told."""

    accounts: Mapping[str, LabAccount]
    core: str = "http://127.0.0.1:5812"
    product: str = "http://127.0.0.1:5810"
    played: tuple[PlayedAccount, ...] = ()
    smtp_port: int = 0
    """0 for a free one."""
    ledger: Path | None = None


WORLD: web.AppKey[World] = web.AppKey("world", World)
"""The state of the fake WeChat, for a test that runs the lab in its own process."""
ROOM: web.AppKey[Room] = web.AppKey("room", Room)
"""What all fakes share, likewise."""


def build_app(settings: LabSettings, *, clock: Clock | None = None) -> web.Application:
    """Build the lab's application: one room, and each fake under `/<fake>-api`."""
    clock = clock or SystemClock()
    room = Room.build(clock, Ledger.open(clock, settings.ledger))
    page = PageDesk(settings.core, settings.product)
    app = web.Application(middlewares=[answer_errors], client_max_size=BODY_LIMIT)
    app[ROOM] = room
    app.add_routes(Control(room).routes())
    app.add_routes(page.routes())
    _add_wechat(app, settings, room)
    mount_sms(app, room, settings.played)
    add_jpush(app, room, settings.played)
    add_mail(app, room, find_accounts(settings.played), port=settings.smtp_port)
    add_wecom(app, room, find_wecom(settings.played))
    add_dingtalk(app, room, find_robots(settings.played))
    app.on_response_prepare.append(_mark)

    async def close_all(_: web.Application) -> AsyncIterator[None]:
        yield
        await page.close()
        room.ledger.close()

    app.cleanup_ctx.append(close_all)
    return app


def _add_wechat(app: web.Application, settings: LabSettings, room: Room) -> None:
    world = World.build(settings.accounts, room)
    room.join(FAKE, world.reset)
    phone = Phone(world)
    app[WORLD] = world
    app.add_routes(WechatControl(world, phone).routes())
    fake = web.Application(middlewares=build_middlewares(world), client_max_size=BODY_LIMIT)
    fake.add_routes(Api(world, phone.finish_template).routes())
    app.add_subapp("/wechat-api", fake)

    async def close_phone(_: web.Application) -> AsyncIterator[None]:
        yield
        await phone.close()

    app.cleanup_ctx.append(close_phone)


async def _mark(_: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["X-Zhida-Lab"] = "1"
    answer.headers.setdefault("Cache-Control", "no-store")
