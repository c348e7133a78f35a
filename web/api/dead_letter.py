"""Messages of a campaign that came to nothing, and sending them again, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiohttp import web

from channels.live import DELIVER, EVENT, Hub
from kernel.errors import Conflict, InvalidInput
from kernel.masking import show_name, show_number
from kernel.message import Json
from orchestrator.approval import APPROVERS, WRITERS, check_role
from orchestrator.pacing import Pacer
from orchestrator.report import say_reason
from store import campaign, dead_letter
from store.audience_member import Member, find_members
from store.campaign import CampaignRow
from store.cipher import Cipher
from store.dead_letter import MOST, PAGE, DeadGroup, DeadLetter, How, Newer, Replayed
from store.engine import Connection, Database
from store.staff import Person
from store.verdict import Judge, find_terms
from web.access import parse_id
from web.api.content import read_word, show_moment
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

READERS: Final = WRITERS | APPROVERS


@dataclass(frozen=True, slots=True)
class DeadLetterDoor:
    """The routes /v1/campaigns/{id}/failures, …/failure-groups, …/replay and …/replay-all."""

    signs: SignIns
    database: Database
    cipher: Cipher
    hub: Hub
    pacer: Pacer

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/campaigns/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", one + "/failures", self.list),
            ("GET", one + "/failure-groups", self.group),
            ("POST", one + "/replay", self.replay),
            ("POST", one + "/replay-all", self.replay_all),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of messages that were rejected or failed, each with its reason."""
        check_role(person, READERS)
        after, kind = read_word(request, "after"), read_word(request, "kind")
        async with self.database.transaction() as connection:
            judge = await self._judge(connection, await _find(connection, request))
            found = await dead_letter.find_dead(
                connection, judge, kind=kind, after=parse_id(after) if after else None
            )
            ids = [one.client_id for one in found]
            members = await find_members(connection, self.cipher, ids)
        known = {one.id: one for one in members}
        return answer_json({"failures": [_show(one, known.get(one.client_id)) for one in found]})

    async def group(self, request: web.Request, person: Person) -> web.Response:
        """Return how many messages came to nothing for which kind of reason."""
        check_role(person, READERS)
        async with self.database.transaction() as connection:
            row = await _find(connection, request)
            found = await dead_letter.find_groups(connection, await self._judge(connection, row))
            newer = await dead_letter.find_newer(connection, row.id)
        groups = [_show_group(one) for one in found]
        return answer_json({"groups": groups, "at_once": MOST, "newer": _show_newer(newer)})

    async def replay(self, request: web.Request, person: Person) -> web.Response:
        """Send chosen messages again; answers how many were queued, and why others were not."""
        check_role(person, WRITERS)
        body = await read_json(request)
        ids, doubtful = _read_messages(body), _read_doubtful(body)
        async with self.database.transaction() as connection:
            row = await _find_open(connection, request)
            judge = await self._judge(connection, row)
            how = How(f"person:{person.id}", doubtful, await _find_newer(connection, row, body))
            done = await dead_letter.replay(connection, judge, ids, how)
        return self._answer(done)

    async def replay_all(self, request: web.Request, person: Person) -> web.Response:
        """Send all of a kind again, so many at once; `next` is where the next call goes on."""
        check_role(person, WRITERS)
        body = await read_json(request)
        kind, doubtful, told = _read_kind(body), _read_doubtful(body), body.get("after")
        after = None if told is None else parse_id(str(told))
        async with self.database.transaction() as connection:
            row = await _find_open(connection, request)
            judge = await self._judge(connection, row)
            how = How(f"person:{person.id}", doubtful, await _find_newer(connection, row, body))
            done = await dead_letter.replay_kind(connection, judge, kind, how, after=after)
        return self._answer(done)

    async def _judge(self, connection: Connection, row: CampaignRow) -> Judge:
        terms = await find_terms(connection, row.id)
        return Judge(terms, await self.pacer.find(connection, terms.category))

    def _answer(self, done: Replayed) -> web.Response:
        if done.queued:
            self.hub.publish(DELIVER, once=True)
            self.hub.publish(EVENT, once=True)
        left: list[Json] = [
            {"reason": reason, "count": n, **_say(reason)}
            for reason, n in sorted(done.left.items(), key=lambda one: -one[1])
        ]
        following = str(done.next) if done.next else None
        return answer_json({"queued": done.queued, "left": left, "next": following})


async def _find(connection: Connection, request: web.Request) -> CampaignRow:
    return await campaign.find(connection, parse_id(request.match_info["id"]))


async def _find_open(connection: Connection, request: web.Request) -> CampaignRow:
    """Return a campaign that still sends; what is queued of a cancelled one would never go."""
    row = await _find(connection, request)
    if row.state == "cancelled":
        raise Conflict(
            "The campaign was cancelled; nothing of it is sent again.",
            zh="活动已取消，不能再补发。",
        )
    return row


async def _find_newer(
    connection: Connection, row: CampaignRow, body: Mapping[str, object]
) -> Newer | None:
    """Return the version that is asked for; it may have been replaced since it was seen."""
    if "version" not in body:
        return None
    version = body["version"]
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 2**31:
        raise InvalidInput("version is a whole number.", zh="version 应为版本号。")
    newer = await dead_letter.find_newer(connection, row.id)
    if newer is None or newer.version != version:
        raise Conflict(
            "There is no such approved newer version of this content.",
            zh="没有这一版已审批、可用于补发的内容，请刷新后重试。",
        )
    return newer


def _read_messages(body: Mapping[str, object]) -> list[UUID]:
    ids = body.get("messages")
    if not isinstance(ids, list) or not 0 < len(ids) <= PAGE:
        raise InvalidInput(
            f"messages lists 1 to {PAGE} ids of messages.",
            zh=f"messages 应为 1 至 {PAGE} 个消息编号。",
        )
    return [parse_id(str(one)) for one in ids]


def _read_kind(body: Mapping[str, object]) -> str:
    kind = body.get("kind")
    if not isinstance(kind, str) or not 0 < len(kind) <= 60 or "\0" in kind:
        raise InvalidInput("kind names one of the failure groups.", zh="请选择失败原因。")
    return kind


def _read_doubtful(body: Mapping[str, object]) -> bool:
    doubtful = body.get("doubtful", False)
    if not isinstance(doubtful, bool):
        raise InvalidInput("doubtful is true or false.", zh="doubtful 应为 true 或 false。")
    return doubtful


def _show(one: DeadLetter, member: Member | None) -> dict[str, Json]:
    return {
        "id": str(one.outbox_id),
        "client_id": str(one.client_id),
        "identity_id": str(one.identity_id) if one.identity_id else None,
        "client_no": show_number(member.client_no) if member else "",
        "name": show_name(member.name) if member else "",
        "channel": one.channel,
        "account": one.account,
        "state": one.state,
        "reason": one.reason,
        **_say(one.reason or "unsaid"),
        "attempts": one.attempts,
        "at": show_moment(one.ended_at),
        "may_have_arrived": one.is_doubtful,
        "is_mended": one.is_mended,
        "barred": _say(one.barred) if one.barred else None,
    }


def _show_newer(one: Newer | None) -> Json:
    return {"content_id": str(one.content_id), "version": one.version} if one else None


def _show_group(one: DeadGroup) -> dict[str, Json]:
    return {
        "kind": one.kind,
        **_say(one.kind),
        "channel": one.channel,
        "may_have_arrived": one.is_doubtful,
        "count": one.n,
        "mended": one.mended,
        "barred": one.barred,
    }


def _say(reason: str) -> dict[str, Json]:
    zh, en = say_reason(reason)
    return {"zh": zh, "en": en}
