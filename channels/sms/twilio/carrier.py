"""Twilio as a carrier: free text overseas, a fixed notice to the mainland, receipts to our URL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from uuid import UUID

from channels.contract import Capabilities
from channels.sms.carrier import TEMPLATE_ONLY, Body, Order, Text
from channels.sms.twilio.client import TwilioClient
from channels.sms.twilio.fault import judge_refusal
from channels.wire import Answer
from kernel.message import Accepted, Json, SendResult, Unknown
from kernel.number import is_mainland

PATH: Final = "/channels/sms/twilio/{account}"
STATUS_PATH: Final = PATH + "/status/{outbox_id}"

TEXT_LIMIT = 1600
"""Characters of Body; more is answered by 21617."""
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}", re.ASCII)
_PAGE = 200
_SKEW = timedelta(seconds=30)
"""Twilio's clock and ours may differ by so much."""

_FREE = Capabilities(
    text_limit=TEXT_LIMIT,
    takes_choices=False,
    receipts=frozenset({"delivered", "failed"}),
)
_MAINLAND = Capabilities(
    text_limit=TEXT_LIMIT,
    takes_free_text=False,
    takes_choices=False,
    receipts=frozenset({"delivered", "failed"}),
    notice=TEMPLATE_ONLY,
)
"""Mainland carriers pass registered texts only, and no finance (twilio.com/guidelines/cn/sms)."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends and what is told: number or Messaging Service, our address, the notice."""

    account: str
    sender: str
    site: str
    notice: str

    def status_url(self, outbox_id: UUID) -> str:
        """Return where Twilio reports on a message; it signs this very address."""
        return self.site + STATUS_PATH.format(account=self.account, outbox_id=outbox_id)


@dataclass(frozen=True, slots=True)
class TwilioCarrier:
    """One account."""

    client: TwilioClient
    sender: Sender

    @property
    def capabilities(self) -> Capabilities:
        """Free text of 1600 characters, receipts; nothing that de-duplicates."""
        return _FREE

    def describe(self, number: str) -> Capabilities:
        """Return the same for all but mainland numbers, which take the registered notice."""
        return _MAINLAND if is_mainland(number) else _FREE

    def find_continuation(self, number: str) -> Body | None:
        """Return the notice that the account has registered for the mainland."""
        del number
        return Text(self.sender.notice) if self.sender.notice else None

    async def send(self, order: Order) -> SendResult:
        """Create a message; Twilio has no key by which it would know a second one."""
        answer = await self.client.post("Messages.json", self._form(order))
        if not isinstance(answer, Answer):
            return answer
        if answer.status >= 300:
            return judge_refusal(answer)
        sid = (answer.body or {}).get("sid")
        if not isinstance(sid, str) or not MESSAGE_SID.fullmatch(sid):
            return Unknown("no_sid")
        return Accepted(sid)

    async def look_up(self, order: Order, since: datetime) -> Sequence[str] | None:
        """List the messages to this number and keep those with this text, the oldest first."""
        if not isinstance(order.body, Text):
            return ()
        params = {"To": order.number, "PageSize": str(_PAGE)}
        answer = await self.client.get("Messages.json", params)
        if not isinstance(answer, Answer) or answer.status != 200:
            return None
        listed = (answer.body or {}).get("messages")
        if not isinstance(listed, list):
            return None
        rows = [row for row in listed if isinstance(row, Mapping)]
        found = [row for row in rows if self._may_be(row, order.body.text, since)]
        if not found and len(rows) == _PAGE and _created_at(rows[-1]) >= since:
            return None
        return tuple(str(row["sid"]) for row in reversed(found))

    async def close(self) -> None:
        """Close connections."""
        await self.client.close()

    def _form(self, order: Order) -> dict[str, str]:
        text = order.body.text if isinstance(order.body, Text) else self.sender.notice
        by = "MessagingServiceSid" if self.sender.sender.startswith("MG") else "From"
        form = {"To": order.number, by: self.sender.sender, "Body": text[:TEXT_LIMIT]}
        if self.sender.site:
            form["StatusCallback"] = self.sender.status_url(order.outbox_id)
        return form

    def _may_be(self, row: Mapping[str, Json], text: str, since: datetime) -> bool:
        is_ours = str(row.get("direction", "")).startswith("outbound-api")
        is_same = row.get("body") == text[:TEXT_LIMIT]
        return is_ours and is_same and _created_at(row) >= since - _SKEW


def _created_at(row: Mapping[str, Json]) -> datetime:
    """Return when Twilio took a message; one without a date is taken for a new one.

    Dates are RFC 2822 in UTC (twilio.com/docs/usage/twilios-response#dates).
    """
    try:
        found = parsedate_to_datetime(str(row.get("date_created")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
