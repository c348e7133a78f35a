"""The event table: what happened, append-only and hash-chained, and who has read how far."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.schema import id_column, metadata, moment

event = Table(
    "event",
    metadata,
    id_column(),
    moment("at", now=True),
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("before", JSONB, nullable=False, server_default="{}"),
    Column("after", JSONB, nullable=False, server_default="{}"),
    Column("position", BigInteger, unique=True),
    Column("prev_hash", LargeBinary),
    Column("hash", LargeBinary),
    Index("ix_event_subject", "subject_kind", "subject_id"),
    Index("ix_event_verb", "verb", "position"),
    Index("ix_event_unsealed", "id", postgresql_where="position IS NULL"),
)
"""Written in the deed's own transaction; sealed in order of commit right after (store/audit.py)."""

event_cursor = Table(
    "event_cursor",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("position", BigInteger, nullable=False, server_default="0"),
)
"""How far each reader of the event stream has come."""
