"""The buttons that a page offers are the deeds that are allowed, in every state."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import NotAllowed
from kernel.machine import CAMPAIGN, CONTENT, Machine
from orchestrator.approval import APPROVERS, WRITERS, check_role, list_deeds
from store.staff import Person

ME, OTHER = UUID(int=1), UUID(int=2)


def _person(*roles: str) -> Person:
    return Person(ME, "me", "我", roles)


@pytest.mark.parametrize(
    ("machine", "state", "roles", "author", "deeds"),
    [
        (CAMPAIGN, "draft", ("marketing",), ME, ["edit", "submit", "cancel", "copy"]),
        (CAMPAIGN, "draft", ("marketing",), OTHER, ["submit", "cancel", "copy"]),
        (CAMPAIGN, "review", ("marketing", "approver"), ME, ["send_back", "cancel", "copy"]),
        (CAMPAIGN, "review", ("approver",), OTHER, ["approve", "send_back", "cancel"]),
        (CAMPAIGN, "scheduled", ("marketing",), ME, ["cancel", "copy"]),
        (CAMPAIGN, "running", ("marketing",), ME, ["pause", "cancel", "copy"]),
        (CAMPAIGN, "paused", ("approver",), ME, ["resume", "cancel"]),
        (CAMPAIGN, "done", ("marketing",), ME, ["copy"]),
        (CONTENT, "review", ("approver",), OTHER, ["approve", "send_back", "retire"]),
        (CONTENT, "approved", ("marketing",), ME, ["retire", "copy"]),
        (CONTENT, "superseded", ("approver",), OTHER, ["retire"]),
        (CAMPAIGN, "scheduled", ("approver",), OTHER, ["cancel"]),
        (CAMPAIGN, "running", ("agent",), OTHER, []),
    ],
)
def test_deeds(
    machine: Machine, state: str, roles: tuple[str, ...], author: UUID, deeds: list[str]
) -> None:
    assert list_deeds(_person(*roles), machine, state, author) == deeds


@given(
    st.sampled_from([CAMPAIGN, CONTENT]),
    st.sets(st.sampled_from(["marketing", "approver", "admin", "agent"])),
    st.data(),
)
def test_nobody_is_offered_to_approve_their_own(
    machine: Machine, roles: set[str], data: st.DataObject
) -> None:
    state = data.draw(st.sampled_from(sorted(machine.moves)))
    assert "approve" not in list_deeds(_person(*roles), machine, state, ME)


def test_a_role_is_asked_for_by_name() -> None:
    check_role(_person("marketing"), WRITERS)
    with pytest.raises(NotAllowed, match="approver"):
        check_role(_person("marketing"), APPROVERS)


@pytest.mark.parametrize("machine", [CAMPAIGN, CONTENT])
def test_every_state_is_reached_from_a_draft_and_leads_to_an_end(machine: Machine) -> None:
    seen, front = {"draft"}, ["draft"]
    while front:
        for after in machine.moves[front.pop()] - seen:
            seen.add(after)
            front.append(after)
    assert seen == set(machine.moves)
    for state in machine.moves:
        ends, front = {state}, [state]
        while front:
            for after in machine.moves[front.pop()] - ends:
                ends.add(after)
                front.append(after)
        assert any(machine.is_final(one) for one in ends)
