"""The desk's conversations over HTTP: read, reply, see whether the client can be reached."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.live import DESK, Hub
from conversations.transcript import show_said
from desk.letter import Letters, NoWayNow, Way
from kernel.errors import InvalidInput
from kernel.message import Json
from store import conversation, undelivered
from store.cipher import Cipher
from store.conversation import Conversation
from store.engine import Database
from store.staff import Person
from web.access import Access, parse_id
from web.api.desk import PersonHandler, read_number, signed_in
from web.errors import answer_error, answer_json, read_json
from web.sign_in import SignIns

PAGE, PAGE_LIMIT = 50, 100


@dataclass(frozen=True, slots=True)
class DeskConversationDoor:
    """The routes under /v1/desk/conversations."""

    signs: SignIns
    access: Access
    letters: Letters
    database: Database
    cipher: Cipher
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        talk = "/v1/desk/conversations/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", talk + "/messages", self.read),
            ("POST", talk + "/messages", self.send),
            ("GET", talk + "/reach", self.reach),
            ("POST", talk + "/typing", self.typing),
            ("POST", talk + "/read", self.mark_read),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def read(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of the transcript."""
        talk = await self._access(request, person)
        before = read_number(request, "before", 0)
        async with self.database.transaction() as connection:
            page = await conversation.read_transcript(
                connection,
                self.cipher,
                talk.id,
                after=read_number(request, "after", 0),
                before=before or None,
                limit=min(max(read_number(request, "limit", PAGE), 1), PAGE_LIMIT),
            )
        shown = [show_said(said, inside=True) for said in page]
        return answer_json({"messages": shown, "last_seq": talk.last_seq, "floor": talk.floor})

    async def send(self, request: web.Request, person: Person) -> web.Response:
        """Write a reply to the client."""
        talk = await self._access(request, person)
        body = await read_json(request)
        epoch, text = body.get("floor_epoch"), body.get("text")
        if not isinstance(epoch, int) or isinstance(epoch, bool) or not 0 <= epoch < 2**31:
            raise InvalidInput("floor_epoch is the number that take gave.", zh="缺少会话状态编号。")
        if not isinstance(text, str):
            raise InvalidInput("text is the message.", zh="缺少消息内容。")
        message_id = _read_message_id(body.get("client_msg_id"))
        try:
            sent = await self.letters.send(
                person, talk, text, client_msg_id=message_id, epoch=epoch
            )
        except NoWayNow as error:
            return answer_error(error, alternatives=_show_others(error.way))
        return answer_json({"seq": sent.seq, "state": sent.state}, 201)

    async def reach(self, request: web.Request, person: Person) -> web.Response:
        """Tell whether the client can be written to now."""
        talk = await self._access(request, person)
        return answer_json(show_way(await self.letters.find_way(talk)))

    async def typing(self, request: web.Request, person: Person) -> web.Response:
        """Show the client that a person is typing."""
        talk = await self._access(request, person)
        if talk.floor == "agent" and talk.floor_holder == person.id:
            self.letters.tell_typing(talk)
        return answer_json({})

    async def mark_read(self, request: web.Request, person: Person) -> web.Response:
        """Note how far staff have read, and that a holder has seen which replies were lost."""
        talk = await self._access(request, person)
        seq = (await read_json(request)).get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq < 2**53:
            raise InvalidInput("seq is the number of a message.", zh="seq 应为消息编号。")
        async with self.database.transaction() as connection:
            moved = await conversation.record_progress(
                connection, talk.id, column="staff_read_seq", seq=seq
            )
            looked = await undelivered.record_looked(connection, person.id, talk.id)
        if moved is not None or looked:
            self.hub.publish(DESK, {"type": "progress", "conversation_id": str(talk.id)})
        return answer_json({})

    async def _access(self, request: web.Request, person: Person) -> Conversation:
        return await self.access.access_conversation_for(person, parse_id(request.match_info["id"]))


def show_way(way: Way) -> dict[str, Json]:
    """Return how the client can be reached as the composer shows it."""
    reach = way.reach
    window: Json = None
    if reach.window:
        window = {
            "rule": reach.window.rule,
            "expires_at": reach.window.expires_at.isoformat(),
            "remaining": reach.window.remaining,
            "quota": reach.window.quota,
        }
    return {
        "channel": reach.channel,
        "can_send": reach.can_send,
        "why": reach.why,
        "why_en": reach.why_en,
        "window": window,
        "notice": reach.notice,
        "alternatives": _show_others(way),
    }


def _show_others(way: Way) -> list[Json]:
    return [
        {
            "channel": other.channel,
            "title": other.title,
            "title_en": other.title_en,
            "available": other.available,
            "why": other.why,
        }
        for other in way.others
    ]


def _read_message_id(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise InvalidInput("client_msg_id is a UUID.", zh="client_msg_id 应为 UUID。") from error
