"""A person's reply to a client: under the floor, within the channel's window, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from channels.contract import Channels
from channels.live import Frame, Hub, talk_topic
from channels.window import Reach, find_reach
from conversations.transcript import tell_posted
from desk.ticket import public_status
from kernel.errors import FloorMoved, InvalidInput, WindowClosed
from kernel.message import TEXT_LIMIT, Address, Author, Content
from store import client, conversation, outbox, ticket
from store.cipher import Cipher
from store.conversation import Conversation
from store.engine import Connection, Database
from store.outbox import Draft, Posted
from store.staff import Person

TYPING_MS = 5000
TITLES = {
    "chat": ("应用内聊天", "App chat"),
    "wechat": ("微信公众号", "WeChat"),
    "kf": ("微信客服", "WeChat customer service"),
    "sms": ("短信", "SMS"),
    "email": ("电子邮件", "E-mail"),
    "voice": ("电话", "Phone"),
}


@dataclass(frozen=True, slots=True)
class Other:
    """Another channel of the same client, and whether it can be used now."""

    channel: str
    title: str
    title_en: str
    available: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class Way:
    """How a conversation's client can be reached now."""

    reach: Reach
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply that was written: its number in the conversation and how far it is."""

    seq: int
    state: str


class NoWayNow(WindowClosed):
    """The channel takes no message now; `way` says why and what else there is."""

    def __init__(self, way: Way) -> None:
        super().__init__(way.reach.why_en, zh=way.reach.why)
        self.way = way


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes what people say to clients; the same `client_msg_id` is written once."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub

    async def send(
        self, person: Person, talk: Conversation, text: str, *, client_msg_id: str, epoch: int
    ) -> Sent:
        """Write a reply into the conversation and the outbox; the first one keeps the promise.

        Raises:
            InvalidInput: the text is empty or too long.
            FloorMoved: somebody else speaks for the house now; nothing was sent.
            NoWayNow: the channel's window is closed; nothing was sent.
        """
        text = check_text(text)
        async with self.database.transaction() as connection:
            known = await conversation.find_sent(connection, talk.id, client_msg_id)
            if known:
                return Sent(*known)
            address = await self._check_may_send(connection, person, talk.id)
            pulled = self.channels.get(address).capabilities.is_pulled
            draft = Draft(
                conversation_id=talk.id,
                author=Author.AGENT,
                author_id=person.id,
                content=Content(text=text),
                floor_epoch=epoch,
                client_msg_id=client_msg_id,
                state="accepted" if pulled else "queued",
            )
            posted: Posted = await outbox.post(connection, self.cipher, draft)
            is_first = await ticket.record_answered(connection, talk.id)
            kept = await public_status(connection, talk.id) if is_first else None
        tell_posted(self.hub, posted, name=person.name)
        if kept:
            self.hub.publish(talk_topic(talk.id), kept)
        return Sent(posted.seq, draft.state)

    async def _check_may_send(
        self, connection: Connection, person: Person, conversation_id: UUID
    ) -> Address:
        """Return where the reply goes, if this person has the floor and the channel is open."""
        talk = await conversation.find(connection, conversation_id)
        if talk is None or (talk.floor, talk.floor_holder) != ("agent", person.id):
            raise FloorMoved
        way = await self._find_way(connection, talk)
        if not way.reach.can_send:
            raise NoWayNow(way)
        return talk.address

    async def find_way(self, talk: Conversation) -> Way:
        """Tell whether the client can be written to now, why not, and what else there is."""
        async with self.database.transaction() as connection:
            return await self._find_way(connection, talk)

    def tell_typing(self, talk: Conversation) -> None:
        """Show the client that a person is typing."""
        frame: Frame = {"type": "typing", "actor": "agent", "ttl_ms": TYPING_MS}
        self.hub.publish(talk_topic(talk.id), frame)

    async def _find_way(self, connection: Connection, talk: Conversation) -> Way:
        reach = await find_reach(connection, self.channels, talk.id, talk.address)
        if reach.can_send or talk.client_id is None:
            return Way(reach, ())
        others: list[Other] = []
        for identity in await client.find_addresses(connection, talk.client_id):
            other = await conversation.find_by_address(connection, identity)
            if other and other.id != talk.id:
                others.append(await self._judge(connection, other))
        return Way(reach, tuple(others))

    async def _judge(self, connection: Connection, other: Conversation) -> Other:
        reach = await find_reach(connection, self.channels, other.id, other.address)
        zh, en = TITLES.get(reach.channel, (reach.channel, reach.channel))
        return Other(reach.channel, zh, en, available=reach.can_send, why=reach.why)


def check_text(text: str) -> str:
    """Return a reply's text, stripped.

    Raises:
        InvalidInput: it is empty, longer than 2000 characters, or has control characters.
    """
    text = text.strip()
    if not text:
        raise InvalidInput("The message is empty.", zh="消息内容为空。")
    if len(text) > TEXT_LIMIT:
        raise InvalidInput(
            f"The message has at most {TEXT_LIMIT} characters.", zh=f"消息最多{TEXT_LIMIT}字。"
        )
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in text):
        raise InvalidInput("The message has control characters.", zh="消息含有控制字符。")
    return text
