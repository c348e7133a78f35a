"""The action endpoint over real HTTP, a real database, and a running demo core behind it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.feedback import StoredFeedback
from actions.server import Services, build_actions, build_executor, build_handler
from clients.verification import Verification
from desk.progress import Progress
from kernel.clock import SystemClock
from kernel.ids import new_id
from kernel.masking import mask
from store.engine import Database
from tests.integration.clients.conftest import DemoCore, core, open_conversation, verification

__all__ = ["core", "verification"]
KEY = "actions-key-of-this-test"


@dataclass(frozen=True)
class FakeHit:
    """An article."""

    key: str = "dw.transfer_out"
    title: str = "怎么出金"
    body: str = "交易日9:00至16:00在APP里转出。"
    topic: str = "deposit_withdrawal"
    action: str | None = "check_withdrawal"


@dataclass(frozen=True)
class FakeFound:
    """What the fake search comes to."""

    kind: str = "unknown"
    best: FakeHit | None = None
    choices: tuple[FakeHit, ...] = ()


@dataclass
class FakeKnowledge:
    """Answers with what a test has put in, and keeps what it was asked."""

    found: FakeFound = field(default_factory=FakeFound)
    articles: dict[str, FakeHit] = field(default_factory=dict)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    broken: bool = False

    async def find(
        self, text: str, *, vector: np.ndarray | None = None, language: str | None = None
    ) -> FakeFound:
        if self.broken:
            raise RuntimeError("the index is gone")
        self.asked.append((text, language or "zh", 0 if vector is None else len(vector)))
        return self.found

    async def get(self, key: str, *, language: str) -> FakeHit | None:
        self.asked.append((key, language, 0))
        return self.articles.get(key)


@dataclass
class FakeTurns:
    """Keeps what the clients of a test have written, and reveals it as the house does."""

    said: dict[tuple[UUID, UUID], str] = field(default_factory=dict)

    async def revealed(self, conversation_id: UUID, message_id: UUID) -> Mapping[str, str]:
        text = self.said.get((conversation_id, message_id), "")
        return mask(text, code_expected=True).found


@dataclass
class FakeTickets:
    """Knows the tickets that a test has put in."""

    rows: list[Progress] = field(default_factory=list)
    asked: list[tuple[UUID, UUID | None, str | None]] = field(default_factory=list)

    async def find_progress(
        self, conversation_id: UUID, *, client_id: UUID | None, number: str | None
    ) -> Sequence[Progress]:
        self.asked.append((conversation_id, client_id, number))
        return [row for row in self.rows if number in {None, row.number}]


@dataclass
class Said:
    """What came back from one action."""

    texts: list[str]
    buttons: list[dict[str, str]]
    hints: dict[str, Any]
    card: dict[str, Any] | None
    slots: dict[str, Any]
    follow_up: str | None

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def payloads(self) -> list[str]:
        return [button["payload"] for button in self.buttons]


@dataclass
class Talk:
    """A client's conversation with the actions, as Rasa carries it."""

    session: aiohttp.ClientSession
    conversation: UUID
    turns: FakeTurns
    language: str = "zh"
    channel: str = "chat"

    async def say(
        self,
        action: str,
        text: str = "",
        *,
        intent: str = "inform",
        slots: Mapping[str, Any] | None = None,
        tried: Mapping[str, Any] | None = None,
        vector: np.ndarray | None = None,
    ) -> Said:
        """Run one action for a client's words; `tried` are a form's slot candidates."""
        turn = new_id()
        self.turns.said[self.conversation, turn] = text
        masked = mask(text, code_expected=True).text
        call = build_call(self, action, masked, intent, turn, {**(slots or {}), **(tried or {})})
        call["tracker"]["events"] += [
            {"event": "slot", "name": name, "value": masked if value is ... else value}
            for name, value in (tried or {}).items()
        ]
        if vector is not None:
            coded = base64.b64encode(vector.astype("<f4").tobytes()).decode()
            call["tracker"]["latest_message"]["metadata"]["vector"] = coded
        async with self.session.post(
            "/actions", json=call, headers={"X-Zhida-Key": KEY}
        ) as response:
            assert response.status == 200, await response.text()
            return read_said(await response.json())


def build_call(
    talk: Talk, action: str, text: str, intent: str, turn: UUID, slots: Mapping[str, Any]
) -> dict[str, Any]:
    """Build the call that Rasa 3.6 sends (selective domain: no domain)."""
    metadata = {"turn": str(turn), "language": talk.language, "channel": talk.channel}
    user = {"event": "user", "text": text, "metadata": metadata}
    return {
        "next_action": action,
        "sender_id": str(talk.conversation),
        "version": "3.6.21",
        "tracker": {
            "sender_id": str(talk.conversation),
            "slots": {name: text if value is ... else value for name, value in slots.items()},
            "latest_message": {
                "text": text,
                "intent": {"name": intent, "confidence": 1.0},
                "metadata": metadata,
            },
            "events": [user],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": "action_listen",
        },
    }


def read_said(body: dict[str, Any]) -> Said:
    """Read the answer as the connector does."""
    responses = body["responses"]
    hints: dict[str, Any] = {}
    card = None
    for response in responses:
        hints |= response["custom"].get("hints", {})
        card = response["custom"].get("card") or card
    events = body["events"]
    return Said(
        texts=[response["text"] for response in responses],
        buttons=[button for response in responses for button in response["buttons"]],
        hints=hints,
        card=card,
        slots={event["name"]: event["value"] for event in events if event["event"] == "slot"},
        follow_up=next((event["name"] for event in events if event["event"] == "followup"), None),
    )


@pytest.fixture
def knowledge() -> FakeKnowledge:
    return FakeKnowledge()


@pytest.fixture
def tickets() -> FakeTickets:
    return FakeTickets()


@pytest.fixture
def services(
    database: Database,
    core: DemoCore,  # a fixture of the clients' tests, used here too
    verification: Verification,
    knowledge: FakeKnowledge,
    tickets: FakeTickets,
) -> Services:
    return Services(
        broker=core.broker,
        verification=verification,
        knowledge=knowledge,
        turns=FakeTurns(),
        tickets=tickets,
        feedback=StoredFeedback(database),
        clock=SystemClock(),
    )


@pytest.fixture
async def talk(database: Database, services: Services) -> AsyncIterator[Talk]:
    app = web.Application()
    executor = build_executor(build_actions(services))
    app.router.add_post("/actions", build_handler(executor, token=KEY))
    assert isinstance(services.turns, FakeTurns)
    async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        yield Talk(session, await open_conversation(database), services.turns)


async def prove(talk: Talk, verification: Verification, client_no: str) -> None:
    """Prove the talk's client as the host app does."""
    await verification.record_app(talk.conversation, client_no)
