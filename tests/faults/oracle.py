"""The one judge of every fault test: diary, ledger and database are laid side by side.

The diary is what was sent and acknowledged, the lab's ledger is what reached a phone, the
database is what the product believes. Nothing here asks the product itself.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from kernel.errors import ServiceError
from store import audit
from tests.faults.diary import Diary, Sent
from tests.faults.house import House

QUIET_SECONDS = 80.0
"""More than the minute after which a call without an outcome becomes `unknown`."""


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


@dataclass(frozen=True)
class _Kept:
    channel: str
    key: str
    state: str
    conversation: UUID
    message: UUID
    seq: int


@dataclass(frozen=True)
class _Written:
    conversation: UUID
    seq: int
    state: str
    reason: str | None
    rung: str
    reply_to: UUID | None
    address: str
    channel: str
    text: str


@dataclass(frozen=True)
class Truth:
    """Everything that the three sources say."""

    kept: dict[str, _Kept]
    written: list[_Written]
    handed_over: dict[UUID, int]
    seqs: dict[UUID, list[int]]
    last_seqs: dict[UUID, int]
    ledger: list[dict[str, Any]]
    chain_break: int | None


async def judge(house: House, diary: Diary) -> Verdict:
    """Wait until nothing is under way any more, then say what holds and what does not."""
    stuck = await _await_quiet(house)
    truth = await read_truth(house)
    verdict = Verdict(
        n=len(diary.sent), acked=len(diary.acked), stuck=stuck, chain_break=truth.chain_break
    )
    replies: dict[UUID, list[_Written]] = defaultdict(list)
    for one in truth.written:
        if one.reply_to is not None:
            replies[one.reply_to].append(one)
    reached = Counter((one["openid"], _text_of(one)) for one in truth.ledger)
    for key, sent in diary.sent.items():
        _judge_one(verdict, sent, truth, replies, reached, is_acked=key in diary.acked)
    verdict.doubled += [
        f"{who} got {said!r} {n} times" for (who, said), n in reached.items() if n > 1
    ]
    _judge_order(verdict, truth)
    return verdict


def _judge_one(
    verdict: Verdict,
    sent: Sent,
    truth: Truth,
    replies: dict[UUID, list[_Written]],
    reached: Counter[tuple[str, str]],
    *,
    is_acked: bool,
) -> None:
    kept = truth.kept.get(sent.key)
    if kept is None:
        if is_acked:
            verdict.lost.append(f"{sent.key} was acknowledged and is not in the inbox")
        return
    found = replies.get(kept.message, [])
    if len(found) > 1:
        verdict.doubled.append(f"{sent.key} has {len(found)} replies")
    if not found:
        _judge_silence(verdict, kept, truth)
        return
    reply = found[0]
    if reply.channel == "chat":
        verdict.answered += 1
        return
    _judge_reply(verdict, sent, reply, reached[reply.address, reply.text])


def _judge_silence(verdict: Verdict, kept: _Kept, truth: Truth) -> None:
    since = truth.handed_over.get(kept.conversation)
    if since is not None and since < kept.seq:
        verdict.ticketed += 1
    elif kept.state != "new":
        verdict.lost.append(f"{kept.key} is {kept.state} without reply or ticket")


def _judge_reply(verdict: Verdict, sent: Sent, reply: _Written, times: int) -> None:
    if reply.state == "accepted" and times == 0:
        verdict.lost.append(f"the reply to {sent.key} is accepted and reached nobody")
    elif reply.state == "accepted":
        verdict.answered += 1
    elif reply.state in {"unknown", "failed"}:
        verdict.unknown += 1
        verdict.reasons[f"{reply.rung} {reply.reason}, arrived {times} times"] += 1
    elif reply.state == "rejected" and times == 0:
        verdict.refused += 1
    else:
        verdict.stuck.append(f"the reply to {sent.key} is {reply.state} and arrived {times} times")


def _judge_order(verdict: Verdict, truth: Truth) -> None:
    for talk, seqs in truth.seqs.items():
        if seqs != list(range(1, truth.last_seqs[talk] + 1)):
            verdict.disordered.append(
                f"{talk} has numbers {seqs[:20]} up to {truth.last_seqs[talk]}"
            )
    asked = {one.message: one.seq for one in truth.kept.values()}
    places: dict[tuple[str, str], int] = {}
    last: dict[UUID, int] = {}
    for one in sorted(truth.written, key=lambda one: one.seq):
        places[one.address, one.text] = one.seq
        if one.reply_to in asked:
            if asked[one.reply_to] < last.get(one.conversation, 0):
                verdict.disordered.append(f"{one.conversation} answers out of order at {one.seq}")
            last[one.conversation] = asked[one.reply_to]
    arrived: dict[str, int] = {}
    for entry in truth.ledger:
        place = places.get((entry["openid"], _text_of(entry)), 0)
        if place < arrived.get(entry["openid"], 0):
            verdict.disordered.append(f"{entry['openid']} got {place} after a later message")
        arrived[entry["openid"]] = place


async def _await_quiet(house: House) -> list[str]:
    """Wait until nothing is due any more; what still is after that is stuck."""
    left: list[str] = ["nothing was seen yet"]
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while left:
                try:
                    left = await _find_open(house)
                except ServiceError as error:
                    left = [str(error)]
                await asyncio.sleep(0.1)
    except TimeoutError:
        return left
    return []


async def _find_open(house: House) -> list[str]:
    async with house.database.transaction() as connection:
        rows = await connection.execute(text(_OPEN))
        return [f"{row.what} {row.id} is {row.state}" for row in rows]


async def read_truth(house: House) -> Truth:
    """Read what the three sources say now."""
    async with house.database.transaction() as connection:
        kept = [_Kept(*row) for row in await connection.execute(text(_INBOX))]
        written = []
        for row in (await connection.execute(text(_WRITTEN))).mappings():
            body = house.cipher.open_json(
                row["body_enc"], table="message", column="body_enc", row=row["id"]
            )
            assert isinstance(body, dict)
            plain = {name: row[name] for name in _Written.__annotations__ if name != "text"}
            written.append(_Written(**plain, text=str(body.get("text", ""))))
        handed = {UUID(row.talk): row.seq for row in await connection.execute(text(_HANDED))}
        seqs: dict[UUID, list[int]] = defaultdict(list)
        for talk, seq in await connection.execute(text(_SEQS)):
            seqs[talk].append(seq)
        lasts = {row.id: row.last_seq for row in await connection.execute(text(_LASTS))}
        chain_break = await audit.find_break(connection)
    mine = {one.address for one in written}
    ledger = [one for one in _read_ledger(house) if one.get("openid") in mine]
    return Truth({one.key: one for one in kept}, written, handed, seqs, lasts, ledger, chain_break)


def _read_ledger(house: House) -> list[dict[str, Any]]:
    with house.ground.ledger.open() as file:
        return [json.loads(line) for line in file]


def _text_of(entry: dict[str, Any]) -> str:
    return str(entry["body"].get("content", entry["body"]))


_OPEN = """
SELECT 'inbox' AS what, CAST(id AS text) AS id, state FROM inbox WHERE state = 'new'
UNION ALL SELECT 'outbox', CAST(id AS text), state FROM outbox
  WHERE state IN ('planned', 'held', 'queued', 'sending')
UNION ALL SELECT 'hand-over', subject_id, 'without a ticket' FROM event
  WHERE verb = 'handed_over' AND NOT EXISTS (
    SELECT 1 FROM ticket WHERE ticket.source_event = event.id)
UNION ALL SELECT 'event', CAST(id AS text), 'unsealed' FROM event WHERE position IS NULL
LIMIT 20
"""
_INBOX = """
SELECT inbox.channel, COALESCE(message.client_msg_id, inbox.dedup_key), inbox.state,
  inbox.conversation_id, inbox.message_id, inbox.seq
FROM inbox JOIN message ON message.id = inbox.message_id
"""
_WRITTEN = """
SELECT outbox.conversation_id AS conversation, outbox.seq, outbox.state, outbox.reason,
  outbox.rung, outbox.reply_to, outbox.address, outbox.channel, message.id, message.body_enc
FROM outbox JOIN message ON message.id = outbox.message_id
"""
_HANDED = """
SELECT subject_id AS talk, min(message.seq) AS seq FROM event
JOIN message ON message.id = CAST(event.after ->> 'message_id' AS uuid)
WHERE verb = 'handed_over' GROUP BY subject_id
"""
_SEQS = "SELECT conversation_id, seq FROM message ORDER BY conversation_id, seq"
_LASTS = "SELECT id, last_seq FROM conversation WHERE last_seq > 0"
