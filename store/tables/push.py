"""Devices that take pushes, and the keys under which providers know a push again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, Text, Uuid

from store.tables.schema import metadata, moment

push_device = Table(
    "push_device",
    metadata,
    Column("identity_id", ForeignKey("identity.id"), primary_key=True),
    Column("owner_hash", LargeBinary, nullable=False, index=True),
    Column("detail_enc", LargeBinary, nullable=False),
    moment("at", now=True),
    moment("ended_at"),
)
"""A phone's app or a browser: whose chat token registered it, and what is needed to reach it.
`ended_at`: the provider says that the app is gone."""

push_key = Table(
    "push_key",
    metadata,
    Column("outbox_id", Uuid, primary_key=True),
    Column("key", Text, nullable=False),
    moment("at", now=True),
)
"""The provider's own key (JPush: cid) for a message, fetched before it is first sent. A
message of a slice is not in the outbox yet."""
