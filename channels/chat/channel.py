"""The chat channel: clients fetch from our own transcript, so what is committed is delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from channels.contract import Alike, Capabilities
from kernel.message import Accepted, Outbound, SendResult

CAPABILITIES: Final = Capabilities(
    text_limit=2000,
    is_pulled=True,
    has_key=True,
    receipts=frozenset({"delivered", "read"}),
)


@dataclass(frozen=True, slots=True)
class ChatChannel(Alike):
    """The app's and the web page's chat of this installation."""

    account: str = "app"
    name: str = "chat"
    capabilities: Capabilities = CAPABILITIES

    async def send(self, outbound: Outbound) -> SendResult:
        """The message is in the transcript already; there is nobody to call."""
        return Accepted(str(outbound.seq))

    async def close(self) -> None:
        """There is nothing to close."""
