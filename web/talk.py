"""What a chat guest may do: come in, speak, say what was read, judge an answer."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from channels.chat.payload import ClientFrame, address_of, to_inbound
from channels.chat.signature import ChatKeys, Guest
from channels.live import DESK, Frame, Hub
from channels.receive import Receiver
from clients.verification import Verification
from conversations.transcript import show_said
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotAllowed, TooMany
from kernel.happening import FEEDBACK_GIVEN, Happening
from kernel.message import Json
from store import audit, conversation, staff
from store.cipher import Cipher
from store.conversation import Conversation
from store.engine import DOOR_SECONDS, Database
from store.inbox import Kept

MESSAGES: Final = 20
WITHIN_SECONDS: Final = 10.0
PROLONG_SECONDS: Final = 60.0
PAGE_LIMIT: Final = 100


@dataclass(slots=True)
class Talks:
    """The chat as one guest after another uses it."""

    database: Database
    cipher: Cipher
    hub: Hub
    receiver: Receiver
    verification: Verification
    keys: ChatKeys
    clock: Clock
    brand: str
    _spoken: dict[UUID, deque[float]] = field(default_factory=dict)
    _prolonged: dict[UUID, float] = field(default_factory=dict)

    async def enter(self, guest: Guest) -> Conversation:
        """Return the guest's own conversation, and trust the host app's word on who it is.

        Raises:
            NotAllowed: the guest is blocked.
        """
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            talk = await conversation.open_for(connection, address_of(guest, self.cipher))
        if talk.is_blocked:
            raise NotAllowed("This address is blocked.", zh="该账号已被限制发言。")
        if guest.is_client and time.monotonic() > self._prolonged.get(talk.id, 0.0):
            await self.verification.record_app(talk.id, guest.subject)
            self._forget_old(self._prolonged)
            self._prolonged[talk.id] = time.monotonic() + PROLONG_SECONDS
        return talk

    async def speak(self, guest: Guest, frame: ClientFrame) -> Kept:
        """Take a message of the guest; committed when this returns.

        Raises:
            TooMany: more than 20 messages within 10 seconds.
            InvalidInput: see `Receiver.receive`.
        """
        talk = await self.enter(guest)
        self._check_rate(talk.id)
        inbound = to_inbound(frame, talk.address, self.clock.now(), guest)
        return await self.receiver.receive(inbound)

    async def record_progress(self, talk: Conversation, kind: str, seq: int) -> None:
        """Note that the guest was shown (`delivered`) or has read (`read`) all up to `seq`."""
        async with self.database.transaction() as connection:
            value = await conversation.record_progress(
                connection, talk.id, column=f"client_{kind}_seq", seq=seq
            )
        if value is not None:
            frame: Frame = {"type": "progress", "conversation_id": str(talk.id), kind: value}
            self.hub.publish(DESK, frame)

    async def record_feedback(self, talk: Conversation, seq: int, *, is_helpful: bool) -> None:
        """Note whether an answer of the assistant helped.

        Raises:
            InvalidInput: there is no such answer in this conversation.
        """
        async with self.database.transaction() as connection:
            page = await conversation.read_transcript(
                connection, self.cipher, talk.id, after=seq - 1, limit=1
            )
            if not page or page[0].seq != seq or page[0].author != "bot":
                raise InvalidInput(
                    f"Message {seq} is no answer of the assistant.", zh="该消息不是智能助手的回答。"
                )
            article = page[0].content.article or {}
            after: dict[str, Json] = {"helpful": is_helpful, "article": article.get("key")}
            told = Happening("client", FEEDBACK_GIVEN, "message", page[0].id, after=after)
            await audit.record(connection, [told])

    async def read(
        self, talk: Conversation, *, after: int, before: int | None, limit: int
    ) -> dict[str, Json]:
        """Return a page of the guest's own history."""
        async with self.database.transaction() as connection:
            page = await conversation.read_transcript(
                connection, self.cipher, talk.id,
                after=after, before=before, limit=min(max(limit, 1), PAGE_LIMIT),
            )  # fmt: skip
        return {
            "messages": [show_said(said) for said in page],
            "last_seq": talk.last_seq,
            "floor": talk.floor,
        }

    def tell_typing(self, talk: Conversation) -> None:
        """Show the desk that the guest is typing."""
        frame: Frame = {"type": "typing", "conversation_id": str(talk.id), "actor": "client"}
        self.hub.publish(DESK, frame)

    async def welcome(self, talk: Conversation) -> Frame:
        """Return the first frame of a socket: where the talk stands, and which person has it."""
        person = None
        if talk.floor == "agent" and talk.floor_holder:
            async with self.database.once(within=DOOR_SECONDS) as connection:
                person = await staff.find_person(connection, talk.floor_holder)
        return {
            "type": "welcome",
            "conversation": str(talk.id),
            "last_seq": talk.last_seq,
            "floor": talk.floor,
            "name": person.name if person else None,
            "brand": {"name": self.brand},
        }

    def _check_rate(self, talk_id: UUID) -> None:
        now = time.monotonic()
        spoken = self._spoken.setdefault(talk_id, deque())
        while spoken and spoken[0] < now - WITHIN_SECONDS:
            spoken.popleft()
        if len(spoken) >= MESSAGES:
            raise TooMany(retry_after=WITHIN_SECONDS - (now - spoken[0]))
        spoken.append(now)
        if len(self._spoken) > 50_000:
            self._spoken = {key: value for key, value in self._spoken.items() if value}

    @staticmethod
    def _forget_old(until: dict[UUID, float]) -> None:
        if len(until) > 50_000:
            now = time.monotonic()
            for key in [key for key, moment in until.items() if moment < now]:
                del until[key]
