"""One content to many: the audience, a row a recipient, and the shares that workers take."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.schema import id_column, metadata, moment

audience = Table(
    "audience",
    metadata,
    id_column(),
    Column("name", Text, unique=True, nullable=False),
    Column("expression", JSONB, nullable=False),
    Column("author_id", ForeignKey("person.id")),
    moment("changed_at", now=True),
)
"""A named set of clients: an expression over what is known of them, never a list."""

campaign = Table(
    "campaign",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("content_id", ForeignKey("content.id"), nullable=False),
    Column("expression", JSONB, nullable=False),
    Column("category", Text, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("arms", JSONB, nullable=False, server_default='{"a": 1}'),
    Column("hold_out", REAL, nullable=False, server_default="0"),
    Column("schedule", JSONB, nullable=False, server_default="{}"),
    Column("per_second", REAL),
    Column("goal", Text),
    Column("values", JSONB, nullable=False, server_default="{}"),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("author_id", ForeignKey("person.id")),
    Column("approver_id", ForeignKey("person.id")),
    Column("repeat_of", ForeignKey("campaign.id")),
    Column("plan_cursor", Uuid),
    Column("planned", Integer, nullable=False, server_default="0"),
    moment("starts_at"),
    moment("not_after"),
    moment("planned_at"),
    moment("served_at"),
    moment("started_at"),
    moment("ended_at"),
    moment("created_at", now=True),
    Index("ix_campaign_due", "starts_at", postgresql_where="state IN ('scheduled','running')"),
    CheckConstraint(
        "state IN ('draft','review','approved','scheduled','running','paused','done','cancelled')",
        name="state",
    ),
    CheckConstraint("hold_out >= 0 AND hold_out < 1", name="hold_out"),
    CheckConstraint("approver_id <> author_id", name="four_eyes"),
    CheckConstraint(
        "state IN ('draft','review','cancelled') OR author_id IS NULL OR approver_id IS NOT NULL",
        name="approved_by",
    ),
)
"""A sending to an audience; the expression is the audience's at the moment of review. `values` are
what the campaign itself says for the fields of its content.
Planning goes over the clients in the order of their ids; `plan_cursor` is the last one planned."""

campaign_recipient = Table(
    "campaign_recipient",
    metadata,
    Column("campaign_id", Uuid, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("identity_id", Uuid),
    Column("place", SmallInteger),
    Column("arm", Text),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    moment("due_at"),
    Index(
        "ix_campaign_recipient_held",
        "campaign_id",
        "due_at",
        postgresql_where="state = 'held'",
    ),
    CheckConstraint("state IN ('planned','held','suppressed','withheld')", name="state"),
)
"""The plan: one row a client of the audience. `withheld` is the hold-out of a test. A `planned`
one whose message is in the outbox was sent; `held` waits for `due_at`. No foreign keys: a
million of them take longer than the plan itself, and clients are never deleted under a plan."""

campaign_place = Table(
    "campaign_place",
    metadata,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
)
"""The numbers by which recipients name the channel and account that carry their message."""

campaign_share = Table(
    "campaign_share",
    metadata,
    Column("campaign_id", ForeignKey("campaign.id"), primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("first_client", Uuid, primary_key=True),
    Column("last_client", Uuid, nullable=False),
    Column("cursor", Uuid),
    Column("planned", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("worker", Text),
    moment("lease_until"),
    Index("ix_campaign_share_open", "campaign_id", "place", postgresql_where="state = 'open'"),
    CheckConstraint("state IN ('open','done')", name="state"),
)
"""The recipients at one place after `first_client` and up to `last_client`, as they were planned
together: one worker at a time goes through them in slices.
A slice and the cursor that passes it are committed together."""

campaign_slice = Table(
    "campaign_slice",
    metadata,
    id_column(),
    Column("campaign_id", Uuid, nullable=False),
    Column("content_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("worker", Text, nullable=False),
    moment("sending_at", now=True),
    moment("not_after"),
    Column("ids", ARRAY(Uuid), nullable=False),
    Column("client_ids", ARRAY(Uuid), nullable=False),
    Column("addresses", ARRAY(Text), nullable=False),
    Column("arms", ARRAY(Text), nullable=False),
    Column("parts", ARRAY(SmallInteger)),
)
"""The messages that a worker is `sending` for the first time: one row, until it is known what
became of each. Then they are in the outbox, and the row is gone (decision 0011)."""

contact_count = Table(
    "contact_count",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("n", Integer, nullable=False),
)
"""How many messages of a category a client was sent on a day, in the client's own zone."""

throttle = Table(
    "throttle",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("per_second", REAL, nullable=False),
    moment("free_at", now=True),
    Column("failures", Integer, nullable=False, server_default="0"),
    moment("open_until"),
    CheckConstraint("per_second > 0", name="per_second"),
)
"""What an account may send, shared by all workers: `free_at` is when all that was granted is
spent. Until `open_until` the circuit is open: too many calls in a row failed."""

account_day = Table(
    "account_day",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("n", Integer, nullable=False),
)
"""How many messages an account sent on a day of China's, where it may send so many a day."""
