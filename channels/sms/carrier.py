"""What a carrier of SMS must be able to do, and what it is handed: the port behind the channel.

Twilio, Aliyun, and whoever comes next (an aggregator's HTTP gateway, a CMPP line) fill it in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from channels.contract import Capabilities
from kernel.message import SendResult

TEMPLATE_ONLY = "template_only"
"""The notice for a number to which no free text may go; a word of the glossary."""


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, as it will stand on the phone."""

    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A text that the carrier has approved: its code there, and the values of its variables."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


Body: TypeAlias = Text | Template


@dataclass(frozen=True, slots=True)
class Order:
    """One SMS to send: `outbox_id` goes along wherever the carrier takes a name of ours."""

    outbox_id: UUID
    number: str
    body: Body


class Carrier(Protocol):
    """One account at one SMS provider."""

    @property
    def capabilities(self) -> Capabilities:
        """What holds for most numbers."""
        ...

    def describe(self, number: str) -> Capabilities:
        """Return what holds for one number (E.164)."""
        ...

    def find_continuation(self, number: str) -> Body | None:
        """Return what goes to a number that takes no free text: “please continue in the app”.

        None means that nothing at all can go there.
        """
        ...

    async def send(self, order: Order) -> SendResult:
        """Call the provider once; never retries, never raises."""
        ...

    async def look_up(self, order: Order, since: datetime) -> Sequence[str] | None:
        """Return the provider's names of what it took since then and may be this order.

        An empty answer means that it took none; None means that nobody can tell now.
        """
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
