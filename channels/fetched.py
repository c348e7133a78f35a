"""Letters of campaigns on channels whose clients fetch them: nobody is called, they are written.

A slice is one transaction: its letters are in the transcripts and `accepted`, or it was not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from channels.contract import Channel
from channels.deliver import UNWRITTEN
from channels.settle import Record
from kernel.message import Outbound
from store import campaign_post
from store.batch import Outcome, Taken
from store.campaign_post import Fetched
from store.cipher import Cipher
from store.engine import Connection

Tell: TypeAlias = Callable[[Fetched], None]
"""Tells the client's open chat of a letter; a higher room brings one (conversations/transcript)."""


def tell_nobody(fetched: Fetched) -> None:
    """Tell nobody: the client fetches it when it next looks."""
    del fetched


@dataclass(frozen=True, slots=True)
class Poster:
    """Writes letters where their clients fetch them."""

    cipher: Cipher
    tell: Tell = tell_nobody

    async def post(
        self,
        connection: Connection,
        channel: Channel,
        campaign_id: UUID,
        written: Sequence[Outbound],
        lost: Sequence[tuple[UUID, int]],
        *,
        record: Record,
    ) -> list[Fetched]:
        """Write letters into their transcripts, and record them as `record` does calls.

        `lost` are those without words, each with the number of its attempt.
        """
        taken = Taken()
        for one in written:
            taken.add(one.outbox_id, None)
        outcomes = [Outcome(one, "rejected", UNWRITTEN, attempt=n) for one, n in lost]
        place = (channel.name, channel.account)
        await record(connection, campaign_id, place, taken, outcomes)
        return await campaign_post.post(connection, self.cipher, written)

    def tell_all(self, fetched: Sequence[Fetched]) -> None:
        """Tell the clients of letters that are committed."""
        for one in fetched:
            self.tell(one)
