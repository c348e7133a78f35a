"""Takes each conversation's messages one at a time, in order, and answers each exactly once."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from prometheus_client import Counter, Histogram

from channels.contract import Channels
from channels.live import DELIVER, TURN, Frame, Hub, talk_topic
from channels.passive import PassiveLines
from conversations import floor
from conversations.reply import Replier, Reply
from conversations.transcript import tell_floor, tell_posted, to_outbound
from kernel.crash import reach
from kernel.errors import FloorMoved, ServiceError
from kernel.message import Author, Content
from store import answer, outbox, outcome, ticket_number, turn
from store.cipher import Cipher
from store.engine import Connection, Database
from store.outbox import Draft, Posted
from store.turn import Turn

log = logging.getLogger(__name__)

TURNS = Counter("zhida_turns_total", "Answered messages by what they ended with", ["end"])
TOOK = Histogram("zhida_turn_seconds", "From claim to commit of a turn")

AT_ONCE = 16
POLL_SECONDS = 1.0
TRIES = 5
TYPING_MS = 5000


class TakenOver(ServiceError):
    """Another worker has taken this turn over."""


@dataclass(frozen=True, slots=True)
class _Ended:
    posted: Posted | None
    is_more: bool = True


@dataclass(slots=True)
class TurnWorker:
    """Answers messages; start as many as you like, on as many machines as you like."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    lines: PassiveLines
    replier: Replier
    worker: str
    _running: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _again: set[UUID] = field(default_factory=set)
    _broken: list[Turn] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self) -> None:
        """Answer until cancelled."""
        stop = self.hub.listen(TURN, self._on_frame)
        try:
            await self._start()
            while True:
                self._wake.clear()
                await self._look()
                await self.hub.rest(self._wake, POLL_SECONDS)
        finally:
            stop()
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def offer(self, conversation_id: UUID) -> None:
        """Say that a conversation may have a message to be answered."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._work(conversation_id), name=f"turn-{conversation_id}")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._ended(conversation_id))

    def _on_frame(self, _topic: str, frame: Frame) -> None:
        if "conversation" in frame:
            self.offer(UUID(str(frame["conversation"])))
        else:
            self._wake.set()

    def _ended(self, conversation_id: UUID) -> None:
        del self._running[conversation_id]
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.offer(conversation_id)

    async def _start(self) -> None:
        while True:
            try:
                async with self.database.transaction() as connection:
                    await turn.release(connection, self.worker)
            except ServiceError as error:
                log.warning("Turns wait: %s", error)
                await asyncio.sleep(1)
            else:
                return

    async def _look(self) -> None:
        try:
            await self._mend()
            async with self.database.once() as connection:
                waiting = await turn.find_waiting(connection)
        except ServiceError as error:
            log.warning("Turns wait: %s", error)
            return
        for conversation_id in waiting:
            self.offer(conversation_id)

    async def _mend(self) -> None:
        """Give back the turns that the database left in doubt when it went away.

        If the answer was committed after all, nobody has written it: the API may carry it, before
        any later answer.
        """
        if not self._broken:
            return
        broken = tuple(self._broken)
        async with self.database.transaction() as connection:
            await turn.give_back(connection, broken)
            await outcome.record_unwritten(connection, [one.message_id for one in broken])
        del self._broken[: len(broken)]
        self.hub.publish(DELIVER, once=True)

    async def _work(self, conversation_id: UUID) -> None:
        claimed: Turn | None = None
        async with self._gate:
            try:
                await self._mend()
                is_more = True
                while is_more and (claimed := await self._claim(conversation_id)):
                    reach("turn.after_claim")
                    is_more = await self._take(claimed)
            except ServiceError as error:
                log.warning("Conversation %s waits: %s", conversation_id, error)
                if claimed is not None:
                    self._broken.append(claimed)

    async def _claim(self, conversation_id: UUID) -> Turn | None:
        async with self.database.once() as connection:
            return await turn.claim(connection, self.cipher, self.worker, conversation_id)

    async def _take(self, claimed: Turn) -> bool:
        """Answer one message; False if it is known that none is waiting behind it."""
        if claimed.floor in {"bot", "none"}:
            typing: Frame = {"type": "typing", "actor": "bot", "ttl_ms": TYPING_MS}
            self.hub.publish(talk_topic(claimed.conversation_id), typing)
        with TOOK.time():
            try:
                reply = await self.replier.reply(claimed)
                return await self._finish(claimed, reply)
            except ServiceError:
                raise
            except Exception:  # a bug must not stop the conversation for ever
                reference = uuid4().hex[:8]
                log.exception("Turn %s failed, reference %s.", claimed.message_id, reference)
                await self._fail(claimed, reference)
                return True

    async def _fail(self, claimed: Turn, reference: str) -> None:
        """Count a bug against the message; after the last try people get it, and an apology."""
        if claimed.attempts + 1 >= TRIES:
            await self._finish(claimed, self.replier.excuse(claimed.language))
            return
        async with self.database.transaction() as connection:
            wait = 0.25 * 2**claimed.attempts
            await turn.record_failure(connection, claimed, reference, wait=wait, last=False)

    async def _finish(self, claimed: Turn, reply: Reply) -> bool:
        """Commit the answer, the floor and the dialogue together, then let it out."""
        if not self.channels.get(claimed.address).capabilities.takes_replies:
            reply = replace(reply, content=None)
        state = self._state_for(claimed) if reply.content else "queued"
        try:
            ended = await self._commit(claimed, reply, state)
        except FloorMoved:
            await self._drop(claimed)
            return True
        except ServiceError:
            self.lines.give(claimed.message_id, None)
            raise
        reach("turn.after_commit")
        if reply.moves_floor:
            holder = "queue" if reply.handover else "bot"
            tell_floor(self.hub, claimed.conversation_id, holder, claimed.floor_epoch + 1)
        await self._let_out(claimed.message_id, ended.posted)
        return ended.is_more

    async def _let_out(self, message_id: UUID, posted: Posted | None) -> None:
        if posted is None or posted.draft.state != "sending":
            self.lines.give(message_id, None)
        elif not self.lines.give(message_id, to_outbound(posted)):
            await self._release(posted)
        if posted is not None:
            tell_posted(self.hub, posted)

    async def _release(self, posted: Posted) -> None:
        """The callback hung up while the reply was committed: the API may carry it safely."""
        async with self.database.transaction() as connection:
            await outcome.record_retry(connection, posted.outbox_id, code="hung_up", wait=0)

    async def _commit(self, claimed: Turn, reply: Reply, state: str) -> _Ended:
        if reply.moves_floor or reply.content is None:
            async with self.database.transaction() as connection:
                ended = _Ended(await self._commit_move(connection, claimed, reply, state))
                reach("turn.before_commit")
            return ended
        draft = self._draft(claimed, reply.content, state, epoch=claimed.floor_epoch)
        async with self.database.once() as connection:
            reach("turn.before_commit")
            answered = await answer.record(
                connection, self.cipher, claimed, draft, reply.dialogue, language=reply.language
            )
        if answered is None:
            raise FloorMoved
        TURNS.labels("reply").inc()
        return _Ended(answered.posted, answered.is_more)

    async def _commit_move(
        self, connection: Connection, claimed: Turn, reply: Reply, state: str
    ) -> Posted | None:
        if not await turn.record_done(connection, claimed, reply.dialogue, language=reply.language):
            raise TakenOver
        number = await self._move_floor(connection, claimed, reply)
        TURNS.labels("handover" if number else "reply" if reply.content else "silence").inc()
        if reply.content is None:
            return None
        content = _with_number(reply.content, number)
        epoch = claimed.floor_epoch + 1
        draft = self._draft(claimed, content, state, epoch=epoch)
        return await outbox.post(connection, self.cipher, draft)

    def _draft(self, claimed: Turn, content: Content, state: str, *, epoch: int) -> Draft:
        return Draft(
            conversation_id=claimed.conversation_id,
            author=Author.BOT,
            content=content,
            floor_epoch=epoch,
            reply_to=claimed.message_id,
            state=state,
            worker=self.worker,
        )

    async def _move_floor(self, connection: Connection, claimed: Turn, reply: Reply) -> str | None:
        epoch = claimed.floor_epoch
        if reply.is_back:
            await floor.hand_back(connection, claimed.conversation_id, actor="client", epoch=epoch)
        if reply.handover is None:
            return None
        number = await ticket_number.claim(connection)
        answer = reply.answer
        why = floor.HandOver(
            number=number,
            reason=reply.handover.reason,
            summary=reply.handover.summary,
            intent=answer.intent if answer else "",
            confidence=answer.confidence if answer else 0.0,
            slots=answer.slots if answer else {},
            message_id=claimed.message_id,
        )
        await floor.hand_over(connection, claimed.conversation_id, why, epoch=epoch)
        return number

    def _state_for(self, claimed: Turn) -> str:
        """Say how the reply leaves: fetched by the client, on the open callback, or by the API."""
        can = self.channels.get(claimed.address).capabilities
        if can.is_pulled:
            return "accepted"
        if can.can_answer_passively and self.lines.claim(claimed.message_id):
            return "sending"
        return "queued"

    async def _drop(self, claimed: Turn) -> None:
        """A person took the floor while the bot was thinking: the bot says nothing."""
        async with self.database.once() as connection:
            is_ours = await turn.record_done(connection, claimed, None)
        self.lines.give(claimed.message_id, None)
        TURNS.labels("floor_moved" if is_ours else "taken_over").inc()


def _with_number(content: Content, number: str | None) -> Content:
    return replace(content, text=content.text.replace("{number}", number)) if number else content
