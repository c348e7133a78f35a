"""The rules that tiers are computed by: data in versions, of which the highest holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.errors import Conflict
from kernel.message import Json
from store.engine import Connection
from store.tables.profile import tier_rule

NAME = "tiers"
"""The one document of rules; the table has room for more."""

Span = tuple[int, int]
"""The lowest and the highest score that fit, from 1 to 5."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Which figures recency, frequency and monetary value are."""

    recency: Literal["last_trade_at", "last_active_at"]
    frequency: Literal["trades_90d", "turnover_90d"]
    monetary: Literal["assets", "turnover_90d"]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, and the scores and the churn risk that lead into it."""

    name: str
    zh: str
    en: str
    recency: Span = (1, 5)
    frequency: Span = (1, 5)
    monetary: Span = (1, 5)
    churn_from: float = 0.0


@dataclass(frozen=True, slots=True)
class Band:
    """A band, which begins `at_least` here."""

    name: str
    zh: str
    en: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Risk:
    """Points for the level of the questionnaire and for behaviour, and where bands begin."""

    levels: Mapping[str, float]
    margin_usage_from: float
    margin_usage_points: float
    drawdown_from: float
    drawdown_points: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Points for years, for being active, and against complaints, and where bands begin."""

    year_points: float
    year_cap: float
    active_days: float
    active_points: float
    complaint_points: float
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Credit:
    """两融: by financing ratio, days held, assets and trades."""

    risk: tuple[Band, ...]
    short_below_days: float
    size: tuple[Band, ...]
    active_from: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Days that divide the stages of a client's life."""

    new_days: float
    mature_days: float
    silent_days: float
    lost_days: float


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why a client may leave: a figure `at_least` here weighs so much."""

    name: str
    zh: str
    en: str
    figure: Literal["silent_days", "drawdown", "complaints_90d", "margin_usage", "unfunded_days"]
    at_least: float
    weight: float


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of tiers; the first layer that fits holds, and the last one fits everybody."""

    scores: Scores
    layers: tuple[Layer, ...]
    assets: tuple[Band, ...]
    frequency: tuple[Band, ...]
    risk: Risk
    loyalty: Loyalty
    credit: Credit
    stage: Stage
    churn: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rules: who kept it, None where nobody did, and when."""

    version: int
    author: str | None
    at: datetime


async def find_history(connection: Connection) -> list[Version]:
    """Return the last fifty versions, newest first."""
    return [Version(*row) for row in await connection.execute(_HISTORY, {"name": NAME})]


async def find_version(connection: Connection, version: int) -> Json | None:
    """Return the definition of a version, or None."""
    parameters = {"name": NAME, "version": version}
    found: Json = (await connection.execute(_VERSION, parameters)).scalar_one_or_none()
    return found


async def find(connection: Connection) -> tuple[int, Json] | None:
    """Return the version that holds and its definition; None as long as nobody changed one."""
    row = (await connection.execute(_FIND, {"name": NAME})).one_or_none()
    return (row.version, row.definition) if row else None


async def record(connection: Connection, definition: Json, *, after: int, author_id: UUID) -> int:
    """Keep a new version and return its number.

    Raises:
        Conflict: `after` is not the version that holds: somebody else was faster.
    """
    parameters = {
        "name": NAME,
        "definition": orjson.dumps(definition).decode(),
        "after": after,
        "author": author_id,
    }
    version: int | None = (await connection.execute(_RECORD, parameters)).scalar_one_or_none()
    if version is None:
        raise Conflict(
            "These rules were changed meanwhile; please look at them again.",
            zh="分层规则已被他人修改，请刷新后重试。",
        )
    return version


_FIND = text(
    "SELECT version, definition FROM tier_rule WHERE name = :name ORDER BY version DESC LIMIT 1"
).columns(tier_rule.c.version, tier_rule.c.definition)
_HISTORY = text("""
SELECT version, person.name AS author, at FROM tier_rule
LEFT JOIN person ON person.id = author_id
WHERE tier_rule.name = :name ORDER BY version DESC LIMIT 50
""")
_VERSION = text(
    "SELECT definition FROM tier_rule WHERE name = :name AND version = :version"
).columns(tier_rule.c.definition)
_RECORD = text("""
INSERT INTO tier_rule (name, version, definition, author_id)
SELECT :name, CAST(:after AS integer) + 1, CAST(:definition AS jsonb), :author
WHERE COALESCE((SELECT max(version) FROM tier_rule WHERE name = :name), 0) = :after
ON CONFLICT DO NOTHING RETURNING version
""")
