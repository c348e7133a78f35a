"""One SMS account as the house sees every channel, whoever carries its messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from channels.contract import Alike, Capabilities
from channels.sms.carrier import Body, Carrier, Order, Text
from channels.sms.render import find_template, render_text
from kernel.message import Address, Outbound, Refusal, Rejected, SendResult
from kernel.number import parse_number

NAME: Final = "sms"


@dataclass(frozen=True, slots=True)
class SmsChannel(Alike):
    """Sends for one account; what comes in arrives through its carrier's door."""

    account: str
    carrier: Carrier

    @property
    def name(self) -> str:
        """Return `sms`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Return what the carrier can do for most numbers."""
        return self.carrier.capabilities

    def describe(self, address: Address) -> Capabilities:
        """Return what holds for one number: a mainland one takes approved templates only."""
        number = parse_number(address.address)
        return self.carrier.describe(number) if number else self.capabilities

    async def send(self, outbound: Outbound) -> SendResult:
        """Send one SMS; where no free text may go, the notice to continue elsewhere goes."""
        order = self._order(outbound)
        return await self.carrier.send(order) if isinstance(order, Order) else order

    async def look_up(self, outbound: Outbound, since: datetime) -> Sequence[str] | None:
        """Ask the provider what it took since then that may be this message."""
        order = self._order(outbound)
        return await self.carrier.look_up(order, since) if isinstance(order, Order) else ()

    async def close(self) -> None:
        """Close connections."""
        await self.carrier.close()

    def _order(self, outbound: Outbound) -> Order | Rejected:
        number = parse_number(outbound.address.address)
        if number is None:
            return Rejected(Refusal.RECIPIENT, "number", "This is no telephone number.")
        body = self._body(outbound, number)
        if body is None:
            return Rejected(Refusal.RECIPIENT, "area", "This account does not reach this number.")
        if isinstance(body, Text) and not body.text:
            return Rejected(Refusal.CONTENT, "empty", "There is nothing that an SMS can show.")
        return Order(outbound.outbox_id, number, body)

    def _body(self, outbound: Outbound, number: str) -> Body | None:
        if self.carrier.describe(number).takes_free_text:
            return Text(render_text(outbound.content))
        return find_template(outbound.content) or self.carrier.find_continuation(number)
