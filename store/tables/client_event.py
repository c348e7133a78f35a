"""What the broker's systems tell of clients: accepted once, kept even where nobody is known."""

from __future__ import annotations

from sqlalchemy import (
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
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.schema import id_column, metadata, moment

client_event = Table(
    "client_event",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("client_no_hash", LargeBinary, nullable=False),
    Column("client_id", Uuid),
    Column("shown", Text),
    Column("type", Text, nullable=False),
    Column("figures", JSONB, nullable=False, server_default="{}"),
    moment("at", null=False),
    moment("received_at", now=True),
    Column("state", Text, nullable=False, server_default="new"),
    Column("reason", Text),
    moment("handled_at"),
    UniqueConstraint("source", "source_key"),
    Index("ix_client_event_client", "client_id", "at"),
    Index("ix_client_event_new", "id", postgresql_where="state = 'new'"),
    Index(
        "ix_client_event_kept",
        "state",
        "id",
        postgresql_where="state IN ('unknown_client','unknown_type','failed')",
    ),
    Index(
        "ix_client_event_urgent",
        "id",
        postgresql_where="state = 'new' AND type IN "
        "('forced_liquidation','margin_usage','risk_ratio')",
    ),
    CheckConstraint(
        "state IN ('new','handled','unknown_client','unknown_type','failed')", name="state"
    ),
)
"""One happening in a client's business. `figures` holds numbers and codes, never names; `at` is
when it happened. A `new` one is handled by the orchestrator's event worker, once; one that no
handler can take is `failed`, for a person to look at. `shown` is the client number of somebody
whom nobody knows, masked."""

client_import = Table(
    "client_import",
    metadata,
    id_column(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="checked"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("good", Integer, nullable=False, server_default="0"),
    Column("file_enc", LargeBinary, nullable=False),
    Column("errors_enc", LargeBinary),
    moment("at", now=True),
    moment("ended_at"),
    CheckConstraint("state IN ('checked','imported','cancelled')", name="state"),
)
"""A file of clients: checked first (a dry run), imported when a person says so."""
