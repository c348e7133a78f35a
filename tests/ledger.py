"""Fakes that keep a ledger of what they were asked, for tests that need no provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from channels.contract import Capabilities, WindowRule
from conversations.assistant import Answer, Question
from kernel.message import Accepted, Address, Content, Inbound, InboundKind, Outbound, SendResult

WINDOWED = Capabilities(has_windows=True, reserve=1, can_answer_passively=True)


@dataclass
class LedgerChannel:
    """A channel whose provider is a list; `script` may answer something other than Accepted."""

    name: str = "wechat"
    account: str = "demo"
    capabilities: Capabilities = WINDOWED
    ledger: list[Outbound] = field(default_factory=list)
    script: Callable[[Outbound], SendResult] = lambda _: Accepted("provider-id")
    delay: float = 0.0

    def describe(self, address: Address) -> Capabilities:
        """Return the same for every address."""
        del address
        return self.capabilities

    def find_window(self, inbound: Inbound) -> WindowRule | None:
        return WindowRule("message", 5, timedelta(hours=48))

    async def send(self, outbound: Outbound) -> SendResult:
        await asyncio.sleep(self.delay)
        result = self.script(outbound)
        if isinstance(result, Accepted):
            self.ledger.append(outbound)
        return result

    async def close(self) -> None:
        pass

    @property
    def texts(self) -> list[str]:
        return [one.content.text for one in self.ledger]


@dataclass
class LedgerAssistant:
    """An assistant that repeats the question, or does what `script` says."""

    asked: list[Question] = field(default_factory=list)
    script: Callable[[Question], Answer] = lambda asked: Answer(
        Content(text=f"答：{asked.text}"), state={"slots": {"n": asked.text}}
    )
    gate: asyncio.Event | None = None

    async def reply(self, question: Question) -> Answer:
        self.asked.append(question)
        if self.gate is not None:
            await self.gate.wait()
        return self.script(question)


def said(
    key: str, words: str = "怎么出金", *, who: str = "openid-1", channel: str = "wechat"
) -> Inbound:
    return Inbound(
        address=Address(channel, "demo" if channel == "wechat" else "app", who),
        dedup_key=key,
        kind=InboundKind.MESSAGE,
        content=Content(text=words),
        received_at=datetime.now(UTC),
        external_id=key,
        verified_by="test",
        raw=words.encode(),
    )
