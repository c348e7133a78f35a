"""Checks a journey: everything that would go wrong on the way is said at its line, before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from clients.event import EVENT_TYPES
from kernel.errors import InvalidInput
from orchestrator.condition import Condition, Fields, Operand, parse_condition, parse_operand
from orchestrator.field import FIELDS
from orchestrator.journey import Journey, Sign, Step, find_watch, list_event_fields, list_fields
from orchestrator.journey_form import END, JourneyForm, Send, Watch
from orchestrator.journey_route import find_route_problems
from orchestrator.journey_text import Path, Problem, Source, read_source
from store.expression import parse_expression

_MARKETING: Final = "marketing"
_OLD_NAME: Final = re.compile(r"\bclient\.tier\b")


@dataclass(frozen=True, slots=True)
class Checked:
    """The journey, unless an error is among the problems."""

    journey: Journey | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from running."""
        return tuple(one for one in self.problems if not one.is_warning)

    def get(self) -> Journey:
        """Return the journey.

        Raises:
            InvalidInput: it cannot run; with every problem, a line each.
        """
        if self.journey is None:
            raise InvalidInput(
                "The journey cannot run:\n" + "\n".join(one.show() for one in self.errors),
                zh="流程有误：\n" + "\n".join(f"第{one.line}行 {one.zh}" for one in self.errors),
            )
        return self.journey


def check_journey(text: str, contents: Collection[str] | None = None) -> Checked:
    """Read and check a journey; `contents` are those that are approved, None leaves it open."""
    source = read_source(text)
    if source.problems:
        return Checked(None, source.problems)
    try:
        form = JourneyForm.model_validate(source.value)
    except ValidationError as error:
        problems = [_describe(one, source) for one in _drop_echoes(error.errors())]
        return Checked(None, tuple(sorted(problems, key=lambda one: one.line)))
    reader = _Checker(form, source)
    journey = reader.build()
    problems = [*reader.problems, *reader.check_contents(contents), *reader.check_names()]
    if not reader.problems:
        problems += find_route_problems(journey, source)
    problems.sort(key=lambda one: (one.line, one.is_warning))
    is_sound = all(one.is_warning for one in problems)
    return Checked(journey if is_sound else None, tuple(problems))


def parse_journey(text: str, contents: Collection[str] | None = None) -> Journey:
    """Return a journey that was checked; raise InvalidInput with every problem, a line each."""
    return check_journey(text, contents).get()


class _Checker:
    """Reads the conditions of a form and notes what is wrong with them."""

    def __init__(self, form: JourneyForm, source: Source) -> None:
        self.form = form
        self.source = source
        self.problems: list[Problem] = []
        self.fields = list_fields(form.trigger.event)

    def build(self) -> Journey:
        """Make the journey; it is sound only if no problem was noted."""
        form = self.form
        trigger = None
        if form.trigger.audience is not None:
            self._check_audience(form.trigger.audience)
        if form.trigger.event is not None:
            watch = Watch(event=form.trigger.event, when=form.trigger.when)
            trigger = self._read_sign(watch, ("trigger",))
        watched = {path: self._read_sign(one, path) for path, one in find_watch(form)}
        steps: dict[str, Step] = {}
        for n, step in enumerate(form.steps):
            if step.id in steps:
                self._note(
                    ("steps", n, "id"), f"步骤 {step.id} 重复。", f"Step {step.id} is there twice."
                )
            below = form.steps[n + 1].id if n + 1 < len(form.steps) else END
            sign = watched.get(("steps", n, "wait_for"))
            steps[step.id] = Step(
                step,
                next=step.next or below,
                when=sign.when if sign else None,
                ways=tuple(self._read_ways(n)),
                vars=self._read_vars(n, step.send),
            )
        exits = tuple(watched["exits", n] for n in range(len(form.exits)))
        return Journey(form, steps, trigger, watched.get(("goal",)), exits)

    def check_contents(self, contents: Collection[str] | None) -> Iterator[Problem]:
        """Yield a problem for each content that nobody has approved, and for odd urgencies."""
        for n, step in enumerate(self.form.steps):
            if not step.send:
                continue
            line = self.source.find_line(("steps", n, "send", "content"))
            key = step.send.content
            if contents is not None and key not in contents:
                yield Problem(
                    line,
                    step.id,
                    f"没有已审批的内容 {key}。",
                    f"There is no approved content {key}.",
                )
            if step.send.category == _MARKETING and step.send.urgency in ("critical", "high"):
                yield Problem(
                    line,
                    step.id,
                    "营销内容应为 normal 或 low，否则会绕过免打扰时段。",
                    "Marketing is normal or low: higher ones ignore quiet hours.",
                )

    def check_names(self) -> Iterator[Problem]:
        """Yield a warning for each field that has a better name; it is read all the same."""
        for n, step in enumerate(self.form.steps):
            ways = step.branch.ways if step.branch else ()
            texts = [way.when for way in ways]
            texts += [str(one) for one in step.send.vars.values()] if step.send else []
            if any(_OLD_NAME.search(one) for one in texts):
                yield Problem(
                    self.source.find_line(("steps", n)),
                    step.id,
                    "client.tier 就是 tier.layer，请改用后者。",
                    "client.tier is tier.layer; please use that.",
                    is_warning=True,
                )

    def _check_audience(self, expression: Mapping[str, object]) -> None:
        try:
            parse_expression(expression)
        except InvalidInput as error:
            self._note(("trigger", "audience"), error.zh, error.message)

    def _read_sign(self, watch: Watch, path: Path) -> Sign:
        if watch.event not in EVENT_TYPES:
            known = ", ".join(EVENT_TYPES)
            self._note(
                (*path, "event"),
                f"没有事件 {watch.event}，可用：{known}。",
                f"There is no event {watch.event}; there are {known}.",
            )
            return Sign(watch.event)
        fields = list_event_fields(watch.event)
        return Sign(watch.event, self._read_condition(watch.when, fields, (*path, "when")))

    def _read_condition(self, text: str | None, fields: Fields, path: Path) -> Condition | None:
        if text is None:
            return None
        try:
            return parse_condition(text, fields)
        except InvalidInput as error:
            self._note(path, error.zh, error.message)
            return None

    def _read_ways(self, n: int) -> Iterator[tuple[Condition, str]]:
        branch = self.form.steps[n].branch
        for m, way in enumerate(branch.ways if branch else ()):
            path = ("steps", n, "branch", "ways", m, "when")
            condition = self._read_condition(way.when, self.fields, path)
            if condition:
                yield condition, way.go

    def _read_vars(self, n: int, send: Send | None) -> Mapping[str, Operand]:
        found: dict[str, Operand] = {}
        for name, value in (send.vars if send else {}).items():
            path = ("steps", n, "send", "vars", name)
            if name not in FIELDS:
                known = ", ".join(FIELDS)
                self._note(path, f"没有内容字段 {name}。", f"There is no field {name}: {known}.")
            found[name] = self._read_operand(value, path)
        return found

    def _read_operand(self, value: str | float, path: Path) -> Operand:
        space = value.split(".")[0] if isinstance(value, str) else ""
        if isinstance(value, str) and space in self.fields and " " not in value:
            try:
                return parse_operand(value, self.fields)
            except InvalidInput as error:
                self._note(path, error.zh, error.message)
        return Operand("", lambda facts, now: value)

    def _note(self, path: Path, zh: str, en: str) -> None:
        index = path[1] if len(path) > 1 and path[0] == "steps" else None
        where = self.form.steps[index].id if isinstance(index, int) else str(path[0])
        self.problems.append(Problem(self.source.find_line(path), where, zh, en))


def _drop_echoes(errors: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield errors without “too short” where it only follows from what is wrong inside."""
    for one in errors:
        inner = (other["loc"][: len(one["loc"])] for other in errors if other is not one)
        if one["type"] != "too_short" or one["loc"] not in inner:
            yield one


def _describe(error: ErrorDetails, source: Source) -> Problem:
    path: Path = tuple(error["loc"])
    line, where = source.find_line(path), ".".join(str(one) for one in path)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        en, _, zh = str(cause).partition(" · ")
        return Problem(line, where, zh or en, en)
    zh = _WORDS.get(error["type"], "格式不正确：{msg}")
    expected = error.get("ctx", {}).get("expected", error.get("ctx", {}).get("pattern", ""))
    return Problem(line, where, zh.format(msg=error["msg"], expected=expected), error["msg"] + ".")


_WORDS: Final[Mapping[str, str]] = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项，请检查拼写。",
    "string_pattern_mismatch": "格式应符合 {expected}。",
    "literal_error": "只能是 {expected}。",
    "string_too_short": "不能为空。",
    "too_short": "不能为空。",
    "string_type": "应为文字。",
}
