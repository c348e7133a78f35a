"""The words of a content with places for a client's fields: Liquid, without what could do harm.

A template reads the fields that `orchestrator.field` lists and nothing else. It has conditions,
loops of at most fifty rounds and a few filters that cannot multiply a text; no files, no
assignments, no includes. Text and plain `{{ field }}` alone are joined without Liquid, because
a campaign renders them a million times.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from liquid import BoundTemplate, Environment, Undefined
from liquid.exceptions import LiquidError, UndefinedError

from kernel.errors import InvalidInput, MissingField
from kernel.message import Json
from orchestrator.field import FIELDS
from orchestrator.format import FORMATS, show

SOURCE_LIMIT: Final = 20_000
OUTPUT_LIMIT: Final = 20_000
"""Characters; the longest that any channel takes (a mail)."""
ROUNDS: Final = 50

_TAGS = frozenset(
    (
        "if",
        "unless",
        "case",
        "for",
        "break",
        "continue",
        "comment",
        "#",
        "content",
        "output",
        "illegal",
    )
)
_OURS = frozenset(("content", "output", "illegal"))
_FILTERS = frozenset(
    (
        *("append", "capitalize", "default", "downcase", "escape", "first", "join", "last"),
        *("prepend", "round", "size", "strip", "truncate", "upcase", "url_encode"),
    )
)
_PLAIN = re.compile(r"\{\{\s*([a-z_][a-z0-9_]*)\s*\}\}")
_MARK = re.compile(r"\{[{%]|[%}]\}")
_TAG = re.compile(r"\{%-?\s*(\w+)")
_BLOCKS = frozenset(("if", "unless", "case", "for", "comment"))


class _Gone(Undefined):
    """What has no value: false in a condition, nothing in a loop, an error where it is shown."""

    def __str__(self) -> str:
        raise UndefinedError(self.name, token=self.token)


class _Kitchen(Environment):
    block_nesting_limit = 8
    context_depth_limit = 8
    loop_iteration_limit = ROUNDS
    local_namespace_limit = OUTPUT_LIMIT
    output_stream_limit = OUTPUT_LIMIT * 4


def _furnish() -> _Kitchen:
    kitchen = _Kitchen(undefined=_Gone)
    kitchen.tags = {name: tag for name, tag in kitchen.tags.items() if name in _TAGS}
    kept = {name: one for name, one in kitchen.filters.items() if name in _FILTERS}
    kitchen.filters = {**kept, **FORMATS}
    return kitchen


_KITCHEN: Final = _furnish()
_KNOWN: Final = frozenset(FIELDS)


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed text; make one with `Template.parse`, which remembers the last few thousand."""

    source: str
    fields: frozenset[str]
    _form: str = field(repr=False, compare=False)
    _names: tuple[str, ...] = field(repr=False, compare=False)
    _liquid: BoundTemplate | None = field(default=None, repr=False, compare=False)

    @classmethod
    def parse(cls, source: str, known: Collection[str] = _KNOWN) -> Template:
        """Read a text, and make sure that it names fields of `known` alone.

        Raises:
            InvalidInput: it is too long, it is no Liquid, or it uses a tag, a filter or a field
                that there is not; the message gives the line and what would be right.
        """
        return _parse(source, frozenset(known))

    @property
    def is_static(self) -> bool:
        """Whether every client gets the same words."""
        return not self.fields and self._liquid is None

    def render(self, values: Mapping[str, Json]) -> str:
        """Return the words for one client.

        Raises:
            MissingField: a field that is shown has no value.
            InvalidInput: the outcome is longer than a mail may be, or a loop is.
        """
        if self._liquid is not None:
            return self._render_liquid(values)
        if not self._names:
            return self.source
        try:
            shown = tuple([values[name] for name in self._names])
        except KeyError as error:
            raise _miss(str(error.args[0])) from None
        for value in shown:
            if type(value) is not str:
                shown = tuple(map(show, shown))
                break
        text = self._form % shown
        return text if len(text) <= OUTPUT_LIMIT else _check_length(text)

    def find_missing(self, values: Mapping[str, Json]) -> tuple[str, ...]:
        """Return the fields that the text names and `values` lacks, in their order."""
        return tuple(sorted(one for one in self.fields if values.get(one) is None))

    def _render_liquid(self, values: Mapping[str, Json]) -> str:
        assert self._liquid is not None  # noqa: S101  # render() asked
        try:
            return _check_length(self._liquid.render(dict(values)))
        except UndefinedError as error:
            gone = self.find_missing(values)
            shown = str(error.args[0])
            raise _miss(shown if shown in self.fields or not gone else gone[0]) from None
        except (LiquidError, ValueError, TypeError, ArithmeticError) as error:
            raise InvalidInput(
                f"The text cannot be made: {_say(error)}. A loop has at most {ROUNDS} rounds, "
                f"the outcome at most {OUTPUT_LIMIT} characters.",
                zh=f"内容无法生成：循环最多 {ROUNDS} 次，结果最多 {OUTPUT_LIMIT} 字。",
            ) from None


@lru_cache(maxsize=4096)
def _parse(source: str, known: frozenset[str]) -> Template:
    if len(source) > SOURCE_LIMIT or "\0" in source:
        raise InvalidInput(
            f"A text has at most {SOURCE_LIMIT} characters and no NUL.",
            zh=f"内容最长 {SOURCE_LIMIT} 字，且不能含有空字符。",
        )
    pieces = tuple(_PLAIN.split(source))
    if not any(_MARK.search(text) for text in pieces[::2]):
        for match in _PLAIN.finditer(source):
            _check_field(match[1], known, _line_at(source, match.start()))
        form = "%s".join(text.replace("%", "%%") for text in pieces[::2])
        return Template(source, frozenset(pieces[1::2]), form, pieces[1::2])
    _check_tags(source)
    try:
        liquid = _KITCHEN.from_string(source)
        named = liquid.analyze()
    except LiquidError as error:
        raise _explain(source, error) from None
    for name, places in named.globals.items():
        _check_field(str(name), known, _line_at(source, places[0].span.index))
    for name, spots in named.filters.items():
        _check_filter(str(name), _line_at(source, spots[0].index))
    return Template(source, frozenset(map(str, named.globals)), "", (), liquid)


def _check_field(name: str, known: frozenset[str], line: int) -> None:
    if name not in known:
        right = _suggest(name, known)
        raise InvalidInput(
            f"Line {line}: there is no field “{name}”. {right[0]}",
            zh=f"第 {line} 行：没有字段“{name}”。{right[1]}",
        )


def _check_filter(name: str, line: int) -> None:
    if name not in _KITCHEN.filters:
        right = _suggest(name, _KITCHEN.filters)
        raise InvalidInput(
            f"Line {line}: there is no filter “{name}”. {right[0]}",
            zh=f"第 {line} 行：没有过滤器“{name}”。{right[1]}",
        )


def _check_tags(source: str) -> None:
    """Refuse tags that there are not, and blocks without their end, before Liquid sees them."""
    opened: list[tuple[str, int]] = []
    ends = {f"end{one}" for one in _BLOCKS}
    inner = {"else", "elsif", "when"}
    for match in _TAG.finditer(source):
        name, line = match[1], _line_at(source, match.start())
        if name in _BLOCKS:
            opened.append((name, line))
        elif name in ends:
            if not opened or opened.pop()[0] != name[3:]:
                raise InvalidInput(
                    f"Line {line}: {name} closes nothing that is open here.",
                    zh=f"第 {line} 行：{name} 没有与之对应的开头。",
                )
        elif name not in _TAGS - _OURS and name not in inner:
            right = _suggest(name, (_TAGS - _OURS) | ends | inner)
            raise InvalidInput(
                f"Line {line}: there is no tag “{name}”. {right[0]}",
                zh=f"第 {line} 行：没有标签“{name}”。{right[1]}",
            )
    if opened:
        name, line = opened[-1]
        raise InvalidInput(
            f"Line {line}: {name} is not closed; write {{% end{name} %}} after it.",
            zh=f"第 {line} 行：{name} 没有结束，请在后面加上 {{% end{name} %}}。",
        )


def _explain(source: str, error: LiquidError) -> InvalidInput:
    index = getattr(error.token, "start_index", len(source)) if error.token else len(source)
    line = _line_at(source, max(0, min(index, len(source))))
    return InvalidInput(
        f"Line {line}: {error.message}. Right would be, for instance, {{{{ brand }}}} or "
        "{% if days > 3 %}…{% endif %}.",
        zh=f"第 {line} 行：模板语法有误（{error.message}）。正确写法例如 {{{{ brand }}}} 或 "
        "{% if days > 3 %}…{% endif %}。",
    )


def _suggest(name: str, known: Collection[str]) -> tuple[str, str]:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"Did you mean “{near[0]}”?", f"是否想写“{near[0]}”？"
    words = ", ".join(sorted(known))
    return f"There are: {words}.", f"可用的有：{words}。"


def _line_at(source: str, index: int) -> int:
    return source.count("\n", 0, index) + 1


def _say(error: Exception) -> str:
    return str(error.message) if isinstance(error, LiquidError) else str(error)


def _check_length(text: str) -> str:
    if len(text) > OUTPUT_LIMIT:
        raise InvalidInput(
            f"The outcome is longer than {OUTPUT_LIMIT} characters.",
            zh=f"生成的内容超过 {OUTPUT_LIMIT} 字。",
        )
    return text


def _miss(name: str) -> MissingField:
    said = FIELDS.get(name)
    return MissingField(
        f"The field “{name}” ({said.en if said else name}) has no value for this client.",
        zh=f"该客户缺少字段“{said.zh if said else name}”（{name}）。",
        field=name,
    )
