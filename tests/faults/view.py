"""What clients saw and were told, beside what the transcript says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from tests.faults.house import House
from tests.faults.load import ChatGuest
from tests.faults.size import pick
from tests.faults.truth import read_truth


async def check_view(house: House, guest: ChatGuest, seconds: float = pick(40, 240)) -> None:
    """See that a guest saw the transcript: nothing missed, nothing twice, all in order."""
    there = await _read_transcript(house, guest.conversation)
    await guest.until(len(there), seconds)
    assert guest.seen == there


@dataclass(frozen=True)
class Told:
    """What a client was told when its conversation went to people, and the ticket's number."""

    text: str
    number: str


async def read_said(house: House) -> list[Told]:
    """Return what was said with every hand-over."""
    truth = await read_truth(house)
    async with house.database.transaction() as connection:
        numbers = {row.message: row.number for row in await connection.execute(text(_NUMBERS))}
    return [
        Told(one.text, numbers[str(one.reply_to)])
        for one in truth.written
        if str(one.reply_to) in numbers
    ]


async def _read_transcript(house: House, conversation: str) -> list[tuple[int, str]]:
    async with house.database.transaction() as connection:
        rows = await connection.execute(text(_TRANSCRIPT), {"talk": conversation})
        return [(row.seq, row.id) for row in rows]


_NUMBERS = """
SELECT event.after ->> 'message_id' AS message, ticket.number FROM event
JOIN ticket ON ticket.source_event = event.id WHERE verb = 'handed_over'
"""
_TRANSCRIPT = """
SELECT seq, CAST(id AS text) AS id FROM message
WHERE conversation_id = CAST(:talk AS uuid) ORDER BY seq
"""
