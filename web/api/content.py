"""Contents over HTTP: lists, one version, previews, and what a person does with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from kernel.errors import InvalidInput
from kernel.machine import CONTENT
from kernel.message import Json
from orchestrator.approval import APPROVERS, WRITERS, check_role, list_deeds
from orchestrator.content import CATEGORIES, CHANNELS, LANGUAGES
from orchestrator.content_book import ContentBook
from orchestrator.content_form import parse_content
from orchestrator.field import FIELDS
from orchestrator.filling import sample_values
from orchestrator.preview import Previewer
from store import content
from store.content import ContentEntry, ContentRow
from store.engine import Database
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

READERS = WRITERS | APPROVERS


@dataclass(frozen=True, slots=True)
class ContentDoor:
    """The routes under /v1/contents; marketing writes, an approver approves."""

    signs: SignIns
    book: ContentBook
    previewer: Previewer
    database: Database

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/contents/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/contents", self.list),
            ("POST", "/v1/contents", self.create),
            ("GET", "/v1/contents/fields", self.fields),
            ("POST", "/v1/contents/preview", self.preview),
            ("GET", one, self.get),
            ("PUT", one, self.change),
            ("POST", one + "/submit", self._deed(self.book.submit)),
            ("POST", one + "/approve", self._deed(self.book.approve)),
            ("POST", one + "/retire", self._deed(self.book.retire)),
            ("POST", one + "/send-back", self.send_back),
            ("POST", one + "/copy", self.copy),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return versions: of a state, of a key, or the newest of each key."""
        check_role(person, READERS)
        state, key = read_word(request, "state"), read_word(request, "key")
        async with self.database.transaction() as connection:
            found = await content.find_entries(connection, state=state, key=key)
        return answer_json({"contents": [_show_entry(one, person) for one in found]})

    async def fields(self, _: web.Request, person: Person) -> web.Response:
        """Return what a content may be about, go through and name."""
        check_role(person, READERS)
        fields: list[Json] = [
            {
                "name": name, "zh": one.zh, "en": one.en, "sample": one.sample,
                "is_private": one.is_private, "is_personal": one.is_personal,
            }
            for name, one in FIELDS.items()
        ]  # fmt: skip
        lists = {"categories": CATEGORIES, "channels": CHANNELS, "languages": LANGUAGES}
        return answer_json({"fields": fields, **lists})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one version with all its words, and every version of its key."""
        check_role(person, READERS)
        async with self.database.transaction() as connection:
            row = await content.find(connection, parse_id(request.match_info["id"]))
            versions = await content.find_entries(connection, key=row.key)
        shown: list[dict[str, Json]] = [_show_entry(one, person) for one in versions]
        mine: dict[str, Json] = next((one for one in shown if one["id"] == str(row.id)), {})
        whole: dict[str, Json] = {**mine, **_show_words(row)}
        return answer_json({"content": whole, "versions": shown})

    async def create(self, request: web.Request, person: Person) -> web.Response:
        """Write a draft: a new content, or the next version of a key."""
        made = await self.book.create(person, await read_json(request))
        return answer_json({"id": str(made)}, status=201)

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Replace one's own draft."""
        content_id = parse_id(request.match_info["id"])
        await self.book.change(person, content_id, await read_json(request))
        return answer_json({"ok": True})

    async def copy(self, request: web.Request, person: Person) -> web.Response:
        """Write the next version, as a draft that says the same."""
        made = await self.book.copy(person, parse_id(request.match_info["id"]))
        return answer_json({"id": str(made)}, status=201)

    async def send_back(self, request: web.Request, person: Person) -> web.Response:
        """Make a content in review a draft again, with a word why."""
        note = read_note(await read_json(request))
        await self.book.send_back(person, parse_id(request.match_info["id"]), note)
        return answer_json({"ok": True})

    async def preview(self, request: web.Request, person: Person) -> web.Response:
        """Show what words become on a channel, kept ones (`content_id`) or not (`content`).

        `values` of a `campaign` stand beside samples of what the house and a client's record fill.
        """
        check_role(person, READERS)
        body = await read_json(request)
        kept, written = body.get("content_id"), body.get("content")
        if isinstance(kept, str):
            async with self.database.transaction() as connection:
                draft = (await content.find(connection, parse_id(kept))).draft
        elif isinstance(written, Mapping):
            draft = parse_content(written)
        else:
            raise InvalidInput(
                "Give content_id, or content as it is to be saved.",
                zh="请提供 content_id 或 content。",
            )
        values = body.get("values")
        if values is not None and not _is_values(values):
            raise InvalidInput("values is an object of plain values.", zh="values 应为键值。")
        channel, language, arm = (
            read_text(body, name, default)
            for name, default in (("channel", "chat"), ("language", "zh"), ("arm", "a"))
        )
        given: Mapping[str, Json] | None = values if isinstance(values, dict) else None
        if given is not None and body.get("campaign") is True:
            given = sample_values(given)
        return answer_json(self.previewer.make(draft, channel, language, arm, values=given))

    def _deed(self, do: Callable[[Person, UUID], Awaitable[None]]) -> PersonHandler:
        async def handle(request: web.Request, person: Person) -> web.Response:
            await do(person, parse_id(request.match_info["id"]))
            return answer_json({"ok": True})

        return handle


def read_word(request: web.Request, name: str) -> str | None:
    """Return a short word of the query, None without it.

    Raises:
        InvalidInput: it is too long or holds a NUL.
    """
    word = request.query.get(name)
    if word is not None and (len(word) > 60 or "\0" in word):
        raise InvalidInput(f"{name} is a word of at most 60 characters.", zh=f"{name} 过长。")
    return word or None


def read_text(body: Mapping[str, object], name: str, default: str) -> str:
    """Return a short text of a body.

    Raises:
        InvalidInput: it is no text, too long, or holds a NUL.
    """
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > 80 or "\0" in value:
        raise InvalidInput(f"{name} is a text of at most 80 characters.", zh=f"{name} 有误。")
    return value.strip()


def read_note(body: Mapping[str, object]) -> str:
    """Return the reason that a person gives.

    Raises:
        InvalidInput: there is none, or it is too long.
    """
    note = body.get("note")
    if not isinstance(note, str) or not 0 < len(note.strip()) <= 500 or "\0" in note:
        raise InvalidInput(
            "note says why, in 1 to 500 characters.", zh="请填写退回原因（500字内）。"
        )
    return note.strip()


def show_moment(at: datetime | None) -> str | None:
    """Return a moment as JSON has it."""
    return at.isoformat() if at else None


def _is_values(values: object) -> bool:
    """Tell whether these are plain values: texts, figures, and lists of them."""
    plain = (str, int, float, type(None))
    return (
        isinstance(values, dict)
        and len(values) <= 60
        and all(
            isinstance(one, plain)
            or (isinstance(one, list) and len(one) <= 50 and all(isinstance(x, plain) for x in one))
            for one in values.values()
        )
    )


def _show_entry(one: ContentEntry, person: Person) -> dict[str, Json]:
    return {
        "id": str(one.id), "key": one.key, "version": one.version, "state": one.state,
        "title": one.title, "category": one.category, "tags": list(one.tags),
        "min_risk": one.min_risk, "author": one.author, "approver": one.approver,
        "is_shipped": one.author_id is None,
        "valid_until": show_moment(one.valid_until),
        "created_at": one.created_at.isoformat(),
        "approved_at": show_moment(one.approved_at),
        "channels": list(one.channels), "languages": list(one.languages),
        "deeds": list(list_deeds(person, CONTENT, one.state, one.author_id)),
    }  # fmt: skip


def _show_words(row: ContentRow) -> dict[str, Json]:
    variants: list[Json] = [
        {
            "channel": channel, "language": language, "arm": arm, "subject": one.subject,
            "body": one.body, "template": one.template, "fields": dict(one.fields),
        }
        for (channel, language, arm), one in sorted(row.variants.items())
    ]  # fmt: skip
    return {
        "product_type": row.product_type,
        "stages": list(row.stages),
        "checksum": row.checksum,
        "variants": variants,
    }
