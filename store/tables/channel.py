"""The accounts at providers that were set up in the console."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, LargeBinary, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.schema import id_column, metadata, moment

channel_account = Table(
    "channel_account",
    metadata,
    id_column(),
    Column("channel", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("public", JSONB, nullable=False),
    Column("secret_enc", LargeBinary, nullable=False),
    Column("previous_enc", LargeBinary),
    moment("rotated_at"),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    moment("created_at", now=True),
    moment("changed_at", now=True),
    UniqueConstraint("channel", "name"),
)
"""An account at a provider: what may be seen, and the secrets, sealed; `previous_enc` holds
those of before the last rotation, which callbacks may carry for a day."""

channel_cursor = Table(
    "channel_cursor",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("cursor", Text, nullable=False, server_default=""),
    Column("worker", Text),
    moment("lease_until"),
    moment("pulled_at"),
)
"""How far the messages of an account are pulled whose provider hands them out on request."""
