"""Every table of the house; importing this package fills `schema.metadata`."""

from __future__ import annotations

from store.tables import (
    audit,
    campaign,
    channel,
    client,
    client_event,
    content,
    conversation,
    desk,
    journey,
    knowledge,
    notice,
    outbox,
    profile,
    push,
    staff_notice,
    webhook,
)
from store.tables.schema import metadata

__all__ = [
    "audit",
    "campaign",
    "channel",
    "client",
    "client_event",
    "content",
    "conversation",
    "desk",
    "journey",
    "knowledge",
    "metadata",
    "notice",
    "outbox",
    "profile",
    "push",
    "staff_notice",
    "webhook",
]
