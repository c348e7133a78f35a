"""The figures of clients: folded from events, newest wins; counters of 90 days fade by night."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection

WINDOW_DAYS = 90


async def fold(connection: Connection, event_ids: Sequence[UUID]) -> None:
    """Take events into their clients' figures, in one statement.

    A figure is replaced only by one that was true later. Counters grow with each event, so an
    event is folded in the transaction that claims it, and there alone.
    """
    await connection.execute(_FOLD, {"ids": list(event_ids), "days": WINDOW_DAYS})


async def recount(connection: Connection) -> int:
    """Count the last 90 days anew from the events, for all clients; return how many changed.

    What an import told counts as spread evenly over the 90 days before it: each day takes a
    ninetieth of it away.
    """
    counted = await connection.execute(_RECOUNT, {"days": WINDOW_DAYS})
    return counted.rowcount


async def find(connection: Connection, client_id: UUID) -> dict[str, object]:
    """Return a client's figures by name, as they are kept; nothing for who has none."""
    row = (await connection.execute(_FIND, {"id": client_id})).mappings().one_or_none()
    return {name: value for name, value in row.items() if name not in _INSIDE} if row else {}


def _newest(name: str, value: str, where: str) -> str:
    """Return the columns `name` and `name_at`: the newest value in the batch, and of when."""
    return (
        f"(array_agg({value} ORDER BY at DESC, id DESC) FILTER (WHERE {where}))[1] AS {name}, "
        f"max(at) FILTER (WHERE {where}) AS {name}_at"
    )


_ASSETS = _newest(
    "assets", "CAST(figures->>'assets_fen' AS numeric) / 100", "jsonb_exists(figures, 'assets_fen')"
)
_RATIOS = ", ".join(
    _newest(name, f"CAST(figures->>'{figure}' AS real)", where)
    for name, figure, where in (
        ("margin_usage", "ratio", "type = 'margin_usage'"),
        ("risk_ratio", "ratio", "type = 'risk_ratio'"),
        ("drawdown", "ratio", "type = 'drawdown'"),
        ("financing_ratio", "financing_ratio", "jsonb_exists(figures, 'financing_ratio')"),
    )
)
_TIMED = ("assets", "margin_usage", "risk_ratio", "drawdown", "financing_ratio")
_COLUMNS = ", ".join(f"{name}, {name}_at" for name in _TIMED)
_REPLACE = ", ".join(
    f"{name} = CASE WHEN old.{name}_at > EXCLUDED.{name}_at THEN old.{name} "
    f"ELSE COALESCE(EXCLUDED.{name}, old.{name}) END, "
    f"{name}_at = GREATEST(old.{name}_at, EXCLUDED.{name}_at)"
    for name in _TIMED
)
_RECENT = "at > now() - make_interval(days => :days)"
_ACTIVE = "('login','order_filled','deposit_settled','first_deposit','withdrawal_settled')"

_FOLD = text(f"""
WITH told AS (
  SELECT id, client_id, type, figures, at FROM client_event
  WHERE id = ANY(CAST(:ids AS uuid[])) AND client_id IS NOT NULL
), folded AS (
  SELECT client_id, {_ASSETS}, {_RATIOS},
    count(*) FILTER (WHERE type = 'order_filled' AND {_RECENT}) AS trades,
    COALESCE(sum(CAST(figures->>'amount_fen' AS numeric))
      FILTER (WHERE type = 'order_filled' AND {_RECENT}), 0) / 100 AS turnover,
    count(*) FILTER (WHERE type = 'complaint' AND {_RECENT}) AS complaints,
    count(*) FILTER (WHERE type = 'deposit_settled') AS deposits,
    min(at) FILTER (WHERE type = 'account_opened') AS opened_at,
    min(at) FILTER (WHERE type IN ('first_deposit','deposit_settled')) AS first_deposit_at,
    max(at) FILTER (WHERE type = 'order_filled') AS last_trade_at,
    max(at) FILTER (WHERE type IN {_ACTIVE}) AS last_active_at
  FROM told GROUP BY client_id
)
INSERT INTO client_figure AS old (client_id, {_COLUMNS}, trades_90d, turnover_90d, complaints_90d,
  deposits, opened_at, first_deposit_at, last_trade_at, last_active_at)
SELECT client_id, {_COLUMNS}, trades, turnover, complaints, deposits,
  opened_at, first_deposit_at, last_trade_at, last_active_at
FROM folded ORDER BY client_id
ON CONFLICT (client_id) DO UPDATE SET {_REPLACE},
  trades_90d = old.trades_90d + EXCLUDED.trades_90d,
  turnover_90d = old.turnover_90d + EXCLUDED.turnover_90d,
  complaints_90d = old.complaints_90d + EXCLUDED.complaints_90d,
  deposits = old.deposits + EXCLUDED.deposits,
  opened_at = LEAST(old.opened_at, EXCLUDED.opened_at),
  first_deposit_at = LEAST(old.first_deposit_at, EXCLUDED.first_deposit_at),
  last_trade_at = GREATEST(old.last_trade_at, EXCLUDED.last_trade_at),
  last_active_at = GREATEST(old.last_active_at, EXCLUDED.last_active_at),
  updated_at = now()
""")  # noqa: S608  (constants)

_RECOUNT = text("""
WITH counted AS (
  SELECT client_id, count(*) FILTER (WHERE type = 'order_filled') AS trades,
    COALESCE(sum(CAST(figures->>'amount_fen' AS numeric)) FILTER (WHERE type = 'order_filled'), 0)
      / 100 AS turnover,
    count(*) FILTER (WHERE type = 'complaint') AS complaints,
    CAST(avg(CAST(figures->>'holding_days' AS real)) FILTER (WHERE type = 'order_filled') AS real)
      AS holding_days
  FROM client_event
  WHERE state = 'handled' AND client_id IS NOT NULL AND type IN ('order_filled','complaint')
    AND at > now() - make_interval(days => :days)
  GROUP BY client_id
), right_now AS (
  SELECT figure.client_id,
    COALESCE(counted.trades, 0) + round(COALESCE(base_trades, 0) * share) AS trades,
    COALESCE(counted.turnover, 0) + round(COALESCE(base_turnover, 0) * share, 2) AS turnover,
    COALESCE(counted.complaints, 0) + round(COALESCE(base_complaints, 0) * share) AS complaints,
    COALESCE(counted.holding_days, figure.holding_days) AS holding_days
  FROM client_figure AS figure LEFT JOIN counted ON counted.client_id = figure.client_id
  CROSS JOIN LATERAL (SELECT CAST(GREATEST(0, 1 - EXTRACT(epoch FROM now() - base_at)
    / (:days * 86400.0)) AS numeric) AS share) AS fading
  WHERE counted.client_id IS NOT NULL OR figure.base_at IS NOT NULL
)
UPDATE client_figure SET trades_90d = right_now.trades, turnover_90d = right_now.turnover,
  complaints_90d = right_now.complaints, holding_days = right_now.holding_days, updated_at = now()
FROM right_now WHERE right_now.client_id = client_figure.client_id
  AND (trades_90d, turnover_90d, complaints_90d, client_figure.holding_days) IS DISTINCT FROM
    (right_now.trades, right_now.turnover, right_now.complaints, right_now.holding_days)
""")
_INSIDE = frozenset({"client_id", "base_trades", "base_turnover", "base_complaints", "base_at"})
_FIND = text("SELECT * FROM client_figure WHERE client_id = :id")
