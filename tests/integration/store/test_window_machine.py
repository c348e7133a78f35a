"""Reply windows spent, given back, used up and reopened, against a model that counts on fingers.

The model keeps what the provider would: every message belongs to the window that was open when
it was sent, and no window ever sees more messages than its quota.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from kernel.message import Author, Content
from store import inbox, outbox, window
from store.cipher import Cipher
from store.engine import Database
from tests.faults.size import pick
from tests.ledger import said

RULES = (
    inbox.WindowRule("event", 3, timedelta(minutes=1)),
    inbox.WindowRule("message", 5, timedelta(hours=48)),
)
"""In the order in which they close."""


@dataclass
class Opened:
    """One window from its opening until the next one of its rule."""

    rule: str
    quota: int
    used: int = 0
    is_open: bool = True


@dataclass(frozen=True)
class Spent:
    """A message that was sent, and the window that it came out of."""

    outbox_id: UUID
    rule: str
    of: Opened


class WindowMachine(RuleBasedStateMachine):
    """One conversation; `runner`, `database` and `cipher` are set by the test."""

    runner: ClassVar[asyncio.Runner]
    database: ClassVar[Database]
    cipher: ClassVar[Cipher]

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.who = uuid4().hex
        self.windows: dict[str, Opened] = {}
        self.spent: list[Spent] = []
        self.talk: UUID = self.do(self._hear(None))

    @rule(opens=st.sampled_from(RULES))
    def client_writes(self, opens: inbox.WindowRule) -> None:
        self.do(self._hear(opens))
        self.windows[opens.name] = Opened(opens.name, opens.quota)

    @rule(reserve=st.integers(0, 2), senders=st.integers(1, 4))
    def send(self, reserve: int, senders: int) -> None:
        claimed = self.do(self._claim_all(reserve, senders))
        granted = []
        for _ in range(senders):
            open_now = self._open_now()
            if sum(one.quota - one.used for one in open_now) > reserve:
                of = next(one for one in open_now if one.used < one.quota)
                of.used += 1
                granted.append(of)
        got = sorted(rule for _, rule in claimed if rule)
        assert got == sorted(one.rule for one in granted)
        for of in granted:
            place = next(n for n, (_, rule) in enumerate(claimed) if rule == of.rule)
            self.spent.append(Spent(claimed.pop(place)[0], of.rule, of))

    @rule(data=st.data())
    def provider_did_nothing(self, data: st.DataObject) -> None:
        if not self.spent:
            return
        one = self.spent.pop(data.draw(st.integers(0, len(self.spent) - 1)))
        self.do(self._refund(one))
        one.of.used = max(0, one.of.used - 1)

    @rule()
    def provider_says_used_up(self) -> None:
        self.do(self._use_up())
        for one in self.windows.values():
            one.used = one.quota

    @rule(which=st.sampled_from(RULES))
    def time_passes(self, which: inbox.WindowRule) -> None:
        self.do(self._close(which.name))
        if which.name in self.windows:
            self.windows[which.name].is_open = False

    @invariant()
    def what_is_left_is_what_the_model_says(self) -> None:
        found = self.do(self._find())
        assert found == [(one.rule, one.quota - one.used) for one in self._open_now()]

    def _open_now(self) -> list[Opened]:
        found = [self.windows[one.name] for one in RULES if one.name in self.windows]
        return [one for one in found if one.is_open]

    async def _hear(self, opens: inbox.WindowRule | None) -> UUID:
        inbound = replace(said(uuid4().hex, who=self.who))
        async with self.database.once() as connection:
            kept = await inbox.record(connection, self.cipher, inbound, opens=opens)
        return kept.conversation_id

    async def _claim_all(self, reserve: int, senders: int) -> list[tuple[UUID, str | None]]:
        return list(await asyncio.gather(*(self._claim(reserve) for _ in range(senders))))

    async def _claim(self, reserve: int) -> tuple[UUID, str | None]:
        """Write a message and spend for it, as a deliverer does in one transaction."""
        async with self.database.transaction() as connection:
            draft = outbox.Draft(self.talk, Author.BOT, Content(text="您好"))
            posted = await outbox.post(connection, self.cipher, draft)
            await connection.execute(_SENDING, {"outbox": posted.outbox_id})
            return posted.outbox_id, await window.claim(connection, self.talk, reserve=reserve)

    async def _refund(self, one: Spent) -> None:
        async with self.database.transaction() as connection:
            await window.record_refund(connection, one.outbox_id, one.rule)

    async def _use_up(self) -> None:
        async with self.database.transaction() as connection:
            await window.record_used_up(connection, self.talk)

    async def _close(self, name: str) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(_CLOSE, {"talk": self.talk, "rule": name})

    async def _find(self) -> list[tuple[str, int]]:
        async with self.database.transaction() as connection:
            found = await window.find_open(connection, self.talk)
        return [(one.rule, one.remaining) for one in found]


_SENDING = text("UPDATE outbox SET state = 'sending', sending_at = now() WHERE id = :outbox")
_CLOSE = text(
    """UPDATE "window" SET expires_at = now() WHERE conversation_id = :talk AND rule = :rule"""
)


@pytest.fixture
def machine(database_url: str, cipher: Cipher) -> Iterator[type[WindowMachine]]:
    with asyncio.Runner() as runner:
        WindowMachine.runner, WindowMachine.cipher = runner, cipher
        WindowMachine.database = Database(database_url, pool_size=4)
        yield WindowMachine
        runner.run(WindowMachine.database.close())


@pytest.mark.timeout(300)
def test_no_window_is_ever_overdrawn(machine: type[WindowMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=pick(30, 500), stateful_step_count=30, deadline=None),
    )
