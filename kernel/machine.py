"""State machines as tables: which state may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Machine:
    """A named table of allowed transitions."""

    name: str
    moves: Mapping[str, frozenset[str]]

    def check_move(self, before: str, after: str) -> None:
        """Raise Conflict unless `after` may follow `before`."""
        if after not in self.moves.get(before, frozenset()):
            allowed = ", ".join(sorted(self.moves.get(before, frozenset()))) or "nothing"
            raise Conflict(f"{self.name}: {before} → {after} is not a move; allowed: {allowed}.")

    def sources_of(self, after: str) -> tuple[str, ...]:
        """Return every state from which `after` may be reached, for a SQL condition."""
        return tuple(sorted(state for state, next_ in self.moves.items() if after in next_))

    def is_final(self, state: str) -> bool:
        """Tell whether nothing follows `state`."""
        return not self.moves.get(state)


def _table(text: str) -> dict[str, frozenset[str]]:
    rows = [line.split(":") for line in text.strip().splitlines()]
    return {before.strip(): frozenset(after.split()) for before, after in rows}


FLOOR = Machine(
    "floor",
    _table("""
        none:  bot queue
        bot:   queue none agent
        queue: agent bot none
        agent: bot queue none
    """),
)
"""Who may speak (DESIGN §4). Every move raises the conversation's `floor_epoch`."""

OUTBOX = Machine(
    "outbox",
    _table("""
        planned:    suppressed held queued cancelled expired
        held:       queued suppressed cancelled expired
        queued:     sending accepted rejected cancelled expired suppressed failed
        sending:    accepted rejected queued unknown failed
        unknown:    accepted queued failed
        accepted:   delivered read failed
        delivered:  read
        failed:     delivered read queued
        suppressed:
        rejected:   queued
        expired:
        cancelled:
        read:
    """),
)
"""What a message to a client goes through (DESIGN §4); a late receipt beats a failure. What was
`rejected` or `failed` is queued again by a person alone (store/dead_letter.py). What is queued
again in doubt is `accepted` where its provider tells of it first (decision 0013)."""

TICKET = Machine(
    "ticket",
    _table("""
        new:              triaged assigned resolved
        triaged:          assigned resolved
        assigned:         in_progress triaged resolved
        in_progress:      waiting_client waiting_internal pending_approval snoozed triaged \
                          assigned resolved
        waiting_client:   in_progress triaged resolved
        waiting_internal: in_progress triaged resolved
        pending_approval: in_progress resolved
        snoozed:          in_progress triaged resolved
        resolved:         closed in_progress triaged
        closed:           in_progress triaged
    """),
)
"""A ticket's life (DESIGN §4); a client's message reopens what was resolved."""

NOTICE = Machine(
    "notice",
    _table("""
        open:        in_progress unreached cancelled expired
        in_progress: reached unreached cancelled expired
        unreached:   escalated reached cancelled closed
        escalated:   reached closed cancelled
        reached:
        closed:
        cancelled:
        expired:
    """),
)
"""What a client must know (DESIGN §4); a late word of the client still makes it reached."""

TASK = Machine(
    "task",
    _table("""
        open:      done cancelled
        done:
        cancelled:
    """),
)
"""Something that a person does for a client."""

CONTENT = Machine(
    "content",
    _table("""
        draft:      review retired
        review:     approved draft retired
        approved:   superseded retired
        superseded: retired
        retired:
    """),
)
"""One version of what may be sent; approved by somebody else than its author. What was superseded
may still be on its way, until people withdraw it."""

CAMPAIGN = Machine(
    "campaign",
    _table("""
        draft:     review cancelled
        review:    approved draft cancelled
        approved:  scheduled draft cancelled
        scheduled: running approved cancelled
        running:   paused done cancelled
        paused:    running cancelled
        done:
        cancelled:
    """),
)
"""One content to many; a paused one keeps what was planned and goes on from there. A scheduled one
goes back to `approved` when its content is withdrawn."""

JOURNEY = Machine(
    "journey",
    _table("""
        draft:      review active retired
        review:     active draft retired
        active:     superseded retired
        superseded: retired
        retired:
    """),
)
"""One version of a journey; only what ships with the house goes from draft to active at once."""

PUBLIC_STATUS: Mapping[str, tuple[str, str]] = {
    "new": ("已受理", "Received"),
    "triaged": ("已受理", "Received"),
    "assigned": ("处理中", "In progress"),
    "in_progress": ("处理中", "In progress"),
    "waiting_client": ("待您补充", "Waiting for you"),
    "waiting_internal": ("处理中", "In progress"),
    "pending_approval": ("待审批", "Awaiting approval"),
    "snoozed": ("处理中", "In progress"),
    "resolved": ("已解决", "Resolved"),
    "closed": ("已关闭", "Closed"),
}
"""The one status that a client sees, Chinese and English."""
