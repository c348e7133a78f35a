"""The fake Calls resource: create and fetch, with the checks that Twilio makes.

Source: twilio.com/docs/voice/api/call-resource; the codes' pages at twilio.com/docs/api/errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit

from aiohttp import web

from kernel.message import Json
from lab.played import PlayedAccount
from lab.twilio.call import Call, CallDesk, Course
from lab.twilio.code import Wrong
from lab.twilio.world import API_VERSION, new_sid

TWIML_LIMIT = 4000
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


@dataclass(slots=True)
class CallApi:
    """Answers the calls about calls."""

    desk: CallDesk

    def routes(self) -> list[web.RouteDef]:
        """Return every path, below the API's root."""
        home = f"/{API_VERSION}/Accounts/{{sid}}/Calls"
        return [
            web.post(home + ".json", self.create),
            web.get(home + "/{call}.json", self.fetch),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """Take a call and put it into the ledger, then answer with its resource."""
        account = self.desk.world.accounts[request.match_info["sid"]]
        posted = await request.post()
        form = {name: " ".join(map(str, posted.getall(name))) for name in posted}
        call = self._check(account, form)
        callback = form.get("StatusCallback", "")
        self.desk.world.room.record_sent(
            "voice",
            "call",
            account=account.name,
            address=call.to,
            outbox=urlsplit(callback).path.rsplit("/", 1)[-1] if callback else None,
            sid=call.sid,
            body={"text": " ".join(dict.fromkeys(call.course.said))},
        )
        self.desk.start(call)
        return web.json_response(self._show(call), status=201)

    async def fetch(self, request: web.Request) -> web.Response:
        """Show one call."""
        call = self.desk.calls.get(request.match_info["call"])
        if call is None or call.account.public["account_sid"] != request.match_info["sid"]:
            raise Wrong(20404)
        return web.json_response(self._show(call))

    def _check(self, account: PlayedAccount, form: Mapping[str, str]) -> Call:
        """Return the call that a form makes, or raise Wrong as Twilio would."""
        to, sender, twiml = form.get("To", ""), form.get("From", ""), form.get("Twiml", "")
        if not _NUMBER.fullmatch(to):
            raise Wrong(21211)
        if sender != account.public.get("number"):
            raise Wrong(21606)
        if not 0 < len(twiml) <= TWIML_LIMIT:
            raise Wrong(20422)
        return Call(new_sid("CA"), account, to, Course.parse(twiml), form)

    def _show(self, call: Call) -> dict[str, Json]:
        sid = call.account.public["account_sid"]
        return {
            "sid": call.sid,
            "account_sid": sid,
            "api_version": API_VERSION,
            "to": call.to,
            "from": call.form["From"],
            "status": call.status,
            "direction": "outbound-api",
            "date_created": format_datetime(self.desk.world.room.clock.now()),
            "uri": f"/{API_VERSION}/Accounts/{sid}/Calls/{call.sid}.json",
        }
