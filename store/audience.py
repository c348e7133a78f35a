"""Makes SQL of an audience, counts it, and shows a few of it; no person's word becomes SQL."""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.errors import Refused
from store.engine import Connection
from store.expression import (
    Campaign,
    Channel,
    Consent,
    Either,
    Event,
    Every,
    Node,
    Not,
    Profile,
    Tag,
    Tier,
    parse_expression,
)

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
class Where:
    """A boolean SQL expression over the aliases `client`, `figure` and `tier`, never null.

    `figure` is client_figure and `tier` client_tier, both LEFT JOINed on client_id; `uses` names
    those of the two that it needs. The names of the parameters begin with `a_`.
    """

    sql: str
    parameters: Mapping[str, object]
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """How many clients an audience has, of how many there are, and a few of them by chance."""

    count: int
    total: int
    sample: tuple[UUID, ...] = ()


@dataclass(slots=True)
class _Pen:
    """Writes the SQL of a tree, and keeps its values apart."""

    whole: bool
    values: dict[str, object] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)
    is_joined: bool = True
    """Whether what is being written must hold for all; under an OR a set is looked up instead."""

    def bind(self, value: object, type_: str) -> str:
        name = f"a_{len(self.values)}"
        self.values[name] = value
        return f"CAST(:{name} AS {type_})"

    def write(self, node: Node) -> str:
        match node:
            case Every():
                return "(" + " AND ".join(self.write(one) for one in node.of) + ")"
            case Either():
                return "(" + " OR ".join(self._write_apart(node.of)) + ")"
            case Not(of=of):
                is_group = isinstance(of, Every | Either | Not)
                return f"(NOT {self._write_apart([of])[0] if is_group else self.write(of)})"
            case Profile() | Tier():
                return self._compare(node)
            case Tag():
                tags = self.bind(node.any, "text[]")
                return self._exists(
                    "client_tag",
                    f"one.tag = ANY({tags}) AND (one.expires_at IS NULL OR one.expires_at > now())",
                )
            case Event():
                return self._event(node)
            case Consent():
                return self._consent(node)
            case Channel():
                channel = self.bind(node.channel, "text")
                return self._exists(
                    "identity",
                    f"one.channel = {channel} AND one.is_subscribed AND NOT one.is_blocked",
                )
            case Campaign():
                return self._campaign(node)

    def _write_apart(self, nodes: Sequence[Node]) -> list[str]:
        """Write conditions of which one alone does not decide."""
        before, self.is_joined = self.is_joined, False
        written = [self.write(one) for one in nodes]
        self.is_joined = before
        return written

    def _exists(self, table: str, condition: str) -> str:
        """Write a condition that has no null: what can be joined is, by hash or by index."""
        if self.whole and not self.is_joined:
            return (
                f"client.id IN (SELECT one.client_id FROM {table} one "
                f"WHERE one.client_id IS NOT NULL AND {condition})"
            )
        join = "one.client_id = client.id"
        return f"EXISTS (SELECT 1 FROM {table} one WHERE {join} AND {condition})"

    def _compare(self, node: Profile | Tier) -> str:
        column, type_ = node.known.column, node.known.type
        alias = column.partition(".")[0]
        if alias != "client":
            self.uses.add(alias)
        if node.is_ in {"known", "unknown"}:
            return self._known(column, type_, is_known=node.is_ == "known")
        if type_ == "words":
            overlaps = f"({column} && {self.bind(node.words, 'text[]')})"
            return overlaps if node.is_ == "has_any" else f"(NOT {overlaps})"
        if type_ in {"word", "level"} and isinstance(node.value, list):
            inside = f"coalesce({column} = ANY({self.bind(node.words, 'text[]')}), false)"
            return inside if node.is_ == "in" else f"(NOT {inside})"
        if type_ == "moment":
            days = self.bind(int(node.number), "integer")
            sign = ">" if node.is_ == "within" else "<="
            return f"coalesce({column} {sign} now() - {days} * interval '1 day', false)"
        if type_ == "day":
            return self._day(node, column)
        return f"coalesce({column} {_SIGNS[node.is_]} {self._bind_bound(node)}, false)"

    def _bind_bound(self, node: Profile | Tier) -> str:
        """Bind a comparison's bound in its column's own type, so that no row is converted."""
        if node.known.type == "level":
            return self.bind(str(node.value), "text")
        if node.known.type == "real":
            return self.bind(node.number, "real")
        bound = self.bind(node.number, "double precision")
        return f"CAST({bound} AS numeric)" if node.known.unit == "CNY" else bound

    def _known(self, column: str, type_: str, *, is_known: bool) -> str:
        if type_ == "words":
            return f"({column} {'<>' if is_known else '='} '{{}}')"
        return f"({column} IS {'NOT ' if is_known else ''}NULL)"

    def _day(self, node: Profile | Tier, column: str) -> str:
        if node.is_ == "within_next":
            days = self.bind(int(node.number), "integer")
            return f"coalesce({column} BETWEEN CURRENT_DATE AND CURRENT_DATE + {days}, false)"
        day = self.bind(date.fromisoformat(str(node.value)), "date")
        return f"coalesce({column} {'>=' if node.is_ == 'from' else '<='} {day}, false)"

    def _event(self, node: Event) -> str:
        days = self.bind(node.days, "integer")
        condition = (
            f"one.type = {self.bind(node.type, 'text')} "
            f"AND one.at > now() - {days} * interval '1 day'"
        )
        if node.is_ == "at_least" and node.count == 1:
            return self._exists("client_event", condition)
        if node.is_ == "at_most" and node.count == 0:
            return f"(NOT {self._exists('client_event', condition)})"
        least = node.count if node.is_ == "at_least" else node.count + 1
        grouped = f"{condition} GROUP BY one.client_id HAVING count(*) >= "
        often = self._exists("client_event", grouped + self.bind(least, "bigint"))
        return often if node.is_ == "at_least" else f"(NOT {often})"

    def _consent(self, node: Consent) -> str:
        on = f" AND one.channel = {self.bind(node.channel, 'text')}" if node.channel else ""
        said = f"one.consents->>{self.bind(node.category, 'text')}"
        yes, no = f"{said} = 'yes'", f"'no' IN ({said}, one.consents->>'all')"
        if node.is_ == "unsaid":
            return f"(NOT {self._exists('identity', f'({yes} OR {no}){on}')})"
        return self._exists("identity", f"{yes if node.is_ == 'yes' else no}{on}")

    def _campaign(self, node: Campaign) -> str:
        campaign = self.bind(node.campaign_id, "uuid")
        if node.is_ == "planned":
            return self._exists(
                "campaign_recipient", f"one.campaign_id = {campaign} AND one.state <> 'suppressed'"
            )
        if node.is_ == "reached":
            return self._exists(
                "outbox",
                f"one.campaign_id = {campaign} AND one.state IN ('accepted','delivered','read')",
            )
        return self._exists(
            "outbox",
            f"one.campaign_id = {campaign} "
            "AND EXISTS (SELECT 1 FROM click WHERE click.outbox_id = one.id)",
        )


_IS_ONE: Final = "client.merged_into IS NULL"
"""A row that was merged into another stands for nobody any more."""
_ALL: Final = f"SELECT count(*) FROM client WHERE {_IS_ONE}"
_SIGNS: Final = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<", "equals": "="}


def compile_where(body: Mapping[str, object], *, whole: bool = False) -> Where:
    """Return the SQL of an expression's JSON.

    `whole`: it is for all clients at once; else for a slice of them, so that what is known of
    each is looked up by index and nothing is read over and over.

    Raises:
        InvalidInput: it is no audience; the message names the place and what would be right.
    """
    return _compile(parse_expression(body), whole=whole)


def _compile(node: Node, *, whole: bool) -> Where:
    pen = _Pen(whole)
    sql = pen.write(node)
    return Where(sql, pen.values, frozenset(pen.uses))


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
    columns = _FEW if sample else "count(*)"
    statement = f"SELECT ({_ALL}), {columns} {_from(where)} WHERE {_IS_ONE} AND ({where.sql})"
    values = {**where.parameters, **({"few": sample} if sample else {})}
    row = await _ask(connection, statement, values, seconds=seconds)
    found = row[2 if row[1] < MANY else 3] if sample else None
    return Counted(row[1], row[0], tuple(found or ()))


def _from(where: Where) -> str:
    joins = [
        f"LEFT JOIN client_{alias} {alias} ON {alias}.client_id = client.id"
        for alias in sorted(where.uses)
    ]
    return " ".join(["FROM client", *joins])


async def _ask(
    connection: Connection, statement: str, values: Mapping[str, object], *, seconds: float
) -> tuple[Any, ...]:
    await connection.execute(_SETTINGS, {"ms": str(int(seconds * 1000))})
    try:
        return tuple((await connection.execute(text(statement), dict(values))).one())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _CANCELED:
            raise TooHeavy from error
        raise


_FEW: Final = """count(*), (array_agg(client.id))[1:CAST(:few AS integer)],
(array_agg(client.id) FILTER (WHERE uuid_hash_extended(client.id, 7) & 31 = 0))
  [1:CAST(:few AS integer)]"""
"""The first few, for a small audience, and the first few of each thirty-second by chance."""
_SETTINGS = text("""
SELECT set_config('statement_timeout', :ms, true), set_config('work_mem', '128MB', true),
  set_config('enable_nestloop', 'off', true)
""")
"""With less memory PostgreSQL would not hash a set of a million; nobody knows beforehand how many
say yes, and where it expects few it would look up each of a million."""
