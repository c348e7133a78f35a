"""Tells open desks of messages that did not arrive, or of which nobody knows yet.

The lists count lost replies by themselves (store/undelivered.py); this only says when to look,
also where a sweep or a late receipt, not a call, decided what became of a message.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.live import DESK, SEALED, Frame, Hub, talk_topic
from store import undelivered
from store.engine import Database
from store.undelivered import News

LOOK_SECONDS = 2.0
BREATH_SECONDS = 1.0


@dataclass(slots=True)
class Undelivered:
    """Follows what happens to messages; it only tells, so several may run and none need."""

    database: Database
    hub: Hub
    _position: int | None = None

    async def run(self) -> None:
        """Look and tell until cancelled."""
        await self.hub.follow(
            SEALED,
            self.tell_next,
            poll=LOOK_SECONDS,
            what="News of lost messages wait",
            breath=BREATH_SECONDS,
        )

    async def tell_next(self) -> int:
        """Tell what has happened since the last look; return of how many messages."""
        async with self.database.transaction() as connection:
            until = await undelivered.find_position(connection)
            after = until if self._position is None else self._position
            news = await undelivered.find_news(connection, after=after, until=until)
        self._position = until
        for one in news:
            self._tell(one)
        return len(news)

    def _tell(self, news: News) -> None:
        frame: Frame = {
            "type": "delivery",
            "conversation": str(news.conversation_id),
            "seq": news.seq,
            "state": news.state,
            "why": news.reason,
        }
        self.hub.publish(DESK, frame)
        self.hub.publish(talk_topic(news.conversation_id), frame)
