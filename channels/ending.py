"""How a call to a provider ended, in the words of the outbox; recorded, come what may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from channels.sweep import MAX_ATTEMPTS
from kernel.errors import ServiceError
from kernel.message import Accepted, Outbound, Refusal, Rejected, Retryable, SendResult, Unknown
from store.batch import Outcome
from store.engine import StoreDown
from store.outbox import IN_DOUBT

log = logging.getLogger(__name__)

FIRST_WAIT = 0.5
"""Seconds, doubled with each call, before the next one."""
PAUSES = (0.2, 0.5, *[1.0] * 8, *[2.0] * 12)
"""Seconds between tries to record an outcome while the database is away, or comes and goes."""


def find_state(
    result: SendResult, *, attempt: int = 1, is_repeat: bool = False
) -> tuple[str, str | None]:
    """Return the state after a call, and why.

    One that did nothing leaves an older doubt a doubt: what its provider said then stands behind
    `outcome_unknown`.
    """
    match result:
        case Accepted():
            return "accepted", None
        case Rejected(refusal, code, _) if is_repeat:
            return "failed", f"outcome_unknown:{refusal.value}:{code}"
        case Rejected(refusal, code, _):
            return "rejected", f"{refusal.value}:{code}"
        case Retryable(code, _) if attempt < MAX_ATTEMPTS:
            return "queued", code
        case Retryable(code, _):
            return "unknown" if is_repeat else "failed", code
        case Unknown(code):
            return "unknown", code


def find_wait(attempt: int) -> float:
    """Return the seconds from a call to the next one, where its provider says nothing else."""
    return FIRST_WAIT * 2.0**attempt


def is_fault(result: SendResult) -> bool:
    """Tell whether a result is about the account or its provider, not about one client or us."""
    match result:
        case Retryable(StoreDown.code):
            return False
        case Rejected(refusal):
            return refusal in {Refusal.CONFIG, Refusal.QUOTA}
        case Accepted():
            return False
        case _:
            return True


def to_outcome(outbound: Outbound, result: SendResult, *, can_repeat: bool) -> Outcome:
    """Return how a call ended; `can_repeat`: the provider would notice that it has the message."""
    n, outbox_id = outbound.attempt, outbound.outbox_id
    state, code = find_state(result, attempt=n, is_repeat=outbound.is_repeat)
    wait = find_wait(n)
    match result:
        case Retryable(_, retry_after) if state == "queued":
            # That this call did nothing says nothing about the one before it.
            doubt = IN_DOUBT if outbound.is_repeat else ""
            return Outcome(outbox_id, state, f"{doubt}{code}", max(retry_after, wait), n)
        case Unknown() if can_repeat and n < MAX_ATTEMPTS:
            return Outcome(outbox_id, "queued", f"{IN_DOUBT}{code}", wait, n)
        case _:
            return Outcome(outbox_id, state, code, attempt=n)


async def insist(record: Callable[[], Awaitable[None]], what: str) -> None:
    """Record an outcome, also when the database is away for a while.

    What could not be recorded at all stays `sending`, and the sweep makes it `unknown`.
    """
    for pause in (*PAUSES, None):
        try:
            await record()
        except ServiceError as error:
            log.warning("The outcome of %s waits: %s", what, error)
            if pause is not None:
                await asyncio.sleep(pause)
        else:
            return
