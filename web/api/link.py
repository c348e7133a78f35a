"""What a client's link leads to: the page behind a counted link, and the way out of marketing.

GET  /t/{token}   302 to the address that the content or the message has; a visit is counted
GET  /u/{token}   a page with one button; looking changes nothing
POST /u/{token}   ends marketing at this address (RFC 8058: one click, no sign-in)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from kernel.errors import NotFound
from orchestrator.link import (
    LEAVE_PATH,
    OWN,
    OWN_FIELD,
    OWN_HINT,
    TRACK_PATH,
    LinkSigner,
    Purpose,
    Token,
    is_address,
    list_links,
)
from store import campaign_value, consent, content, link, sent
from store.cipher import Cipher
from store.engine import DOOR_SECONDS, Connection, Database
from store.link import Sending

_MACHINE = re.compile(
    r"bot|crawl|spider|preview|scan|prefetch|proxy|facebookexternalhit|slack|skype|curl|wget|"
    r"python|java/|go-http|okhttp|headless",
    re.IGNORECASE,
)
"""Programs that look at a link before, or instead of, its reader; a few people hide behind one."""
_OWN_NAME: Final = f"{{{{ {OWN_FIELD} }}}}"
"""What stands for the addresses that messages bring themselves: they may say who is meant."""
_PREFETCHES: Final = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_FRAME: Final = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="robots" content="noindex"><title>{title}</title>'
    '<body style="font-family:sans-serif;max-width:30em;margin:3em auto;padding:0 1em">{body}'
)
_ASK: Final = _FRAME.format(
    title="退订 · Unsubscribe",
    body='<form method="post"><p>不再接收此类营销消息？交易、风险等服务通知不受影响。<br>'
    "No more marketing? Service and risk notices still reach you.</p>"
    "<button>退订 · Unsubscribe</button></form>",
)
_DONE: Final = _FRAME.format(
    title="已退订 · Unsubscribed",
    body="<p>已退订，您不会再收到此类营销消息。<br>You will get no more marketing here.</p>",
)


@dataclass(frozen=True, slots=True)
class LinkDoor:
    """The routes of links; the token in the path is all the permission that there is."""

    signer: LinkSigner
    database: Database
    cipher: Cipher

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get(TRACK_PATH, self.follow)
        app.router.add_get(LEAVE_PATH, self.ask)
        app.router.add_post(LEAVE_PATH, self.leave)

    async def follow(self, request: web.Request) -> web.Response:
        """Lead a reader to the address that was approved, and count a person's visit."""
        token = self._read("t", request)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            sending = await _find(connection, token)
            url, named = await self._find_address(connection, sending, token)
            if not is_machine(request):
                await link.record_click(connection, sending, named)
        return web.Response(status=302, headers={"Location": url, **_HEADERS})

    async def ask(self, request: web.Request) -> web.Response:
        """Ask a person who followed the link; a program that only looks changes nothing."""
        self._read("u", request)
        return web.Response(text=_ASK, content_type="text/html", headers=_HEADERS)

    async def leave(self, request: web.Request) -> web.Response:
        """End marketing at the address that the message went to; again changes nothing."""
        token = self._read("u", request)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            sending = await _find(connection, token)
            await consent.record(
                connection,
                sending.address,
                category=consent.MARKETING,
                state=consent.NO,
                source=f"link:{sending.outbox_id}",
            )
        return web.Response(text=_DONE, content_type="text/html", headers=_HEADERS)

    async def _find_address(
        self, connection: Connection, sending: Sending, token: Token
    ) -> tuple[str, str]:
        """Return where a link leads, and the name under which it is counted."""
        if token.number == OWN:
            return await self._find_own(connection, sending)
        words = await content.find(connection, sending.content_id)
        links = list_links(words.variants)
        if not 1 <= token.number <= len(links):
            raise _invalid()
        return links[token.number - 1], links[token.number - 1]

    async def _find_own(self, connection: Connection, sending: Sending) -> tuple[str, str]:
        """Return the address that a message brings itself, or else its campaign's."""
        message = await sent.find(connection, self.cipher, sending.outbox_id)
        own = message.content.hints.get(OWN_HINT) if message else None
        if isinstance(own, str) and is_address(own):
            return own, _OWN_NAME
        values = await campaign_value.find_of_message(connection, sending.outbox_id)
        own = values.get(OWN_FIELD)
        if not isinstance(own, str) or not is_address(own):
            raise _invalid()
        return own, own

    def _read(self, purpose: Purpose, request: web.Request) -> Token:
        token = self.signer.read(purpose, request.match_info["token"])
        if token is None:
            raise _invalid()
        return token


def is_machine(request: web.Request) -> bool:
    """Tell whether a program looks ahead: it says so, or is known to."""
    agent = request.headers.get("User-Agent", "")
    ahead = " ".join(request.headers.get(name, "") for name in _PREFETCHES).lower()
    is_ahead = "prefetch" in ahead or "preview" in ahead
    return request.method == "HEAD" or is_ahead or not agent or bool(_MACHINE.search(agent))


async def _find(connection: Connection, token: Token) -> Sending:
    sending = await link.find_sending(connection, token.outbox_id)
    if sending is None:
        raise _invalid()
    return sending


def _invalid() -> NotFound:
    return NotFound("This link is not valid.", zh="链接无效。")
