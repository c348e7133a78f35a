"""Messages of a campaign that came to nothing, and sending them again, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.live import DELIVER, EVENT, Hub
from kernel.errors import InvalidInput
from kernel.message import Json
from orchestrator.approval import APPROVERS, WRITERS, check_role
from store import campaign, dead_letter
from store.dead_letter import PAGE, DeadLetter
from store.engine import Database
from store.staff import Person
from web.access import parse_id
from web.api.content import read_word, show_moment
from web.api.desk import signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class DeadLetterDoor:
    """The routes /v1/campaigns/{id}/failures and …/replay."""

    signs: SignIns
    database: Database
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/campaigns/{id}"
        app.router.add_route("GET", one + "/failures", signed_in(self.signs, self.list))
        app.router.add_route("POST", one + "/replay", signed_in(self.signs, self.replay))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of messages that were rejected or failed, each with its reason."""
        check_role(person, WRITERS | APPROVERS)
        after = read_word(request, "after")
        async with self.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            found = await dead_letter.find_dead(
                connection, row.id, after=parse_id(after) if after else None
            )
        return answer_json({"failures": [_show(one) for one in found]})

    async def replay(self, request: web.Request, person: Person) -> web.Response:
        """Send chosen messages again; answers how many were queued."""
        check_role(person, WRITERS)
        ids, doubtful = _read_order(await read_json(request))
        async with self.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            queued = await dead_letter.replay(
                connection, row.id, ids, actor=f"person:{person.id}", doubtful=doubtful
            )
        self.hub.publish(DELIVER, once=True)
        self.hub.publish(EVENT, once=True)
        return answer_json({"queued": queued})


def _read_order(body: object) -> tuple[list[UUID], bool]:
    ids = body.get("messages") if isinstance(body, dict) else None
    doubtful = body.get("doubtful", False) if isinstance(body, dict) else None
    if not isinstance(ids, list) or not 0 < len(ids) <= PAGE or not isinstance(doubtful, bool):
        raise InvalidInput(
            f"messages lists 1 to {PAGE} ids of messages; doubtful is true or false.",
            zh=f"messages 应为 1 至 {PAGE} 个消息编号；doubtful 为 true 或 false。",
        )
    return [parse_id(str(one)) for one in ids], doubtful


def _show(one: DeadLetter) -> dict[str, Json]:
    return {
        "id": str(one.outbox_id),
        "client_id": str(one.client_id),
        "channel": one.channel,
        "account": one.account,
        "state": one.state,
        "reason": one.reason,
        "attempts": one.attempts,
        "at": show_moment(one.ended_at),
        "may_have_arrived": one.is_doubtful,
        "is_mended": one.is_mended,
    }
