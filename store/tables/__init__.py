"""Every table of the house; importing this package fills `schema.metadata`."""

from __future__ import annotations

from store.tables import (
    audit,
    channel,
    client,
    conversation,
    desk,
    knowledge,
    outbox,
    push,
    staff_notice,
)
from store.tables.schema import metadata

__all__ = [
    "audit",
    "channel",
    "client",
    "conversation",
    "desk",
    "knowledge",
    "metadata",
    "outbox",
    "push",
    "staff_notice",
]
