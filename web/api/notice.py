"""Notices over HTTP: who knows and who does not, each step of one, and the proof of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from channels.live import EVENT, Hub
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.machine import NOTICE
from orchestrator.dossier import Dossiers
from store import notice, notice_view, proof
from store.cipher import Cipher
from store.engine import Database
from store.notice_draft import URGENCIES
from store.notice_view import Filter, MessageRow, NoticeRow
from store.proof import Kept
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, read_number, signed_in
from web.api.task import read_after, read_why
from web.errors import answer_json, read_json
from web.sign_in import SignIns

PAGE = 50
WHY_LIMIT = 200
WORD_LIMIT = 200


@dataclass(frozen=True, slots=True)
class NoticeDoor:
    """The routes under /v1/notices and /v1/proof-key."""

    signs: SignIns
    database: Database
    cipher: Cipher
    hub: Hub
    dossiers: Dossiers

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/notices/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/notices", self.list),
            ("GET", "/v1/notices/coverage", self.coverage),
            ("GET", one, self.get),
            ("POST", one + "/cancel", self.cancel),
            ("GET", one + "/proof.json", self.get_json),
            ("GET", one + "/proof.pdf", self.get_pdf),
            ("GET", "/v1/proof-key", self.get_key),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of notices, newest first."""
        limit = read_number(request, "limit", PAGE)
        if not 1 <= limit <= 200:
            raise InvalidInput("limit is from 1 to 200.", zh="每页条数应为 1 到 200。")
        async with self.database.transaction() as connection:
            rows = await notice_view.find_page(
                connection,
                self.cipher,
                person,
                read_filter(request.query),
                after=read_after(request),
                limit=limit,
            )
        return answer_json({"notices": [show_notice(row) for row in rows]})

    async def coverage(self, request: web.Request, person: Person) -> web.Response:
        """Say how many do not know yet: “17 of 412 not yet reached”."""
        async with self.database.transaction() as connection:
            found = await notice_view.count_coverage(connection, person, read_filter(request.query))
        missing = found.total - found.reached
        return answer_json(
            {
                "total": found.total,
                "reached": found.reached,
                "not_reached": missing,
                "by_state": found.by_state,
                "zh": f"{found.total} 条通知中，{missing} 条尚未确认送达",
                "en": f"{missing} of {found.total} not yet reached",
            }
        )

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return a notice with its messages and its proof."""
        notice_id = parse_id(request.match_info["id"])
        async with self.database.transaction() as connection:
            row = await notice_view.find(connection, self.cipher, person, notice_id)
            if row is None:
                raise NotFound("There is no such notice.", zh="没有这条通知。")
            messages = await notice_view.find_messages(connection, notice_id)
            steps = await proof.read(connection, notice_id)
        return answer_json(
            {
                **show_notice(row),
                "messages": [show_message(one) for one in messages],
                "proof": [show_step(one) for one in steps],
            }
        )

    async def cancel(self, request: web.Request, person: Person) -> web.Response:
        """Stop a notice for a reason; what is queued is taken back."""
        notice_id = parse_id(request.match_info["id"])
        why = read_why(await read_json(request)).strip()
        if not 1 <= len(why) <= WHY_LIMIT:
            raise InvalidInput(
                f"why has 1 to {WHY_LIMIT} characters.", zh=f"原因为 1 到 {WHY_LIMIT} 字。"
            )
        async with self.database.transaction() as connection:
            if await notice_view.find(connection, self.cipher, person, notice_id) is None:
                raise NotFound("There is no such notice.", zh="没有这条通知。")
            actor = f"person:{person.id}"
            if not await notice.record_cancelled(connection, [notice_id], why, actor=actor):
                raise Conflict("The notice is over.", zh="该通知已结束。")
            row = await notice_view.find(connection, self.cipher, person, notice_id)
        self.hub.publish(EVENT, once=True)
        return answer_json(show_notice(row) if row else {})

    async def get_json(self, request: web.Request, person: Person) -> web.Response:
        """Return the signed proof that `zhida proof verify` checks."""
        notice_id = parse_id(request.match_info["id"])
        data = await self.dossiers.export_json(person, notice_id)
        return _attach(data, "application/json", f"proof-{notice_id}.json")

    async def get_pdf(self, request: web.Request, person: Person) -> web.Response:
        """Return the signed proof as pages."""
        notice_id = parse_id(request.match_info["id"])
        data = await self.dossiers.export_pdf(person, notice_id)
        return _attach(data, "application/pdf", f"proof-{notice_id}.pdf")

    async def get_key(self, _: web.Request, person: Person) -> web.Response:
        """Return the key that proofs are checked with."""
        del person
        return answer_json({"algorithm": "Ed25519", "key": self.dossiers.signer.public})


def read_filter(query: Mapping[str, str]) -> Filter:
    """Read which notices are asked for.

    Raises:
        InvalidInput: a state or urgency that there is not, an id or moment that is none.
    """
    state, urgency = query.get("state"), query.get("urgency")
    if state is not None and state not in NOTICE.moves:
        raise InvalidInput(f"state is one of {', '.join(NOTICE.moves)}.", zh="没有这个状态。")
    if urgency is not None and urgency not in URGENCIES:
        raise InvalidInput(f"urgency is one of {', '.join(URGENCIES)}.", zh="没有这个紧急程度。")
    plain = {name: query[name] for name in ("category", "source", "topic") if name in query}
    if any("\0" in value or not 1 <= len(value) <= WORD_LIMIT for value in plain.values()):
        raise InvalidInput(
            f"A filter has 1 to {WORD_LIMIT} characters and no NUL in it.",
            zh=f"筛选条件为 1 到 {WORD_LIMIT} 字，且不含无效字符。",
        )
    return Filter(
        state=state,
        urgency=urgency,
        client_id=_read_client(query.get("client_id", "")),
        since=_read_since(query.get("since", "")),
        **plain,
    )


def show_notice(row: NoticeRow) -> dict[str, object]:
    """Return a notice as the API's JSON."""
    return {
        "id": str(row.id),
        "client": {"id": str(row.client_id), "name": row.client_name},
        "category": row.category,
        "urgency": row.urgency,
        "source": row.source,
        "topic": row.topic,
        "content_key": row.content_key,
        "title": row.title,
        "exposure": row.exposure,
        "state": row.state,
        "reason": row.reason,
        "reached_how": row.reached_how,
        "reached_at": _moment(row.reached_at),
        "reach_by": _moment(row.reach_by),
        "next_rung": row.next_rung,
        "next_at": _moment(row.due_at),
        "revision": row.revision,
        "created_at": _moment(row.created_at),
        "ended_at": _moment(row.ended_at),
    }


def show_message(one: MessageRow) -> dict[str, object]:
    """Return one message of a notice as the API's JSON."""
    return {
        "id": str(one.id),
        "rung": one.rung,
        "channel": one.channel,
        "account": one.account,
        "state": one.state,
        "reason": one.reason,
        "created_at": _moment(one.created_at),
        "sending_at": _moment(one.sending_at),
        "ended_at": _moment(one.ended_at),
    }


def show_step(one: Kept) -> dict[str, object]:
    """Return one step of a proof as the API's JSON."""
    return {
        "seq": one.seq,
        "what": one.what,
        "at": _moment(one.at),
        "detail": one.detail,
        "hash": one.hash.hex(),
    }


def _attach(data: bytes, kind: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type=kind, headers=headers)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read_client(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput("client_id is the id of a client.", zh="client_id 应为 id。") from error


def _read_since(text: str) -> datetime | None:
    if not text:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        since = None
    if since is None or since.tzinfo is None or not 2000 <= since.year <= 2200:
        raise InvalidInput(
            "since is a moment with its zone, as 2026-11-22T09:00:00+08:00.",
            zh="since 应为带时区的时间，如 2026-11-22T09:00:00+08:00。",
        )
    return since
