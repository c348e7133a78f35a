"""The client's card over HTTP: masked, and unmasked field by field with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from clients.profile import Card, Profile
from kernel.errors import InvalidInput
from kernel.message import Json
from store import ticket_view
from store.cipher import Cipher
from store.engine import Database
from store.staff import Person
from store.ticket_view import TicketRow, Viewer
from web.access import Access, parse_id
from web.api.desk import signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class DeskClientDoor:
    """The routes under /v1/desk/clients."""

    signs: SignIns
    access: Access
    profile: Profile
    database: Database
    cipher: Cipher

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        path = "/v1/desk/clients/{id}"
        app.router.add_get(path, signed_in(self.signs, self.get))
        app.router.add_post(path + "/reveal", signed_in(self.signs, self.reveal))

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return the card, and those of the client's tickets that this person may see."""
        client_id = await self._access(request, person)
        card = await self.profile.get_card(client_id, actor=f"person:{person.id}")
        async with self.database.transaction() as connection:
            viewer = Viewer(person.id, person.sees_all)
            rows = await ticket_view.find_of_client(connection, self.cipher, viewer, client_id)
        return answer_json(show_card(card, rows))

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

    async def _access(self, request: web.Request, person: Person) -> UUID:
        return await self.access.access_client_for(person, parse_id(request.match_info["id"]))


def show_card(card: Card, tickets: list[TicketRow]) -> dict[str, Json]:
    """Return the card as the desk shows it."""
    until = card.suitability_valid_until
    return {
        "id": str(card.id),
        "name": card.name,
        "client_no": card.client_no,
        "phone": card.phone,
        "risk_level": card.risk_level,
        "tier": card.tier,
        "stage": card.stage,
        "investor_class": card.investor_class,
        "suitability_valid_until": until.isoformat() if until else None,
        "manager": card.manager,
        "refreshed_at": card.refreshed_at.isoformat() if card.refreshed_at else None,
        "identities": [
            {
                "channel": bound.channel,
                "account": bound.account,
                "bound_at": bound.bound_at.isoformat() if bound.bound_at else None,
            }
            for bound in card.identities
        ],
        "recent_tickets": [_show_ticket(row) for row in tickets],
    }


def _show_ticket(row: TicketRow) -> Json:
    return {
        "id": str(row.id),
        "number": row.number,
        "title": row.title,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
    }
