"""The language in which an audience is said: a tree of conditions over what is known of a client.

Every node is a JSON object with a `kind`. The console's builder, the API and journeys write the
same tree; `store.audience` makes SQL of it, `orchestrator.audience` sentences.

    {"kind": "all", "of": [
        {"kind": "profile", "field": "risk_level", "is": "at_least", "value": "C3"},
        {"kind": "tier", "field": "layer", "is": "in", "value": ["…"]},
        {"kind": "not", "of": {"kind": "tag", "any": ["…"]}},
        {"kind": "event", "type": "deposit_settled", "days": 30, "is": "at_least", "count": 1},
        {"kind": "consent", "category": "marketing", "is": "yes"},
        {"kind": "channel", "channel": "wechat"},
        {"kind": "campaign", "campaign_id": "…", "is": "reached"}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic import model_validator as check_whole

from kernel.errors import InvalidInput
from store.expression_field import OPERATORS, PROFILE, TIER, WANTED, Known, fits

MOST_NODES: Final = 100
MOST_DEPTH: Final = 8

Word = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00]+$")]
Days = Annotated[int, Field(ge=1, le=3650)]


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Every(_Node):
    """All of the conditions hold."""

    kind: Literal["all"]
    of: list[Node] = Field(min_length=1, max_length=20)


class Either(_Node):
    """At least one of the conditions holds."""

    kind: Literal["any"]
    of: list[Node] = Field(min_length=1, max_length=20)


class Not(_Node):
    """The condition does not hold."""

    kind: Literal["not"]
    of: Node


class _Comparison(_Node):
    field: str
    is_: str = Field(alias="is")
    value: object = None

    @check_whole(mode="after")
    def _check(self) -> _Comparison:
        _check_comparison(self)
        return self

    @property
    def known(self) -> Known:
        """What the field is."""
        raise NotImplementedError

    @property
    def words(self) -> list[str]:
        """The value as the list of words that it is."""
        return cast("list[str]", self.value)

    @property
    def number(self) -> float:
        """The value as the number that it is."""
        return float(cast("float", self.value))


class Profile(_Comparison):
    """A fact or figure of the client compares so."""

    kind: Literal["profile"]

    @property
    def known(self) -> Known:
        """What the field is."""
        return _find("profile", PROFILE, self.field)


class Tier(_Comparison):
    """What the nightly rules made of the client compares so."""

    kind: Literal["tier"]

    @property
    def known(self) -> Known:
        """What the field is."""
        return _find("tier", TIER, self.field)


class Tag(_Node):
    """The client carries at least one of the tags, and it has not run out."""

    kind: Literal["tag"]
    any: list[Word] = Field(min_length=1, max_length=50)


class Event(_Node):
    """It happened at least, or at most, so often in the last days."""

    kind: Literal["event"]
    type: Word
    days: Days
    is_: Literal["at_least", "at_most"] = Field("at_least", alias="is")
    count: Annotated[int, Field(ge=0, le=10_000)] = 1

    @check_whole(mode="after")
    def _check(self) -> Event:
        if self.is_ == "at_least" and self.count == 0:
            raise ValueError("at least 0 times holds for everybody; say 1 or more")
        return self


class Consent(_Node):
    """The client said yes, said no, or said nothing, on one channel or on any."""

    kind: Literal["consent"]
    category: Word = "marketing"
    is_: Literal["yes", "no", "unsaid"] = Field("yes", alias="is")
    channel: Word | None = None


class Channel(_Node):
    """The client can be reached on this channel."""

    kind: Literal["channel"]
    channel: Word


class Campaign(_Node):
    """The client was in a campaign's plan, got its message, or followed a link in it."""

    kind: Literal["campaign"]
    campaign_id: UUID
    is_: Literal["planned", "reached", "clicked"] = Field("planned", alias="is")


Node: TypeAlias = Annotated[
    Every | Either | Not | Profile | Tier | Tag | Event | Consent | Channel | Campaign,
    Field(discriminator="kind"),
]

for _group in (Every, Either, Not):
    _group.model_rebuild()
_ADAPTER: TypeAdapter[Node] = TypeAdapter(Node)


def parse_expression(body: Mapping[str, object]) -> Node:
    """Return the tree of a JSON object.

    Raises:
        InvalidInput: it is no such tree, it is too large, or a comparison does not fit its field;
            the message names the place and what would be right.
    """
    _check_size(body)
    try:
        return _ADAPTER.validate_python(body)
    except ValidationError as error:
        raise _explain(error) from None


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it."""
    yield node
    if isinstance(node, Every | Either):
        for one in node.of:
            yield from walk(one)
    elif isinstance(node, Not):
        yield from walk(node.of)


def _find(kind: str, table: Mapping[str, Known], name: str) -> Known:
    try:
        return table[name]
    except KeyError:
        raise ValueError(f"{kind} has no field {name}; it has {', '.join(table)}") from None


def _check_comparison(node: _Comparison) -> None:
    known, operator = node.known, node.is_
    allowed = OPERATORS[known.type]
    if operator not in allowed:
        raise ValueError(f"{node.field} takes {', '.join(sorted(allowed))}, not {operator}")
    if operator in {"known", "unknown"}:
        if node.value is not None:
            raise ValueError(f"{operator} takes no value")
    elif not fits(known.type, operator, node.value):
        raise ValueError(f"{node.field} {operator} takes {WANTED[known.type]}")


def _check_size(body: object) -> None:
    """Refuse what is too deep or too wide before anything recurses into it."""
    nodes, level = 0, [body]
    for _ in range(MOST_DEPTH + 1):
        below: list[object] = []
        for one in level:
            if isinstance(one, Mapping):
                nodes += 1
                inside: Any = one.get("of")
                below += inside if isinstance(inside, list) else [inside]
        level = [one for one in below if one is not None]
        if nodes > MOST_NODES:
            break
    if level or nodes > MOST_NODES:
        raise InvalidInput(
            f"An audience has at most {MOST_NODES} conditions, {MOST_DEPTH} deep.",
            zh=f"人群条件最多 {MOST_NODES} 个、{MOST_DEPTH} 层，请精简。",
        )


def _explain(error: ValidationError) -> InvalidInput:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "expression"
    said = first["msg"].removeprefix("Value error, ")
    return InvalidInput(f"{place}: {said}.", zh=f"人群条件 {place} 有误：{said}。")
