"""Puts the fake mail provider into the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from lab.courier import Courier
from lab.mail.account import MailAccount
from lab.mail.control import MailControl
from lab.mail.post import PostOffice
from lab.mail.smtp import SmtpServer
from lab.mail.world import FAKE, MailWorld
from lab.room import Room

MAIL: web.AppKey[SmtpServer] = web.AppKey("mail", SmtpServer)
"""The SMTP server, for a test that runs the lab in its own process."""


def add_mail(
    app: web.Application, room: Room, accounts: Mapping[str, MailAccount], *, port: int
) -> None:
    """Add the mailboxes to the lab's site and listen for SMTP on a port of its own."""
    world = MailWorld(accounts, room)
    courier = Courier(FAKE.name, room)
    office = PostOffice(world, courier)
    server = SmtpServer(world, office, port)
    room.join(FAKE, world.reset)
    app[MAIL] = server
    app.add_routes(MailControl(world, office).routes())

    async def run(_: web.Application) -> AsyncIterator[None]:
        if accounts:
            await server.start()
        yield
        await server.close()
        await courier.close()

    app.cleanup_ctx.append(run)
