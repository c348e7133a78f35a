"""Makes SQL of an audience; no person's word becomes SQL."""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Where:
    """A boolean SQL expression over the aliases `client`, `figure` and `tier`, never null.

    `figure` is client_figure and `tier` client_tier, both LEFT JOINed on client_id; `uses` names
    those of the two that it needs. The names of the parameters begin with `a_`.
    """

    sql: str
    parameters: Mapping[str, object]
    uses: frozenset[str] = frozenset()


_Named: TypeAlias = Tag | Event | Consent | Channel | Campaign
"""Conditions that rows of another table name clients for."""


@dataclass(frozen=True, slots=True)
class _Set:
    """Clients named by rows of a table, as `one`; `is_in` if they are meant, else all others.

    `often` groups the rows by client and counts them.
    """

    table: str
    condition: str
    is_in: bool = True
    often: str = ""


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
                return self._write_any(node.of)
            case Not(of=of):
                is_group = isinstance(of, Every | Either | Not)
                return f"(NOT {self._write_apart([of])[0] if is_group else self.write(of)})"
            case Profile() | Tier():
                return self._compare(node)
            case Tag() | Event() | Consent() | Channel() | Campaign():
                return self._look_up(self._read_set(node))

    def _write_any(self, nodes: Sequence[Node]) -> str:
        """Write conditions of which one is enough.

        A OR NOT in a set of a million: nobody of the set for whom A does not hold, either. That is
        joined by hash on all cores, where a set under an OR would be kept and asked row by row.
        """
        for place, one in enumerate(nodes):
            inner = _find_outside(one)
            if inner and self.whole and self.is_joined and len(nodes) > 1:
                rest = self._write_apart([*nodes[:place], *nodes[place + 1 :]])
                found = self._read_set(inner)
                condition = f"{found.condition} AND NOT ({' OR '.join(rest)})"
                return self._look_up(replace(found, condition=condition, is_in=False))
        return "(" + " OR ".join(self._write_apart(nodes)) + ")"

    def _write_apart(self, nodes: Sequence[Node]) -> list[str]:
        """Write conditions of which one alone does not decide."""
        before, self.is_joined = self.is_joined, False
        written = [self.write(one) for one in nodes]
        self.is_joined = before
        return written

    def _look_up(self, found: _Set) -> str:
        """Write a condition that has no null: what can be joined is, by hash or by index."""
        condition = f"{found.condition} {found.often}"
        if self.whole and not self.is_joined:
            sql = (
                f"client.id IN (SELECT one.client_id FROM {found.table} one "
                f"WHERE one.client_id IS NOT NULL AND {condition})"
            )
        else:
            join = "one.client_id = client.id"
            sql = f"EXISTS (SELECT 1 FROM {found.table} one WHERE {join} AND {condition})"
        return sql if found.is_in else f"(NOT {sql})"

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

    def _read_set(self, node: _Named) -> _Set:
        match node:
            case Tag():
                tags = self.bind(node.any, "text[]")
                is_valid = "(one.expires_at IS NULL OR one.expires_at > now())"
                return _Set("client_tag", f"one.tag = ANY({tags}) AND {is_valid}")
            case Channel():
                channel = self.bind(node.channel, "text")
                can = "one.is_subscribed AND NOT one.is_blocked"
                return _Set("identity", f"one.channel = {channel} AND {can}")
            case Event():
                return self._read_event(node)
            case Consent():
                return self._read_consent(node)
            case Campaign():
                return self._read_campaign(node)

    def _read_event(self, node: Event) -> _Set:
        days = self.bind(node.days, "integer")
        condition = (
            f"one.type = {self.bind(node.type, 'text')} "
            f"AND one.at > now() - {days} * interval '1 day'"
        )
        is_in = node.is_ == "at_least"
        least = node.count if is_in else node.count + 1
        if least == 1:
            return _Set("client_event", condition, is_in)
        often = f"GROUP BY one.client_id HAVING count(*) >= {self.bind(least, 'bigint')}"
        return _Set("client_event", condition, is_in, often)

    def _read_consent(self, node: Consent) -> _Set:
        on = f" AND one.channel = {self.bind(node.channel, 'text')}" if node.channel else ""
        said = f"one.consents->>{self.bind(node.category, 'text')}"
        yes, no = f"{said} = 'yes'", f"'no' IN ({said}, one.consents->>'all')"
        if node.is_ == "unsaid":
            return _Set("identity", f"({yes} OR {no}){on}", is_in=False)
        return _Set("identity", f"{yes if node.is_ == 'yes' else no}{on}")

    def _read_campaign(self, node: Campaign) -> _Set:
        campaign = f"one.campaign_id = {self.bind(node.campaign_id, 'uuid')}"
        match node.is_:
            case "planned":
                return _Set("campaign_recipient", f"{campaign} AND one.state <> 'suppressed'")
            case "reached":
                taken = "one.state IN ('accepted','delivered','read')"
                return _Set("outbox", f"{campaign} AND {taken}")
            case "clicked":
                clicked = "EXISTS (SELECT 1 FROM click WHERE click.outbox_id = one.id)"
                return _Set("outbox", f"{campaign} AND {clicked}")


def _find_outside(node: Node) -> _Named | None:
    """Return the set of which a condition says that somebody is not in it."""
    match node:
        case Consent(is_="unsaid") | Event(is_="at_most", count=0):
            return node
        case Not(of=Tag() | Channel() | Campaign() | Consent(is_="yes" | "no") as inner):
            return inner
        case Not(of=Event(is_="at_least", count=1) as inner):
            return inner
        case _:
            return None


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
