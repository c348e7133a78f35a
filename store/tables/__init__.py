"""Every table of the house; importing this package fills `schema.metadata`."""

from __future__ import annotations

from store.tables import audit, client, conversation, desk, knowledge, outbox
from store.tables.schema import metadata

__all__ = ["audit", "client", "conversation", "desk", "knowledge", "metadata", "outbox"]
