"""Judges where a notice stands: reached, still waiting, to be told again, or at its ladder's end.

Pure: the same messages with the same fates give the same verdict, in whatever order one heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from orchestrator.urgency import Policy, Proof, Rung

STRENGTH: Final[tuple[Proof, ...]] = ("press1", "link", "read", "delivered", "accepted")
"""From the strongest proof to the weakest; the strongest one that counts is what is recorded."""

LOST: Final = frozenset({"rejected", "failed", "expired", "cancelled", "suppressed"})
"""States in which a message will not arrive any more, unless its provider changes its mind."""
_ARRIVED: Final = frozenset({"accepted", "delivered", "read"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of a notice and its fate; `is_followed` says that its link was opened."""

    outbox_id: UUID
    rung: int
    channel: str
    account: str
    state: str
    at: datetime
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """The client knows: by which proof, on which channel."""

    how: Proof
    channel: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is to be done before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Climb:
    """The next rung is due now."""

    rung: int


@dataclass(frozen=True, slots=True)
class Spent:
    """No rung is left, or no time: `why` says which."""

    why: str


Verdict: TypeAlias = Reached | Wait | Climb | Spent
HasReceipts: TypeAlias = Callable[[str, str], bool]
"""Tells whether a channel and account ever say what became of a message."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a notice stands: the rung that comes next, and the moments that bound it."""

    next_rung: int
    raised_at: datetime
    reach_by: datetime | None
    sent: Sequence[Sent]


def judge(policy: Policy, standing: Standing, now: datetime, has_receipts: HasReceipts) -> Verdict:
    """Return what is to be done about a notice that nobody has cancelled."""
    reached = find_reached(policy, standing.sent, has_receipts)
    if reached:
        return reached
    if now >= ends_at(policy, standing):
        return Spent("too_late")
    patience = _find_patience(policy, standing)
    if patience is not None and now < patience:
        return Wait(min(patience, ends_at(policy, standing)))
    if standing.next_rung < len(policy.rungs):
        return Climb(standing.next_rung)
    return Spent("no_rung_left")


def find_reached(policy: Policy, sent: Sequence[Sent], has_receipts: HasReceipts) -> Reached | None:
    """Return the strongest proof that counts, or None."""
    proofs = [
        (STRENGTH.index(how), one.channel)
        for one in sent
        for how in list_proofs(one, has_receipts)
        if how in _rung_of(policy, one).reached_by
    ]
    if not proofs:
        return None
    rank, channel = min(proofs)
    return Reached(STRENGTH[rank], channel)


def list_proofs(one: Sent, has_receipts: HasReceipts) -> list[Proof]:
    """Return what a message's fate proves; who gives no receipts, delivers what it accepts."""
    proofs: list[Proof] = []
    if one.is_followed:
        proofs.append("link")
    if one.state == "read":
        proofs.append("press1" if one.channel == "voice" else "read")
    is_mute = one.state == "accepted" and not has_receipts(one.channel, one.account)
    if one.state in {"delivered", "read"} or is_mute:
        proofs.append("delivered")
    if one.state in _ARRIVED:
        proofs.append("accepted")
    return proofs


def ends_at(policy: Policy, standing: Standing) -> datetime:
    """Return when a notice is no longer worth telling."""
    lasts = standing.raised_at + policy.lasts
    return min(lasts, standing.reach_by) if standing.reach_by else lasts


def _find_patience(policy: Policy, standing: Standing) -> datetime | None:
    """Return until when the last rung's messages may still be confirmed; None if none can be."""
    last = standing.next_rung - 1
    hopes = [one.at for one in standing.sent if one.rung == last and one.state not in LOST]
    if not hopes:
        return None
    return max(hopes) + timedelta(
        minutes=policy.rungs[min(last, len(policy.rungs) - 1)].wait_minutes
    )


def _rung_of(policy: Policy, one: Sent) -> Rung:
    """Return the rung that a message was sent at, also after the ladder became shorter."""
    return policy.rungs[min(one.rung, len(policy.rungs) - 1)]
