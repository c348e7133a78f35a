"""A journey as a drawing: nodes with places on a grid, edges with words, and Mermaid text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from kernel.message import Json
from orchestrator.journey import Journey, Step
from orchestrator.journey_form import END, START, Until

_UNITS: Final = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min"), (1, "秒", "s"))
_ARROWS: Final = {"then": "已发生 · came", "otherwise": "否则 · otherwise"}
_KINDS: Final = {
    "wait": ("等待", "Wait"),
    "wait_until": ("等到", "Wait until"),
    "wait_for": ("等待事件", "Wait for"),
    "branch": ("判断", "Branch"),
    "send": ("发送", "Send"),
    "open_task": ("开任务", "Open task"),
    "tag": ("打标签", "Tag"),
    "exit": ("结束", "Exit"),
    "goal": ("达成", "Goal"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A step to draw; `row` counts from the top, `column` from the left."""

    id: str
    kind: str
    zh: str
    en: str
    note: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow between two steps."""

    source: str
    target: str
    words: str


@dataclass(frozen=True, slots=True)
class Graph:
    """What a console draws."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]

    def to_json(self) -> dict[str, Json]:
        """Return nodes and edges as JSON."""
        return {
            "nodes": [
                {
                    "id": one.id,
                    "kind": one.kind,
                    "zh": one.zh,
                    "en": one.en,
                    "note": one.note,
                    "row": one.row,
                    "column": one.column,
                }
                for one in self.nodes
            ],
            "edges": [
                {"from": one.source, "to": one.target, "words": one.words} for one in self.edges
            ],
        }

    def to_mermaid(self) -> str:
        """Return a flowchart in Mermaid's language."""
        lines = ["flowchart TD"]
        for node in self.nodes:
            left, right = _SHAPES.get(node.kind, ("[", "]"))
            words = _quote(f"{node.zh} · {node.en}")
            lines.append(f'  {_name(node.id)}{left}"{words}"{right}')
        for edge in self.edges:
            words = f'|"{_quote(edge.words)}"|' if edge.words else ""
            lines.append(f"  {_name(edge.source)} -->{words} {_name(edge.target)}")
        return "\n".join(lines) + "\n"


_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "trigger": ("([", "])"),
    "branch": ("{", "}"),
    "exit": ("([", "])"),
    "goal": ("([", "])"),
    "wait": ("[/", "/]"),
    "wait_until": ("[/", "/]"),
    "wait_for": ("[/", "/]"),
}


def draw(journey: Journey) -> Graph:
    """Return the drawing of a journey that was checked."""
    ways = {
        id_: [(go, words) for go, words in step.list_ways() if go != END]
        for id_, step in journey.steps.items()
    }
    places = _place(journey.first, {id_: [go for go, _ in out] for id_, out in ways.items()})
    zh, en = describe_trigger(journey)
    nodes = [Node(START, "trigger", zh, en, journey.form.note, 0, 0)]
    for id_, step in journey.steps.items():
        row, column = places[id_]
        nodes.append(Node(id_, step.verb, *describe(step), step.form.note, row, column))
    edges = [Edge(START, journey.first, "")]
    for id_, out in ways.items():
        merged: dict[str, list[str]] = {}
        for go, words in out:
            merged.setdefault(go, []).append(_ARROWS.get(words, words))
        edges += [Edge(id_, go, " / ".join(one for one in said if one))
                  for go, said in merged.items()]  # fmt: skip
    return Graph(nodes, edges)


def describe_trigger(journey: Journey) -> tuple[str, str]:
    """Return what lets clients in, in Chinese and English."""
    trigger = journey.form.trigger
    if trigger.event:
        when = f"（{trigger.when}）" if trigger.when else ""
        return f"事件 {trigger.event}{when}", f"Event {trigger.event}{when}"
    clock = f"{trigger.daily_at:%H:%M}"
    return f"每日 {clock} 人群", f"Audience, daily at {clock}"


def describe(step: Step) -> tuple[str, str]:
    """Return what a step does, in Chinese and English."""
    zh, en = _KINDS[step.verb]
    detail_zh, detail_en = _detail(step)
    return f"{zh} {detail_zh}".strip(), f"{en} {detail_en}".strip()


def _detail(step: Step) -> tuple[str, str]:
    form = step.form
    if form.wait is not None:
        return _show_length(form.wait)
    if form.wait_until:
        return _show_until(form.wait_until)
    if form.wait_for:
        zh, en = _show_length(form.wait_for.timeout)
        when = f"（{form.wait_for.when}）" if form.wait_for.when else ""
        event = f"{form.wait_for.event}{when}"
        return f"{event}，最长 {zh}", f"{event}, {en} at most"
    if form.send:
        how = " · ".join([form.send.urgency, "+".join(form.send.channels)]).removesuffix(" · ")
        words = f"{form.send.content}（{how}）"
        return words, words
    if form.open_task:
        return _split(form.open_task.title)
    if form.tag:
        words = ", ".join([*form.tag.add, *(f"-{one}" for one in form.tag.remove)])
        return words, words
    return _split(form.exit or form.goal or "")


def _split(words: str) -> tuple[str, str]:
    """Return the Chinese and the English of words that are written as “中文 · English”."""
    zh, dot, en = words.partition(" · ")
    return zh, en if dot else zh


def _show_length(length: timedelta) -> tuple[str, str]:
    seconds = int(length.total_seconds())
    for size, zh, en in _UNITS:
        if seconds % size == 0:
            return f"{seconds // size} {zh}", f"{seconds // size} {en}"
    return f"{seconds} 秒", f"{seconds} s"


def _show_until(until: Until) -> tuple[str, str]:
    if until.open:
        return f"{until.open} 开市", f"{until.open} opens"
    if until.trading_minutes is not None:
        n = until.trading_minutes
        return f"{until.exchange} {n} 交易分钟", f"{n} trading minutes of {until.exchange}"
    clock = f"{until.at:%H:%M}"
    if until.exchange is None:
        return f"客户当地 {clock}", f"{clock}, the client's clock"
    day = f"T+{until.days} " if until.days is not None else ""
    return f"{until.exchange} 交易日 {day}{clock}", f"{day}{clock}, {until.exchange} trading day"


def _place(first: str, ways: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, int]]:
    """Give each step a row below all that lead to it, back arrows left out, and a free column."""
    rows = {first: 1}
    order = _sort(first, ways)
    for id_ in order:
        for go in ways[id_]:
            if order.index(go) > order.index(id_):
                rows[go] = max(rows.get(go, 0), rows[id_] + 1)
    taken: dict[int, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for id_ in order:
        row = rows[id_]
        places[id_] = (row, taken.get(row, 0))
        taken[row] = taken.get(row, 0) + 1
    return places


def _sort(first: str, ways: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the steps so that each comes before those that it leads to, but for loops."""
    done: list[str] = []
    seen = {first}
    stack: list[tuple[str, list[str]]] = [(first, list(ways[first]))]
    while stack:
        id_, left = stack[-1]
        if left:
            go = left.pop()
            if go not in seen:
                seen.add(go)
                stack.append((go, list(ways[go])))
        else:
            done.append(id_)
            stack.pop()
    return done[::-1]


def _name(id_: str) -> str:
    return f"s_{id_.replace('-', '_')}"


def _quote(words: str) -> str:
    return words.replace('"', "#quot;").replace("\n", " ")
