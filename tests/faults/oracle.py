"""The one judge of every fault test: diary, ledger and database are laid side by side.

The diary is what was sent and acknowledged, the lab's ledger is what reached a phone, the
database is what the product believes. Nothing here asks the product itself.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from channels.sweep import MAX_ATTEMPTS
from kernel.errors import ServiceError
from tests.faults.diary import Diary, Sent
from tests.faults.house import House
from tests.faults.notice import NOTICED
from tests.faults.truth import ORDERED, Kept, Truth, Written, read_truth

QUIET_SECONDS = 150.0
"""More than twice the minute after which a call without an outcome becomes `unknown`."""
SETTLED = frozenset({"sms", "kf", "push"})
"""Channels whose providers know our key or can be asked, as often as a message may be tried."""
PULLED = "kf"
"""What WeCom has taken we must fetch, whether its callback came or not."""
GIVEN_UP = f", given up after {MAX_ATTEMPTS} calls"
REFUSED_AGAIN = " outcome_unknown:window:"
"""A call whose end nobody knew was repeated when its client's window was used up."""
ARRIVED = frozenset({"accepted", "delivered", "read"})
DOUBTFUL = frozenset({"unknown", "failed"})
"""What a dead worker had called for may arrive any time later; no order is promised for it."""


@dataclass
class Verdict:
    """What a test must look at; the lists hold what is wrong, in words."""

    n: int = 0
    acked: int = 0
    answered: int = 0
    ticketed: int = 0
    unknown: int = 0
    refused: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    chain_break: int | None = None

    def check(self, *, unknown: int | None = None) -> None:
        """Fail the test if a promise is broken; `unknown` bounds what nobody can know."""
        assert not self.lost, self.lost[:5]
        assert not self.doubled, self.doubled[:5]
        assert not self.disordered, self.disordered[:5]
        assert not self.stuck, self.stuck[:5]
        assert self.chain_break is None, f"The audit chain breaks at {self.chain_break}."
        if unknown is not None:
            assert self.unknown <= unknown, f"{self.unknown} outcomes are unknown."


async def judge(house: House, diary: Diary) -> Verdict:
    """Wait until nothing is under way any more, then say what holds and what does not."""
    stuck = await _await_quiet(house, diary)
    truth = await read_truth(house)
    verdict = Verdict(
        n=len(diary.sent),
        acked=len(diary.acked),
        channels=Counter(diary.sent[key].channel for key in diary.acked),
        stuck=stuck,
        chain_break=truth.chain_break,
    )
    _Judge(verdict, truth, truth.count_arrivals()).judge_all(diary)
    return verdict


class _Judge:
    def __init__(self, verdict: Verdict, truth: Truth, arrivals: Counter[str]) -> None:
        self.verdict, self.truth, self.arrivals = verdict, truth, arrivals
        self.replies: dict[UUID, list[Written]] = defaultdict(list)
        for one in truth.written:
            if one.reply_to is not None:
                self.replies[one.reply_to].append(one)
        self.notices = {str(one.message): one for one in truth.written}

    def judge_all(self, diary: Diary) -> None:
        """Judge every message of the diary, then what only the whole can show."""
        for key, sent in diary.sent.items():
            if sent.channel in NOTICED:
                self._judge_notice(sent, is_acked=key in diary.acked)
            else:
                self._judge_question(sent, is_acked=key in diary.acked)
        known = {one.name for one in self.truth.written}
        for name, times in self.arrivals.items():
            if times > 1:
                self.verdict.doubled.append(f"{name} arrived {times} times")
            if name not in known:
                self.verdict.doubled.append(f"{name} arrived, and nobody wrote it")
        self._judge_numbers()
        self._judge_order()

    def _judge_notice(self, sent: Sent, *, is_acked: bool) -> None:
        written = self.notices.get(sent.key)
        if written is not None:
            self._judge_outcome(sent, written)
        elif is_acked:
            self.verdict.lost.append(f"{sent.channel} {sent.key} was committed and is gone")

    def _judge_question(self, sent: Sent, *, is_acked: bool) -> None:
        kept = self.truth.kept.get(sent.key)
        if kept is None:
            if is_acked:
                self.verdict.lost.append(
                    f"{sent.channel} {sent.key} was acknowledged and is not in the inbox"
                )
            return
        found = self.replies.get(kept.message, [])
        if len(found) > 1:
            self.verdict.doubled.append(f"{sent.key} has {len(found)} replies")
        if not found:
            self._judge_silence(kept)
        elif found[0].channel == "chat":
            self.verdict.answered += 1
        else:
            self._judge_outcome(sent, found[0])

    def _judge_silence(self, kept: Kept) -> None:
        since = self.truth.handed_over.get(kept.conversation)
        if since is not None and since < kept.seq:
            self.verdict.ticketed += 1
        elif kept.state != "new":
            self.verdict.lost.append(f"{kept.key} is {kept.state} without reply or ticket")

    def _judge_outcome(self, sent: Sent, written: Written) -> None:
        times, state = self.arrivals[written.name], written.state
        what = f"what {sent.channel} {sent.key} was told"
        if state in ARRIVED and times == 0:
            self.verdict.lost.append(f"{what} is {state} and reached nobody")
        elif state in ARRIVED:
            self.verdict.answered += 1
        elif state in DOUBTFUL:
            self.verdict.unknown += 1
            known = f"{written.place} {written.rung} {written.reason}, arrived {times} times"
            given_up = GIVEN_UP if written.attempts >= MAX_ATTEMPTS else ""
            self.verdict.reasons[known + given_up] += 1
        elif state == "rejected" and times == 0:
            self.verdict.refused += 1
            self.verdict.refusals[f"{written.place} {written.reason}"] += 1
        else:
            self.verdict.stuck.append(
                f"{what} is {state} ({written.reason}) and arrived {times} times"
            )

    def _judge_numbers(self) -> None:
        for talk, seqs in self.truth.seqs.items():
            if seqs != list(range(1, self.truth.last_seqs[talk] + 1)):
                self.verdict.disordered.append(
                    f"{talk} has numbers {seqs[:20]} up to {self.truth.last_seqs[talk]}"
                )

    def _judge_order(self) -> None:
        asked = {one.message: one.seq for one in self.truth.kept.values()}
        places: dict[str, Written] = {}
        last: dict[UUID, int] = {}
        for one in sorted(self.truth.written, key=lambda one: one.seq):
            places[one.name] = one
            if one.reply_to in asked:
                if asked[one.reply_to] < last.get(one.conversation, 0):
                    self.verdict.disordered.append(
                        f"{one.conversation} answers out of order at {one.seq}"
                    )
                last[one.conversation] = asked[one.reply_to]
        arrived: dict[str, int] = {}
        for entry in self.truth.ledger:
            if entry.channel not in ORDERED:
                continue
            said = places.get(entry.name)
            if said is not None and said.state in DOUBTFUL:
                continue
            place = said.seq if said is not None else 0
            if place < arrived.get(entry.address, 0):
                self.verdict.disordered.append(
                    f"{entry.address} got {said} after {arrived[entry.address]}"
                )
            arrived[entry.address] = place


async def _await_quiet(house: House, diary: Diary) -> list[str]:
    """Wait until nothing is due any more; what still is after that is stuck."""
    left: list[str] = ["nothing was seen yet"]
    pulled = {key for key in diary.acked if diary.sent[key].channel == PULLED}
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while left:
                try:
                    left = await _find_open(house, pulled)
                except ServiceError as error:
                    left = [str(error)]
                await asyncio.sleep(0.1)
    except TimeoutError:
        return left
    return []


async def _find_open(house: House, pulled: Collection[str]) -> list[str]:
    async with house.database.transaction() as connection:
        rows = await connection.execute(text(_OPEN), {"settled": list(SETTLED)})
        left = [f"{row.what} {row.id} is {row.state}" for row in rows]
        if left or not pulled:
            return left
        known = await connection.execute(text(_PULLED), {"channel": PULLED})
        return [f"{PULLED} {key} is not pulled" for key in set(pulled) - set(known.scalars())][:20]


_OPEN = """
SELECT 'inbox' AS what, CAST(id AS text) AS id, state FROM inbox WHERE state = 'new'
UNION ALL SELECT 'outbox', CAST(id AS text), state FROM outbox
  WHERE state IN ('planned', 'held', 'queued', 'sending')
    OR state = 'unknown' AND channel = ANY(CAST(:settled AS text[]))
UNION ALL SELECT 'slice', CAST(id AS text), 'sending' FROM campaign_slice
UNION ALL SELECT 'hand-over', subject_id, 'without a ticket' FROM event
  WHERE verb = 'handed_over' AND NOT EXISTS (
    SELECT 1 FROM ticket WHERE ticket.source_event = event.id)
UNION ALL SELECT 'event', CAST(id AS text), 'unsealed' FROM event WHERE position IS NULL
LIMIT 20
"""
_PULLED = "SELECT dedup_key FROM inbox WHERE channel = :channel"
