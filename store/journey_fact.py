"""What is known of clients at this moment, for the branches of journeys: one look for many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection

Facts = Mapping[str, Mapping[str, object]]
"""Values by namespace (`figure`, `tier`, `client`) and name; what is not known is not there."""


async def find_facts(
    connection: Connection, client_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Facts]:
    """Return the facts of these clients; tags that have expired are not among them."""
    if not client_ids:
        return {}
    parameters = {"clients": list(set(client_ids)), "now": now}
    rows = (await connection.execute(_FACTS, parameters)).mappings()
    return {
        row["id"]: {
            space: {
                name.removeprefix(f"{space}__"): _plain(value)
                for name, value in row.items()
                if name.startswith(f"{space}__")
            }
            for space in ("figure", "tier", "client")
        }
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event that somebody awaits since a moment."""

    client_id: UUID
    type: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Came:
    """An event that has come: `n` is the place of what wanted it."""

    n: int
    figures: Mapping[str, object]
    at: datetime


async def find_came(connection: Connection, wanted: Sequence[Wanted], now: datetime) -> list[Came]:
    """Return what came after somebody began to await it, in order, for each of `wanted`.

    An event may be handled between the moment at which a wait begins and the moment at which a
    worker writes that down; it is found here.
    """
    if not wanted:
        return []
    parameters = {
        "clients": [one.client_id for one in wanted],
        "types": [one.type for one in wanted],
        "since": [one.since for one in wanted],
        "now": now,
    }
    rows = await connection.execute(_CAME, parameters)
    return [Came(row.n - 1, row.figures, row.at) for row in rows]


async def find_some(connection: Connection, limit: int) -> list[UUID]:
    """Return the first clients by id, for a measurement."""
    return [row.id for row in await connection.execute(_SOME, {"limit": limit})]


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


_FIGURES = (
    "assets margin_usage risk_ratio drawdown financing_ratio trades_90d turnover_90d holding_days "
    "deposits complaints_90d opened_at first_deposit_at last_trade_at last_active_at"
).split()
_TIERS = (
    "layer asset_band frequency_band risk_band loyalty_band stage recency frequency monetary "
    "churn_risk"
).split()
_CLIENTS = "risk_level investor_class stage manager instruments timezone".split()


def _select(space: str, names: Sequence[str]) -> str:
    return ", ".join(f"{space}.{name} AS {space}__{name}" for name in names)


_FACTS = text(f"""
SELECT client.id, {_select("client", _CLIENTS)}, {_select("figure", _FIGURES)},
  {_select("tier", _TIERS)}, tier.layer AS client__tier,
  ARRAY(SELECT tag FROM client_tag WHERE client_tag.client_id = client.id
    AND (expires_at IS NULL OR expires_at > :now)) AS client__tags
FROM client LEFT JOIN client_figure AS figure ON figure.client_id = client.id
LEFT JOIN client_tier AS tier ON tier.client_id = client.id
WHERE client.id = ANY(CAST(:clients AS uuid[]))
""")  # noqa: S608  (constants)
_CAME = text("""
SELECT wanted.n, event.figures, event.at
FROM unnest(CAST(:clients AS uuid[]), CAST(:types AS text[]), CAST(:since AS timestamptz[]))
  WITH ORDINALITY AS wanted (client_id, type, since, n)
JOIN client_event AS event ON event.client_id = wanted.client_id AND event.type = wanted.type
  AND event.at > wanted.since AND event.at <= :now AND event.state IN ('new','handled')
ORDER BY wanted.n, event.at, event.id
""")
_SOME = text("SELECT id FROM client ORDER BY id LIMIT :limit")
