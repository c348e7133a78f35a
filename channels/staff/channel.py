"""One staff account as the house sees every channel: one-way, short, at the provider's pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from channels.contract import Alike, Capabilities
from channels.wechat.fault import Codes, judge
from channels.wechat.render import cut
from kernel.errors import ServiceError
from kernel.message import Accepted, Outbound, SendResult
from store.staff_notice import Pace

NAME: Final = "staff"
TEXT_LIMIT: Final = 2048
"""Bytes; WeCom's limit, and more than anybody reads in a group."""


class Speaker(Protocol):
    """What says a text to people at one provider."""

    @property
    def codes(self) -> Codes:
        """What the provider's error codes mean."""
        ...

    @property
    def has_key(self) -> bool:
        """Whether the provider itself leaves out what it was told before."""
        ...

    async def say(self, text: str) -> None:
        """Say a text, or raise what `judge` reads."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True, slots=True)
class StaffChannel(Alike):
    """Sends notices for one account; `pace` is the provider's limit with some room."""

    account: str
    speaker: Speaker
    pace: Pace

    @property
    def name(self) -> str:
        """Return `staff`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Text alone, and nothing comes back."""
        return Capabilities(
            text_limit=TEXT_LIMIT,
            limit_in_bytes=True,
            takes_choices=False,
            has_key=self.speaker.has_key,
        )

    async def send(self, outbound: Outbound) -> SendResult:
        """Say the message's text; every failure becomes a result."""
        text = cut(outbound.content.text.strip() or "……", TEXT_LIMIT)
        try:
            await self.speaker.say(text)
        except (ServiceError, TimeoutError) as error:
            return judge(error, self.speaker.codes)
        return Accepted()

    async def close(self) -> None:
        """Close connections."""
        await self.speaker.close()
