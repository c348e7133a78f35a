"""Twilio's door into the house: inbound SMS, and reports on what we sent.

Nothing is answered on the callback itself: a reply goes through the outbox like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from aiohttp import web

from channels.account import Account
from channels.door import read_body
from channels.sms.door import BODY_LIMIT, CALLBACKS, DoorKit, refuse
from channels.sms.form import parse_form
from channels.sms.twilio.carrier import PATH, STATUS_PATH
from channels.sms.twilio.payload import (
    ONLY_AFTER_STOP,
    Fields,
    Origin,
    Said,
    parse_message,
    parse_status,
)
from channels.sms.twilio.provider import TWILIO
from channels.sms.twilio.signature import TwilioSignature
from channels.wish import Wish
from kernel.errors import InvalidInput, Malformed, UnknownEvent, Untrusted
from kernel.message import InboundKind
from store import consent

_NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
HEADER: Final = "X-Twilio-Signature"


@dataclass(frozen=True, slots=True)
class TwilioDoor:
    """Answers `/channels/sms/twilio/{account}` and the status address of each message."""

    kit: DoorKit

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post(PATH, self.answer_message)
        app.router.add_post(STATUS_PATH, self.answer_status)

    async def answer_message(self, request: web.Request) -> web.Response:
        """Take one SMS; it is not acknowledged before it is committed."""
        account = self.kit.find_account(request, TWILIO)
        try:
            raw = await read_body(request, limit=BODY_LIMIT)
            fields, origin = self._open(request, account, raw)
            said = await self._weigh(parse_message(fields, origin, raw))
        except Untrusted as error:
            return refuse(TWILIO, error)
        try:
            is_new = await self.kit.receive(said.inbound, wish=said.wish, category=consent.ALL)
        except InvalidInput as error:
            CALLBACKS.labels(TWILIO, error.code).inc()
            return _answer_nothing()
        CALLBACKS.labels(TWILIO, "message" if is_new else "repeat").inc()
        return _answer_nothing()

    async def answer_status(self, request: web.Request) -> web.Response:
        """Take one report; an unknown status is acknowledged and counted."""
        account = self.kit.find_account(request, TWILIO)
        try:
            fields, origin = self._open(
                request, account, await read_body(request, limit=BODY_LIMIT)
            )
            outbox_id = _parse_outbox_id(request.match_info["outbox_id"])
            is_new = await self.kit.record_receipts([parse_status(fields, origin, outbox_id)])
        except UnknownEvent as error:
            CALLBACKS.labels(TWILIO, error.code).inc()
            return web.Response(status=204)
        except Untrusted as error:
            return refuse(TWILIO, error)
        CALLBACKS.labels(TWILIO, "receipt" if is_new else "repeat").inc()
        return web.Response(status=204)

    def _open(self, request: web.Request, account: Account, raw: bytes) -> tuple[Fields, Origin]:
        """Check who sent a form, then read it; the signature covers every field of it."""
        fields = parse_form(raw)
        path = request.raw_path
        verified_by = find_signature(account).check(path, fields, request.headers.get(HEADER))
        now = self.kit.clock.now()
        return fields, Origin(account.name, account.public["account_sid"], now, verified_by)

    async def _weigh(self, said: Said) -> Said:
        """Take YES for an answer to the assistant unless the client had stopped messages."""
        word = said.inbound.content.text.strip().upper()
        if said.wish is not Wish.START or word not in ONLY_AFTER_STOP:
            return said
        if await self.kit.find_consent(said.inbound.address, consent.ALL) == consent.NO:
            return said
        plain = replace(said.inbound, kind=InboundKind.MESSAGE, subtype="sms")
        return Said(plain, None)


def find_signature(account: Account) -> TwilioSignature:
    """Return what checks an account's callbacks, for messages and calls alike."""
    return TwilioSignature(
        account.secret["auth_token"],
        account.previous.get("auth_token", ""),
        account.public["site"].rstrip("/"),
    )


def _parse_outbox_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Malformed("The address names no message of ours.") from error


def _answer_nothing() -> web.Response:
    return web.Response(text=_NOTHING, content_type="text/xml")
