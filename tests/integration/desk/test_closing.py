"""A resolved ticket closes once nobody has been heard for the configured time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from channels.live import DESK, Frame
from desk.closing import LONGEST, Closing
from kernel.machine import TICKET
from store import audit
from tests.integration.desk.conftest import Colleague, Office

QUIET = timedelta(days=4)


async def resolve(office: Office, colleague: Colleague, *, who: str = "openid-1") -> str:
    """Let a client ask for a person who solves it; return the ticket's id."""
    talk = await office.hand_over(who=who)
    rows = (await colleague.get("tickets"))["tickets"]
    (ticket,) = [row["id"] for row in rows]
    await colleague.do(f"tickets/{ticket}/take")
    await colleague.do(f"tickets/{ticket}/resolve", {"note": "好了"})
    await office.stage.until(UUID(talk), 2)
    return str(ticket)


async def let_pass(office: Office, days: float, *, heard: float | None = None) -> None:
    """Let it be so many days ago that tickets were resolved, and clients `heard`."""
    parameters = {
        "resolved": timedelta(days=days),
        "heard": timedelta(days=days if heard is None else heard),
    }
    async with office.stage.database.transaction() as connection:
        await connection.execute(
            text("UPDATE ticket SET resolved_at = now() - CAST(:resolved AS interval)"), parameters
        )
        await connection.execute(
            text("UPDATE conversation SET last_at = now() - CAST(:heard AS interval)"), parameters
        )


def make_closing(office: Office) -> Closing:
    return Closing(office.stage.database, office.stage.hub, QUIET)


async def state_of(colleague: Colleague, ticket: str) -> tuple[str, str]:
    found = await colleague.get(f"tickets/{ticket}")
    return found["state"], found["public_status"]


async def test_it_closes_after_the_time_and_not_before(office: Office) -> None:
    anna = await office.sign_in("anna")
    ticket = await resolve(office, anna)
    closing = make_closing(office)
    await let_pass(office, 3.99)
    assert await closing.close_next() == 0
    assert await state_of(anna, ticket) == ("resolved", "已解决")
    frames: list[Frame] = []
    office.stage.hub.listen(DESK, lambda _, frame: frames.append(frame))
    await let_pass(office, 4)
    assert await closing.close_next() == 1
    assert await closing.close_next() == 0
    assert await state_of(anna, ticket) == ("closed", "已关闭")
    assert [frame["type"] for frame in frames] == ["moved"]


async def test_a_client_who_goes_on_keeps_it_resolved_but_not_for_ever(office: Office) -> None:
    anna = await office.sign_in("anna")
    ticket = await resolve(office, anna)
    closing = make_closing(office)
    await let_pass(office, LONGEST.days - 1, heard=3.9)
    assert await closing.close_next() == 0
    await let_pass(office, LONGEST.days, heard=0)
    assert await closing.close_next() == 1
    assert (await state_of(anna, ticket))[0] == "closed"


async def test_open_tickets_are_left_alone(office: Office) -> None:
    anna = await office.sign_in("anna")
    await office.hand_over()
    await let_pass(office, 100)
    assert await make_closing(office).close_next() == 0
    (row,) = (await anna.get("tickets"))["tickets"]
    assert row["state"] == "new"


async def test_many_at_once_close_each_once_and_every_move_is_in_the_chain(office: Office) -> None:
    anna = await office.sign_in("anna")
    for number in range(3):
        await resolve(office, anna, who=f"openid-{number}")
    await let_pass(office, 5)
    closing = make_closing(office)
    assert sum(await asyncio.gather(*(closing.close_next() for _ in range(4)))) == 3
    assert TICKET.sources_of("closed") == ("resolved",)
    async with office.stage.database.transaction() as connection:
        await audit.seal(connection)
        moves = await connection.execute(
            text("SELECT before->>'state', after->>'state', after->>'holder' FROM event "
                 "WHERE verb = 'ticket_moved' AND actor = 'desk'")
        )  # fmt: skip
        assert [tuple(move) for move in moves] == [("resolved", "closed", anna.id)] * 3
        assert await audit.find_break(connection) is None
