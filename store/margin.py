"""Margin calls that a deposit covers: cured before the next risk ratio says so."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from store import notice
from store.engine import Connection


async def cancel_covered(
    connection: Connection, deposits: Sequence[tuple[UUID, float]]
) -> list[UUID]:
    """End the live margin calls whose shortfall these deposits (client, yuan) cover at once.

    Returns the notices that it ended. A call of unknown shortfall waits for the next risk ratio,
    and one that was raised after the deposit would be raised again by it.
    """
    if not deposits:
        return []
    parameters = {
        "clients": [client_id for client_id, _ in deposits],
        "amounts": [amount for _, amount in deposits],
    }
    rows = (await connection.execute(_COVERED, parameters)).all()
    return await notice.record_cancelled(
        connection, [row.id for row in rows], "topped_up", actor="notice"
    )


_COVERED = text("""
SELECT notice.id FROM notice JOIN (
  SELECT client_id, sum(amount) AS amount
  FROM unnest(CAST(:clients AS uuid[]), CAST(:amounts AS float8[])) AS paid (client_id, amount)
  GROUP BY client_id) AS paid ON paid.client_id = notice.client_id
WHERE notice.topic LIKE 'margin:%' AND notice.exposure > 0 AND notice.exposure <= paid.amount
  AND notice.state IN ('open','in_progress','unreached','escalated')
""")
