"""The fake Messages resource: create, list, fetch; and what becomes of a message afterwards.

Source: twilio.com/docs/messaging/api/message-resource.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from aiohttp import web

from kernel.message import Json
from lab.courier import Parcel
from lab.played import PlayedAccount
from lab.sms.handset import State
from lab.twilio.code import Wrong
from lab.twilio.world import (
    API_VERSION,
    FAKE,
    Message,
    TwilioWorld,
    count_segments,
    new_sid,
)

BODY_LIMIT = 1600
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_PAUSE_SECONDS = 0.05
_ENDS = {State.ON: ("delivered", None), State.OFF: ("undelivered", 30003)}
_ENDS[State.FILTERED] = ("undelivered", 30007)
_MOST = 1000


@dataclass(slots=True)
class MessageApi:
    """Answers the calls about messages."""

    world: TwilioWorld

    def routes(self) -> list[web.RouteDef]:
        """Return every path, below the API's root."""
        home = f"/{API_VERSION}/Accounts/{{sid}}/Messages"
        return [
            web.post(home + ".json", self.create),
            web.get(home + ".json", self.list),
            web.get(home + "/{message}.json", self.fetch),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Take a message and put it into the ledger, then answer with its resource."""
        account = self.world.accounts[request.match_info["sid"]]
        form = {name: str(value) for name, value in (await request.post()).items()}
        message = self._check(account, form)
        self.world.messages[message.sid] = message
        outbox = urlsplit(message.callback).path.rsplit("/", 1)[-1] if message.callback else None
        self.world.room.record_sent(
            "sms",
            "message",
            account=account.name,
            address=message.to,
            provider=FAKE.name,
            outbox=outbox,
            sid=message.sid,
            body={"text": message.body, "segments": message.segments},
        )
        self.world.handsets.record(FAKE.name, account.name, message.to, "them", message.body)
        self.world.courier.start(self._follow(message))
        return web.json_response(_show(message), status=201)

    async def list(self, request: web.Request) -> web.Response:
        """List messages, the newest first, by To and From where they are given."""
        sid, query = request.match_info["sid"], request.query
        found = [
            one
            for one in reversed(self.world.messages.values())
            if one.account.public["account_sid"] == sid
            and query.get("To") in (None, one.to)
            and query.get("From") in (None, one.sender)
        ]
        size = min(_MOST, max(1, int(query.get("PageSize", "50"))))
        shown = [_show(one) for one in found[:size]]
        return web.json_response({"messages": shown, "page": 0, "page_size": size})

    async def fetch(self, request: web.Request) -> web.Response:
        """Show one message."""
        found = self.world.messages.get(request.match_info["message"])
        if found is None or found.account.public["account_sid"] != request.match_info["sid"]:
            raise Wrong(20404)
        return web.json_response(_show(found))

    def _check(self, account: PlayedAccount, form: Mapping[str, str]) -> Message:
        """Return the message that a form makes, or raise Wrong as Twilio would."""
        to, body = form.get("To", ""), form.get("Body", "")
        sender = form.get("MessagingServiceSid") or form.get("From", "")
        _check_numbers(to, sender, account.public["sender"])
        if not body:
            raise Wrong(21602)
        if len(body) > BODY_LIMIT:
            raise Wrong(21617)
        if self.world.handsets.state(to) is State.LANDLINE:
            raise Wrong(21614)
        if (account.name, to) in self.world.stopped:
            raise Wrong(21610)
        callback = form.get("StatusCallback", "")
        if callback and urlsplit(callback).scheme not in {"http", "https"}:
            raise Wrong(21609)
        return Message(
            new_sid("SM"), account, to, sender, body, count_segments(body), callback,
            self.world.room.clock.now(),
        )  # fmt: skip

    async def _follow(self, message: Message) -> None:
        """Send it on its way, and report each step to the address that came with it."""
        await asyncio.sleep(_PAUSE_SECONDS)
        end, error = _ENDS[self.world.handsets.state(message.to)]
        for status, code in (("sent", None), (end, error)):
            message.status, message.error = status, code
            message.sent_at = message.sent_at or self.world.room.clock.now()
            if message.callback:
                await self.world.courier.post(self._report(message, status))
            await asyncio.sleep(_PAUSE_SECONDS)

    def _report(self, message: Message, status: str) -> Parcel:
        form = _report_form(message, status)
        other = new_sid("SM")
        strange = form | {"MessageSid": other, "SmsSid": other}
        parts = urlsplit(message.callback)
        path = f"{parts.path.rsplit('/', 1)[0]}/{uuid4()}"
        nowhere = urlunsplit(parts._replace(path=path))
        stranger = self.world.wrap(message.account, nowhere, strange, None)
        return self.world.wrap(message.account, message.callback, form, stranger)


def _check_numbers(to: str, sender: str, ours: str) -> None:
    if not to:
        raise Wrong(21604)
    if not _NUMBER.fullmatch(to):
        raise Wrong(21211)
    if not sender:
        raise Wrong(21603)
    if sender != ours:
        raise Wrong(21606)
    if to == sender:
        raise Wrong(21266)


def _report_form(message: Message, status: str) -> dict[str, str]:
    form = {
        "SmsSid": message.sid,
        "SmsStatus": status,
        "MessageStatus": status,
        "To": message.to,
        "MessageSid": message.sid,
        "AccountSid": message.account.public["account_sid"],
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    if message.error is not None:
        form["ErrorCode"] = str(message.error)
    return form


def _show(one: Message) -> dict[str, Json]:
    sid = one.account.public["account_sid"]
    home = f"/{API_VERSION}/Accounts/{sid}/Messages/{one.sid}"
    created = format_datetime(one.created_at)
    return {
        "account_sid": sid,
        "api_version": API_VERSION,
        "body": one.body,
        "date_created": created,
        "date_sent": format_datetime(one.sent_at) if one.sent_at else None,
        "date_updated": created,
        "direction": one.direction,
        "error_code": one.error,
        "error_message": None,
        "from": one.sender,
        "messaging_service_sid": one.sender if one.sender.startswith("MG") else None,
        "num_media": "0",
        "num_segments": str(one.segments),
        "price": None,
        "price_unit": "USD",
        "sid": one.sid,
        "status": one.status,
        "subresource_uris": {"media": f"{home}/Media.json"},
        "to": one.to,
        "uri": f"{home}.json",
    }
