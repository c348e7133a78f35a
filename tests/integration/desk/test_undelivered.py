"""A reply that did not arrive is seen: in the transcript, in its author's list, on open desks."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import text

from channels.live import DESK, Frame
from desk.undelivered import Undelivered
from kernel.message import Accepted, Outbound, Refusal, Rejected, SendResult, Unknown
from store import audit
from tests.integration.desk.conftest import Colleague, Office


def refuse_people(outbound: Outbound) -> SendResult:
    """Take what the assistant says, refuse what a person does."""
    if outbound.author == "agent":
        return Rejected(Refusal.RECIPIENT, "43004")
    return Accepted("provider-id")


def leave_people_unknown(outbound: Outbound) -> SendResult:
    return Unknown("timeout") if outbound.author == "agent" else Accepted("provider-id")


async def take(office: Office, colleague: Colleague) -> tuple[str, str, int]:
    talk = await office.hand_over()
    (row,) = (await colleague.get("tickets"))["tickets"]
    moved = await colleague.do(f"tickets/{row['id']}/take")
    return talk, row["id"], int(moved["floor_epoch"])


async def mine(colleague: Colleague) -> list[dict[str, Any]]:
    page = await colleague.get("tickets?view=mine")
    rows: list[dict[str, Any]] = page["tickets"]
    assert page["counts"]["mine"] == len(rows)
    return rows


async def test_a_lost_reply_is_told_with_its_reason_until_it_was_looked_at(office: Office) -> None:
    office.stage.channel.script = refuse_people
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    talk, _, epoch = await take(office, anna)
    live = await anna.live()
    await live.watch(talk)
    seq = (await anna.send(talk, "请留意", epoch)).body["seq"]
    told = await live.read("delivery", seq=seq)
    assert (told["state"], told["why"]) == ("rejected", "recipient:43004")
    page = await anna.get(f"conversations/{talk}/messages")
    assert (page["messages"][-1]["state"], page["messages"][-1]["why"]) == (
        "rejected",
        "recipient:43004",
    )
    assert [row["undelivered"] for row in await mine(anna)] == [1]
    assert await mine(bert) == []
    await anna.do(f"conversations/{talk}/read", {"seq": seq})
    assert [row["undelivered"] for row in await mine(anna)] == [0]
    await office.stage.until(UUID(talk), seq, "rejected")
    await anna.send(talk, "再试一次", epoch)
    await office.stage.until(UUID(talk), seq + 1, "rejected")
    assert [row["undelivered"] for row in await mine(anna)] == [1]


async def test_a_resolved_ticket_comes_back_to_its_holder_until_the_loss_was_seen(
    office: Office,
) -> None:
    office.stage.channel.script = refuse_people
    anna = await office.sign_in("anna")
    talk, ticket, epoch = await take(office, anna)
    seq = (await anna.send(talk, "已办妥", epoch)).body["seq"]
    await anna.do(f"tickets/{ticket}/resolve", {"note": "办妥"})
    await office.stage.until(UUID(talk), seq, "rejected")
    (row,) = await mine(anna)
    assert (row["id"], row["state"], row["undelivered"]) == (ticket, "resolved", 1)
    await anna.do(f"conversations/{talk}/read", {"seq": seq})
    assert await mine(anna) == []


async def test_what_the_assistant_said_in_vain_is_no_persons_business(office: Office) -> None:
    office.stage.channel.script = lambda _: Rejected(Refusal.CONTENT, "40130")
    anna = await office.sign_in("anna")
    await take(office, anna)
    assert [row["undelivered"] for row in await mine(anna)] == [0]


async def test_an_unknown_outcome_is_told_when_the_sweep_gives_up(office: Office) -> None:
    office.stage.channel.script = leave_people_unknown
    anna = await office.sign_in("anna")
    talk, _, epoch = await take(office, anna)
    watch = Undelivered(office.stage.database, office.stage.hub)
    await watch.tell_next()
    frames: list[Frame] = []
    office.stage.hub.listen(DESK, lambda _, frame: frames.append(frame))
    seq = (await anna.send(talk, "收到了吗", epoch)).body["seq"]
    await office.stage.until(UUID(talk), seq, "unknown")
    assert [row["undelivered"] for row in await mine(anna)] == [0]
    await give_up_waiting(office)
    await until_failed(office, talk, seq)
    await seal(office)
    assert await watch.tell_next() == 1
    assert await watch.tell_next() == 0
    last = frames[-1]
    assert (last["type"], last["conversation"], last["seq"]) == ("delivery", talk, seq)
    assert (last["state"], last["why"]) == ("failed", "outcome_unknown")
    assert [row["undelivered"] for row in await mine(anna)] == [1]


async def test_a_loss_behind_an_open_outcome_stays_unseen(office: Office) -> None:
    office.stage.channel.script = leave_people_unknown
    anna = await office.sign_in("anna")
    talk, _, epoch = await take(office, anna)
    first = (await anna.send(talk, "一", epoch)).body["seq"]
    await office.stage.until(UUID(talk), first, "unknown")
    office.stage.channel.script = refuse_people
    await anna.send(talk, "二", epoch)
    await office.stage.until(UUID(talk), first + 1, "rejected")
    await anna.do(f"conversations/{talk}/read", {"seq": first + 1})
    assert [row["undelivered"] for row in await mine(anna)] == [1]
    await give_up_waiting(office)
    await until_failed(office, talk, first)
    assert [row["undelivered"] for row in await mine(anna)] == [2]
    await anna.do(f"conversations/{talk}/read", {"seq": first + 1})
    assert [row["undelivered"] for row in await mine(anna)] == [0]


async def give_up_waiting(office: Office) -> None:
    async with office.stage.database.transaction() as connection:
        await connection.execute(
            text("UPDATE outbox SET sending_at = now() - interval '1 hour' WHERE state = 'unknown'")
        )
    await office.stage.deliverer._sweeper.sweep()


async def until_failed(office: Office, talk: str, seq: int) -> None:
    async with asyncio.timeout(20):
        while True:
            said = await office.stage.transcript(UUID(talk))
            if {one.seq: one.state for one in said}[seq] == "failed":
                return
            await asyncio.sleep(0.05)


async def seal(office: Office) -> None:
    async with office.stage.database.transaction() as connection:
        await audit.seal(connection)
