"""Reads a campaign that somebody wrote, and says what is wrong with it and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kernel.errors import InvalidInput
from orchestrator.content import CHANNELS, find_slot
from orchestrator.content_form import explain
from orchestrator.filling import parse_values
from orchestrator.schedule import parse_schedule
from store.audience import Counted
from store.campaign import CampaignDraft
from store.content import ContentRow
from store.expression import parse_expression

MOST_ARMS: Final = 4
MOST_VALUES: Final = 40
GOAL_ZH: Final[Mapping[str, str]] = {"click": "点击链接", "reply": "回复"}


_Weight = Annotated[float, Field(gt=0, le=1000)]
_Channel = Literal["push", "sms", "wechat", "kf", "email", "voice", "chat"]


class CampaignForm(BaseModel):
    """A campaign as JSON; `goal` is `click`, `reply`, or `event:` and a type of client event.

    `values` are the fields of its content that the campaign fills itself.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    content_id: UUID
    expression: dict[str, Any]
    channels: Annotated[list[_Channel], Field(min_length=1, max_length=len(CHANNELS))]
    arms: dict[Annotated[str, StringConstraints(pattern="^[abcd]$")], _Weight] = Field(
        default_factory=lambda: {"a": 1.0}, min_length=1
    )
    hold_out: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    schedule: dict[str, Any] = Field(default_factory=lambda: {"kind": "now"})
    per_second: Annotated[float, Field(gt=0, le=100_000)] | None = None
    goal: (
        Annotated[str, StringConstraints(pattern=r"^(click|reply|event:[a-z_]{1,40})$")] | None
    ) = None
    not_after: AwareDatetime | None = None
    values: dict[str, Any] = Field(default_factory=dict, max_length=MOST_VALUES)


class PartialForm(CampaignForm):
    """A campaign of which some is not written yet, for the check on the way."""

    name: str = ""
    expression: dict[str, Any] = Field(default_factory=dict)
    channels: Annotated[list[_Channel], Field(max_length=len(CHANNELS))] = Field(
        default_factory=list
    )


def parse_campaign(body: Mapping[str, object]) -> tuple[CampaignForm, CampaignDraft]:
    """Return a campaign of a JSON object; its category is its content's, so it comes later.

    Raises:
        InvalidInput: a part of it is missing, unknown or wrong; the first fault is told.
    """
    form = _read(CampaignForm, body)
    parse_expression(form.expression)
    parse_schedule(form.schedule)
    parts = form.model_dump(exclude={"values"})
    return form, CampaignDraft(category="", values=parse_values(form.values), **parts)


def parse_part(body: Mapping[str, object]) -> CampaignDraft:
    """Return a campaign of which some may be missing: its audience, its channels, its name.

    Its values are as they were written, and its schedule and audience not read yet.

    Raises:
        InvalidInput: what there is of it cannot be read.
    """
    return CampaignDraft(category="", **_read(PartialForm, body).model_dump())


def check_content(draft: CampaignDraft, content: ContentRow, now: datetime) -> None:
    """Make sure that the content can carry this campaign.

    Raises:
        InvalidInput: it is not approved, has run out, or lacks words for a channel or an arm.
    """
    check_approved(content)
    check_usable(content, now)
    check_variants(draft, content)


def check_approved(content: ContentRow) -> None:
    """Make sure that the content is approved.

    Raises:
        InvalidInput: it is not.
    """
    if content.state != "approved":
        raise InvalidInput(
            f"The content “{content.title}” is {content.state}; choose an approved one.",
            zh=f"内容“{content.title}”尚未通过审批，请先提交审批或选用已审批的内容。",
        )


def check_usable(content: ContentRow, now: datetime) -> None:
    """Make sure that the content is or will be of use.

    Raises:
        InvalidInput: it was taken out of use, or has run out.
    """
    if content.state in {"superseded", "retired"}:
        raise InvalidInput(
            f"The content “{content.title}” is {content.state}; choose its approved version.",
            zh=f"内容“{content.title}”已停用或已有新版本，请选用已审批的版本。",
        )
    if content.valid_until is not None and content.valid_until <= now:
        raise InvalidInput(
            f"The content “{content.title}” was valid until {content.valid_until:%Y-%m-%d}.",
            zh=f"内容“{content.title}”已过有效期（{content.valid_until:%Y-%m-%d}）。",
        )


def check_variants(draft: CampaignDraft, content: ContentRow) -> None:
    """Make sure that the content has words for every channel and arm.

    Raises:
        InvalidInput: it lacks some.
    """
    for channel in draft.channels:
        if find_slot(content.variants, channel, "zh", "a") is None:
            raise InvalidInput(
                f"The content has no words for {channel}; it has {', '.join(content.channels)}.",
                zh=f"该内容没有 {channel} 版本，可用渠道：{'、'.join(content.channels)}。",
            )
    for arm in draft.arms if draft.channels else ():
        if arm != "a" and not any(
            slot[0] in draft.channels and slot[2] == arm for slot in content.variants
        ):
            raise InvalidInput(
                f"The content has no variant {arm}; add one, or take the arm out.",
                zh=f"该内容没有“{arm}”版本，请先补充，或去掉该分组。",
            )


def check_end(draft: CampaignDraft, starts_at: datetime) -> None:
    """Make sure that the campaign ends after it starts.

    Raises:
        InvalidInput: it does not.
    """
    if draft.not_after is not None and draft.not_after <= starts_at:
        raise InvalidInput(
            f"It ends at {draft.not_after:%Y-%m-%d %H:%M %z}, before it starts.",
            zh="截止时间早于开始时间，请调整。",
        )


def check_time(
    draft: CampaignDraft, starts_at: datetime, counted: Counted, *, per_second: float | None
) -> None:
    """Make sure that the campaign can end in time.

    Raises:
        InvalidInput: its end is before its start, or it is larger than what its accounts may
            send until then.
    """
    check_end(draft, starts_at)
    rates = [one for one in (draft.per_second, per_second) if one is not None]
    if draft.not_after is None or not rates:
        return
    room = int(min(rates) * (draft.not_after - starts_at).total_seconds())
    wanted = count_wanted(draft, counted)
    if wanted > room:
        longer = timedelta(seconds=int(wanted / min(rates)))
        raise InvalidInput(
            f"At {min(rates):g} a second only {room} of {wanted} go out until then; "
            f"give it {longer}, or choose fewer clients.",
            zh=f"按每秒 {min(rates):g} 条，截止前只能发出 {room} 条（共 {wanted} 条）；"
            f"请预留 {longer}，或缩小人群。",
        )


def count_wanted(draft: CampaignDraft, counted: Counted) -> int:
    """Return how many of the audience are to get a message: all but those held out."""
    return int(counted.count * (1 - draft.hold_out))


def _read(kind: type[CampaignForm], body: Mapping[str, object]) -> CampaignForm:
    try:
        form = kind.model_validate(body)
    except ValidationError as error:
        raise explain(error) from None
    if len(set(form.channels)) != len(form.channels):
        raise InvalidInput("Each channel is named once.", zh="渠道请勿重复选择。")
    return form
