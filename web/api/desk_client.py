"""The client's card over HTTP: masked, with all that is theirs on every channel."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.live import DESK, Hub
from clients.binding import Bindings
from clients.profile import Card, Profile
from desk.contact import Contacts
from kernel.errors import InvalidInput, NotAllowed
from kernel.masking import show_text
from kernel.message import Json
from orchestrator.approval import WRITERS
from store import client_talk, ticket_view
from store.cipher import Cipher
from store.client_talk import TalkRow
from store.contact import Asking
from store.engine import Database
from store.staff import Person
from store.ticket_view import TicketRow, Viewer
from web.access import Access, parse_id
from web.api.client import show_tier
from web.api.desk import signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class DeskClientDoor:
    """The routes under /v1/desk/clients."""

    signs: SignIns
    access: Access
    profile: Profile
    bindings: Bindings
    contacts: Contacts
    database: Database
    cipher: Cipher
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        path = "/v1/desk/clients/{id}"
        app.router.add_get(path, signed_in(self.signs, self.get))
        app.router.add_post(path + "/reveal", signed_in(self.signs, self.reveal))
        unbind = path + "/identities/{identity}/unbind"
        app.router.add_post(unbind, signed_in(self.signs, self.unbind))
        correct = path + "/identities/{identity}/address"
        app.router.add_post(correct, signed_in(self.signs, self.correct))

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return the card, with the tickets and conversations that this person may see."""
        client_id = await self._access(request, person)
        card = await self.profile.get_card(client_id, actor=f"person:{person.id}")
        async with self.database.transaction() as connection:
            viewer = Viewer(person.id, person.sees_all, person.sees_queue)
            rows = await ticket_view.find_of_client(connection, self.cipher, viewer, client_id)
            talks = await client_talk.find_of_client(connection, viewer, client_id)
        return answer_json(show_card(card, rows, talks))

    async def reveal(self, request: web.Request, person: Person) -> web.Response:
        """Return one field in clear; who and why is recorded."""
        client_id = await self._access(request, person)
        body = await read_json(request)
        field, reason = body.get("field"), body.get("reason")
        if not isinstance(field, str) or not isinstance(reason, str):
            raise InvalidInput("Give field and reason.", zh="请选择字段并填写原因。")
        value = await self.profile.reveal(
            client_id, field, reason=reason, actor=f"person:{person.id}"
        )
        return answer_json({"value": value})

    async def unbind(self, request: web.Request, person: Person) -> web.Response:
        """Undo a wrong binding; for supervisors, with a reason, on the record."""
        if not person.sees_all:
            raise NotAllowed
        client_id = await self._access(request, person)
        body = await read_json(request)
        reason, with_history = body.get("reason"), body.get("with_history", True)
        if not isinstance(reason, str) or not isinstance(with_history, bool):
            raise InvalidInput(
                "reason is a text, with_history true or false.", zh="请填写解除原因。"
            )
        conversation_id = await self.bindings.undo(
            client_id,
            parse_id(request.match_info["identity"]),
            reason=reason,
            actor=f"person:{person.id}",
            with_history=with_history,
        )
        self.hub.publish(DESK, {"type": "moved", "conversation_id": str(conversation_id)})
        return answer_json({"conversation_id": str(conversation_id)})

    async def correct(self, request: web.Request, person: Person) -> web.Response:
        """Correct a number or a mailbox; the statement looks whether this person may."""
        is_writer = bool(WRITERS & set(person.roles))
        if not (person.sees_all or is_writer):
            raise NotAllowed
        body = await read_json(request)
        address, reason, message = body.get("address"), body.get("reason"), body.get("message", "")
        if not isinstance(address, str) or not isinstance(reason, str):
            raise InvalidInput("Give address and reason.", zh="请填写新的地址和原因。")
        if not isinstance(message, str):
            raise InvalidInput("message is an id.", zh="message 应为消息编号。")
        asking = Asking(
            person.id,
            person.sees_all,
            is_writer,
            parse_id(request.match_info["id"]),
            parse_id(request.match_info["identity"]),
            parse_id(message) if message else None,
        )
        kept = await self.contacts.correct(asking, address, reason)
        return answer_json({"shown": show_text(kept)})

    async def _access(self, request: web.Request, person: Person) -> UUID:
        return await self.access.access_client_for(person, parse_id(request.match_info["id"]))


def show_card(card: Card, tickets: list[TicketRow], talks: list[TalkRow]) -> dict[str, Json]:
    """Return the card as the desk shows it."""
    until = card.suitability_valid_until
    return {
        "id": str(card.id),
        "name": card.name,
        "client_no": card.client_no,
        "phone": card.phone,
        "risk_level": card.risk_level,
        "tier": show_tier(card.tier, card.rules.rules) if card.tier else None,
        "stage": card.stage,
        "investor_class": card.investor_class,
        "suitability_valid_until": until.isoformat() if until else None,
        "manager": card.manager,
        "refreshed_at": card.refreshed_at.isoformat() if card.refreshed_at else None,
        "identities": [
            {
                "id": str(bound.id),
                "channel": bound.channel,
                "account": bound.account,
                "bound_at": bound.bound_at.isoformat() if bound.bound_at else None,
            }
            for bound in card.identities
        ],
        "recent_tickets": [_show_ticket(row) for row in tickets],
        "conversations": [_show_talk(row) for row in talks],
    }


def _show_ticket(row: TicketRow) -> Json:
    return {
        "id": str(row.id),
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "channel": row.channel,
        "conversation_id": str(row.conversation_id),
        "opened_at": row.opened_at.isoformat(),
    }


def _show_talk(row: TalkRow) -> Json:
    return {
        "id": str(row.id),
        "channel": row.channel,
        "account": row.account,
        "floor": row.floor,
        "last_at": row.last_at.isoformat(),
        "open_tickets": row.open_tickets,
        "ticket_id": str(row.ticket_id),
    }
