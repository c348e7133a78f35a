"""The life of a campaign: written by one person, approved by another, launched, paused, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from channels.contract import Channels
from channels.live import CAMPAIGN, EVENT, Hub
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from orchestrator.approval import APPROVERS, WRITERS, check_role
from orchestrator.calendar import TradingCalendar
from orchestrator.campaign_check import Checked, Examiner
from orchestrator.campaign_form import check_content, parse_campaign, parse_part
from orchestrator.filling import check_blanks, check_missing, list_blanks
from orchestrator.schedule import FindCalendar, check_future, parse_schedule
from orchestrator.trading import CalendarShelf
from store import campaign, content
from store.audience import Counted
from store.campaign import CampaignDraft
from store.content import ContentRow
from store.engine import Connection, Database
from store.staff import Person


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What people do with campaigns; every deed checks who does it and leaves an event."""

    database: Database
    clock: Clock
    hub: Hub
    channels: Channels = field(default_factory=Channels)
    shelf: CalendarShelf = field(default_factory=CalendarShelf)

    async def check(self, person: Person, body: Mapping[str, object]) -> Checked:
        """Say what is wrong with a campaign that is being written, and what it still lacks."""
        check_role(person, WRITERS)
        _, checked = await self._examine(parse_part(body))
        return checked

    async def create(self, person: Person, body: Mapping[str, object]) -> UUID:
        """Write a draft; return its id.

        Raises:
            NotAllowed: the person is not of marketing.
            InvalidInput: something of it is wrong; a draft may lack something all the same.
        """
        check_role(person, WRITERS)
        whole = await self._read(body)
        async with self.database.transaction() as connection:
            return await campaign.record_draft(connection, whole, author_id=person.id)

    async def change(self, person: Person, campaign_id: UUID, body: Mapping[str, object]) -> None:
        """Replace one's own draft; refused like a new one."""
        check_role(person, WRITERS)
        whole = await self._read(body)
        async with self.database.transaction() as connection:
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
            InvalidInput: its content is not approved or lacks a value, its audience is nobody or
                everybody, its time is past, or it is larger than what can be sent until its end.
        """
        check_role(person, WRITERS)
        async with self.database.transaction() as connection:
            before = await campaign.find(connection, campaign_id)
        _, checked = await self._examine(before.draft)
        checked.refuse("wrong", "missing")
        async with self.database.transaction() as connection:
            row = await campaign.lock(connection, campaign_id)
            if row.draft != before.draft:
                raise Conflict(
                    "The draft was changed meanwhile; look at it and hand it in again.",
                    zh="草稿刚刚被修改，请核对后重新提交。",
                )
            await campaign.move(connection, row, "review", actor=_actor(person))
        return checked.counted or Counted(0, 0)

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
            _check_filled(row.draft, words)
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

    async def _read(self, body: Mapping[str, object]) -> CampaignDraft:
        """Return a draft that may be saved."""
        _, draft = parse_campaign(body)
        words, checked = await self._examine(draft)
        checked.refuse("wrong")
        return replace(draft, category=words.category)

    async def _examine(self, draft: CampaignDraft) -> tuple[ContentRow, Checked]:
        async with self.database.transaction() as connection:
            words = await content.find(connection, draft.content_id)
            calendars = await self.open_calendars(connection)
            examiner = Examiner(self.clock.now(), calendars, self.channels)
            return words, await examiner.check(connection, draft, words)


def _check_filled(draft: CampaignDraft, words: ContentRow) -> None:
    blanks = list_blanks(words, draft.channels, draft.arms)
    check_blanks(blanks)
    check_missing(blanks, draft.values)


def _actor(person: Person) -> str:
    return f"person:{person.id}"
