"""Conditions that people write: `event.ratio > 80% and tier.layer = '流失风险客户'`.

A condition is read once, checked against the fields that there are and their kinds, and then holds
or not for a client's facts. What is not known is neither greater, smaller nor equal: a comparison
with it does not hold. Words: and, or, not, in [..], has, is set, is not set, days_since(moment).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from kernel.errors import InvalidInput

Kind = Literal["number", "text", "moment", "texts", "truth"]
Fields: TypeAlias = Mapping[str, Mapping[str, Kind]]
"""Which fields there are and of what kind, by namespace: `{"event": {"ratio": "number"}}`."""

Value: TypeAlias = object
Facts: TypeAlias = Mapping[str, Mapping[str, Value]]
"""What is known, by namespace; the same shape as `Fields`."""

Evaluate: TypeAlias = Callable[[Facts, datetime], Value]

LENGTH: Final = 500
DEPTH: Final = 20
_DAY_SECONDS: Final = 86_400.0
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?%?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<field>[a-z]+\.[a-z_0-9]+)|(?P<word>[a-z_]+)|(?P<sign><=|>=|!=|==|[<>=(),\[\]]))"
)
_SIGNS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read and checked; `spaces` are the namespaces that it looks at."""

    text: str
    spaces: frozenset[str]
    _evaluate: Evaluate

    def holds(self, facts: Facts, now: datetime) -> bool:
        """Tell whether the condition holds for these facts at this moment."""
        return bool(self._evaluate(facts, now))


@dataclass(frozen=True, slots=True)
class Operand:
    """A field or a literal that was read alone, to fill a place in a text."""

    space: str
    evaluate: Evaluate


def parse_condition(text: str, fields: Fields) -> Condition:
    """Read a condition.

    Raises:
        InvalidInput: it cannot be read, names an unknown field or compares unlike kinds; says
            where, and what would be right.
    """
    reader = _Reader(text, fields)
    evaluate = reader.read_or(0)
    reader.check_end()
    return Condition(text, frozenset(reader.spaces), evaluate)


def parse_operand(text: str, fields: Fields) -> Operand:
    """Read one field; raise InvalidInput if it is none of `fields`."""
    reader = _Reader(text, fields)
    _, evaluate = reader.read_operand()
    reader.check_end()
    return Operand(next(iter(reader.spaces), ""), evaluate)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Reader:
    """Reads one condition, token by token; each method returns how to evaluate what it read."""

    def __init__(self, text: str, fields: Fields) -> None:
        if not text.strip() or len(text) > LENGTH:
            raise InvalidInput(
                f"A condition has 1 to {LENGTH} characters.", zh=f"条件应为1到{LENGTH}个字符。"
            )
        self._text = text
        self._fields = fields
        self._tokens = _split(text)
        self._n = 0
        self.spaces: set[str] = set()

    def read_or(self, depth: int) -> Evaluate:
        if depth > DEPTH:
            raise InvalidInput("The condition is nested too deeply.", zh="条件嵌套过深。")
        parts = [self._read_and(depth)]
        while self._take("or"):
            parts.append(self._read_and(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda facts, now: any(one(facts, now) for one in parts)

    def check_end(self) -> None:
        if self._n < len(self._tokens):
            raise self._wrong("and, or, or the end")

    def read_operand(self) -> tuple[Kind, Evaluate]:
        token = self._next("a field, a number or a 'text'")
        if token.kind == "number":
            number = float(token.text.rstrip("%")) / (100 if token.text.endswith("%") else 1)
            return "number", lambda facts, now: number
        if token.kind == "text":
            words = token.text[1:-1]
            return "text", lambda facts, now: words
        if token.kind == "field":
            return self._read_field(token)
        if token.text == "days_since":
            return "number", self._read_days()
        self._n -= 1
        raise self._wrong("a field, a number or a 'text'")

    def _read_and(self, depth: int) -> Evaluate:
        parts = [self._read_not(depth)]
        while self._take("and"):
            parts.append(self._read_not(depth))
        if len(parts) == 1:
            return parts[0]
        return lambda facts, now: all(one(facts, now) for one in parts)

    def _read_not(self, depth: int) -> Evaluate:
        if self._take("not"):
            if depth > DEPTH:
                raise InvalidInput("The condition is nested too deeply.", zh="条件嵌套过深。")
            inner = self._read_not(depth + 1)
            return lambda facts, now: not inner(facts, now)
        if self._take("("):
            inner = self.read_or(depth + 1)
            self._need(")")
            return inner
        return self._read_comparison()

    def _read_comparison(self) -> Evaluate:
        kind, left = self.read_operand()
        if self._take("is"):
            wanted = not self._take("not")
            self._need("set")
            return lambda facts, now: (left(facts, now) not in (None, (), [])) is wanted
        if self._take("in"):
            known = self._read_list(kind)
            return lambda facts, now: left(facts, now) in known
        if self._take("has"):
            return self._read_has(kind, left)
        token = self._next("a comparison")
        if token.text in ("=", "==", "!="):
            return self._read_equal(kind, left, is_equal=token.text != "!=")
        if token.text not in _SIGNS:
            self._n -= 1
            raise self._wrong("<, <=, >, >=, =, !=, in, has or is set")
        return self._read_order(kind, left, _SIGNS[token.text])

    def _read_equal(self, kind: Kind, left: Evaluate, *, is_equal: bool) -> Evaluate:
        right = self._read_like(kind)

        def evaluate(facts: Facts, now: datetime) -> bool:
            a, b = left(facts, now), right(facts, now)
            return a is not None and b is not None and (a == b) is is_equal

        return evaluate

    def _read_order(
        self, kind: Kind, left: Evaluate, compare: Callable[[float, float], bool]
    ) -> Evaluate:
        if kind != "number":
            raise self._unlike("a number", kind)
        right = self._read_like(kind)

        def evaluate(facts: Facts, now: datetime) -> bool:
            a, b = left(facts, now), right(facts, now)
            if not isinstance(a, int | float) or not isinstance(b, int | float):
                return False
            return compare(a, b)

        return evaluate

    def _read_has(self, kind: Kind, left: Evaluate) -> Evaluate:
        if kind != "texts":
            raise self._unlike("a list", kind)
        right = self._read_like("text")

        def evaluate(facts: Facts, now: datetime) -> bool:
            found = left(facts, now)
            return isinstance(found, list | tuple) and right(facts, now) in found

        return evaluate

    def _read_like(self, kind: Kind) -> Evaluate:
        found, evaluate = self.read_operand()
        if found != kind:
            raise self._unlike(f"a {kind}", found)
        return evaluate

    def _read_list(self, kind: Kind) -> frozenset[Value]:
        self._need("[")
        known: set[Value] = set()
        while True:
            known.add(self._read_like(kind)({}, datetime.max))  # noqa: DTZ901  (never looked at)
            if self._take("]"):
                return frozenset(known)
            self._need(",")

    def _read_days(self) -> Evaluate:
        self._need("(")
        kind, moment = self.read_operand()
        if kind != "moment":
            raise self._unlike("a moment", kind)
        self._need(")")

        def evaluate(facts: Facts, now: datetime) -> float | None:
            at = moment(facts, now)
            return (now - at).total_seconds() / _DAY_SECONDS if isinstance(at, datetime) else None

        return evaluate

    def _read_field(self, token: _Token) -> tuple[Kind, Evaluate]:
        space, name = token.text.split(".")
        if name not in self._fields.get(space, {}):
            spaces = {space} & self._fields.keys() or self._fields.keys()
            known = [f"{one}.{field}" for one in spaces for field in self._fields[one]]
            raise InvalidInput(
                f"There is no field {token.text}; there are {', '.join(known)}.",
                zh=f"没有字段 {token.text}，可用：{'、'.join(known)}。",
            )
        self.spaces.add(space)
        nothing: Mapping[str, Value] = {}
        return (
            self._fields[space][name],
            lambda facts, now: facts.get(space, nothing).get(name),
        )

    def _take(self, text: str) -> bool:
        if self._n < len(self._tokens) and self._tokens[self._n].text == text:
            self._n += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._wrong(text)

    def _next(self, wanted: str) -> _Token:
        if self._n >= len(self._tokens):
            raise self._wrong(wanted)
        self._n += 1
        return self._tokens[self._n - 1]

    def _wrong(self, wanted: str) -> InvalidInput:
        found = self._tokens[self._n].text if self._n < len(self._tokens) else "the end"
        return InvalidInput(
            f"In “{self._text}” there should be {wanted} where {found} is.",
            zh=f"条件“{self._text}”中，“{found}”处应为 {wanted}。",
        )

    def _unlike(self, wanted: str, kind: Kind) -> InvalidInput:
        return InvalidInput(
            f"In “{self._text}” there should be {wanted}, not a {kind}.",
            zh=f"条件“{self._text}”中应为 {wanted}，而不是 {kind}。",
        )


def _split(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if not found:
            rest = text[place:].strip()
            raise InvalidInput(
                f"“{rest}” cannot be read; right is for example event.ratio > 80%.",
                zh=f"“{rest}”无法识别，应如 event.ratio > 80%。",
            )
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found.group(kind), found.start(kind)))
        place = found.end()
    return tokens
