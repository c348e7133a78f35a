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
    SmallInteger,
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

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("notice_id", ForeignKey("notice.id")),
    Column("campaign_id", Uuid),
    Column("client_id", Uuid),
    Column("content_id", Uuid),
    Column("arm", Text),
    Column("message_id", ForeignKey("message.id")),
    Column("conversation_id", ForeignKey("conversation.id")),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("author_kind", Text, nullable=False),
    Column("seq", BigInteger),
    Column("rung", Text, nullable=False, server_default="reply"),
    Column("reply_to", Uuid),
    Column("floor_epoch", Integer),
    moment("not_before"),
    moment("not_after"),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("reason", Text),
    Column("provider_id", Text),
    Column("worker", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("parts", SmallInteger),
    moment("created_at", now=True),
    moment("sending_at"),
    moment("ended_at"),
    Index(
        "uq_outbox_message",
        "message_id",
        unique=True,
        postgresql_where="message_id IS NOT NULL",
    ),
    Index(
        "uq_outbox_notice",
        "notice_id",
        "channel",
        "rung",
        unique=True,
        postgresql_where="notice_id IS NOT NULL",
    ),
    Index(
        "uq_outbox_campaign",
        "campaign_id",
        "client_id",
        unique=True,
        postgresql_where="campaign_id IS NOT NULL",
    ),
    Index(
        "ix_outbox_conversation",
        "conversation_id",
        "seq",
        postgresql_where="conversation_id IS NOT NULL",
    ),
    Index("ix_outbox_reply_to", "reply_to", postgresql_where="reply_to IS NOT NULL"),
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
        postgresql_where="state IN ('queued','sending') AND conversation_id IS NOT NULL",
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
"""One row per message to a client, whoever wrote it. What goes to many has a content instead of
a message of its own; its indexes cost nothing to those who have no use for them. `parts` is null
where an SMS takes one."""

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
    Index(
        "ix_receipt_early",
        "channel",
        "account",
        "provider_id",
        postgresql_where="outbox_id IS NULL",
    ),
    Index("ix_receipt_parked", "received_at", postgresql_where="outbox_id IS NULL"),
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
