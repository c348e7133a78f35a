"""Records how a call to a provider ended, with all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kernel.message import (
    Accepted,
    Address,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
)
from store import consent, outcome, window
from store.batch import Outcome
from store.engine import Connection, Database
from store.outcome import Call, Moved


class Watch(Protocol):
    """Somebody who follows how an account's calls end (channels/staff/trouble.py)."""

    async def record(self, connection: Connection, address: Address, result: SendResult) -> None:
        """Take the outcome of one call."""
        ...


@dataclass(frozen=True, slots=True)
class Ending:
    """A call that has ended: how, which rule of its window it was counted against, and its time."""

    outbound: Outbound
    result: SendResult
    outcome: Outcome
    rule: str | None
    ms: int


async def record_ending(database: Database, ending: Ending, watch: Watch | None) -> Moved | None:
    """Record a call's outcome; None if its message is queued again, or has moved meanwhile."""
    if isinstance(ending.result, Accepted):
        return await _record_accepted(database, ending, ending.result, watch)
    async with database.transaction() as connection:
        moved = await _record_outcome(connection, ending)
        outbound, result = ending.outbound, ending.result
        if isinstance(result, Rejected) and result.refusal is Refusal.CONSENT:
            await consent.record_refused(connection, outbound.address, outbound.outbox_id)
        if watch:
            await watch.record(connection, outbound.address, result)
    return moved


async def _record_accepted(
    database: Database, ending: Ending, result: Accepted, watch: Watch | None
) -> Moved | None:
    """Record what nearly every call ends with, by one statement.

    What came before this answer is applied in a step of its own, as is an answer that came when
    the message was given up; where that is not reached, the sweep does it (`receipt.record_late`).
    """
    outbox_id = ending.outcome.outbox_id
    async with database.once() as connection:
        moved = await outcome.record_moved(
            connection, outbox_id, "accepted", provider_id=result.provider_id, call=_call_of(ending)
        )
        if watch:
            await watch.record(connection, ending.outbound.address, result)
    if moved is None or moved.has_early:
        async with database.transaction() as connection:
            await outcome.apply_early(connection, outbox_id, result.provider_id)
    return moved


async def _record_outcome(connection: Connection, ending: Ending) -> Moved | None:
    ended = ending.outcome
    if ended.state == "queued":
        moved, is_new = None, await outcome.record_retry(
            connection, ended.outbox_id, code=str(ended.code), wait=ended.wait,
            attempt=ended.attempt,
        )  # fmt: skip
    else:
        moved = await outcome.record_moved(
            connection, ended.outbox_id, ended.state, code=ended.code, call=_call_of(ending),
        )  # fmt: skip
        is_new = moved is not None
    if is_new:
        await _settle_window(connection, ending)
    return moved


def _call_of(ending: Ending) -> Call:
    return Call(ending.outcome.attempt, ending.ms)


async def _settle_window(connection: Connection, ending: Ending) -> None:
    """Give back what was counted for a message that its provider did not take."""
    talk, rule, result = ending.outbound.conversation_id, ending.rule, ending.result
    if rule is None or talk is None:
        return
    if isinstance(result, Rejected) and result.refusal is Refusal.WINDOW:
        await window.record_used_up(connection, talk)
    elif isinstance(result, Rejected | Retryable):
        await window.record_refund(connection, ending.outbound.outbox_id, rule)
