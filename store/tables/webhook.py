"""What other systems of the broker are told, where, and what became of each telling."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.schema import id_column, metadata, moment

webhook = Table(
    "webhook",
    metadata,
    id_column(),
    Column("url", Text, nullable=False),
    Column("kinds", ARRAY(Text), nullable=False),
    Column("source", Text),
    Column("secret_enc", LargeBinary, nullable=False),
    Column("previous_enc", LargeBinary),
    moment("rotated_at"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    Column("since", BigInteger, nullable=False),
    moment("created_at", now=True),
    moment("changed_at", now=True),
)
"""Where a system is told of which kinds. It hears what happened after the position `since`, and of
messages and notices those that `source` ordered. `previous_enc` signs too, a day after a rotation.
"""

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    id_column(),
    Column("webhook_id", ForeignKey("webhook.id"), nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("body", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("code", Text),
    moment("due_at", now=True),
    moment("began_at", now=True),
    moment("sending_at"),
    moment("ended_at"),
    moment("created_at", now=True),
    UniqueConstraint("webhook_id", "event_id", "subject_id"),
    Index(
        "ix_webhook_delivery_due",
        "webhook_id",
        "due_at",
        postgresql_where="state IN ('queued','sending')",
    ),
    Index(
        "ix_webhook_delivery_order",
        "webhook_id",
        "subject_id",
        "position",
        postgresql_where="state IN ('queued','sending')",
    ),
    Index("ix_webhook_delivery_failed", "webhook_id", "id", postgresql_where="state = 'failed'"),
    Index(
        "ix_webhook_delivery_ended",
        "webhook_id",
        "ended_at",
        postgresql_where="state = 'delivered'",
    ),
    CheckConstraint("state IN ('queued','sending','delivered','failed')", name="state"),
)
"""One event for one webhook: ids, states and times, no content and no address. While it is
`sending`, `due_at` is the end of its lease. `began_at` is since when it has been tried."""
