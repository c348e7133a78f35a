"""One mail account as the house sees every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from channels.contract import Alike, Capabilities
from channels.email.address import ReturnDesk
from channels.email.client import SmtpClient
from channels.email.render import Letterhead, Route, is_marketing, make_message_id, render_mail
from kernel.clock import Clock, SystemClock
from kernel.message import UNSUBSCRIBE, Accepted, Outbound, Refusal, Rejected, SendResult

NAME = "email"
UNVERIFIED: Final = "unverified:"
"""Before an address that somebody wrote under without proof that it is theirs: another identity."""
PATH: Final = "/channels/email/{account}"
UNSUBSCRIBE_PATH: Final = "/channels/email/{account}/unsubscribe/{token}"
ADDRESS_LIMIT = 254
"""Octets; RFC 5321 §4.5.3.1.3."""

_CAPABILITIES = Capabilities(text_limit=20_000, receipts=frozenset({"delivered", "failed"}))


@dataclass(frozen=True, slots=True)
class EmailChannel(Alike):
    """Sends for one account; replies and bounces arrive through the door."""

    account: str
    letterhead: Letterhead
    returns: ReturnDesk
    client: SmtpClient
    clock: Clock = field(default_factory=SystemClock)

    @property
    def name(self) -> str:
        """Return `email`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Free text, choices as numbers and links, no window; a receipt only when it bounces."""
        return _CAPABILITIES

    async def send(self, outbound: Outbound) -> SendResult:
        """Hand one mail over; the Message-ID is the same for every attempt."""
        recipient = outbound.address.address.removeprefix(UNVERIFIED)
        if not is_mailbox(recipient):
            return Rejected(Refusal.RECIPIENT, "address", "This is no mail address we can use.")
        mail = render_mail(
            outbound,
            self.letterhead,
            self._route(outbound),
            recipient=recipient,
            at=self.clock.now(),
        )
        bounces = self.returns.make("bounce", outbound.outbox_id)
        result = await self.client.send(bytes(mail), sender=bounces, recipient=recipient)
        if isinstance(result, Accepted):
            return Accepted(make_message_id(outbound.outbox_id, self.letterhead.domain))
        return result

    async def close(self) -> None:
        """Close the connections to the server."""
        await self.client.close()

    def _route(self, outbound: Outbound) -> Route:
        talk = outbound.conversation_id
        own = outbound.content.hints.get(UNSUBSCRIBE)
        link = own if isinstance(own, str) else None
        if talk is None:
            return Route(None, link)
        if link is None and is_marketing(outbound.content) and self.letterhead.site:
            token = self.returns.make_token("unsubscribe", talk)
            path = UNSUBSCRIBE_PATH.format(account=self.account, token=token)
            link = self.letterhead.site + path
        return Route(self.returns.make("reply", talk), link)


def is_mailbox(address: str) -> bool:
    """Tell whether an address can be given to any SMTP server: ASCII, one @, no oddities."""
    local, at, domain = address.rpartition("@")
    return (
        bool((local and at and "." in domain) or domain == "localhost")
        and len(address) <= ADDRESS_LIMIT
        and len(local) <= 64
        and address.isascii()
        and all(one.isprintable() and one not in ' ()<>[]:;\\,"' for one in address)
        and "@" not in local
        and ".." not in address
        and not address.startswith(".")
        and not local.endswith(".")
        and not domain.startswith((".", "-"))
    )
