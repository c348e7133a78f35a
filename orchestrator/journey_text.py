"""Reads a journey's YAML and remembers on which line each part of it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]
LIMIT: Final = 64_000
_DEPTH: Final = 30
_TAGS: Final = frozenset(f"tag:yaml.org,2002:{one}" for one in "str int float bool null".split())


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line, in Chinese and English; with a mere warning it may run."""

    line: int
    where: str
    zh: str
    en: str
    is_warning: bool = False

    def show(self) -> str:
        """Return it as one line for a terminal."""
        sign = "⚠" if self.is_warning else "✗"
        place = f"{self.where}: " if self.where else ""
        return f"{sign} {self.line}: {place}{self.zh} · {self.en}"


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: plain values, the line of each part, and what is wrong with the YAML."""

    value: object
    lines: Mapping[Path, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def find_line(self, path: Path) -> int:
        """Return the line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: 14:55 is a text and not 895, `no` is a text, dates are texts."""


_Loader.yaml_implicit_resolvers = {}


def _say(tag: str, form: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(form), list(first))


_say("bool", r"^(?:true|false)$", "tf")
_say("null", r"^(?:~|null|)$", "~n\0")
_say("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789")
_say("float", r"^-?[0-9]+\.[0-9]+$", "-0123456789")


def read_source(text: str) -> Source:
    """Read YAML; what is wrong with it comes back as problems, never as an exception."""
    if len(text) > LIMIT:
        return _refused(1, "流程定义过长，上限64KB。", f"A journey has {LIMIT} characters at most.")
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                return _refused(line, "不支持 YAML 引用（*）。", "Aliases (*) are not read.")
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or str(error)
        return _refused(
            mark.line + 1 if mark else 1, f"不是有效的 YAML：{said}。", f"Not valid YAML: {said}."
        )
    if not isinstance(node, yaml.MappingNode):
        return _refused(1, "应以 key: 开头的键值对。", "It is a mapping that begins with key:.")
    lines: dict[Path, int] = {}
    problems = list(_walk(node, (), lines))
    if problems:
        return Source(None, lines, tuple(problems))
    return Source(_construct(text), lines)


def _construct(text: str) -> object:
    loader = _Loader(text)
    try:
        found: object = loader.get_single_data()
        return found
    finally:
        loader.dispose()


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> Iterator[Problem]:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > _DEPTH:
        yield Problem(line, "", "嵌套过深。", "This is nested too deeply.")
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_mapping(node, path, lines)
    elif isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            yield from _walk(item, (*path, n), lines)
    elif node.tag not in _TAGS:
        yield Problem(line, "", f"不支持的标记 {node.tag}。", f"The tag {node.tag} is not read.")


def _walk_mapping(node: yaml.MappingNode, path: Path, lines: dict[Path, int]) -> Iterator[Problem]:
    for name, value in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            yield Problem(line, "", "键应为文字。", "A key is a text.")
            continue
        inner = (*path, str(name.value))
        if inner in lines:
            yield Problem(
                line, str(name.value), "同一层重复的键。", "This key is there twice on one level."
            )
        lines[inner] = line
        yield from _walk(value, inner, lines)


def _refused(line: int, zh: str, en: str) -> Source:
    return Source(None, {}, (Problem(line, "", zh, en),))
