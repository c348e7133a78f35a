"""A journey: the steps that each client who enters goes through, as a graph that may be walked.

Written as YAML (form: journey_form.py), checked by `parse_journey`, pinned to each client who
enters under it. A client rests only at a step that waits; all others take no time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from clients.event import EVENT_TYPES
from orchestrator.condition import Condition, Fields, Kind, Operand
from orchestrator.journey_form import END, START, JourneyForm, StepForm, Watch

FIGURES: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "assets": "number",
        "margin_usage": "number",
        "risk_ratio": "number",
        "drawdown": "number",
        "financing_ratio": "number",
        "trades_90d": "number",
        "turnover_90d": "number",
        "holding_days": "number",
        "deposits": "number",
        "complaints_90d": "number",
        "opened_at": "moment",
        "first_deposit_at": "moment",
        "last_trade_at": "moment",
        "last_active_at": "moment",
    }
)
TIERS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "layer": "text",
        "asset_band": "text",
        "frequency_band": "text",
        "risk_band": "text",
        "loyalty_band": "text",
        "stage": "text",
        "recency": "number",
        "frequency": "number",
        "monetary": "number",
        "churn_risk": "number",
    }
)
CLIENTS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "risk_level": "text",
        "investor_class": "text",
        "stage": "text",
        "tier": "text",
        "manager": "text",
        "instruments": "texts",
        "tags": "texts",
    }
)


def list_fields(event_type: str | None) -> Fields:
    """Return the fields that a condition may name; those of `event` are that type's figures."""
    type_ = EVENT_TYPES.get(event_type or "")
    event: dict[str, Kind] = {
        name: "text" if figure.unit == "code" else "number"
        for name, figure in (type_.figures.items() if type_ else ())
    }
    return {"event": event, "figure": FIGURES, "tier": TIERS, "client": CLIENTS}


def list_event_fields(event_type: str) -> Fields:
    """Return the fields of an event alone, for a condition that is asked the moment it comes."""
    return {"event": list_fields(event_type)["event"]}


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is ready to be taken: its form, the step after it, its conditions read."""

    form: StepForm
    next: str = END
    when: Condition | None = None
    ways: tuple[tuple[Condition, str], ...] = ()
    vars: Mapping[str, Operand] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The step's name within its journey."""
        return self.form.id

    @property
    def verb(self) -> str:
        """What the step does."""
        return self.form.verb

    def list_ways(self) -> Iterator[tuple[str, str]]:
        """Yield every step that may follow, with the words to write at the arrow."""
        if self.form.wait_for:
            yield self.form.wait_for.then or self.next, "then"
            yield self.form.wait_for.otherwise or self.next, "otherwise"
        elif self.form.branch:
            for condition, go in self.ways:
                yield go, condition.text
            yield self.form.branch.otherwise, "otherwise"
        elif self.verb not in ("exit", "goal"):
            yield self.next, ""


@dataclass(frozen=True, slots=True)
class Sign:
    """An event to look out for, with its condition read."""

    event: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A journey that was checked: its form, its steps by id, and what it looks out for."""

    form: JourneyForm
    steps: Mapping[str, Step]
    trigger: Sign | None
    goal: Sign | None
    exits: tuple[Sign, ...]

    @property
    def key(self) -> str:
        """The name that all versions share."""
        return self.form.key

    @property
    def first(self) -> str:
        """The step that a client who enters takes first."""
        return self.form.steps[0].id

    @property
    def awaited(self) -> frozenset[str]:
        """The event types that move somebody who is under way."""
        signs = (*((self.goal,) if self.goal else ()), *self.exits)
        waits = (one.form.wait_for for one in self.steps.values())
        return frozenset([*(one.event for one in signs), *(one.event for one in waits if one)])

    @property
    def needs_facts(self) -> bool:
        """Whether walking it looks at the client's figures, tier, tags or time zone."""
        return any(
            one.form.branch or one.form.wait_until or one.vars or _has_clock(one)
            for one in self.steps.values()
        )


def find_watch(form: JourneyForm) -> Iterator[tuple[tuple[str | int, ...], Watch]]:
    """Yield each place where a journey looks out for an event, with the path to it."""
    if form.goal:
        yield ("goal",), form.goal
    for n, one in enumerate(form.exits):
        yield ("exits", n), one
    for n, step in enumerate(form.steps):
        if step.wait_for:
            yield ("steps", n, "wait_for"), step.wait_for


def _has_clock(step: Step) -> bool:
    task = step.form.open_task
    return bool(task and task.due)


RESERVED: Final = frozenset({START, END})
"""Names that no step may have: where a client enters, and where the way is over."""
