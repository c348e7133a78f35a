"""The one way in: check, commit, wake, and only then let the channel acknowledge."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import Counter

from channels.contract import Channels
from channels.live import DESK, EVENT, TURN, Frame, Hub, talk_topic
from channels.wish import Wish, find_wish
from kernel.crash import reach
from kernel.errors import InvalidInput
from kernel.message import TEXT_LIMIT, Inbound
from store import consent, inbox
from store.cipher import Cipher
from store.engine import DOOR_SECONDS, Connection, Database
from store.inbox import Kept

RECEIVED = Counter("zhida_received_total", "Inbound messages", ["channel", "kind", "repeat"])


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes what a channel has verified and parsed."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub

    async def receive(self, inbound: Inbound) -> Kept:
        """Keep an inbound message, once; it is committed when this returns.

        Raises:
            InvalidInput: the text is longer than the house takes, or has nothing in it.
            StoreDown: nothing was kept; the channel must not acknowledge.
        """
        check_text(inbound)
        async with self.database.once(within=DOOR_SECONDS) as connection:
            reach("receive.before_commit")
            kept = await self.keep(connection, inbound)
        reach("receive.after_commit")
        if find_wish(inbound):
            async with self.database.transaction(within=DOOR_SECONDS) as connection:
                await heed(connection, inbound)
        self.tell(inbound, kept)
        return kept

    async def keep(self, connection: Connection, inbound: Inbound) -> Kept:
        """Keep a checked message in the caller's transaction; `tell` of it after the commit."""
        rule = self.channels.get(inbound.address).find_window(inbound)
        opens = inbox.WindowRule(rule.name, rule.quota, rule.lasts) if rule else None
        return await inbox.record(connection, self.cipher, inbound, opens=opens)

    def tell(self, inbound: Inbound, kept: Kept) -> None:
        """Count a message that is committed, and wake who waits for it if it is new."""
        RECEIVED.labels(
            inbound.address.channel, inbound.kind.value, str(not kept.is_new).lower()
        ).inc()
        if kept.is_new:
            self._wake(kept)

    def _wake(self, kept: Kept) -> None:
        talk = str(kept.conversation_id)
        self.hub.publish(TURN, {"conversation": talk}, once=True)
        spoken: Frame = {"type": "spoken", "conversation": talk, "seq": kept.seq}
        self.hub.publish(talk_topic(talk), spoken)
        self.hub.publish(DESK, spoken)
        self.hub.publish(EVENT, once=True)


async def heed(connection: Connection, inbound: Inbound) -> None:
    """Keep a word that stops or restarts marketing, whoever has the floor; once.

    It is looked at again on a repeat: the first time may have ended before it was kept.
    """
    wish = find_wish(inbound)
    if wish:
        await consent.record(
            connection,
            inbound.address,
            category=consent.MARKETING,
            state=consent.NO if wish is Wish.STOP else consent.YES,
            source=f"{inbound.address.channel}:{inbound.dedup_key}",
        )


def check_text(inbound: Inbound) -> None:
    """Refuse a message that no reader could handle."""
    text = inbound.menu_payload or inbound.content.text
    if len(text) > TEXT_LIMIT:
        raise InvalidInput(
            f"The text has {len(text)} characters; at most {TEXT_LIMIT} are taken.",
            zh=f"内容有 {len(text)} 个字，最多 {TEXT_LIMIT} 个字，请分几次发送。",
        )
    if inbound.content.kind == "text" and not text.strip():
        raise InvalidInput("The message is empty.", zh="消息内容为空。")
    if "\x00" in text:
        raise InvalidInput("The text carries a NUL character.", zh="内容含有非法字符。")
