"""Counts an audience, and shows a few of it."""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.errors import Refused
from store.audience_sql import Where, compile_where
from store.engine import Connection

COUNT_SECONDS: Final = 5.0
MANY: Final = 2_000
"""From this size on, every thirty-second client by chance is enough for a sample."""
_CANCELED: Final = "57014"


class TooHeavy(Refused):
    """The audience takes too long to count; name fewer or narrower conditions."""

    code = "too_heavy"
    status = 422
    message_zh = "人群统计超时，请减少条件或缩小范围后重试。"


@dataclass(frozen=True, slots=True)
class Counted:
    """How many clients an audience has, of how many there are, and a few of them by chance."""

    count: int
    total: int
    sample: tuple[UUID, ...] = ()


_IS_ONE: Final = "client.merged_into IS NULL"
"""A row that was merged into another stands for nobody any more."""
_ALL: Final = f"SELECT count(*) FROM client WHERE {_IS_ONE}"


async def count(
    connection: Connection,
    body: Mapping[str, object],
    *,
    sample: int = 0,
    seconds: float = COUNT_SECONDS,
) -> Counted:
    """Return how many clients an audience has, how many there are in all, and a few of them.

    Raises:
        InvalidInput: it is no audience.
        TooHeavy: it takes longer than `seconds`.
    """
    where = compile_where(body, whole=True)
    rest = f"{_from(where)} WHERE {_IS_ONE} AND ({where.sql})"
    columns = _BY_CHANCE if sample else "count(*), NULL"
    few = {**where.parameters, "few": sample} if sample else where.parameters
    (row,) = await _ask(connection, f"SELECT ({_ALL}), {columns} {rest}", few, seconds=seconds)
    found = row[2] or ()
    if sample and 0 < row[1] < MANY:
        rows = await _ask(connection, f"SELECT client.id {rest} LIMIT :few", few, seconds=seconds)
        found = [one[0] for one in rows]
    return Counted(row[1], row[0], tuple(found))


def _from(where: Where) -> str:
    joins = [
        f"LEFT JOIN client_{alias} {alias} ON {alias}.client_id = client.id"
        for alias in sorted(where.uses)
    ]
    return " ".join(["FROM client", *joins])


async def _ask(
    connection: Connection, statement: str, values: Mapping[str, object], *, seconds: float
) -> Sequence[Any]:
    await connection.execute(_SETTINGS, {"ms": str(int(seconds * 1000))})
    try:
        return (await connection.execute(text(statement), dict(values))).all()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _CANCELED:
            raise TooHeavy from error
        raise


_BY_CHANCE: Final = """count(*), (array_agg(client.id)
  FILTER (WHERE uuid_hash_extended(client.id, 7) & 31 = 0))[1:CAST(:few AS integer)]"""
"""The first few of each thirty-second by chance. All ids of a million would take as long to gather
as to find; of a small audience, the first few are asked for by themselves."""
_SETTINGS = text("""
SELECT set_config('statement_timeout', :ms, true), set_config('work_mem', '128MB', true),
  set_config('enable_nestloop', 'off', true)
""")
"""With less memory PostgreSQL would not hash a set of a million; nobody knows beforehand how many
say yes, and where it expects few it would look up each of a million."""
