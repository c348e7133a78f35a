from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict
from kernel.machine import (
    CAMPAIGN,
    CONTENT,
    FLOOR,
    JOURNEY,
    NOTICE,
    OUTBOX,
    PUBLIC_STATUS,
    TASK,
    TICKET,
    Machine,
)
from store.tables.outbox import STATES

MACHINES = [FLOOR, OUTBOX, TICKET, NOTICE, TASK, CONTENT, CAMPAIGN, JOURNEY]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_that_is_reached_is_in_the_table(machine: Machine) -> None:
    reached = set().union(*machine.moves.values())
    assert reached <= set(machine.moves)


def test_sending_is_never_silently_queued_after_a_crash() -> None:
    OUTBOX.check_move("sending", "unknown")
    with pytest.raises(Conflict, match="delivered"):
        OUTBOX.check_move("accepted", "queued")


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_what_has_ended_badly_is_never_sent(path: list[str]) -> None:
    state = "planned"
    for after in path:
        if after in OUTBOX.moves[state]:
            state = after
    if OUTBOX.is_final(state):
        assert state in {"suppressed", "expired", "cancelled", "read"}


def test_tables_agree_with_the_database_and_the_public_words() -> None:
    assert set(OUTBOX.moves) == set(STATES)
    assert set(TICKET.moves) == set(PUBLIC_STATUS)


def test_conflict_says_what_would_be_right() -> None:
    with pytest.raises(Conflict, match=r"bot → bot .*agent, none, queue"):
        FLOOR.check_move("bot", "bot")
