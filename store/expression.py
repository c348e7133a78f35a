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
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal, TypeAlias, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic import model_validator as check_whole

from kernel.errors import InvalidInput

MOST_NODES: Final = 100
MOST_DEPTH: Final = 8

Type: TypeAlias = Literal["word", "level", "words", "number", "real", "day", "moment"]
"""What a field holds: a word, a word with an order, a list of words, figures, a day, a moment."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field that may be asked for: its column, what it holds, and its name in both languages."""

    column: str
    type: Type
    zh: str
    en: str
    unit: str = ""


PROFILE: Final[Mapping[str, Known]] = {
    "risk_level": Known("client.risk_level", "level", "风险等级", "risk level"),
    "suitability_valid_until": Known(
        "client.suitability_valid_until", "day", "风险测评有效期", "risk assessment valid until"
    ),
    "investor_class": Known("client.investor_class", "word", "投资者类别", "investor class"),
    "client_stage": Known("client.stage", "word", "客户阶段", "stage as the core has it"),
    "manager": Known("client.manager", "word", "客户经理", "client manager"),
    "instruments": Known("client.instruments", "words", "交易品种", "instruments"),
    "timezone": Known("client.timezone", "word", "时区", "time zone"),
    "assets": Known("figure.assets", "number", "资产", "assets", "CNY"),
    "margin_usage": Known("figure.margin_usage", "real", "保证金占用比例", "margin in use", "%"),
    "risk_ratio": Known("figure.risk_ratio", "real", "风险率", "risk ratio", "%"),
    "drawdown": Known("figure.drawdown", "real", "单日回撤", "one-day drawdown", "%"),
    "financing_ratio": Known("figure.financing_ratio", "real", "融资比例", "financing ratio", "%"),
    "trades_90d": Known("figure.trades_90d", "number", "近90天成交笔数", "trades in 90 days"),
    "turnover_90d": Known(
        "figure.turnover_90d", "number", "近90天成交额", "turnover in 90 days", "CNY"
    ),
    "holding_days": Known("figure.holding_days", "real", "平均持仓天数", "days that it is held"),
    "deposits": Known("figure.deposits", "number", "入金次数", "deposits"),
    "complaints_90d": Known(
        "figure.complaints_90d", "number", "近90天投诉数", "complaints, 90 days"
    ),
    "opened_at": Known("figure.opened_at", "moment", "开户时间", "account opened"),
    "first_deposit_at": Known("figure.first_deposit_at", "moment", "首次入金时间", "first deposit"),
    "last_trade_at": Known("figure.last_trade_at", "moment", "最近成交时间", "last trade"),
    "last_active_at": Known("figure.last_active_at", "moment", "最近活跃时间", "last active"),
}
"""What a `profile` node may ask for."""

TIER: Final[Mapping[str, Known]] = {
    "layer": Known("tier.layer", "word", "RFM 分层", "RFM layer"),
    "asset_band": Known("tier.asset_band", "word", "资产规模", "asset size"),
    "frequency_band": Known("tier.frequency_band", "word", "交易频率", "trading frequency"),
    "risk_band": Known("tier.risk_band", "word", "风险偏好", "risk preference"),
    "loyalty_band": Known("tier.loyalty_band", "word", "忠诚度", "loyalty"),
    "credit_risk": Known("tier.credit_risk", "word", "两融风险", "margin-trading risk"),
    "credit_term": Known("tier.credit_term", "word", "两融期限", "margin-trading term"),
    "credit_size": Known("tier.credit_size", "word", "两融规模", "margin-trading size"),
    "credit_style": Known("tier.credit_style", "word", "两融风格", "margin-trading style"),
    "stage": Known("tier.stage", "word", "生命周期", "lifecycle stage"),
    "recency": Known("tier.recency", "number", "最近交易得分 R", "recency score"),
    "frequency": Known("tier.frequency", "number", "交易频率得分 F", "frequency score"),
    "monetary": Known("tier.monetary", "number", "交易金额得分 M", "monetary score"),
    "churn_risk": Known("tier.churn_risk", "real", "流失风险", "churn risk", "%"),
}
"""What a `tier` node may ask for."""

OPERATORS: Final[Mapping[Type, frozenset[str]]] = {
    "word": frozenset(("in", "not_in", "known", "unknown")),
    "level": frozenset(("in", "not_in", "at_least", "at_most", "known", "unknown")),
    "words": frozenset(("has_any", "has_none", "known", "unknown")),
    "number": frozenset(("at_least", "at_most", "above", "below", "equals", "known", "unknown")),
    "real": frozenset(("at_least", "at_most", "above", "below", "known", "unknown")),
    "day": frozenset(("from", "until", "within_next", "known", "unknown")),
    "moment": frozenset(("within", "not_within", "known", "unknown")),
}
"""Which comparisons a field takes. `within` and `not_within` count the last days; what never was
is neither. `within_next` counts the coming days."""

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
    elif not _fits(known.type, operator, node.value):
        raise ValueError(f"{node.field} {operator} takes {_WANTED[known.type]}")


def _fits(type_: Type, operator: str, value: object) -> bool:
    if operator in {"within", "not_within", "within_next"}:
        return isinstance(value, int) and value is not True and 1 <= value <= 3650
    if operator in {"in", "not_in", "has_any", "has_none"}:
        return isinstance(value, list) and 1 <= len(value) <= 50 and all(map(_is_word, value))
    if type_ == "level":
        return _is_word(value)
    if type_ == "day":
        return isinstance(value, str) and _is_day(value)
    return type(value) in {int, float} and -1e15 < cast("float", value) < 1e15


_WANTED: Final[Mapping[Type, str]] = {
    "word": "a list of 1 to 50 words",
    "level": "a list of words, or one such as C3",
    "words": "a list of 1 to 50 words",
    "number": "a number",
    "real": "a number; a ratio is part of one, 0.8 for 80 %",
    "day": "a day such as 2026-12-31, or a whole number of days",
    "moment": "a whole number of days from 1 to 3650",
}


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 60 and "\0" not in value


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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
