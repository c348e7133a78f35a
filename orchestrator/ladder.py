"""The ladder: looks at notices that are due, tells their clients, and climbs until they know.

One look is one transaction: what was heard is judged, the next rung's messages are written into
transcripts, outbox and queue, and the notice moves, all or nothing. No provider is called here.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from channels.contract import Channels
from channels.live import DELIVER, DESK, EVENT, Hub
from conversations.transcript import tell_posted
from kernel.clock import Clock
from kernel.errors import NotFound
from kernel.message import Address, Author
from orchestrator import proof
from orchestrator.climb import Climb, Reached, Sent, Spent, Standing, Wait, judge
from orchestrator.hold import find_hold
from orchestrator.parcel import Parcel, pack, pack_one
from orchestrator.round import Round
from orchestrator.telling import Teller
from orchestrator.trading import HOME, CalendarShelf
from orchestrator.urgency import Policies, Rung
from orchestrator.wording import Words
from store import cap, posting, reach, rung, task
from store import proof as ledger
from store.cipher import Cipher
from store.engine import Connection, Database, commit_lazily
from store.outbox import Draft, Posted
from store.posting import RungDraft, Written
from store.reach import Place
from store.rung import DueNotice, SentRow

log = logging.getLogger(__name__)

BATCH: Final = 200
FRAMES: Final = 20
"""With more messages than this in one look, desks hear of them when they next ask."""
STUCK: Final = timedelta(minutes=5)
"""After so long a notice that nobody could handle is looked at again."""

Fates: TypeAlias = Mapping[UUID, Sequence[Sent]]


@dataclass(slots=True)
class Ladder:
    """Takes due notices of one urgency at a time; several may run, on any machine."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    words: Words = field(default_factory=Words)
    policies: Policies = field(default_factory=Policies)
    shelf: CalendarShelf = field(default_factory=CalendarShelf)
    clock: Clock | None = None
    """Turned by tests; without it the database's clock holds for all machines."""

    async def climb(self, urgency: str, *, limit: int = BATCH) -> int:
        """Look at the next notices of an urgency that are due; return how many."""
        now = self.clock.now() if self.clock else None
        async with self.database.transaction() as connection:
            due = await rung.claim_due(connection, self.cipher, [urgency], limit=limit, now=now)
            if not due:
                return 0
            policy = (await self.policies.get(connection))[urgency]
            round_ = Round(policy, due[0].now)
            await self._look(connection, round_, due)
            written = await self._record(connection, round_)
            if not any(one.state == "accepted" for one in round_.drafts):
                await commit_lazily(connection)  # the call's own commit comes after it
        self._publish(round_, written)
        return len(due)

    async def _look(self, connection: Connection, round_: Round, due: Sequence[DueNotice]) -> None:
        """Judge each notice by what was heard; tell those whose next rung is due."""
        begun = [one for one in due if one.state != "open"]
        proved = [one.id for one in begun if one.urgency in ledger.PROVED]
        await proof.catch_up(connection, self.cipher, proved)
        sent = _group(await rung.find_sent(connection, [one.id for one in begun]))
        await self.words.load(connection, {one.content_key for one in due})
        climbing = [one for one in due if self._judge(round_, one, sent[one.id])]
        if climbing:
            await self._tell(connection, round_, climbing, sent)

    def _judge(self, round_: Round, one: DueNotice, sent: Sequence[Sent]) -> bool:
        """Settle a notice that nothing is to be sent for; True if its next rung is due."""
        standing = Standing(one.next_rung, one.created_at, one.reach_by, sent)
        verdict = judge(round_.policy, standing, round_.now, self._has_receipts)
        match verdict:
            case Reached():
                round_.reach(one, verdict)
            case _ if one.state in {"unreached", "escalated"}:
                round_.wait(one, None)
            case _ if one.vars is None:
                round_.give_up(one, "damaged", self._title(one), sent)
            case Wait(until):
                round_.wait(one, until)
            case Spent(why):
                round_.give_up(one, why, self._title(one), sent)
            case Climb():
                return True
        return False

    async def _tell(
        self, connection: Connection, round_: Round, climbing: Sequence[DueNotice], sent: Fates
    ) -> None:
        """Hold what must wait, gather what may go together, and write the rest."""
        ready = await self._hold(connection, round_, climbing)
        if not ready:
            return
        places = await self._find_places(connection, round_, ready)
        teller = Teller(self.channels, self.words)
        for parcel in await self._pack(connection, round_, ready):
            try:
                self._tell_one(round_, teller, parcel, places, sent=sent)
            except Exception:
                log.exception("Notice %s cannot be told now.", parcel.notice.id)
                for one in parcel.all:
                    round_.wait(one, round_.now + STUCK)

    def _tell_one(
        self,
        round_: Round,
        teller: Teller,
        parcel: Parcel,
        places: Mapping[UUID, Sequence[Place]],
        *,
        sent: Fates,
    ) -> None:
        notice, row = parcel.notice, parcel.row
        if row is None:
            round_.give_up(notice, "no_content", self._title(notice), sent[notice.id])
            return
        told = teller.tell(
            notice,
            round_.policy,
            row,
            parcel.values,
            places=places[notice.client_id],
            sent=sent[notice.id],
        )
        if not told.letters:
            for one in parcel.all:
                round_.give_up(one, told.why, self._title(one), sent[one.id])
            return
        for letter in told.letters:
            is_pulled = self.channels.get(letter.place.address).capabilities.is_pulled
            round_.send(notice, told.rung, row, letter, is_pulled=is_pulled)
        round_.carry(notice, told.rung, row)
        for rider in parcel.riders:
            round_.carry(rider, told.rung, row, carrier=notice.id)

    async def _hold(
        self, connection: Connection, round_: Round, climbing: Sequence[DueNotice]
    ) -> list[DueNotice]:
        """Return what may be told now; the rest is due when it may be."""
        calendar = (await self.shelf.open(connection, round_.now))[HOME]
        counts: dict[tuple[UUID, str], int] = {}
        if round_.policy.cap_per_day is not None:
            pairs = [(one.client_id, one.category) for one in climbing]
            counts = await cap.count_today(connection, pairs, round_.now)
        ready: list[DueNotice] = []
        for one in climbing:
            pair = (one.client_id, one.category)
            until = find_hold(round_.policy, one, counts.get(pair, 0), calendar)
            if until:
                round_.wait(one, until)
            else:
                ready.append(one)
                if not round_.policy.gather_minutes:
                    counts[pair] = counts.get(pair, 0) + 1
        return ready

    async def _pack(
        self, connection: Connection, round_: Round, ready: Sequence[DueNotice]
    ) -> list[Parcel]:
        first = [one for one in ready if one.state == "open"]
        if not round_.policy.gather_minutes or not first:
            return [pack_one(one, self.words) for one in ready]
        held = {one.id for one in ready}
        more = await rung.claim_gathered(connection, self.cipher, first)
        waiting = [one for one in more if one.id not in held]
        await self.words.load(connection, {one.content_key for one in waiting})
        again = [pack_one(one, self.words) for one in ready if one.state != "open"]
        return [*again, *pack(first, waiting, self.words)]

    async def _find_places(
        self, connection: Connection, round_: Round, ready: Sequence[DueNotice]
    ) -> Mapping[UUID, Sequence[Place]]:
        """Return where each client is reached; a number that takes SMS can be called, too."""
        clients = list({one.client_id for one in ready})
        places = await self._read_places(connection, clients)
        voice = next((one for one in self.channels if one.name == "voice"), None)
        wanted = [
            one.client_id
            for one in ready
            if _may_call(round_.policy.rungs[one.next_rung :], places[one.client_id])
        ]
        if voice and wanted:
            await reach.record_voices(connection, wanted, voice.account)
            places |= await self._read_places(connection, wanted)
        return places

    async def _read_places(
        self, connection: Connection, clients: Sequence[UUID]
    ) -> dict[UUID, list[Place]]:
        places: dict[UUID, list[Place]] = {one: [] for one in clients}
        for one in await reach.find_places(connection, clients):
            places[one.client_id].append(one)
        return places

    async def _record(self, connection: Connection, round_: Round) -> list[Written]:
        await task.open_many(connection, self.cipher, round_.tasks)
        written = await posting.post_many(connection, self.cipher, round_.drafts, round_.now)
        await rung.record_moves(connection, round_.moves, round_.now)
        await rung.record_moves(connection, round_.escalations, round_.now)
        known = [one.notice_id for one in round_.moves if one.after == "reached"]
        await task.record_notices_over(connection, known, "reached", actor="notice")
        if round_.policy.cap_per_day is not None:
            await cap.record_told(connection, round_.told, round_.now)
        await ledger.record(connection, round_.steps)
        return written

    def _publish(self, round_: Round, written: Sequence[Written]) -> None:
        """Wake those who deliver, then tell sockets and desks."""
        if any(one.state == "queued" for one in round_.drafts):
            self.hub.publish(DELIVER, once=True)
        for draft, place in zip(round_.drafts, written, strict=True):
            if draft.state == "accepted" or len(written) <= FRAMES:
                tell_posted(self.hub, _to_posted(draft, place, round_.now))
        if round_.tasks:
            self.hub.publish(DESK, {"type": "task", "opened": len(round_.tasks)})
        self.hub.publish(EVENT, once=True)

    def _has_receipts(self, channel: str, account: str) -> bool:
        try:
            can = self.channels.get(Address(channel, account, "")).capabilities
        except NotFound:
            return True
        return bool(can.receipts)

    def _title(self, notice: DueNotice) -> str:
        row = self.words.find(notice.content_key)
        return row.title if row else "通知 · notice"


def _may_call(rungs: Sequence[Rung], places: Sequence[Place]) -> bool:
    """Tell whether a client may be called next who has no address for calls, but one for SMS."""
    has = {one.address.channel for one in places}
    first = next((one for one in rungs if has & set(one.channels) or "voice" in one.channels), None)
    return first is not None and "voice" in first.channels and has & {"sms", "voice"} == {"sms"}


def _group(rows: Sequence[SentRow]) -> defaultdict[UUID, list[Sent]]:
    """Return messages by notice; what was replaced by newer figures was never sent."""
    grouped: defaultdict[UUID, list[Sent]] = defaultdict(list)
    for row in rows:
        rung_ = int(row.rung.partition(".")[0])
        grouped[row.notice_id].append(
            Sent(row.outbox_id, rung_, row.channel, row.account, row.state, row.at, row.is_followed)
        )
    return grouped


def _to_posted(draft: RungDraft, place: Written, at: datetime) -> Posted:
    """Return a message as sockets and desks are told of it."""
    talk = place.conversation_id
    said = Draft(talk, Author.SYSTEM, draft.content, state=draft.state, id=draft.message_id)
    return Posted(draft.message_id, draft.outbox_id, talk, place.seq, at, Address("", "", ""), said)
