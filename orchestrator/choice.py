"""Chooses the channels of a rung for one client: who may be written to where, and where best.

Pure: everything that speaks for or against an address is in `store.reach.Place`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from orchestrator.urgency import CHANNELS, Policy, Rung
from store.consent import ALL, MARKETING, NO, YES
from store.reach import Place

CanCarry: TypeAlias = Callable[[Place], bool]
"""Tells whether an address's account is set up and can take this content now."""

_NEVER_FAILED: Final = 0.5
"""Half a failure more than were counted, so that one bad call does not condemn a channel."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be told: under which policy, of which category, and what was tried before."""

    policy: Policy
    rung: Rung
    category: str
    tried: Collection[str]


def choose(places: Sequence[Place], wish: Wish, can_carry: CanCarry) -> list[Place]:
    """Return the addresses to write to, the best first; none if there is none.

    With `all` one for each channel of the rung that was not tried, else one in all.
    """
    open_ = [
        one
        for one in places
        if one.address.channel in wish.rung.channels
        and one.address.channel not in wish.tried
        and may_write(one, wish)
        and can_carry(one)
    ]
    ranked = sorted(open_, key=lambda one: _rank(one, wish))
    best: dict[str, Place] = {}
    for one in ranked:
        best.setdefault(one.address.channel, one)
    chosen = list(best.values())
    return chosen if wish.rung.pick == "all" else chosen[:1]


def may_write(place: Place, wish: Wish) -> bool:
    """Tell whether the client lets us write here: marketing needs a yes, a no is heeded.

    Where a policy asks for no consent, a service message goes out against a no, too: the law
    asks a broker to tell of a margin call (待合规确认: to be confirmed by compliance).
    """
    if not place.is_open:
        return False
    if wish.category == MARKETING:
        is_granted = place.said.get(MARKETING) == YES and place.said.get(ALL) != NO
        return is_granted and find_weight(place, MARKETING) >= 0
    if wish.policy.consent == "none":
        return True
    is_unwanted = find_weight(place, wish.category) < 0
    return not is_unwanted and NO not in {place.said.get(ALL), place.said.get(wish.category)}


def find_weight(place: Place, category: str) -> int:
    """Return how much the client likes a channel for a category; below nought: not at all."""
    return place.weights.get(category, place.weights.get(ALL, 0))


def _rank(place: Place, wish: Wish) -> tuple[float, ...]:
    """Return what puts an address before another: less is better.

    A tripped circuit comes last whatever else speaks for it; what the client prefers comes
    before what we have learned.
    """
    liked = -float(find_weight(place, wish.category))
    cost = float(CHANNELS.index(place.address.channel))
    failing = place.failed / (place.sent + _NEVER_FAILED)
    answering = -place.answered / (place.sent + 1.0)
    heard_at = place.last_inbound_at.timestamp() if place.last_inbound_at else 0.0
    tripped = float(place.is_tripped)
    match wish.rung.pick:
        case "cheapest":
            return (tripped, liked, cost, failing)
        case "active":
            return (tripped, liked, -heard_at, -place.answered, failing, cost)
        case _:
            return (tripped, liked, failing + answering, -heard_at, cost)
