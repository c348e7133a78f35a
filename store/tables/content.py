"""What is sent to many: content in versions and variants, approved by a second person."""

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
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.schema import id_column, metadata, moment

content = Table(
    "content",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("title", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False, server_default="{}"),
    Column("min_risk", Text),
    Column("product_type", Text),
    Column("stages", ARRAY(Text), nullable=False, server_default="{}"),
    Column("author_id", ForeignKey("person.id")),
    Column("approver_id", ForeignKey("person.id")),
    Column("checksum", Text, nullable=False, server_default=""),
    moment("valid_until"),
    moment("created_at", now=True),
    moment("approved_at"),
    UniqueConstraint("key", "version"),
    Index("uq_content_approved", "key", unique=True, postgresql_where="state = 'approved'"),
    CheckConstraint("state IN ('draft','review','approved','superseded','retired')", name="state"),
    CheckConstraint("min_risk IN ('C1','C2','C3','C4','C5')", name="min_risk"),
    CheckConstraint("approver_id <> author_id", name="four_eyes"),
    CheckConstraint(
        "state NOT IN ('approved','superseded') OR author_id IS NULL OR approver_id IS NOT NULL",
        name="approved_by",
    ),
)
"""One version of what may be sent. `min_risk` is the lowest client risk level that may get it.
`author_id` is null for what ships with the house; its checksum covers every variant."""

content_variant = Table(
    "content_variant",
    metadata,
    Column("content_id", ForeignKey("content.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("arm", Text, primary_key=True, server_default="a"),
    Column("subject", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("template", Text),
    Column("fields", JSONB, nullable=False, server_default="{}"),
)
"""The words for a channel, a language and an arm of a test, in Liquid. `template` names the
provider's approved template, `fields` its variables, each a Liquid text."""

link = Table(
    "link",
    metadata,
    id_column(),
    Column("content_id", ForeignKey("content.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    UniqueConstraint("content_id", "url"),
)
"""An address in a content that is counted when somebody follows it."""

click = Table(
    "click",
    metadata,
    Column("outbox_id", Uuid, primary_key=True),
    Column("link_id", ForeignKey("link.id"), primary_key=True),
    moment("at", now=True),
    Column("times", Integer, nullable=False, server_default="1"),
)
"""A message's link that was followed: when first, and how often since."""
