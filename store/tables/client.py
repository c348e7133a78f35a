"""Clients, how they are reached, and how it was made sure that it is them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.schema import id_column, metadata, moment

client = Table(
    "client",
    metadata,
    id_column(),
    Column("client_no_hash", LargeBinary, unique=True, nullable=False),
    Column("client_no_enc", LargeBinary, nullable=False),
    Column("name_enc", LargeBinary),
    Column("phone_hash", LargeBinary, index=True),
    Column("phone_enc", LargeBinary),
    Column("risk_level", Text),
    Column("suitability_valid_until", Date),
    Column("investor_class", Text),
    Column("stage", Text),
    Column("manager", Text),
    Column("instruments", ARRAY(Text), nullable=False, server_default="{}"),
    Column("timezone", Text, nullable=False, server_default="Asia/Shanghai"),
    Column("legal_hold", Boolean, nullable=False, server_default="false"),
    moment("created_at", now=True),
    moment("refreshed_at"),
    Column("merged_into", ForeignKey("client.id")),
    Index("ix_client_merged", "merged_into", postgresql_where="merged_into IS NOT NULL"),
)
"""One person or firm. `*_enc` are sealed cells, `*_hash` blind indexes (see store/cipher.py).
A row that turned out to be the same person as another is `merged_into` it and stays, empty."""

client_merge = Table(
    "client_merge",
    metadata,
    id_column(),
    Column("kept_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("gone_id", ForeignKey("client.id"), nullable=False, index=True),
    Column("moved", JSONB, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("at", now=True),
    moment("undone_at"),
    CheckConstraint("kept_id <> gone_id", name="two"),
)
"""Two rows that are one person: `moved` names every row that changed hands, for undoing it."""

identity = Table(
    "identity",
    metadata,
    id_column(),
    Column("client_id", ForeignKey("client.id"), index=True),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("language", Text),
    Column("is_subscribed", Boolean, nullable=False, server_default="true"),
    Column("is_blocked", Boolean, nullable=False, server_default="false"),
    Column("consents", JSONB, nullable=False, server_default="{}"),
    Column("from_book", Boolean, nullable=False, server_default="false"),
    moment("bound_at"),
    moment("created_at", now=True),
    UniqueConstraint("channel", "account", "address"),
)
"""Where somebody is reached; without `client_id` it is a stranger. `from_book`: the broker's book
says that it is this client's, and the client has not proved it yet. `consents` is the newest word,
`yes` or `no`, on each category: a trigger on `consent` keeps it."""

verification = Table(
    "verification",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False),
    Column("client_id", ForeignKey("client.id"), nullable=False),
    Column("method", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("verified_at", now=True),
    moment("expires_at", null=False),
    moment("revoked_at"),
    Index("ix_verification_conversation", "conversation_id", "expires_at"),
)
"""Proof that this conversation's other side is this client, for some scopes, for some time."""

challenge = Table(
    "challenge",
    metadata,
    id_column(),
    Column("conversation_id", ForeignKey("conversation.id"), nullable=False, index=True),
    Column("broker_challenge", Text, nullable=False),
    Column("phone_hash", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False, server_default="open"),
    moment("created_at", now=True),
    moment("expires_at", null=False),
)
"""A one-time code that the broker's core has sent out for a conversation."""

preference = Table(
    "preference",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),
    Column("category", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("weight", Integer, nullable=False),
    Column("origin", Text, nullable=False),
)
"""Which channel a client prefers for which kind of message: stated or learned."""

consent = Table(
    "consent",
    metadata,
    id_column(),
    Column("identity_id", Uuid, ForeignKey("identity.id"), nullable=False, index=True),
    Column("category", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    moment("at", now=True),
    Column("person_id", ForeignKey("person.id")),
    Column("note", Text),
)
"""Every yes and no of a client; the newest of a category counts. `person_id` is who wrote it down
where a client told staff, `note` how that can be proven."""
