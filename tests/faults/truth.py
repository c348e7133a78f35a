"""What the database and the lab's ledger say: the two sources beside the load's own diary."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from store import audit
from tests.faults.house import House

ORDERED = frozenset({"chat", "wechat"})
"""Channels that keep the order in which we send; whose provider settles a doubt keeps none."""


@dataclass(frozen=True)
class Kept:
    """One message of a client, as it stands in the inbox."""

    channel: str
    key: str
    state: str
    conversation: UUID
    message: UUID
    seq: int


@dataclass(frozen=True)
class Written:
    """One message to a client, as it stands in the outbox."""

    conversation: UUID
    seq: int
    state: str
    reason: str | None
    rung: str
    reply_to: UUID | None
    address: str
    channel: str
    account: str
    outbox: UUID
    message: UUID
    attempts: int
    text: str

    @property
    def place(self) -> str:
        """Return channel and account, for a reader."""
        return self.channel if self.account == "demo" else f"{self.channel}/{self.account}"

    @property
    def name(self) -> str:
        """What the ledger knows it by: our id, or at WeChat, which takes none, its words."""
        return f"{self.address} {self.text}" if self.channel in ORDERED else str(self.outbox)


@dataclass(frozen=True)
class Entry:
    """One message that a provider accepted."""

    channel: str
    address: str
    name: str


@dataclass(frozen=True)
class Truth:
    """Everything that the two sources say."""

    kept: dict[str, Kept]
    written: list[Written]
    handed_over: dict[UUID, int]
    seqs: dict[UUID, list[int]]
    last_seqs: dict[UUID, int]
    ledger: list[Entry]
    chain_break: int | None

    def count_arrivals(self) -> Counter[str]:
        """Count how often each message reached its client."""
        return Counter(one.name for one in self.ledger)


async def read_truth(house: House) -> Truth:
    """Read what the sources say now."""
    async with house.database.transaction() as connection:
        kept = [Kept(*row) for row in await connection.execute(text(_INBOX))]
        written = []
        for row in (await connection.execute(text(_WRITTEN))).mappings():
            body = house.cipher.open_json(
                row["body_enc"], table="message", column="body_enc", row=row["message"]
            )
            assert isinstance(body, dict)
            plain = {name: row[name] for name in Written.__annotations__ if name != "text"}
            written.append(Written(**plain, text=str(body.get("text", ""))))
        handed = {UUID(row.talk): row.seq for row in await connection.execute(text(_HANDED))}
        seqs: dict[UUID, list[int]] = defaultdict(list)
        for talk, seq in await connection.execute(text(_SEQS)):
            seqs[talk].append(seq)
        lasts = {row.id: row.last_seq for row in await connection.execute(text(_LASTS))}
        chain_break = await audit.find_break(connection)
    mine = {(one.channel, one.address) for one in written}
    ledger = [one for one in _read_ledger(house) if (one.channel, one.address) in mine]
    return Truth({one.key: one for one in kept}, written, handed, seqs, lasts, ledger, chain_break)


def _read_ledger(house: House) -> list[Entry]:
    with house.ground.ledger.open() as file:
        return [_read_entry(json.loads(line)) for line in file]


def _read_entry(entry: dict[str, Any]) -> Entry:
    channel, address = entry["channel"], entry["address"]
    if channel not in ORDERED:
        return Entry(channel, address, str(entry.get("outbox")))
    said = entry["body"].get("content", entry["body"])
    return Entry(channel, address, f"{address} {said}")


_INBOX = """
SELECT inbox.channel, COALESCE(message.client_msg_id, inbox.dedup_key), inbox.state,
  inbox.conversation_id, inbox.message_id, inbox.seq
FROM inbox JOIN message ON message.id = inbox.message_id
"""
_WRITTEN = """
SELECT outbox.conversation_id AS conversation, outbox.seq, outbox.state, outbox.reason,
  outbox.rung, outbox.reply_to, outbox.address, outbox.channel, outbox.account,
  outbox.id AS outbox, outbox.attempts, message.id AS message, message.body_enc
FROM outbox JOIN message ON message.id = outbox.message_id
"""
_HANDED = """
SELECT subject_id AS talk, min(message.seq) AS seq FROM event
JOIN message ON message.id = CAST(event.after ->> 'message_id' AS uuid)
WHERE verb = 'handed_over' GROUP BY subject_id
"""
_SEQS = "SELECT conversation_id, seq FROM message ORDER BY conversation_id, seq"
_LASTS = "SELECT id, last_seq FROM conversation WHERE last_seq > 0"
