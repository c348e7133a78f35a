"""The 360° client: what is known of each, in which tier they are, and what they agreed to."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from store.tables.schema import id_column, metadata, moment

client_figure = Table(
    "client_figure",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),
    Column("assets", Numeric(18, 2)),
    Column("margin_usage", REAL),
    Column("risk_ratio", REAL),
    Column("drawdown", REAL),
    Column("financing_ratio", REAL),
    Column("trades_90d", Integer, nullable=False, server_default="0"),
    Column("turnover_90d", Numeric(20, 2), nullable=False, server_default="0"),
    Column("holding_days", REAL),
    Column("deposits", Integer, nullable=False, server_default="0"),
    Column("complaints_90d", Integer, nullable=False, server_default="0"),
    moment("opened_at"),
    moment("first_deposit_at"),
    moment("last_trade_at"),
    moment("last_active_at"),
    moment("updated_at", now=True),
    moment("assets_at"),
    moment("margin_usage_at"),
    moment("risk_ratio_at"),
    moment("drawdown_at"),
    moment("financing_ratio_at"),
    Column("base_trades", Integer),
    Column("base_turnover", Numeric(20, 2)),
    Column("base_complaints", Integer),
    moment("base_at"),
)
"""The newest figures of a client, as the broker's events told them; ratios are parts of one.
`*_at` says when a figure was true, so that a late event does not undo a newer one. `base_*` are
the 90-day counters of an import: they fade out within 90 days of `base_at`, as events come in."""

client_tag = Table(
    "client_tag",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("source", Text, nullable=False),
    moment("at", now=True),
    moment("expires_at"),
    Index("ix_client_tag_tag", "tag", "client_id"),
)
"""A word that describes a client: an instrument, an interest, what a journey or a person set."""

client_tier = Table(
    "client_tier",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("recency", SmallInteger, nullable=False),
    Column("frequency", SmallInteger, nullable=False),
    Column("monetary", SmallInteger, nullable=False),
    Column("layer", Text, nullable=False),
    Column("asset_band", Text, nullable=False),
    Column("frequency_band", Text, nullable=False),
    Column("risk_band", Text, nullable=False),
    Column("loyalty_band", Text, nullable=False),
    Column("credit_risk", Text),
    Column("credit_term", Text),
    Column("credit_size", Text),
    Column("credit_style", Text),
    Column("stage", Text, nullable=False),
    Column("churn_risk", REAL, nullable=False),
    Column("churn_reasons", ARRAY(Text), nullable=False, server_default="{}"),
    moment("computed_at", now=True),
    CheckConstraint("recency BETWEEN 1 AND 5", name="recency"),
    CheckConstraint("frequency BETWEEN 1 AND 5", name="frequency"),
    CheckConstraint("monetary BETWEEN 1 AND 5", name="monetary"),
)
"""What the rules make of a client's figures; rewritten as a whole, so no index but the key.
The scores go from 1, the lowest fifth, to 5. `credit_*` are null without margin trading. There
is no foreign key: a million checks of it take as long as the tiers themselves."""

tier_change = Table(
    "tier_change",
    metadata,
    Column("client_id", Uuid, nullable=False),
    moment("at", now=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    PrimaryKeyConstraint("client_id", "at"),
)
"""Each time that a client went from one layer to another."""

tier_run = Table(
    "tier_run",
    metadata,
    id_column(),
    Column("actor", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="running"),
    Column("step", Text, nullable=False, server_default="count"),
    Column("version", Integer, nullable=False),
    Column("clients", Integer),
    Column("changed", Integer),
    Column("lines", JSONB, nullable=False, server_default="{}"),
    Column("layers", JSONB, nullable=False, server_default="{}"),
    Column("moves", JSONB, nullable=False, server_default="[]"),
    moment("at", now=True),
    moment("ended_at"),
    CheckConstraint("state IN ('running','done','failed')", name="state"),
)
"""Each time that the tiers were computed: by which rules, and where the fifths lay."""

tier_rule = Table(
    "tier_rule",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSONB, nullable=False),
    Column("author_id", Uuid),
    moment("at", now=True),
)
"""Each version of each rule that tiers are computed by; the highest version holds."""

channel_response = Table(
    "channel_response",
    metadata,
    Column("client_id", ForeignKey("client.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("sent", REAL, nullable=False, server_default="0"),
    Column("answered", REAL, nullable=False, server_default="0"),
    Column("failed", REAL, nullable=False, server_default="0"),
    moment("last_inbound_at"),
    moment("as_of", now=True),
)
"""How a client answers on a channel: counts that halve every 30 days, as they were at `as_of`."""
