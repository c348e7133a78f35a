"""Looks at a whole campaign before it is saved or handed in: what is wrong, what is missing.

A draft may be incomplete and not wrong: what is wrong is refused when it is saved, what is missing
when it is handed in. Each finding says at which step of the wizard it is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Literal, TypeAlias

from channels.contract import Channels
from kernel.errors import InvalidInput
from kernel.message import Json
from orchestrator.audience import check_size
from orchestrator.campaign_form import (
    check_approved,
    check_end,
    check_time,
    check_usable,
    check_variants,
)
from orchestrator.content import WINDOWED
from orchestrator.content_form import check_content as check_words
from orchestrator.field import FIELDS, SAMPLE
from orchestrator.filling import (
    Blank,
    check_blanks,
    check_missing,
    find_missing,
    list_blanks,
    list_slots,
    parse_value,
    sample_values,
)
from orchestrator.quota import check_quota
from orchestrator.schedule import FindCalendar, check_future, parse_schedule
from store import audience
from store.audience import Counted, TooHeavy
from store.campaign import CampaignDraft
from store.content import ContentRow
from store.engine import Connection
from store.rate import find_rate

Step: TypeAlias = Literal["content", "audience", "plan"]
Grade: TypeAlias = Literal["wrong", "missing", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a campaign: `wrong` is refused when saved, `missing` when handed in."""

    grade: Grade
    step: Step
    error: InvalidInput
    field: str = ""


@dataclass(slots=True)
class Checked:
    """What was found, which fields there are to fill, and how many clients it is for."""

    findings: list[Finding] = field(default_factory=list)
    blanks: Sequence[Blank] = ()
    counted: Counted | None = None
    starts_at: datetime | None = None

    def refuse(self, *grades: Grade) -> None:
        """Refuse the campaign for its first finding of these grades.

        Raises:
            InvalidInput: there is one.
        """
        for one in self.findings:
            if one.grade in grades:
                raise one.error

    def note(self, grade: Grade, step: Step, check: Callable[[], object], name: str = "") -> bool:
        """Run a check, and keep what it says; True if there is nothing to say."""
        try:
            check()
        except InvalidInput as error:
            self.findings.append(Finding(grade, step, error, name))
            return False
        return True


@dataclass(frozen=True, slots=True)
class Examiner:
    """Checks campaigns as of now, against the accounts that are set up here."""

    now: datetime
    calendars: FindCalendar
    channels: Channels

    async def check(
        self, connection: Connection, draft: CampaignDraft, words: ContentRow
    ) -> Checked:
        """Return everything that there is to say; an audience or channels may still be missing."""
        found = Checked(blanks=list_blanks(words, draft.channels, draft.arms))
        self._check_content(found, draft, words)
        self._check_values(found, draft, words)
        self._check_plan(found, draft)
        if draft.expression:
            await self._check_audience(connection, found, draft)
        return found

    def _check_content(self, found: Checked, draft: CampaignDraft, words: ContentRow) -> None:
        if found.note("wrong", "content", lambda: check_usable(words, self.now)):
            found.note("missing", "content", lambda: check_approved(words))
        found.note("wrong", "plan", lambda: check_variants(draft, words))
        found.note("wrong", "content", lambda: check_blanks(found.blanks))
        for channel in draft.channels:
            found.note("note", "plan", partial(_tell_window, words, channel))

    def _check_values(self, found: Checked, draft: CampaignDraft, words: ContentRow) -> None:
        good: dict[str, Json] = {}
        for name, value in draft.values.items():
            if value in (None, "", []):
                continue
            read = found.note("wrong", "content", partial(parse_value, name, value), name)
            if read:
                good[name] = value
        for blank in find_missing(found.blanks, good):
            found.note("missing", "content", partial(check_missing, [blank], {}), blank.name)
        for blank in found.blanks:
            if blank.source == "client" and blank.is_needed:
                found.note("note", "content", partial(_tell_client, blank), blank.name)
        slots = list_slots(words, draft.channels, draft.arms)
        chosen = replace(words.draft, variants={slot: words.variants[slot] for slot in slots})
        needed = {one.name: SAMPLE[one.name] for one in found.blanks if one.is_needed}
        found.note(
            "wrong", "content", lambda: check_words(chosen, {**needed, **sample_values(good)})
        )

    def _check_plan(self, found: Checked, draft: CampaignDraft) -> None:
        def check() -> None:
            schedule = parse_schedule(draft.schedule)
            found.starts_at = check_future(schedule, self.now, find_calendar=self.calendars)
            check_end(draft, found.starts_at)

        found.note("wrong", "plan", check)
        here = {one.name for one in self.channels}
        for channel in draft.channels:
            if here and channel not in here:
                found.note("note", "plan", partial(_tell_absent, channel))

    async def _check_audience(
        self, connection: Connection, found: Checked, draft: CampaignDraft
    ) -> None:
        try:
            counted = await audience.count(connection, draft.expression)
        except TooHeavy as error:
            heavy = InvalidInput(error.message, zh=error.zh)
            found.findings.append(Finding("missing", "audience", heavy))
            return
        except InvalidInput as error:
            found.findings.append(Finding("wrong", "audience", error))
            return
        found.counted = counted
        found.note("wrong", "audience", lambda: check_size(counted))
        rate = await find_rate(connection, draft.channels)
        starts_at = found.starts_at
        if starts_at is not None and not any(one.grade == "wrong" for one in found.findings):
            found.note(
                "wrong", "plan", lambda: check_time(draft, starts_at, counted, per_second=rate)
            )
            found.note(
                "wrong", "plan", lambda: check_quota(draft, starts_at, counted, self.channels)
            )


def _tell_window(words: ContentRow, channel: str) -> None:
    """Say who gets free text where the provider lets only those have it who wrote lately."""
    said = [one for slot, one in words.variants.items() if slot[0] == channel]
    if channel in WINDOWED and not all(one.template for one in said):
        raise InvalidInput(
            f"In {channel} this goes to those alone who wrote to us within 48 hours and whose "
            "replies are not used up; the others get the reason `window`, or another channel.",
            zh="微信渠道只发给 48 小时内来信且回复额度有余的客户；"
            "其余客户改走其他所选渠道，或记为“不在微信回复时限内”。",
        )


def _tell_client(blank: Blank) -> None:
    said = FIELDS[blank.name]
    raise InvalidInput(
        f"“{blank.name}” ({said.en}) is filled from each client's record; who lacks it is left "
        "out with the reason `missing_field`.",
        zh=f"“{said.zh}”（{blank.name}）按客户资料逐一填写；资料缺少的客户不发送，"
        "并记为“客户资料缺少内容所需的字段”。",
    )


def _tell_absent(channel: str) -> None:
    raise InvalidInput(
        f"No account of {channel} is set up yet; set one up before the campaign starts.",
        zh=f"渠道 {channel} 尚未配置账号，请在启动前到“渠道”页配置。",
    )
