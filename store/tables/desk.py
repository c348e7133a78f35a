"""The human side: people, their sign-ins, and the tickets that they hold."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from store.tables.schema import id_column, metadata, moment

ticket_number = Sequence("ticket_number_seq", metadata=metadata)

person = Table(
    "person",
    metadata,
    id_column(),
    Column("login", Text, unique=True, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default="true"),
    moment("created_at", now=True),
)
"""Somebody who works at the desk."""

sign_in = Table(
    "sign_in",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    moment("created_at", now=True),
    moment("seen_at", now=True),
    moment("expires_at", null=False),
)
"""An open sign-in; the token itself is only in the browser."""

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("login", Text, nullable=False),
    Column("ip", Text, nullable=False),
    moment("at", now=True),
    Column("is_good", Boolean, nullable=False),
    Index("ix_sign_in_attempt_login", "login", "at"),
    Index("ix_sign_in_attempt_ip", "ip", "at"),
)
"""Each try to sign in, for the limits and for the audit."""

ticket = Table(
    "ticket",
    metadata,
    id_column(),
    Column("number", Text, unique=True, nullable=False),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("client_id", ForeignKey("client.id"), index=True),
    Column("source_event", Uuid, unique=True),
    Column("kind", Text, nullable=False, server_default="question"),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="new"),
    Column("priority", Text, nullable=False, server_default="normal"),
    Column("reason", Text, nullable=False),
    Column("handover_enc", LargeBinary),
    Column("note_enc", LargeBinary),
    Column("assignee_id", Uuid, ForeignKey("person.id"), index=True),
    moment("opened_at", now=True),
    moment("promised_at"),
    moment("assigned_at"),
    moment("answered_at"),
    moment("resolved_at"),
    moment("closed_at"),
    Column("looked_seq", BigInteger, nullable=False, server_default="0"),
    Index(
        "uq_ticket_open",
        "conversation_id",
        unique=True,
        postgresql_where="state NOT IN ('resolved','closed')",
    ),
    Index("ix_ticket_resolved", "resolved_at", postgresql_where="state = 'resolved'"),
    CheckConstraint("priority IN ('low','normal','high','critical')", name="priority"),
)
"""A question that a person answers; at most one open per conversation.

A person has answered since `answered_at`, which keeps the promise; the assistant's words do not.
The holder has seen what became of every message up to `looked_seq`.
"""
