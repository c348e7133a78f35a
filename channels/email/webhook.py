"""The mail's door into the house: replies, first mails, bounces and the link that ends mails."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from channels.account import Account, Accounts
from channels.door import read_body
from channels.email.address import Returned
from channels.email.bounce import MailKind, find_kind, parse_reports
from channels.email.channel import NAME, PATH, UNSUBSCRIBE_PATH, is_mailbox
from channels.email.letter import find_sender, make_inbound, make_key
from channels.email.loop import LoopGuard
from channels.email.mime import RAW_LIMIT, Mail, parse_mail
from channels.email.provider import find_returns
from channels.email.render import make_message_id
from channels.email.signature import Delivered, parse_delivered
from channels.live import EVENT, Hub
from channels.receive import Receiver
from kernel.clock import Clock
from kernel.errors import InvalidInput, Malformed, NotFound, Untrusted
from kernel.message import Content, Inbound, InboundKind, Receipt
from kernel.signature import check_signature
from store import consent, conversation, receipt
from store.conversation import Conversation
from store.engine import DOOR_SECONDS, Database

log = logging.getLogger(__name__)

CALLBACKS = Counter("zhida_email_callbacks_total", "Mails that came in, by outcome", ["outcome"])

BODY_LIMIT: Final = RAW_LIMIT * 4 // 3 + 64 * 1024
BODY_SECONDS: Final = 20.0
_AT_ONCE: Final = 64 * 1024
"""Bytes up to which a mail is read without handing it to a thread."""
_STATUSES: Final[Mapping[str, str]] = {
    "failed": "failed",
    "delivered": "delivered",
    "relayed": "delivered",
}
_ASK_PAGE: Final = (
    '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>退订 · Unsubscribe</title><body style="font-family:sans-serif;max-width:30em;'
    'margin:3em auto;padding:0 1em"><form method="post"><p>不再接收此类邮件？<br>'
    "No more mails like this?</p><button>退订 · Unsubscribe</button></form>"
)
_DONE_PAGE: Final = (
    '<!doctype html><meta charset="utf-8"><title>已退订 · Unsubscribed</title>'
    "<p>已退订，您不会再收到此类邮件。<br>You will get no more mails like this.</p>"
)


@dataclass(frozen=True, slots=True)
class EmailDoor:
    """Answers `/channels/email/{account}` for every mail account that is set up."""

    accounts: Accounts
    receiver: Receiver
    database: Database
    hub: Hub
    clock: Clock
    loops: LoopGuard = field(default_factory=LoopGuard)

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post(PATH, self.answer_mail)
        app.router.add_get(UNSUBSCRIBE_PATH, self.ask_unsubscribe)
        app.router.add_post(UNSUBSCRIBE_PATH, self.answer_unsubscribe)

    async def answer_mail(self, request: web.Request) -> web.Response:
        """Take one mail; it is kept when 200 is answered."""
        account = self._account(request)
        try:
            body = await read_body(request, limit=BODY_LIMIT, seconds=BODY_SECONDS)
            keys = [account.secret["webhook_key"], account.previous.get("webhook_key", "")]
            check_signature(request.headers, body, keys=keys, clock=self.clock)
            delivered = parse_delivered(body)
            mail = await _parse(delivered.raw)
            outcome = await self._take(account, delivered, mail)
        except Untrusted as error:
            return _refuse(error)
        except InvalidInput as error:
            return _refuse(Malformed(error.message, zh=error.zh))
        except RecursionError:
            return _refuse(Malformed("The mail is nested beyond reason."))
        CALLBACKS.labels(outcome).inc()
        return web.json_response({"ok": True, "outcome": outcome})

    async def ask_unsubscribe(self, request: web.Request) -> web.Response:
        """Ask a person who followed the link; a program that only looks changes nothing."""
        self._read_unsubscribe(request)
        return web.Response(text=_ASK_PAGE, content_type="text/html")

    async def answer_unsubscribe(self, request: web.Request) -> web.Response:
        """End mails of this kind, by the button or by the mail program's one click (RFC 8058)."""
        account, talk_id = self._account(request), self._read_unsubscribe(request)
        talk = await self._find_talk(talk_id, account)
        if talk is None:
            raise NotFound("This link is not valid.", zh="链接无效。")
        inbound = Inbound(
            address=talk.address,
            dedup_key=f"unsubscribe:{talk_id}:{self.clock.now():%Y%m%d}",
            kind=InboundKind.CONSENT,
            subtype="unsubscribe",
            content=Content(text="退订邮件 · Unsubscribe"),
            received_at=self.clock.now(),
            verified_by="link",
        )
        await self.receiver.receive(inbound)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            await consent.record(
                connection,
                talk.address,
                category=consent.MARKETING,
                state=consent.NO,
                source=inbound.dedup_key,
            )
        CALLBACKS.labels("unsubscribe").inc()
        return web.Response(text=_DONE_PAGE, content_type="text/html")

    async def _take(self, account: Account, delivered: Delivered, mail: Mail) -> str:
        returned = find_returns(account).find((*delivered.recipients, *mail.recipients))
        match find_kind(mail):
            case MailKind.OURS:
                return "loop"
            case MailKind.BOUNCE:
                return await self._record_bounce(account, returned, mail, delivered.raw)
            case MailKind.AUTOMATIC:
                return await self._note_automatic(account, returned, mail, delivered.raw)
            case _:
                return await self._receive(account, delivered, mail, returned)

    async def _receive(
        self, account: Account, delivered: Delivered, mail: Mail, returned: Returned | None
    ) -> str:
        """Keep a person's mail as the next message of its conversation."""
        if not is_mailbox(mail.sender):
            raise Malformed("The mail has no sender who could be answered.")
        talk = await self._find_talk(_talk_of(returned), account)
        address = find_sender(
            mail,
            known=talk.address if talk else None,
            is_proven=delivered.is_proven,
            account=account.name,
        )
        way = "reply_address" if talk and address == talk.address else "dmarc"
        verified_by = way if way != "dmarc" or delivered.is_proven else "none"
        inbound = make_inbound(mail, address, raw=delivered.raw, at=self.clock.now())
        inbound = replace(inbound, verified_by=f"hmac,{verified_by}")
        if self.loops.is_looping(f"{account.name}:{mail.sender}"):
            inbound = replace(inbound, kind=InboundKind.EVENT, subtype="mail_loop")
        kept = await self.receiver.receive(inbound)
        if not kept.is_new:
            return "repeat"
        return "message" if inbound.kind is InboundKind.MESSAGE else "loop_kept"

    async def _note_automatic(
        self, account: Account, returned: Returned | None, mail: Mail, raw: bytes
    ) -> str:
        """Show an automatic answer in its conversation; nobody answers it."""
        talk = await self._find_talk(_talk_of(returned), account)
        if talk is None:
            return "automatic"
        inbound = make_inbound(mail, talk.address, raw=raw, at=self.clock.now())
        await self.receiver.receive(
            replace(
                inbound,
                kind=InboundKind.EVENT,
                subtype="auto_reply",
                dedup_key=make_key(mail, raw),
                content=replace(inbound.content, text=f"[自动回复] {mail.subject}"[:200]),
                verified_by="hmac,reply_address",
            )
        )
        return "automatic_kept"

    async def _record_bounce(
        self, account: Account, returned: Returned | None, mail: Mail, raw: bytes
    ) -> str:
        """Move the mail that came back; only an address that we made says which one it is."""
        if returned is None or returned.kind != "bounce":
            return "bounce_unknown"
        told = [one for one in parse_reports(mail) if one.action in _STATUSES]
        mark = hashlib.sha256(raw).hexdigest()[:32]
        domain = account.public["sender"].rpartition("@")[2]
        receipts = [
            Receipt(
                channel=NAME,
                account=account.name,
                provider_id=make_message_id(returned.name, domain),
                status=_STATUSES[one.action],
                event_id=f"dsn:{returned.name}:{mark}:{place}",
                at=self.clock.now(),
                detail=f"{one.status} {one.diagnostic}".strip()[:300],
                outbox_id=returned.name,
            )
            for place, one in enumerate(told[:5])
        ]
        if not receipts:
            return "bounce_delayed"
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            for one in receipts:
                await receipt.record(connection, one)
        self.hub.publish(EVENT, once=True)
        return "bounce"

    async def _find_talk(self, talk_id: UUID | None, account: Account) -> Conversation | None:
        if talk_id is None:
            return None
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            talk = await conversation.find(connection, talk_id)
        if talk is None or (talk.address.channel, talk.address.account) != (NAME, account.name):
            return None
        return talk

    def _read_unsubscribe(self, request: web.Request) -> UUID:
        returns = find_returns(self._account(request))
        talk_id = returns.read_token("unsubscribe", request.match_info["token"])
        if talk_id is None:
            raise NotFound("This link is not valid.", zh="链接无效。")
        return talk_id

    def _account(self, request: web.Request) -> Account:
        return self.accounts.get(NAME, request.match_info["account"])


def _talk_of(returned: Returned | None) -> UUID | None:
    return returned.name if returned is not None and returned.kind == "reply" else None


async def _parse(raw: bytes) -> Mail:
    return parse_mail(raw) if len(raw) <= _AT_ONCE else await asyncio.to_thread(parse_mail, raw)


def _refuse(error: Untrusted) -> web.Response:
    CALLBACKS.labels(error.code).inc()
    log.warning("A mail was refused: %s", error.code)
    return web.Response(status=error.status, text=f"{error.code}: {error.message}\n")
