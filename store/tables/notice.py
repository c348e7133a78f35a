"""What a client must know by when: notices, the rungs that carry them, and the proof of it."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    REAL,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.schema import id_column, metadata, moment

notice = Table(
    "notice",
    metadata,
    id_column(),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("category", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("content_key", Text),
    Column("content_version", Integer),
    Column("vars_enc", LargeBinary),
    Column("channels", ARRAY(Text)),
    Column("topic", Text),
    Column("exposure", REAL, nullable=False, server_default="0"),
    moment("reach_by"),
    moment("due_at"),
    Column("next_rung", SmallInteger),
    Column("revision", SmallInteger, nullable=False, server_default="0"),
    Column("carrier_id", Uuid),
    Column("state", Text, nullable=False, server_default="open"),
    Column("reason", Text),
    Column("reached_how", Text),
    moment("reached_at"),
    moment("ended_at"),
    moment("created_at", now=True),
    UniqueConstraint("source", "source_key"),
    Index(
        "uq_notice_live",
        "client_id",
        "topic",
        unique=True,
        postgresql_where="topic IS NOT NULL AND state IN ('open','in_progress')",
    ),
    Index("ix_notice_due", "urgency", "due_at", postgresql_where="due_at IS NOT NULL"),
    Index("ix_notice_topic", "client_id", "topic", "created_at"),
    Index("ix_notice_carrier", "carrier_id", postgresql_where="carrier_id IS NOT NULL"),
    CheckConstraint(
        "state IN ('open','in_progress','reached','unreached','escalated','closed','cancelled',"
        "'expired')",
        name="state",
    ),
    CheckConstraint("urgency IN ('critical','high','normal','low')", name="urgency"),
)
"""“This client must know X by T”; several messages on several channels may serve it.
`topic` names what it is about (a margin account): one live notice a client and topic.
`channels` are those of its first rung, all at once, where its source names them.
At `due_at` the ladder looks at it again, and climbs to `next_rung`. `revision` counts how often
newer figures came; `reason` says why it ended unreached. With `carrier_id` another notice's
message carries this one too: a digest."""

notice_cause = Table(
    "notice_cause",
    metadata,
    Column("source", Text, primary_key=True),
    Column("source_key", Text, primary_key=True),
    Column("notice_id", ForeignKey("notice.id"), nullable=False, index=True),
    moment("at", now=True),
)
"""A later cause that went into a notice that was there already, so that it counts once."""

urgency_policy = Table(
    "urgency_policy",
    metadata,
    Column("urgency", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSONB, nullable=False),
    Column("author_id", ForeignKey("person.id")),
    moment("at", now=True),
)
"""Each version of each urgency's ladder (DESIGN §5); the highest version holds."""

proof = Table(
    "proof",
    metadata,
    Column("notice_id", ForeignKey("notice.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    moment("at", null=False),
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Every step towards reaching a client in a critical matter, each hash over the one before."""

trading_day = Table(
    "trading_day",
    metadata,
    Column("exchange", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("sessions", JSONB, nullable=False),
    Column("source", Text, nullable=False),
)
"""When an exchange trades on a day, where that differs from its usual week; `[]` is a holiday."""

task = Table(
    "task",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("client_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("notice_id", ForeignKey("notice.id")),
    Column("source", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail_enc", LargeBinary),
    Column("priority", Text, nullable=False, server_default="normal"),
    Column("manager", Text),
    Column("assignee_id", Uuid),
    Column("state", Text, nullable=False, server_default="open"),
    Column("outcome", Text),
    moment("due_at"),
    moment("created_at", now=True),
    moment("ended_at"),
    UniqueConstraint("source", "source_key"),
    Index("ix_task_open", "manager", "due_at", postgresql_where="state = 'open'"),
    CheckConstraint("state IN ('open','done','cancelled')", name="state"),
    CheckConstraint("priority IN ('low','normal','high','critical')", name="priority"),
)
"""Something that a person does for a client: a call, a visit. `manager` is the client's own."""
