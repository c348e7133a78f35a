"""Happenings: what one room tells another, written in the same transaction as the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from kernel.message import Json

CLIENT_SPOKE = "client_spoke"
MESSAGE_WRITTEN = "message_written"
FLOOR_MOVED = "floor_moved"
HANDED_OVER = "handed_over"
HANDED_BACK = "handed_back"
OUTBOX_MOVED = "outbox_moved"
TICKET_OPENED = "ticket_opened"
TICKET_MOVED = "ticket_moved"
CLIENT_SEEN = "client_seen"
FIELD_REVEALED = "field_revealed"
IDENTITY_BOUND = "identity_bound"
IDENTITY_UNBOUND = "identity_unbound"
ADDRESS_CORRECTED = "address_corrected"
IDENTITY_VERIFIED = "identity_verified"
SIGNED_IN = "signed_in"
SIGNED_OUT = "signed_out"
SIGN_IN_FAILED = "sign_in_failed"
PERSON_ADDED = "person_added"
PERSON_CHANGED = "person_changed"
FEEDBACK_GIVEN = "feedback_given"
SUBSCRIBED = "subscribed"
UNSUBSCRIBED = "unsubscribed"
EVENTS_REPLAYED = "events_replayed"
EVENT_CORRECTED = "event_corrected"
TIER_RULE_CHANGED = "tier_rule_changed"
TIERS_COMPUTED = "tiers_computed"
PREFERENCE_STATED = "preference_stated"
CLIENTS_MERGED = "clients_merged"
CLIENTS_SPLIT = "clients_split"
IMPORT_CHECKED = "import_checked"
CLIENTS_IMPORTED = "clients_imported"
IMPORT_CANCELLED = "import_cancelled"
CAMPAIGN_PLANNED = "campaign_planned"
CAMPAIGN_SENT = "campaign_sent"
CAMPAIGN_STOPPED = "campaign_stopped"
CAMPAIGN_ENDED = "campaign_ended"
CAMPAIGN_REPLAYED = "campaign_replayed"
JOURNEY_MOVED = "journey_moved"
JOURNEY_SWEPT = "journey_swept"
JOURNEY_ADVANCED = "journey_advanced"
RUNS_RETRIED = "runs_retried"
RUNS_ENDED = "runs_ended"
TRADING_DAYS_IMPORTED = "trading_days_imported"
NOTICE_RAISED = "notice_raised"
NOTICE_RENEWED = "notice_renewed"
NOTICE_MOVED = "notice_moved"
TASK_OPENED = "task_opened"
TASK_MOVED = "task_moved"
URGENCY_CHANGED = "urgency_changed"
PROOF_EXPORTED = "proof_exported"


@dataclass(frozen=True, slots=True)
class Happening:
    """Who (`actor`, e.g. `bot`, `person:<id>`) did what (`verb`) to what (`subject`).

    `before` and `after` carry states and ids, never personal data or message text.
    """

    actor: str
    verb: str
    subject_kind: str
    subject_id: UUID | str
    before: Mapping[str, Json] = field(default_factory=dict)
    after: Mapping[str, Json] = field(default_factory=dict)
