"""Conversations, their messages, and the inbox that everything passes first."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

conversation = Table(
    "conversation",
    metadata,
    id_column(),
    Column("identity_id", ForeignKey("identity.id"), unique=True, nullable=False),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("floor", Text, nullable=False, server_default="bot"),
    Column("floor_holder", Uuid),
    Column("floor_epoch", Integer, nullable=False, server_default="0"),
    Column("client_delivered_seq", BigInteger, nullable=False, server_default="0"),
    Column("client_read_seq", BigInteger, nullable=False, server_default="0"),
    Column("staff_read_seq", BigInteger, nullable=False, server_default="0"),
    Column("dialogue", JSONB),
    Column("language", Text, nullable=False, server_default="zh"),
    Column("turn_worker", Text),
    moment("turn_lease_until"),
    Column("turn_epoch", BigInteger, nullable=False, server_default="0"),
    moment("created_at", now=True),
    moment("last_at", now=True),
    CheckConstraint("floor IN ('bot','queue','agent','none')", name="floor"),
)
"""Exactly one per identity, for ever. `last_seq` is assigned under this row's lock."""

session = Table(
    "session",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    moment("opened_at", now=True),
    moment("closed_at"),
    Column("outcome", Text),
    Index(
        "uq_session_open",
        "conversation_id",
        unique=True,
        postgresql_where="closed_at IS NULL",
    ),
)
"""A stretch of a conversation; at most one is open."""

message = Table(
    "message",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("direction", Text, nullable=False),
    Column("author_kind", Text, nullable=False),
    Column("author_id", Uuid),
    Column("body_enc", LargeBinary, nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("external_id", Text),
    Column("client_msg_id", Text),
    Column("reply_to", Uuid),
    Column("floor_epoch", Integer, nullable=False),
    moment("provider_at"),
    moment("received_at", now=True),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("conversation_id", "client_msg_id"),
    Index(
        "uq_message_external",
        "channel",
        "account",
        "external_id",
        unique=True,
        postgresql_where="external_id IS NOT NULL",
    ),
    CheckConstraint("direction IN ('in','out')", name="direction"),
    CheckConstraint("author_kind IN ('client','bot','agent','system')", name="author_kind"),
)
"""What was said, in order, gap-free per conversation; the body is sealed."""

inbox = Table(
    "inbox",
    metadata,
    id_column(),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("dedup_key", Text, nullable=False),
    Column("conversation_id", ForeignKey("conversation.id")),
    Column("message_id", Uuid),
    Column("seq", BigInteger),
    Column("kind", Text, nullable=False),
    Column("subtype", Text, nullable=False, server_default=""),
    Column("raw_enc", LargeBinary),
    Column("verified_by", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="new"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("due_at", now=True),
    Column("error", Text),
    moment("received_at", now=True),
    moment("done_at"),
    UniqueConstraint("channel", "account", "dedup_key"),
    Index(
        "ix_inbox_new",
        "conversation_id",
        "seq",
        postgresql_where="state = 'new'",
    ),
    CheckConstraint("state IN ('new','done','dead')", name="state"),
)
"""Everything verified that came in, once; committed before it is acknowledged."""
