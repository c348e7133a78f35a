"""The life of a campaign: written by one person, approved by another, launched, paused, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from channels.live import CAMPAIGN, EVENT, Hub
from kernel.clock import Clock
from kernel.errors import InvalidInput
from orchestrator.approval import APPROVERS, WRITERS, check_role
from orchestrator.audience import check_size
from orchestrator.calendar import TradingCalendar
from orchestrator.campaign_form import check_content, check_time, parse_campaign
from orchestrator.schedule import FindCalendar, check_future, parse_schedule
from orchestrator.trading import CalendarShelf
from store import audience, campaign, content
from store.audience import Counted
from store.campaign import CampaignDraft
from store.engine import Connection, Database
from store.rate import find_rate
from store.staff import Person


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What people do with campaigns; every deed checks who does it and leaves an event."""

    database: Database
    clock: Clock
    hub: Hub
    shelf: CalendarShelf = field(default_factory=CalendarShelf)

    async def create(self, person: Person, body: Mapping[str, object]) -> UUID:
        """Write a draft; return its id.

        Raises:
            NotAllowed: the person is not of marketing.
            InvalidInput: the campaign is not what one is; the message says why.
        """
        check_role(person, WRITERS)
        _, draft = parse_campaign(body)
        async with self.database.transaction() as connection:
            whole = await self._complete(connection, draft)
            return await campaign.record_draft(connection, whole, author_id=person.id)

    async def change(self, person: Person, campaign_id: UUID, body: Mapping[str, object]) -> None:
        """Replace one's own draft."""
        check_role(person, WRITERS)
        _, draft = parse_campaign(body)
        async with self.database.transaction() as connection:
            whole = await self._complete(connection, draft)
            await campaign.change_draft(connection, campaign_id, whole, author_id=person.id)

    async def copy(self, person: Person, campaign_id: UUID) -> UUID:
        """Write a draft that says what another campaign says; return its id."""
        check_role(person, WRITERS)
        async with self.database.transaction() as connection:
            before = await campaign.find(connection, campaign_id)
            draft = replace(before.draft, name=f"{before.draft.name[:70]}（副本）")
            return await campaign.record_draft(connection, draft, author_id=person.id)

    async def submit(self, person: Person, campaign_id: UUID) -> Counted:
        """Hand a draft in for approval, once everything about it was checked; return its size.

        Raises:
            InvalidInput: its content is not approved, its audience is nobody or everybody, its
                time is past, or it is larger than what can be sent until its end.
        """
        check_role(person, WRITERS)
        async with self.database.transaction() as connection:
            row = await campaign.find(connection, campaign_id)
            counted = await self._check(connection, row.draft)
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            await campaign.move(connection, row, "review", actor=_actor(person))
        return counted

    async def approve(self, person: Person, campaign_id: UUID) -> None:
        """Approve somebody else's campaign, as it was handed in."""
        check_role(person, APPROVERS)
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            await campaign.approve(connection, row, approver_id=person.id)

    async def send_back(self, person: Person, campaign_id: UUID, note: str) -> None:
        """Make a campaign a draft again: its approver with a reason, or its author."""
        check_role(person, APPROVERS | WRITERS)
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            if row.author_id != person.id:
                check_role(person, APPROVERS)
            await campaign.move(connection, row, "draft", actor=_actor(person), note=note)

    async def launch(self, person: Person, campaign_id: UUID) -> None:
        """Let an approved campaign start at its time; `now` is at once.

        Raises:
            InvalidInput: its time has passed meanwhile, or its content is not approved any more.
        """
        check_role(person, WRITERS | APPROVERS)
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            words = await content.find(connection, row.draft.content_id)
            check_content(row.draft, words, self.clock.now())
            starts_at = check_future(
                parse_schedule(row.draft.schedule),
                self.clock.now(),
                find_calendar=await self.open_calendars(connection),
            )
            await campaign.schedule(connection, row, starts_at, actor=_actor(person))
        self._tell(campaign_id)

    async def pause(self, person: Person, campaign_id: UUID) -> None:
        """Stop sending: no slice is begun after this is committed."""
        await self._move(person, campaign_id, "paused")

    async def resume(self, person: Person, campaign_id: UUID) -> None:
        """Go on from where a paused campaign was.

        Raises:
            InvalidInput: it is not paused, or its content was withdrawn.
        """
        await self._move(person, campaign_id, "running", only="paused")

    async def cancel(self, person: Person, campaign_id: UUID) -> None:
        """End a campaign for good; what is queued of it is taken back."""
        await self._move(person, campaign_id, "cancelled")

    async def open_calendars(self, connection: Connection) -> FindCalendar:
        """Return the way to the exchanges' calendars as of now."""
        calendars = await self.shelf.open(connection, self.clock.now())

        def find(name: str) -> TradingCalendar:
            if name not in calendars:
                raise InvalidInput(
                    f"There is no exchange {name}; there are {', '.join(calendars)}.",
                    zh=f"没有交易所“{name}”，可用：{'、'.join(calendars)}。",
                )
            return calendars[name]

        return find

    async def _move(
        self, person: Person, campaign_id: UUID, after: str, *, only: str | None = None
    ) -> None:
        check_role(person, WRITERS | APPROVERS)
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            if only is not None and row.state != only:
                raise InvalidInput(
                    f"The campaign is {row.state}, not {only}.", zh="该活动当前不是暂停状态。"
                )
            if after == "running" and row.is_withdrawn:
                raise InvalidInput(
                    f"The content “{row.content_title}” was withdrawn; copy the campaign and "
                    "choose another.",
                    zh=f"内容“{row.content_title}”已停用，不能继续发送；请复制活动并选用其他内容。",
                )
            await campaign.move(connection, row, after, actor=_actor(person))
        self._tell(campaign_id)

    def _tell(self, campaign_id: UUID) -> None:
        self.hub.publish(CAMPAIGN, {"campaign": str(campaign_id)}, once=True)
        self.hub.publish(EVENT, once=True)

    async def _complete(self, connection: Connection, draft: CampaignDraft) -> CampaignDraft:
        words = await content.find(connection, draft.content_id)
        return replace(draft, category=words.category)

    async def _check(self, connection: Connection, draft: CampaignDraft) -> Counted:
        now = self.clock.now()
        check_content(draft, await content.find(connection, draft.content_id), now)
        schedule = parse_schedule(draft.schedule)
        calendars = await self.open_calendars(connection)
        starts_at = check_future(schedule, now, find_calendar=calendars)
        counted = await audience.count(connection, draft.expression)
        check_size(counted)
        rate = await find_rate(connection, draft.channels)
        check_time(draft, starts_at, counted, per_second=rate)
        return counted


def _actor(person: Person) -> str:
    return f"person:{person.id}"
