"""What the house knows: articles in versions, the texts they are found by, and what is missing."""

from __future__ import annotations

from pgvector.sqlalchemy import Vector
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from store.tables.schema import id_column, metadata, moment

article = Table(
    "article",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="published"),
    Column("topic", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("questions", ARRAY(Text), nullable=False),
    Column("body", Text, nullable=False),
    Column("product", ARRAY(Text), nullable=False),
    Column("action", Text),
    Column("source", Text, nullable=False),
    Column("source_date", Date),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("digest", Text, nullable=False),
    moment("created_at", now=True),
    moment("ended_at"),
    UniqueConstraint("key", "lang", "version"),
    CheckConstraint("state IN ('published', 'superseded', 'retired')", name="state"),
    Index("uq_article_published", "key", "lang", unique=True, postgresql_where="state='published'"),
)
"""One version of an article in one language; at most one version is published."""

passage = Table(
    "passage",
    metadata,
    id_column(),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("embedding", Vector(), nullable=False),
    CheckConstraint("kind IN ('question', 'title', 'body')", name="kind"),
)
"""A text by which a published article is found, with its vector of length 1.

The vector has as many dimensions as the encoder gives (384 by default), for the encoder is a
setting; there is no approximate index, because a few thousand rows are scanned exactly in
milliseconds and an exact answer is what the thresholds were learned on.
"""

gap = Table(
    "gap",
    metadata,
    id_column(),
    Column("lang", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Column("examples", ARRAY(Text), nullable=False),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("model", Text, nullable=False),
    Column("centre", Vector(), nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    moment("first_at", now=True),
    moment("last_at", now=True),
    CheckConstraint("state IN ('open', 'answered', 'ignored')", name="state"),
    Index("ix_gap_open", "state", "count"),
)
"""Questions that found no answer, masked, counted by what they have in common."""
