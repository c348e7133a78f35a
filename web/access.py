"""The only way from a person to a client's things: permission lives inside the query.

What a person may not see is NotFound, like what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from desk.queue import Detail, Queue
from kernel.errors import NotFound
from store import conversation, ticket_view, timeline
from store.conversation import Conversation
from store.engine import Database
from store.staff import Person
from store.ticket_view import Viewer


@dataclass(frozen=True, slots=True)
class Access:
    """Hands out tickets, conversations and clients to those who may see them."""

    database: Database
    queue: Queue

    async def access_ticket_for(self, person: Person, ticket_id: UUID) -> Detail:
        """Return a ticket that this person may see, or raise NotFound."""
        return await self.queue.access_ticket_for(person, ticket_id)

    async def access_conversation_for(self, person: Person, conversation_id: UUID) -> Conversation:
        """Return a conversation with a ticket that this person may see, or raise NotFound."""
        async with self.database.transaction() as connection:
            viewer = Viewer(person.id, person.sees_all, person.sees_queue)
            if await ticket_view.may_see_conversation(connection, viewer, conversation_id):
                found = await conversation.find(connection, conversation_id)
                if found:
                    return found
        raise NotFound("There is no such conversation.", zh="没有这个会话。")

    async def access_client_for(self, person: Person, client_id: UUID) -> UUID:
        """Return the id of a client whom this person may see by role, by a ticket or by a task.

        Raises:
            NotFound: there is none.
        """
        async with self.database.transaction() as connection:
            viewer = Viewer(person.id, person.sees_all, person.sees_queue)
            if await timeline.may_see(connection, viewer, client_id):
                return client_id
        raise NotFound("There is no such client.", zh="没有这位客户。")


def parse_id(text: str) -> UUID:
    """Read an id out of an address; what is none belongs to nothing.

    Raises:
        NotFound: it is not a UUID.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
