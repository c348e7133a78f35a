"""Journeys: a definition in versions, and one row for each client who is under way."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.schema import id_column, metadata, moment

journey = Table(
    "journey",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("author_id", ForeignKey("person.id")),
    Column("approver_id", ForeignKey("person.id")),
    moment("created_at", now=True),
    moment("activated_at"),
    moment("swept_at"),
    UniqueConstraint("key", "version"),
    Index("uq_journey_active", "key", unique=True, postgresql_where="state = 'active'"),
    CheckConstraint("state IN ('draft','review','active','superseded','retired')", name="state"),
    CheckConstraint("approver_id <> author_id", name="four_eyes"),
    CheckConstraint(
        "state NOT IN ('active','superseded') OR author_id IS NULL OR approver_id IS NOT NULL",
        name="approved_by",
    ),
)
"""One version of a journey, as its YAML; clients who entered under a version stay with it.
`swept_at` is when its audience was last looked for."""

journey_run = Table(
    "journey_run",
    metadata,
    Column("journey_id", Uuid, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("entry_key", Text, primary_key=True),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("vars", JSONB, nullable=False, server_default="{}"),
    Column("awaits", Text),
    moment("due_at"),
    moment("entered_at", now=True),
    moment("ended_at"),
    Column("outcome", Text),
    Column("trouble", Text),
    Index("ix_journey_run_due", "due_at", postgresql_where="state = 'waiting'"),
    Index(
        "ix_journey_run_standing",
        "journey_id",
        "client_id",
        postgresql_where="trouble IS NOT NULL",
    ),
    CheckConstraint("state IN ('waiting','ended')", name="state"),
)
"""A client on the way: at which step, until when, and for which event. It costs nothing but
this row. `entry_key` says what let the client in, so the same cause enters once.
`trouble` is why it could not be walked when it was last tried."""

journey_step = Table(
    "journey_step",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("journey_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("entry_key", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("result", Text, nullable=False),
    moment("at", now=True),
    Index("ix_journey_step_run", "journey_id", "client_id", "entry_key"),
)
"""What was done at each step of each run, append-only."""
