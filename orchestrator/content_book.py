"""What people do with contents: write, hand in, approve, send back, retire, test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from orchestrator.approval import APPROVERS, WRITERS, check_role
from orchestrator.content_form import check_content, parse_content
from store import campaign_start, content, content_draft
from store.engine import Database
from store.staff import Person


@dataclass(frozen=True, slots=True)
class ContentBook:
    """Every deed checks who does it and leaves an event."""

    database: Database

    async def create(self, person: Person, body: Mapping[str, object]) -> UUID:
        """Write the next version of a content as a draft; return its id.

        Raises:
            NotAllowed: the person is not of marketing.
            InvalidInput: the content cannot be sent as it stands; the message says why.
        """
        check_role(person, WRITERS)
        draft = parse_content(body)
        async with self.database.transaction() as connection:
            return await content_draft.record_draft(
                connection, draft, author_id=person.id, actor=f"person:{person.id}"
            )

    async def change(self, person: Person, content_id: UUID, body: Mapping[str, object]) -> None:
        """Replace one's own draft."""
        check_role(person, WRITERS)
        draft = parse_content(body)
        async with self.database.transaction() as connection:
            await content_draft.change_draft(
                connection, content_id, draft, author_id=person.id, actor=f"person:{person.id}"
            )

    async def copy(self, person: Person, content_id: UUID) -> UUID:
        """Write a draft, the next version, that says what a version says; return its id."""
        check_role(person, WRITERS)
        async with self.database.transaction() as connection:
            row = await content.find(connection, content_id)
            return await content_draft.record_draft(
                connection, row.draft, author_id=person.id, actor=f"person:{person.id}"
            )

    async def submit(self, person: Person, content_id: UUID) -> None:
        """Hand a draft in for approval, checked once more: the rules may have changed."""
        check_role(person, WRITERS)
        async with self.database.transaction() as connection:
            check_content((await content.find(connection, content_id)).draft)
            await content_draft.move(connection, content_id, "review", person_id=person.id)

    async def approve(self, person: Person, content_id: UUID) -> None:
        """Approve somebody else's content; it supersedes what was approved of its key."""
        check_role(person, APPROVERS)
        async with self.database.transaction() as connection:
            await content_draft.move(connection, content_id, "approved", person_id=person.id)

    async def send_back(self, person: Person, content_id: UUID, note: str) -> None:
        """Make a content a draft again: its approver with a reason, or its author."""
        check_role(person, APPROVERS | WRITERS)
        async with self.database.transaction() as connection:
            row = await content.find(connection, content_id)
            if row.author_id != person.id:
                check_role(person, APPROVERS)
            await content_draft.move(
                connection, content_id, "draft", person_id=person.id, note=note
            )

    async def retire(self, person: Person, content_id: UUID) -> None:
        """Take a content out of use: campaigns with it pause, or do not begin."""
        check_role(person, WRITERS | APPROVERS)
        async with self.database.transaction() as connection:
            await content_draft.move(connection, content_id, "retired", person_id=person.id)
            await campaign_start.stop_withdrawn(connection, content_id, actor=f"person:{person.id}")
