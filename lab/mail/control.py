"""What a person can do at a fake mailbox: read, write, answer, send back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.control import read_object
from lab.mail.account import MailAccount
from lab.mail.post import STATUSES, Envelope, PostOffice
from lab.mail.world import Letter, MailWorld

_OWN = "/lab/mail/{account}"


@dataclass(slots=True)
class MailControl:
    """Answers `/lab/mail/…`."""

    world: MailWorld
    office: PostOffice

    def routes(self) -> list[web.RouteDef]:
        """Return every path."""
        return [
            web.get("/lab/mail/accounts", self.list_accounts),
            web.get(_OWN + "/mailbox/{address}", self.read_mailbox),
            web.post(_OWN + "/send", self.send),
            web.post(_OWN + "/reply", self.reply),
            web.post(_OWN + "/bounce", self.bounce),
        ]

    async def list_accounts(self, _: web.Request) -> web.Response:
        """List the accounts, without their keys."""
        shown = [
            {"name": one.name, "address": one.address, "webhook": one.webhook}
            for one in self.world.accounts.values()
        ]
        return web.json_response({"accounts": shown})

    async def read_mailbox(self, request: web.Request) -> web.Response:
        """Show what lies in a mailbox, oldest first."""
        account = self._account(request)
        letters = self.world.read(request.match_info["address"])
        shown = [one.to_json() for one in letters if one.account == account.name]
        return web.json_response({"mails": shown})

    async def send(self, request: web.Request) -> web.Response:
        """Let a client write: `from`, `subject`, `text`, `html`; or `raw` in base64 with `to`."""
        account, body = self._account(request), await read_object(request)
        if "raw" in body:
            envelope = _read_raw(account, body)
        else:
            texts = {name: str(value) for name, value in body.items()}
            if "@" not in texts.get("from", ""):
                raise InvalidInput("from is the client's mail address.")
            envelope = self.office.write_mail(account, texts)
        return web.json_response((await self.office.post(account, envelope)).to_json())

    async def reply(self, request: web.Request) -> web.Response:
        """Let the owner of a mailbox answer a mail: `id`, `text`; `automatic` for an absence."""
        account, body = self._account(request), await read_object(request)
        envelope = self.office.write_reply(
            self._letter(account, body),
            str(body.get("text", "")),
            is_automatic=body.get("automatic") is True,
        )
        return web.json_response((await self.office.post(account, envelope)).to_json())

    async def bounce(self, request: web.Request) -> web.Response:
        """Let the post report on a mail: `id`, `action` failed, delayed or delivered."""
        account, body = self._account(request), await read_object(request)
        action = str(body.get("action", "failed"))
        if action not in STATUSES:
            raise InvalidInput(f"action is one of {', '.join(STATUSES)}.")
        envelope = self.office.write_bounce(self._letter(account, body), action)
        return web.json_response((await self.office.post(account, envelope)).to_json())

    def _account(self, request: web.Request) -> MailAccount:
        return self.world.get_account(request.match_info["account"])

    def _letter(self, account: MailAccount, body: Mapping[str, Json]) -> Letter:
        return self.world.get_letter(account, str(body.get("id", "")))


def _read_raw(account: MailAccount, body: Mapping[str, Json]) -> Envelope:
    try:
        raw = base64.b64decode(str(body["raw"]), validate=True)
    except binascii.Error as error:
        raise InvalidInput("raw is a mail in base64.") from error
    to, dmarc = str(body.get("to", account.address)), str(body.get("dmarc", "pass"))
    return Envelope(str(body.get("from", "")), to, raw, dmarc)
