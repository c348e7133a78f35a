"""Campaigns over HTTP: the list, one campaign, test sends, and every step of its life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from kernel.errors import InvalidInput
from kernel.machine import CAMPAIGN
from kernel.masking import show_name, show_number
from kernel.message import Json
from orchestrator.approval import APPROVERS, WRITERS, check_role, list_deeds
from orchestrator.audience import explain
from orchestrator.campaign import Campaigns
from orchestrator.campaign_check import Checked
from orchestrator.content import FIRST_ARM
from orchestrator.field import FIELDS
from orchestrator.preview import Tariff
from orchestrator.report import break_down, report, say_reason
from orchestrator.trial import TEST_TAG, TrialDesk
from store import campaign, campaign_result, content
from store.audience_member import Member, find_members, find_tagged
from store.campaign import CampaignRow
from store.campaign_result import RecipientRow
from store.staff import Person
from web.access import parse_id
from web.api.content import read_note, read_text, read_word, show_moment
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

READERS = WRITERS | APPROVERS
WITHDRAWN = ("内容已停用，不会发送", "its content was withdrawn; nothing is sent")


@dataclass(frozen=True, slots=True)
class CampaignDoor:
    """The routes under /v1/campaigns; marketing writes and launches, an approver approves."""

    signs: SignIns
    campaigns: Campaigns
    trials: TrialDesk
    tariff: Tariff

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one, do = "/v1/campaigns/{id}", self.campaigns
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/campaigns", self.list),
            ("POST", "/v1/campaigns", self.create),
            ("GET", "/v1/campaigns/test-clients", self.list_testers),
            ("POST", "/v1/campaigns/check", self.check),
            ("GET", one, self.get),
            ("PUT", one, self.change),
            ("POST", one + "/submit", self.submit),
            ("POST", one + "/approve", self._deed(do.approve)),
            ("POST", one + "/launch", self._deed(do.launch)),
            ("POST", one + "/pause", self._deed(do.pause)),
            ("POST", one + "/resume", self._deed(do.resume)),
            ("POST", one + "/cancel", self._deed(do.cancel)),
            ("POST", one + "/send-back", self.send_back),
            ("POST", one + "/copy", self.copy),
            ("POST", one + "/test", self.test),
            ("GET", one + "/results", self.results),
            ("GET", one + "/breakdown", self.breakdown),
            ("GET", one + "/recipients", self.recipients),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return campaigns, the newest first."""
        check_role(person, READERS)
        async with self.campaigns.database.transaction() as connection:
            found = await campaign.find_page(connection, state=read_word(request, "state"))
        return answer_json({"campaigns": [show_campaign(one, person) for one in found]})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one campaign with all that was said of it."""
        check_role(person, READERS)
        async with self.campaigns.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
        return answer_json({"campaign": {**show_campaign(row, person), **_show_draft(row)}})

    async def create(self, request: web.Request, person: Person) -> web.Response:
        """Write a draft."""
        made = await self.campaigns.create(person, await read_json(request))
        return answer_json({"id": str(made)}, status=201)

    async def check(self, request: web.Request, person: Person) -> web.Response:
        """Say what is wrong with a campaign on the way, what it lacks, and what it is to fill."""
        checked = await self.campaigns.check(person, await read_json(request))
        return answer_json(_show_checked(checked))

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Replace one's own draft."""
        campaign_id = parse_id(request.match_info["id"])
        await self.campaigns.change(person, campaign_id, await read_json(request))
        return answer_json({"ok": True})

    async def copy(self, request: web.Request, person: Person) -> web.Response:
        """Write a draft that says the same."""
        made = await self.campaigns.copy(person, parse_id(request.match_info["id"]))
        return answer_json({"id": str(made)}, status=201)

    async def submit(self, request: web.Request, person: Person) -> web.Response:
        """Hand a draft in; answers how many clients it is for."""
        counted = await self.campaigns.submit(person, parse_id(request.match_info["id"]))
        return answer_json({"ok": True, "count": counted.count, "total": counted.total})

    async def send_back(self, request: web.Request, person: Person) -> web.Response:
        """Make a campaign a draft again, with a word why."""
        note = read_note(await read_json(request))
        await self.campaigns.send_back(person, parse_id(request.match_info["id"]), note)
        return answer_json({"ok": True})

    async def list_testers(self, _: web.Request, person: Person) -> web.Response:
        """Return the clients to whom test sends may go."""
        check_role(person, WRITERS)
        async with self.campaigns.database.transaction() as connection:
            ids = await find_tagged(connection, TEST_TAG)
            members = await find_members(connection, self.trials.cipher, ids)
        shown: list[Json] = [
            {
                "id": str(one.id),
                "client_no": show_number(one.client_no),
                "name": show_name(one.name),
            }
            for one in members
        ]
        return answer_json({"clients": shown})

    async def test(self, request: web.Request, person: Person) -> web.Response:
        """Send the campaign's content to test clients, on each of its channels."""
        check_role(person, WRITERS)
        body = await read_json(request)
        clients, arm = _read_ids(body), read_text(body, "arm", FIRST_ARM)
        async with self.campaigns.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            words = await content.find(connection, row.draft.content_id)
        values = row.draft.values
        trials = await self.trials.send(words, row.draft.channels, clients, arm=arm, values=values)
        shown: list[Json] = [
            {
                "client_id": str(one.client_id),
                "channel": one.channel,
                "outbox_id": str(one.outbox_id) if one.outbox_id else None,
                "reason": one.reason,
            }
            for one in trials
        ]
        return answer_json({"sent": shown})

    async def results(self, request: web.Request, person: Person) -> web.Response:
        """Return what came of a campaign, live."""
        check_role(person, READERS)
        async with self.campaigns.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            shown = await report(connection, row, self.tariff)
        return answer_json(shown)

    async def breakdown(self, request: web.Request, person: Person) -> web.Response:
        """Return what came of each arm of a campaign on each channel."""
        check_role(person, READERS)
        async with self.campaigns.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            shown = await break_down(connection, row, self.tariff)
        return answer_json(shown)

    async def recipients(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of recipients, each with what became of them and why."""
        check_role(person, READERS)
        after = read_word(request, "after")
        async with self.campaigns.database.transaction() as connection:
            row = await campaign.find(connection, parse_id(request.match_info["id"]))
            found = await campaign_result.find_recipients(
                connection,
                row.id,
                state=read_word(request, "state"),
                reason=read_word(request, "reason"),
                after=parse_id(after) if after else None,
            )
            ids = [one.client_id for one in found]
            members = await find_members(connection, self.trials.cipher, ids)
        known = {one.id: one for one in members}
        shown = [_show_recipient(one, known.get(one.client_id)) for one in found]
        return answer_json({"recipients": shown})

    def _deed(self, do: Callable[[Person, UUID], Awaitable[None]]) -> PersonHandler:
        async def handle(request: web.Request, person: Person) -> web.Response:
            await do(person, parse_id(request.match_info["id"]))
            return answer_json({"ok": True})

        return handle


def show_campaign(row: CampaignRow, person: Person) -> dict[str, Json]:
    """Return a campaign as a list shows it, with what this person may do with it now."""
    said = explain(row.draft.expression)
    moments = ("starts_at", "planned_at", "started_at", "ended_at", "created_at")
    times = {name: getattr(row, name) for name in moments}
    return {
        "id": str(row.id), "name": row.draft.name, "state": row.state,
        "category": row.draft.category, "channels": list(row.draft.channels),
        "audience": {"zh": said.zh, "en": said.en},
        "content": {
            "id": str(row.draft.content_id), "key": row.content_key,
            "title": row.content_title, "state": row.content_state,
        },
        "why": {"zh": WITHDRAWN[0], "en": WITHDRAWN[1]} if row.is_withdrawn else None,
        "author": row.author, "approver": row.approver, "planned": row.planned,
        "repeat_of": str(row.repeat_of) if row.repeat_of else None,
        **{name: show_moment(at) for name, at in times.items()},
        "deeds": list(list_deeds(person, CAMPAIGN, row.state, row.author_id)),
    }  # fmt: skip


def _show_draft(row: CampaignRow) -> dict[str, Json]:
    draft = row.draft
    return {
        "expression": draft.expression, "arms": dict(draft.arms), "hold_out": draft.hold_out,
        "schedule": draft.schedule, "per_second": draft.per_second, "goal": draft.goal,
        "not_after": show_moment(draft.not_after), "values": dict(draft.values),
    }  # fmt: skip


def _show_checked(checked: Checked) -> dict[str, Json]:
    findings: list[Json] = [
        {
            "grade": one.grade, "step": one.step, "field": one.field or None,
            "zh": one.error.zh, "en": one.error.message,
        }
        for one in checked.findings
    ]  # fmt: skip
    fields: list[Json] = [
        {
            "name": one.name, "zh": FIELDS[one.name].zh, "en": FIELDS[one.name].en,
            "kind": one.kind, "source": one.source, "is_needed": one.is_needed,
        }
        for one in checked.blanks
    ]  # fmt: skip
    counted = checked.counted
    return {
        "findings": findings, "fields": fields,
        "count": counted.count if counted else None, "total": counted.total if counted else None,
    }  # fmt: skip


def _show_recipient(one: RecipientRow, member: Member | None) -> dict[str, Json]:
    zh, en = say_reason(one.reason) if one.reason else (None, None)
    return {
        "client_id": str(one.client_id),
        "client_no": show_number(member.client_no) if member else "",
        "name": show_name(member.name) if member else "",
        "state": one.state, "arm": one.arm, "channel": one.channel,
        "message": one.message_state, "reason": one.reason, "zh": zh, "en": en,
        "due_at": show_moment(one.due_at),
    }  # fmt: skip


def _read_ids(body: Mapping[str, object]) -> Sequence[UUID]:
    ids = body.get("client_ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise InvalidInput("client_ids is a list of ids.", zh="请选择测试客户。")
    return list(dict.fromkeys(parse_id(one) for one in ids[:50]))
