"""What may go wrong on a journey's ways: nowhere to go, no way there, no end, no rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.journey import RESERVED, Journey
from orchestrator.journey_form import END, ENDS, RESTS
from orchestrator.journey_text import Problem, Source


def find_route_problems(journey: Journey, source: Source) -> list[Problem]:
    """Return the problems of a journey whose parts are sound each by itself."""
    lines = {
        one.id: source.find_line(("steps", n, "id")) for n, one in enumerate(journey.form.steps)
    }
    wrong = [*_find_names(journey, lines), *_find_lost_ways(journey, lines)]
    if wrong:
        return wrong
    ways = {id_: [go for go, _ in step.list_ways()] for id_, step in journey.steps.items()}
    reached = _reach(journey.first, ways) - {END}
    return [
        *_find_unreachable(lines, reached),
        *_find_endless(journey, lines, ways, reached),
        *_find_loops(journey, lines, ways, reached),
    ]


def _find_names(journey: Journey, lines: Mapping[str, int]) -> Iterator[Problem]:
    for id_ in RESERVED & journey.steps.keys():
        yield Problem(lines[id_], id_, f"{id_} 是保留名称。", f"{id_} is a reserved name.")


def _find_lost_ways(journey: Journey, lines: Mapping[str, int]) -> Iterator[Problem]:
    for id_, step in journey.steps.items():
        for go, _ in step.list_ways():
            if go != END and go not in journey.steps:
                known = ", ".join(journey.steps)
                yield Problem(
                    lines[id_],
                    id_,
                    f"没有步骤 {go}，可用：{known}。",
                    f"There is no step {go}; there are {known}.",
                )


def _find_unreachable(lines: Mapping[str, int], reached: set[str]) -> Iterator[Problem]:
    for id_, line in lines.items():
        if id_ not in reached:
            yield Problem(line, id_, "没有任何路径能到达这一步。", "No way leads to this step.")


def _find_endless(
    journey: Journey, lines: Mapping[str, int], ways: Mapping[str, list[str]], reached: set[str]
) -> Iterator[Problem]:
    """Yield the steps after which the way just stops, or never comes to an exit or goal."""
    back: dict[str, list[str]] = {}
    for id_, following in ways.items():
        for go in following:
            back.setdefault(go, []).append(id_)
    ended = set()
    for id_, step in journey.steps.items():
        if step.verb in ENDS:
            ended |= _reach(id_, back)
    for id_ in journey.steps:
        if id_ in reached and END in ways[id_]:
            yield Problem(
                lines[id_],
                id_,
                "流程到此没有出口，请加上 exit 或 goal 步骤。",
                "The way stops here: add a step with exit or goal.",
            )
        elif id_ in reached and id_ not in ended:
            yield Problem(
                lines[id_],
                id_,
                "从这一步无法到达出口（exit 或 goal）。",
                "From this step no way leads to an exit or goal.",
            )


def _find_loops(
    journey: Journey, lines: Mapping[str, int], ways: Mapping[str, list[str]], reached: set[str]
) -> Iterator[Problem]:
    """Yield each step that comes back to itself without a rest: it would never stop sending."""
    restless = {id_ for id_ in reached if journey.steps[id_].verb not in RESTS}
    inner = {id_: [go for go in ways[id_] if go in restless] for id_ in restless}
    for id_ in journey.steps:
        if id_ in restless and id_ in _reach_all(inner[id_], inner):
            yield Problem(
                lines[id_],
                id_,
                "这一步会不经等待地循环，请在循环中加入 wait。",
                "This step comes back to itself without a wait: add one to the loop.",
            )


def _reach(start: str, ways: Mapping[str, list[str]]) -> set[str]:
    return _reach_all([start], ways)


def _reach_all(starts: Iterable[str], ways: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    left = list(starts)
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += ways.get(one, [])
    return found
