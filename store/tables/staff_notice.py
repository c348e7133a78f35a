"""What staff are told outside of the console: in WeCom, in a group, by a robot."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP

from store.tables.schema import id_column, metadata, moment

staff_batch = Table(
    "staff_batch",
    metadata,
    id_column(),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="sending"),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("code", Text),
    moment("due_at", now=True),
    moment("sending_at", now=True),
    moment("ended_at"),
    Index("ix_staff_batch_open", "account", postgresql_where="state IN ('sending','waiting')"),
    CheckConstraint("state IN ('sending','waiting','sent','failed')", name="state"),
)
"""One message to a staff account: every notice that waited when it was made."""

staff_notice = Table(
    "staff_notice",
    metadata,
    id_column(),
    Column("account", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("batch_id", ForeignKey("staff_batch.id"), index=True),
    moment("created_at", now=True),
    UniqueConstraint("account", "topic", "source_key"),
    Index("ix_staff_notice_waiting", "account", postgresql_where="batch_id IS NULL"),
)
"""One thing that one staff account is told once; the text names no client."""

staff_pace = Table(
    "staff_pace",
    metadata,
    Column("account", Text, primary_key=True),
    Column("calls", ARRAY(TIMESTAMP(timezone=True)), nullable=False, server_default="{}"),
)
"""When each staff account was called lately: the provider's limit, counted for all processes."""
