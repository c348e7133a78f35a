# Made from docs/openapi.yaml by `python -m tools.sdk`: change that, not this.
"""What calls take and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

NoticeState: TypeAlias = Literal[
    "open", "in_progress", "reached", "unreached", "escalated", "closed", "cancelled", "expired"
]
Urgency: TypeAlias = Literal["critical", "high", "normal", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllMerges:
    """What `list_all_merges` answers."""

    merges: Sequence[AllMergesMerge]
    clients: Sequence[ClientRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllMergesMerge:
    """Part of `AllMerges`.

    Attributes:
        person: The name of who merged.
    """

    id: UUID
    kept_id: UUID
    gone_id: UUID
    actor: str
    person: str | None
    reason: str
    at: datetime
    undone_at: datetime | None
    moved: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmComparison:
    """Part of `CampaignResultsTest`.

    Attributes:
        p: Two-proportion test, two-sided, corrected for the number of pairs.
    """

    one: str
    other: str
    difference: float
    p: float
    is_chance: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """Part of `CampaignResultsTest`.

    Attributes:
        low: Of the 95 % Wilson interval.
    """

    arm: str
    n: int
    hits: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Part of `AudienceList`.

    Attributes:
        author: Who wrote what it says now.
    """

    id: UUID
    name: str
    expression: Mapping[str, object]
    sentence: BothTongues
    author: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceAsk:
    """What `count_audience` takes."""

    expression: Mapping[str, object]
    sample: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCount:
    """What `count_audience` answers."""

    count: int
    total: int
    sentence: BothTongues
    sample: Sequence[AudienceCountSample]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceCountSample:
    """Part of `AudienceCount`."""

    client_no: str
    name: str
    risk_level: str | None
    manager: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceDraft:
    """What `create_audience` takes."""

    name: str
    expression: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceField:
    """Part of `AudienceLanguage`.

    Attributes:
        is_: The comparisons that it takes.
        words: The words that it may hold; none where any word may stand.
    """

    field: str
    type: Literal["word", "level", "words", "number", "real", "day", "moment"]
    zh: str
    en: str
    unit: str
    is_: Sequence[str]
    words: Sequence[AudienceFieldWord]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceFieldWord:
    """Part of `AudienceField`."""

    word: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceInFull:
    """What `get_audience` answers.

    Attributes:
        versions: What it says and has said, the newest first.
    """

    audience: Audience
    versions: Sequence[AudienceInFullVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceInFullVersion:
    """Part of `AudienceInFull`."""

    at: datetime
    author: str | None
    name: str
    expression: Mapping[str, object]
    sentence: BothTongues


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceLanguage:
    """What `describe_audience` answers."""

    profile: Sequence[AudienceField]
    tier: Sequence[AudienceField]
    events: Sequence[Mapping[str, object]]
    channels: Sequence[Mapping[str, object]]
    operators: Mapping[str, BothTongues]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceList:
    """What `list_audiences` answers."""

    audiences: Sequence[Audience]


@dataclass(frozen=True, slots=True, kw_only=True)
class BothTongues:
    """Part of `Audience`."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Part of `CampaignList`.

    Attributes:
        why: Why nothing of it is sent any more, if so.
    """

    id: UUID
    name: str
    state: Literal[
        "draft", "review", "approved", "scheduled", "running", "paused", "done", "cancelled"
    ]
    category: str
    channels: Sequence[str]
    audience: BothTongues
    content: CampaignContent
    why: BothTongues | None
    author: str | None
    approver: str | None
    planned: int
    repeat_of: UUID | None = None
    starts_at: datetime | None = None
    planned_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    created_at: datetime | None = None
    deeds: Sequence[
        Literal[
            "edit",
            "submit",
            "approve",
            "send_back",
            "launch",
            "pause",
            "resume",
            "cancel",
            "retire",
            "copy",
        ]
    ]
    expression: Mapping[str, object] | None = None
    arms: Mapping[str, float] | None = None
    hold_out: float | None = None
    schedule: Mapping[str, object] | None = None
    per_second: float | None = None
    goal: str | None = None
    not_after: datetime | None = None
    values: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignBreakdown:
    """What `get_campaign_breakdown` answers.

    Attributes:
        cells: An arm on a channel each; the hold-out has none.
    """

    goal: str
    cells: Sequence[CampaignBreakdownCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignBreakdownCell:
    """Part of `CampaignBreakdown`.

    Attributes:
        converted: Null unless the goal is an event.
        cost: In yuan, an SMS by its parts; null where nobody has said the price.
    """

    arm: str
    channel: str
    planned: int
    held: int
    sent: int
    parts: int
    delivered: int
    read: int
    clicked: int
    replied: int
    unsubscribed: int
    converted: int | None
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCheck:
    """What `check_campaign` answers.

    Attributes:
        fields: What the content names, and what fills it.
    """

    findings: Sequence[CampaignCheckFinding]
    fields: Sequence[CampaignCheckField]
    count: int | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCheckField:
    """Part of `CampaignCheck`."""

    name: str
    zh: str
    en: str
    kind: Literal["text", "number", "moment", "day", "address", "lines"]
    source: Literal["house", "client", "campaign", "event"]
    is_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignCheckFinding:
    """Part of `CampaignCheck`.

    Attributes:
        grade: wrong is refused when saved, missing when handed in.
    """

    grade: Literal["wrong", "missing", "note"]
    step: Literal["content", "audience", "plan"]
    field: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignContent:
    """Part of `Campaign`."""

    id: UUID
    key: str
    title: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDetail:
    """What `get_campaign` answers."""

    campaign: Campaign


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDraft:
    """What `create_campaign` takes.

    Attributes:
        arms: Weights of the arms a to d.
        goal: click, reply, or event:<type of client event>
    """

    name: str
    content_id: UUID
    expression: Mapping[str, object]
    channels: Sequence[Literal["push", "sms", "wechat", "kf", "email", "voice", "chat"]]
    arms: Mapping[str, float] | None = None
    hold_out: float | None = None
    schedule: Mapping[str, object] | None = None
    per_second: float | None = None
    goal: str | None = None
    not_after: datetime | None = None
    values: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignList:
    """What `list_campaigns` answers."""

    campaigns: Sequence[Campaign]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPart:
    """A campaign on the way; its name, audience and channels may be missing.

    Attributes:
        expression: An Expression, or {} for none yet.
    """

    name: str | None = None
    content_id: UUID
    expression: Mapping[str, object] | None = None
    channels: Sequence[Literal["push", "sms", "wechat", "kf", "email", "voice", "chat"]] | None = (
        None
    )
    arms: Mapping[str, float] | None = None
    hold_out: float | None = None
    schedule: Mapping[str, object] | None = None
    per_second: float | None = None
    goal: str | None = None
    not_after: datetime | None = None
    values: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResults:
    """What `get_campaign_results` answers.

    Attributes:
        counts: planned held suppressed withheld, then messages by state; clicked replied
            unsubscribed converted.
    """

    state: str
    planned: int
    counts: Mapping[str, int]
    channels: Sequence[CampaignResultsChannel]
    reasons: Sequence[CampaignResultsReason]
    cost: float | None = None
    test: CampaignResultsTest


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResultsChannel:
    """Part of `CampaignResults`."""

    channel: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResultsReason:
    """Part of `CampaignResults`."""

    state: str
    reason: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResultsTest:
    """Part of `CampaignResults`."""

    goal: str
    arms: Sequence[ArmResult]
    comparisons: Sequence[ArmComparison]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTierRulesBody:
    """What `change_tier_rules` takes.

    Attributes:
        version: As read.
        rules: Shaped as they were read.
    """

    version: int
    rules: object


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckImportBody:
    """What `check_import` takes.

    Attributes:
        mapping: Which header is which column.
    """

    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """Part of `ListDoublesAnswer`.

    Attributes:
        client_no: Masked, as name and phone are.
        channels: Where it has addresses.
        assets: In yuan.
    """

    id: UUID
    client_no: str
    name: str | None
    phone: str | None
    risk_level: str | None
    suitability_valid_until: date | None
    investor_class: str | None
    stage: str | None
    manager: str | None
    instruments: Sequence[str]
    created_at: datetime
    merged_into: UUID | None
    channels: Sequence[str]
    open_tickets: int
    assets: float | None
    last_active_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What `compare_clients` answers.

    Attributes:
        is_alike: False where both phones are known and differ.
        refusal: Why they cannot be merged now.
    """

    kept: ClientRecord
    gone: ClientRecord
    moves: Mapping[str, int]
    is_alike: bool
    refusal: BothTongues | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentDraft:
    """Either `identity`, one address of the client, or `channel`, all their addresses there
    (`all`: everywhere). The category `all` is everything that we may choose to send.

    Attributes:
        note: How it can be proven, such as the number of a recording or a form.
        said_at: When it was said; now, if absent. Newer words count before older ones.
    """

    identity: UUID | None = None
    channel: (
        Literal["chat", "wechat", "kf", "wecom", "sms", "email", "push", "voice", "all"] | None
    ) = None
    category: Literal["account", "trade", "risk", "ticket", "service", "marketing", "all"]
    value: Literal["yes", "no"]
    source: Literal["phone", "paper", "counter", "other"]
    note: str
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWord:
    """The newest word at an address on a category. `source` begins with how it came, such as
    `link:` or `phone:`; `person` wrote it down where a client told staff, `note` is how that
    can be proven.
    """

    identity_id: UUID
    channel: str
    account: str
    category: str
    state: str
    source: str
    at: datetime
    person: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWords:
    """What `record_consent` answers."""

    consents: Sequence[ConsentWord]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDetail:
    """What `get_content` answers."""

    content: ContentEntry
    versions: Sequence[ContentEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDraft:
    """What `create_content` takes."""

    key: str
    title: str
    category: Literal["account", "trade", "risk", "ticket", "service", "marketing"]
    tags: Sequence[str] | None = None
    min_risk: Literal["C1", "C2", "C3", "C4", "C5"] | None = None
    product_type: str | None = None
    stages: Sequence[str] | None = None
    valid_until: datetime | None = None
    variants: Sequence[Variant]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEntry:
    """Part of `ContentList`.

    Attributes:
        is_shipped: It came with the house.
    """

    id: UUID
    key: str
    version: int
    state: Literal["draft", "review", "approved", "superseded", "retired"]
    title: str
    category: str
    tags: Sequence[str] | None = None
    min_risk: str | None = None
    author: str | None
    approver: str | None
    is_shipped: bool
    valid_until: datetime | None = None
    created_at: datetime | None = None
    approved_at: datetime | None = None
    channels: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    deeds: Sequence[
        Literal[
            "edit",
            "submit",
            "approve",
            "send_back",
            "launch",
            "pause",
            "resume",
            "cancel",
            "retire",
            "copy",
        ]
    ]
    product_type: str | None = None
    stages: Sequence[str] | None = None
    checksum: str | None = None
    variants: Sequence[Variant] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFields:
    """What `list_content_fields` answers."""

    fields: Sequence[ContentFieldsField]
    categories: Sequence[str]
    channels: Sequence[str]
    languages: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFieldsField:
    """Part of `ContentFields`.

    Attributes:
        is_private: It stays out of SMS and WeChat.
        is_personal: It stays out of marketing.
    """

    name: str
    zh: str
    en: str
    sample: object
    is_private: bool
    is_personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentList:
    """What `list_contents` answers."""

    contents: Sequence[ContentEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What `replay_events` answers."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What `count_coverage` answers."""

    total: int
    reached: int
    not_reached: int
    by_state: Mapping[str, int]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What `create_content` answers."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Part of `UrgencyRules`."""

    kind: str | None = None
    priority: Urgency
    due_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a client, or was measured.

    Attributes:
        key: The source's own; it is known by it for ever.
        type: One of `GET /v1/events/types`.
        at: With its zone, and not to come.
        figures: By name, as the type lists them.
    """

    key: str
    client_no: str
    type: str
    at: datetime
    figures: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatch:
    """What `take_events` takes."""

    source: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFate:
    """What became of an event."""

    key: str | None
    fate: Literal["accepted", "repeated", "unknown_client", "unknown_type", "refused"]
    why: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFates:
    """What `take_events` answers."""

    events: Sequence[EventFate]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFix:
    """One of the two at least.

    Attributes:
        type: One of the types of events.
    """

    client_no: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventState:
    """What `correct_event` answers."""

    state: Literal["new", "unknown_client", "unknown_type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypes:
    """What `list_event_types` answers."""

    types: Sequence[EventTypesType]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypesType:
    """Part of `EventTypes`."""

    name: str
    zh: str
    en: str
    figures: Mapping[str, EventTypesTypeFigure]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypesTypeFigure:
    """Part of `EventTypesType`."""

    zh: str
    en: str
    unit: Literal["part", "fen", "count", "day", "minute", "lot", "code"]
    needed: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroups:
    """What `group_failures` answers.

    Attributes:
        newer: The approved newer version of the content that may be sent instead.
        at_once: So many of a kind are looked at by one call.
    """

    newer: FailureGroupsNewer | None
    at_once: int
    groups: Sequence[FailureGroupsGroup]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroupsGroup:
    """Part of `FailureGroups`.

    Attributes:
        kind: The reason without its provider's code.
    """

    kind: str
    zh: str
    en: str
    channel: str
    may_have_arrived: bool
    count: int
    mended: int
    barred: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroupsNewer:
    """The approved newer version of the content that may be sent instead."""

    content_id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """What `list_failures` answers."""

    failures: Sequence[FailuresFailure]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresFailure:
    """Part of `Failures`.

    Attributes:
        identity_id: Whose address may be corrected.
        client_no: Masked.
        name: Masked.
        is_mended: The client has another address by now.
        barred: Why nothing may be sent to the client now, if so.
    """

    id: UUID
    client_id: UUID
    identity_id: UUID | None
    client_no: str
    name: str
    channel: str
    account: str
    state: Literal["rejected", "failed"]
    reason: str | None
    zh: str
    en: str
    attempts: int
    at: datetime | None
    may_have_arrived: bool
    is_mended: bool
    barred: BothTongues | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What `replay_events` takes."""

    ids: Sequence[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Part of `Imports`.

    Attributes:
        person: The name of who handed it in.
    """

    id: UUID
    file_name: str
    state: Literal["checked", "imported", "cancelled"]
    rows: int
    good: int
    person_id: UUID
    person: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCheck:
    """What `check_import` answers."""

    rows: int
    good: int
    new: int
    known: int
    bad: int
    flaws: Sequence[ImportCheckFlaw]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCheckFlaw:
    """Part of `ImportCheck`."""

    row: int
    column: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportDone:
    """What `run_import` answers.

    Attributes:
        taken: Addresses that were not kept: they are another client's.
    """

    clients: int
    new: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLook:
    """What `open_import` answers."""

    id: UUID
    header: Sequence[str]
    mapping: Mapping[str, str]
    rows: int
    sample: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """What `list_imports` answers."""

    imports: Sequence[Import]
    columns: Sequence[ImportsColumn]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsColumn:
    """Part of `Imports`."""

    name: str
    zh: str
    en: str
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """What `read_insight` answers.

    Attributes:
        figures: Money is yuan
        why: Why each tier is the client's, by the rules that hold now.
    """

    figures: Mapping[str, object]
    tier: Tier | None
    why: InsightWhy | None
    tags: Sequence[InsightTag]
    consents: Sequence[ConsentWord]
    preferences: Sequence[InsightPreference]
    responses: Sequence[InsightResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightPreference:
    """Part of `Insight`.

    Attributes:
        weight: Below 0 the client does not want it there.
    """

    category: str
    channel: str
    weight: int
    origin: Literal["stated", "learned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightResponse:
    """Part of `Insight`."""

    channel: str
    sent: float
    answered: float
    failed: float
    last_inbound_at: datetime | None
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightTag:
    """Part of `Insight`."""

    tag: str
    source: str
    at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightWhy:
    """Why each tier is the client's, by the rules that hold now."""

    tiers: Mapping[str, InsightWhyTier]
    churn: Mapping[str, InsightWhyChurn]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightWhyChurn:
    """Part of `InsightWhy`."""

    figure: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightWhyTier:
    """Part of `InsightWhy`."""

    zh: str
    en: str
    figures: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvents:
    """What `list_kept_events` answers."""

    events: Sequence[KeptEventsEvent]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEventsEvent:
    """Part of `KeptEvents`.

    Attributes:
        figures: Numbers and codes as they came.
        client_no: Masked; empty where it was not kept.
        name: Masked.
    """

    id: UUID
    source: str
    key: str
    type: str
    state: Literal["unknown_client", "unknown_type", "failed"]
    reason: str | None
    at: datetime
    received_at: datetime
    figures: Mapping[str, object]
    client_id: UUID | None
    client_no: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDoublesAnswer:
    """What `list_doubles` answers."""

    groups: Sequence[Sequence[UUID]]
    clients: Sequence[ClientRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpClientsAnswer:
    """What `look_up_clients` answers."""

    clients: Sequence[ClientRecord]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpClientsBody:
    """What `look_up_clients` takes."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeClientsAnswer:
    """What `merge_clients` answers."""

    id: UUID
    moved: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeClientsBody:
    """What `merge_clients` takes."""

    other: UUID
    reason: str
    is_sure: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merges:
    """What `list_merges` answers."""

    merges: Sequence[MergesMerge]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergesMerge:
    """Part of `Merges`."""

    id: UUID
    kept_id: UUID
    gone_id: UUID
    actor: str
    reason: str
    at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOrder:
    """What `order_message` takes.

    Attributes:
        values: The content's fields by name.
        topic: A live notice of this client and topic takes the newer values.
        reach_by: To come, within a year.
        exposure: In yuan.
    """

    source: str
    key: str
    client_no: str
    urgency: Urgency
    content: str
    values: Mapping[str, object] | None = None
    topic: str | None = None
    reach_by: datetime | None = None
    exposure: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageOrdered:
    """What `order_message` answers."""

    notice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Part of `Tier`."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedClient:
    """Part of `Notice`."""

    id: UUID
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedField:
    """Part of `Preview`."""

    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What `send_content_back` takes."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Part of `NoticePage`.

    Attributes:
        exposure: In yuan.
        revision: How often newer figures came.
    """

    id: UUID
    client: NamedClient
    category: str
    urgency: Urgency
    source: str
    topic: str | None
    content_key: str | None
    title: str | None
    exposure: float
    state: NoticeState
    reason: str | None
    reached_how: Literal["accepted", "delivered", "read", "link", "press1", "person"] | None
    reached_at: datetime | None
    reach_by: datetime | None
    next_rung: int | None
    next_at: datetime | None
    revision: int
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDetail:
    """What `get_notice` answers.

    Attributes:
        exposure: In yuan.
        revision: How often newer figures came.
    """

    id: UUID
    client: NamedClient
    category: str
    urgency: Urgency
    source: str
    topic: str | None
    content_key: str | None
    title: str | None
    exposure: float
    state: NoticeState
    reason: str | None
    reached_how: Literal["accepted", "delivered", "read", "link", "press1", "person"] | None
    reached_at: datetime | None
    reach_by: datetime | None
    next_rung: int | None
    next_at: datetime | None
    revision: int
    created_at: datetime
    ended_at: datetime | None
    messages: Sequence[NoticeMessage]
    proof: Sequence[ProofStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMessage:
    """Part of `NoticeDetail`.

    Attributes:
        rung: The rung from 0 on, and `.n` after newer figures.
    """

    id: UUID
    rung: str
    channel: str
    account: str
    state: str
    reason: str | None
    created_at: datetime
    sending_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """What `list_notices` answers."""

    notices: Sequence[Notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ok:
    """What `state_preferences` answers."""

    ok: Literal[True]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneImport:
    """What `read_import` answers.

    Attributes:
        look: What is in the file, by the mapping of the last check; null once it has ended.
    """

    import_: Import
    look: ImportLook | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What `get_ordered` answers.

    Attributes:
        keys: The source's own names of it.
    """

    notice_id: UUID
    keys: Sequence[str]
    urgency: Urgency
    state: NoticeState
    reason: str | None
    reached_how: str | None
    reached_at: datetime | None
    reach_by: datetime | None
    created_at: datetime
    ended_at: datetime | None
    messages: Sequence[OrderedMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedMessage:
    """Part of `Ordered`."""

    id: UUID
    rung: str
    channel: str
    state: str
    reason: str | None
    created_at: datetime
    sending_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """What `change_password` takes."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Part of `Session`."""

    id: UUID
    login: str
    name: str
    roles: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What `preview_content` answers.

    Attributes:
        cost: In yuan; null where nobody has said the price.
    """

    channel: str
    language: str
    text: str
    subject: str | None
    template: Mapping[str, object] | None
    missing: Sequence[NamedField]
    fields: Sequence[NamedField]
    links: Sequence[str]
    cost: float | None
    sms: PreviewSms | None = None
    spoken: str | None = None
    lock_screen: PreviewLockScreen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewAsk:
    """One of `content_id` and `content`; without `values`, samples stand in.

    Attributes:
        campaign: The values are a campaign's own: what the house and a client's record fill is
            shown by samples.
    """

    content_id: UUID | None = None
    content: ContentDraft | None = None
    channel: str | None = None
    language: str | None = None
    arm: str | None = None
    values: Mapping[str, object] | None = None
    campaign: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLockScreen:
    """Part of `Preview`."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSms:
    """Part of `Preview`."""

    alphabet: str
    units: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """What `export_proof` answers."""

    key: str
    proof: Mapping[str, object]
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofKey:
    """What `get_proof_key` answers."""

    algorithm: Literal["Ed25519"]
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofStep:
    """Part of `NoticeDetail`."""

    seq: int
    what: Literal[
        "raised",
        "renewed",
        "planned",
        "called",
        "receipt",
        "link",
        "unreached",
        "escalated",
        "task",
        "reached",
        "cancelled",
        "expired",
    ]
    at: datetime
    detail: Mapping[str, object]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """What `list_recipients` answers."""

    recipients: Sequence[RecipientsRecipient]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientsRecipient:
    """Part of `Recipients`.

    Attributes:
        message: The state of the message.
    """

    client_id: UUID
    client_no: str
    name: str
    state: Literal["planned", "held", "suppressed", "withheld"]
    arm: str | None
    channel: str | None
    message: str | None
    reason: str | None
    zh: str | None
    en: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What `replay_failures` takes.

    Attributes:
        doubtful: Also what may have arrived already
    """

    messages: Sequence[UUID]
    doubtful: bool | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayAll:
    """What `replay_failures_of_kind` takes.

    Attributes:
        doubtful: Also what may have arrived already
        after: `next` of the call before.
    """

    kind: str
    doubtful: bool | None = None
    version: int | None = None
    after: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What `replay_failures` answers.

    Attributes:
        left: How many were left where they are, and why.
        next: Where the next call goes on; null: there are no more.
    """

    queued: int
    left: Sequence[ReplayedLeft]
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedLeft:
    """Part of `Replayed`."""

    reason: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What `get_session` answers."""

    person: Person
    csrf: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What `sign_in` takes."""

    login: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitClientsAnswer:
    """What `split_clients` answers."""

    kept_id: UUID
    gone_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitClientsBody:
    """What `split_clients` takes."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What `submit_campaign` answers."""

    ok: Literal[True]
    count: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAsk:
    """What `test_campaign` takes."""

    client_ids: Sequence[UUID]
    arm: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestClients:
    """What `list_test_clients` answers."""

    clients: Sequence[TestClientsClient]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestClientsClient:
    """Part of `TestClients`."""

    id: UUID
    client_no: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSends:
    """What `test_campaign` answers."""

    sent: Sequence[TestSendsSent]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSendsSent:
    """Part of `TestSends`."""

    client_id: UUID
    channel: str
    outbox_id: UUID | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What the rules make of a client's figures; null before tiers were computed."""

    recency: int
    frequency: int
    monetary: int
    layer: Named
    asset_band: Named
    frequency_band: Named
    risk_band: Named
    loyalty_band: Named
    credit_risk: Named | None
    credit_term: Named | None
    credit_size: Named | None
    credit_style: Named | None
    stage: Named
    churn_risk: float
    churn_reasons: Sequence[Named]
    computed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """What `read_tier_rules` answers.

    Attributes:
        history: The last fifty versions, newest first.
    """

    version: int
    rules: Mapping[str, object]
    shipped: Mapping[str, object] | None = None
    history: Sequence[TierRulesHistory] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRulesHistory:
    """Part of `TierRules`."""

    version: int
    author: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRuns:
    """What `list_tier_runs` answers."""

    runs: Sequence[TierRunsRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRunsRun:
    """Part of `TierRuns`.

    Attributes:
        person: The name of who asked for it.
        moves: How many clients went from one layer to another.
    """

    id: UUID
    actor: str
    person: str | None
    state: Literal["running", "done", "failed"]
    step: Literal["count", "lines", "score", "write", "done"]
    version: int
    clients: int | None
    changed: int | None
    lines: Mapping[str, object]
    layers: Mapping[str, int]
    moves: Sequence[TierRunsRunMove]
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRunsRunMove:
    """Part of `TierRunsRun`."""

    before: str
    after: str
    clients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What `read_timeline` answers."""

    entries: Sequence[TimelineEntrie]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntrie:
    """Part of `Timeline`.

    Attributes:
        text: What was said
    """

    kind: Literal[
        "event",
        "message",
        "notice",
        "campaign",
        "ticket",
        "task",
        "consent",
        "tier",
        "journey",
        "merge",
    ]
    id: str
    at: datetime
    title: Words
    detail: Mapping[str, object]
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyChange:
    """What `change_urgency` takes."""

    version: int
    policy: UrgencyRules


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyList:
    """What `list_urgencies` answers."""

    urgencies: Sequence[UrgencyPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyPolicy:
    """Part of `UrgencyList`.

    Attributes:
        version: 0 is what ships.
    """

    urgency: Urgency
    version: int
    policy: UrgencyRules
    default: UrgencyRules
    history: Sequence[UrgencyPolicyHistory]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyPolicyHistory:
    """Part of `UrgencyPolicy`."""

    version: int
    author: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyRules:
    """Part of `UrgencyPolicy`.

    Attributes:
        quiet: As 22:00-08:00, in the client's zone; null where nobody may sleep through it.
        quiet_at_rest: The same for days on which the stock exchanges do not trade; null where
            they do not differ.
    """

    rungs: Sequence[UrgencyRung]
    quiet: str | None = None
    quiet_at_rest: str | None = None
    cap_per_day: int | None = None
    consent: Literal["none", "no_refusal"] | None = None
    gather_minutes: float | None = None
    repeats_unknown: bool | None = None
    lasts_hours: float | None = None
    escalate: Escalation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyRung:
    """Part of `UrgencyRules`."""

    channels: Sequence[Literal["push", "sms", "voice", "wechat", "kf", "email", "chat"]]
    pick: Literal["all", "best", "active", "cheapest"]
    wait_minutes: float
    reached_by: Sequence[Literal["accepted", "delivered", "read", "link", "press1"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Part of `ContentEntry`."""

    channel: Literal["push", "sms", "wechat", "kf", "email", "voice", "chat"]
    language: Literal["zh", "en"] | None = None
    arm: Literal["a", "b", "c", "d"] | None = None
    subject: str | None = None
    body: str
    template: str | None = None
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why200:
    """What `cancel_notice` takes."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What `state_preferences` takes."""

    category: Literal["account", "trade", "risk", "ticket", "service", "marketing"]
    weights: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Part of `EventFate`."""

    zh: str
    en: str
