"""The calls' door into the house: how a call goes, who answered it, which key was pressed.

Key 1 is the receipt that the notice was heard and understood; 2 reads it again; 9 asks for a
person, which is a message like any other and becomes a ticket.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from channels.account import Account, Accounts
from channels.door import read_body
from channels.live import EVENT, Hub
from channels.receive import Receiver
from channels.sms.form import parse_form
from channels.sms.twilio.signature import TwilioSignature
from channels.voice.channel import KEY_PATH, NAME, STATUS_PATH, Caller
from channels.voice.payload import Fields, Line, parse_key, parse_status
from channels.voice.speech import find_sentences, find_speech
from channels.voice.twiml import write_goodbye, write_notice
from kernel.clock import Clock
from kernel.errors import Malformed, NotFound, UnknownEvent, Untrusted
from kernel.message import Content, Inbound, InboundKind, Receipt
from store import receipt, sent
from store.cipher import Cipher
from store.engine import DOOR_SECONDS, Database
from store.sent import Sent

log = logging.getLogger(__name__)

CALLBACKS = Counter("zhida_voice_callbacks_total", "Callbacks by outcome", ["outcome"])
HEADER: Final = "X-Twilio-Signature"
CONFIRM: Final = "1"
REPEAT: Final = "2"
CALL_BACK: Final = "9"
_WISH = "请安排人工回电（接听语音通知时按了 9）"


@dataclass(frozen=True, slots=True)
class VoiceDoor:
    """Answers the key and status addresses of every call."""

    accounts: Accounts
    receiver: Receiver
    database: Database
    cipher: Cipher
    hub: Hub
    clock: Clock

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post(KEY_PATH, self.answer_key)
        app.router.add_post(STATUS_PATH, self.answer_status)

    async def answer_status(self, request: web.Request) -> web.Response:
        """Take one report; an unknown status is acknowledged and counted."""
        account = self._account(request)
        try:
            fields, line = await self._open(request, account)
            is_new = await self._record(parse_status(fields, line))
        except UnknownEvent as error:
            CALLBACKS.labels(error.code).inc()
            return web.Response(status=204)
        except Untrusted as error:
            return _refuse(error)
        CALLBACKS.labels("receipt" if is_new else "repeat").inc()
        return web.Response(status=204)

    async def answer_key(self, request: web.Request) -> web.Response:
        """Take a pressed key, keep what it means, and say how the call goes on."""
        account = self._account(request)
        try:
            fields, line = await self._open(request, account)
            sid, key = parse_key(fields, line)
            found = await self._find(line)
            twiml = await self._obey(account, line, found, sid=sid, key=key)
        except Untrusted as error:
            return _refuse(error)
        return web.Response(text=twiml, content_type="text/xml")

    async def _obey(self, account: Account, line: Line, found: Sent, *, sid: str, key: str) -> str:
        words = find_speech(found.content)
        say = find_sentences(words)
        proof = f"key {key} in call {sid}"
        if key == CONFIRM:
            await self._record(line.tell(sid, "read", event="key:1", detail=proof))
            CALLBACKS.labels("confirmed").inc()
            return write_goodbye(say.confirmed, say)
        await self._record(line.tell(sid, "delivered", event="key", detail=proof))
        if key == CALL_BACK:
            await self.receiver.receive(self._wish(found, line, sid))
            CALLBACKS.labels("call_back").inc()
            return write_goodbye(say.call_back, say)
        CALLBACKS.labels("again").inc()
        caller = Caller(account.name, account.public["number"], account.public["site"].rstrip("/"))
        first = "" if key == REPEAT else say.wrong_key
        return write_notice(words, caller.key_url(line.outbox_id), first=first)

    def _wish(self, found: Sent, line: Line, sid: str) -> Inbound:
        """Return the wish to be called back, as the client's own message."""
        return Inbound(
            address=found.address,
            dedup_key=f"{sid}:key:9",
            kind=InboundKind.MESSAGE,
            content=Content(text=_WISH),
            received_at=line.at,
            subtype="voice_key",
            menu_payload="/human",
            verified_by="twilio",
        )

    async def _open(self, request: web.Request, account: Account) -> tuple[Fields, Line]:
        """Check who sent a form, then read it; the signature covers every field of it."""
        fields = parse_form(await read_body(request))
        signature = TwilioSignature(
            account.secret["auth_token"],
            account.previous.get("auth_token", ""),
            account.public["site"].rstrip("/"),
        )
        signature.check(request.raw_path, fields, request.headers.get(HEADER))
        try:
            outbox_id = UUID(request.match_info["outbox_id"])
        except ValueError as error:
            raise Malformed("The address names no message of ours.") from error
        sid = account.public["account_sid"]
        return fields, Line(account.name, sid, outbox_id, self.clock.now())

    async def _find(self, line: Line) -> Sent:
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            found = await sent.find(connection, self.cipher, line.outbox_id)
        if found is None or (found.address.channel, found.address.account) != (NAME, line.account):
            raise Malformed("The address names no call of ours.")
        return found

    async def _record(self, told: Receipt) -> bool:
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            is_new = await receipt.record(connection, told)
        self.hub.publish(EVENT, once=True)
        return is_new

    def _account(self, request: web.Request) -> Account:
        account = self.accounts.get(NAME, request.match_info["account"])
        if account.provider != "twilio":
            raise NotFound("No such voice account is set up.", zh="未配置该语音账号。")
        return account


def _refuse(error: Untrusted) -> web.Response:
    CALLBACKS.labels(error.code).inc()
    log.warning("A callback about a call was refused: %s", error.code)
    return web.Response(status=error.status, text=f"{error.code}: {error.message}\n")
