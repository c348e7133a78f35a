"""Everything that leaves the house, and what became of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from store.tables.schema import id_column, metadata, moment

STATES = (
    "planned suppressed held queued sending unknown accepted delivered read "
    "rejected failed expired cancelled"
).split()

notice = Table(
    "notice",
    metadata,
    id_column(),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("category", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("content_version", Integer),
    Column("vars_enc", LargeBinary),
    moment("reach_by"),
    Column("state", Text, nullable=False, server_default="open"),
    moment("created_at", now=True),
    UniqueConstraint("source", "source_key"),
)
"""“This client must know X by T”; several messages on several channels may serve it."""

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("notice_id", ForeignKey("notice.id")),
    Column("message_id", ForeignKey("message.id"), unique=True),
    Column("conversation_id", ForeignKey("conversation.id"), index=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("author_kind", Text, nullable=False),
    Column("seq", BigInteger),
    Column("rung", Text, nullable=False, server_default="reply"),
    Column("reply_to", Uuid, index=True),
    Column("floor_epoch", Integer),
    moment("not_before"),
    moment("not_after"),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("reason", Text),
    Column("provider_id", Text),
    Column("worker", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("created_at", now=True),
    moment("sending_at"),
    moment("ended_at"),
    UniqueConstraint("notice_id", "channel", "rung"),
    Index(
        "ix_outbox_provider",
        "channel",
        "account",
        "provider_id",
        postgresql_where="provider_id IS NOT NULL",
    ),
    Index(
        "ix_outbox_waiting",
        "conversation_id",
        "seq",
        postgresql_where="state IN ('queued','sending')",
    ),
    Index("ix_outbox_sending_at", "sending_at", postgresql_using="brin"),
    Index("ix_outbox_open", "state", postgresql_where="state IN ('sending','unknown')"),
    Index(
        "ix_outbox_undelivered",
        "conversation_id",
        "seq",
        postgresql_where="author_kind = 'agent' AND state IN ('rejected','failed','expired')",
    ),
    CheckConstraint("state IN (" + ",".join(f"'{state}'" for state in STATES) + ")", name="state"),
)
"""One row per message to a client, whoever wrote it."""

queue = Table(
    "queue",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("lane", Text, nullable=False, server_default="normal"),
    moment("not_before", now=True),
    moment("lease_until"),
    Column("worker", Text),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Index("ix_queue_due", "lane", "not_before"),
    CheckConstraint("lane IN ('critical','normal','bulk')", name="lane"),
)
"""What is still to be sent; a row leaves when it is done."""

attempt = Table(
    "attempt",
    metadata,
    Column("outbox_id", ForeignKey("outbox.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    moment("at", now=True),
    Column("result", Text),
    Column("code", Text),
    Column("ms", Integer),
)
"""Each call to a provider."""

receipt = Table(
    "receipt",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), index=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("provider_event_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    moment("at", null=False),
    moment("received_at", now=True),
    UniqueConstraint("channel", "account", "provider_event_id"),
)
"""A provider's word on a message; one that came before its message is known waits here."""

window = Table(
    "window",
    metadata,
    Column("conversation_id", ForeignKey("conversation.id"), primary_key=True),
    Column("rule", Text, primary_key=True),
    moment("opened_at", null=False),
    moment("expires_at", null=False),
    Column("quota", Integer, nullable=False),
    Column("used", Integer, nullable=False, server_default="0"),
    CheckConstraint("used >= 0 AND used <= quota", name="used"),
)
"""How many more messages a channel lets us send, and until when."""
