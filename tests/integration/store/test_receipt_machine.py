"""Receipts in any order, again, too early, of strangers, against a model of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from kernel.machine import OUTBOX
from kernel.message import Address, Author, Content, Receipt
from store import conversation, outbox, outcome, receipt, unknown
from store.cipher import Cipher
from store.engine import Database
from tests.faults.size import pick

STATUSES = ("accepted", "failed", "delivered", "read")
"""From the weakest word to the strongest: what was said last of these holds."""


OPEN = {"sending", "unknown", "queued"}
"""Nobody knows yet what became of its call; `queued` is to be called for again."""


@dataclass
class Sent:
    """A message as the provider and the house really stand to it."""

    outbox_id: UUID
    sid: str
    is_named: bool
    """The provider's callbacks carry our own name for it."""
    phase: str = "sending"
    is_known: bool = False
    words: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)

    def hear(self, status: str) -> None:
        """Take a word: by our name at once, by theirs as soon as we know it."""
        if self.is_named:
            self.phase = "accepted" if self.phase in OPEN else self.phase
            self.words.add(status)
        elif self.is_known:
            self.words.add(status)
        else:
            self.early.add(status)

    def answer(self) -> None:
        """Take the provider's answer to the call itself."""
        self.phase = "accepted" if self.phase in OPEN else self.phase
        self.is_known = True
        self.words |= self.early

    @property
    def state(self) -> str:
        """Where it must stand."""
        if self.phase in OPEN:
            return self.phase
        return max({self.phase, *self.words}, key=STATUSES.index)


class ReceiptMachine(RuleBasedStateMachine):
    """One account at a provider; `runner`, `database` and `cipher` are set by the test."""

    runner: ClassVar[asyncio.Runner]
    database: ClassVar[Database]
    cipher: ClassVar[Cipher]
    messages = Bundle("messages")

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        self.account = uuid4().hex
        self.sent: list[Sent] = []
        self.told: list[Receipt] = []

    @rule(target=messages, is_named=st.booleans())
    def send(self, is_named: bool) -> Sent:
        one = Sent(self.do(self._send()), f"SM{uuid4().hex}", is_named)
        self.sent.append(one)
        return one

    @rule(one=messages)
    def provider_answers(self, one: Sent) -> None:
        self.do(self._answer(one))
        one.answer()

    @rule(one=messages)
    def nobody_knows(self, one: Sent) -> None:
        if one.phase == "sending":
            self.do(self._move(one, "unknown"))
            one.phase = "unknown"

    @rule(one=messages)
    def it_is_to_be_called_for_again(self, one: Sent) -> None:
        if one.phase in {"sending", "unknown"}:
            self.do(self._queue_again(one))
            one.phase = "queued"

    @rule()
    def give_up(self) -> None:
        self.do(self._give_up())
        for one in self.sent:
            if one.phase == "unknown":
                one.phase = "failed"

    @rule(one=messages, status=st.sampled_from(STATUSES))
    def provider_tells(self, one: Sent, status: str) -> None:
        word = self._word(one, status)
        self.told.append(word)
        assert self.do(self._hear(word))
        one.hear(status)

    @rule(data=st.data())
    def provider_repeats(self, data: st.DataObject) -> None:
        if self.told:
            assert not self.do(self._hear(data.draw(st.sampled_from(self.told))))

    @rule(one=messages, status=st.sampled_from(STATUSES))
    def another_account_tells(self, one: Sent, status: str) -> None:
        word = self._word(one, status, account=uuid4().hex)
        assert self.do(self._hear(word))

    @rule(status=st.sampled_from(STATUSES), is_named=st.booleans())
    def stranger_is_told_of(self, status: str, is_named: bool) -> None:
        stranger = Sent(uuid4(), f"SM{uuid4().hex}", is_named)
        assert self.do(self._hear(self._word(stranger, status)))

    @invariant()
    def every_message_stands_where_it_must(self) -> None:
        if self.sent:
            found = self.do(self._read())
            assert found == {one.outbox_id: one.state for one in self.sent}

    def teardown(self) -> None:
        for before, after in self.do(self._read_moves()):
            OUTBOX.check_move(before, after)

    def _word(self, one: Sent, status: str, *, account: str | None = None) -> Receipt:
        named = one.outbox_id if one.is_named else None
        where = account or self.account
        return Receipt(
            "sms", where, one.sid, status, uuid4().hex, datetime.now(UTC), outbox_id=named
        )

    async def _send(self) -> UUID:
        place = Address("sms", self.account, f"+8525{uuid4().int % 10**7:07}")
        async with self.database.transaction() as connection:
            talk = await conversation.open_for(connection, place)
            draft = outbox.Draft(talk.id, Author.SYSTEM, Content(text="您好"))
            posted = await outbox.post(connection, self.cipher, draft)
            await outbox.claim(connection, self.cipher, "w", lane="normal", limit=10)
            return posted.outbox_id

    async def _answer(self, one: Sent) -> None:
        async with self.database.transaction() as connection:
            await outcome.record_moved(connection, one.outbox_id, "accepted", provider_id=one.sid)
            await outcome.apply_early(connection, one.outbox_id, one.sid)

    async def _move(self, one: Sent, after: str) -> None:
        async with self.database.transaction() as connection:
            await outcome.record_moved(connection, one.outbox_id, after)

    async def _queue_again(self, one: Sent) -> None:
        async with self.database.transaction() as connection:
            await outcome.record_retry(connection, one.outbox_id, code="unknown:timeout", wait=3600)

    async def _give_up(self) -> None:
        async with self.database.transaction() as connection:
            await unknown.record_unresolved(connection, older_than=0)

    async def _hear(self, word: Receipt) -> bool:
        async with self.database.transaction() as connection:
            return await receipt.record(connection, word)

    async def _read(self) -> dict[UUID, str]:
        query = text("SELECT id, state FROM outbox WHERE account = :account")
        async with self.database.transaction() as connection:
            rows = await connection.execute(query, {"account": self.account})
            return {row.id: row.state for row in rows}

    async def _read_moves(self) -> list[tuple[str, str]]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(text(_MOVES), {"account": self.account})
            return [(row.before, row.after) for row in rows]


_MOVES = """
SELECT event.before ->> 'state' AS before, event.after ->> 'state' AS after
FROM event JOIN outbox ON CAST(outbox.id AS text) = event.subject_id
WHERE event.verb = 'outbox_moved' AND outbox.account = :account
"""


@pytest.fixture
def machine(database_url: str, cipher: Cipher) -> Iterator[type[ReceiptMachine]]:
    with asyncio.Runner() as runner:
        ReceiptMachine.runner, ReceiptMachine.cipher = runner, cipher
        ReceiptMachine.database = Database(database_url, pool_size=2)
        yield ReceiptMachine
        runner.run(ReceiptMachine.database.close())


@pytest.mark.timeout(300)
def test_receipts_in_any_order_end_the_same(machine: type[ReceiptMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=pick(30, 500), stateful_step_count=30, deadline=None),
    )
