"""Who writes what goes to many, who approves it, and what each may do with it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from kernel.errors import NotAllowed
from kernel.machine import Machine
from store.staff import Person

WRITERS: Final = frozenset({"marketing", "admin"})
APPROVERS: Final = frozenset({"approver", "admin"})

_DEEDS: Final[Mapping[str, str]] = {
    "submit": "review",
    "approve": "approved",
    "send_back": "draft",
    "launch": "scheduled",
    "pause": "paused",
    "resume": "running",
    "cancel": "cancelled",
    "retire": "retired",
}


def check_role(person: Person, roles: frozenset[str]) -> None:
    """Refuse a person who has none of these roles.

    Raises:
        NotAllowed: they have none.
    """
    if not roles & set(person.roles):
        raise NotAllowed(
            f"This takes the role {' or '.join(sorted(roles))}.",
            zh="您没有该操作的权限，需要营销或审批角色。",
        )


def list_deeds(person: Person, machine: Machine, state: str, author_id: UUID | None) -> list[str]:
    """Return what a person may do with a thing in this state, for the buttons of a page."""
    roles, is_author = set(person.roles), author_id == person.id
    is_writer, is_approver = bool(WRITERS & roles), bool(APPROVERS & roles)
    may = {
        "approve": is_approver and not is_author and state == "review",
        "send_back": is_approver or is_author,
        "launch": is_writer or is_approver,
        "pause": is_writer or is_approver,
        "resume": (is_writer or is_approver) and state == "paused",
        "cancel": is_writer or is_approver,
        "retire": is_writer or is_approver,
        "submit": is_writer,
    }
    deeds = _list_moves(machine, state, may)
    if state == "draft" and is_author and is_writer:
        deeds.insert(0, "edit")
    return [*deeds, "copy"] if is_writer else deeds


def _list_moves(machine: Machine, state: str, may: Mapping[str, bool]) -> list[str]:
    following: Iterable[str] = machine.moves.get(state, frozenset())
    return [deed for deed, after in _DEEDS.items() if after in following and may[deed]]
