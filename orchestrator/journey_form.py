"""The form of a journey's YAML: what may be written where. What it means is in journey.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from kernel.errors import InvalidInput
from orchestrator.duration import parse_clock, parse_duration
from orchestrator.session import EXCHANGES
from orchestrator.urgency import Name

VERBS: Final = (
    "wait",
    "wait_until",
    "wait_for",
    "branch",
    "send",
    "open_task",
    "tag",
    "exit",
    "goal",
)
RESTS: Final = ("wait", "wait_until", "wait_for")
ENDS: Final = ("exit", "goal")
END: Final = "end"
START: Final = "start"
_NAME = r"^[a-z][a-z0-9-]{0,39}$"
_TOPIC = r"^[a-z0-9][a-z0-9_.-]{0,59}$"

Key = Annotated[str, Field(pattern=_NAME)]
Words = Annotated[str, Field(min_length=1, max_length=200)]


def _from_text(value: object, parse: Callable[[str], object]) -> object:
    """Read a text the way the form says; pydantic wants to hear of what is wrong as ValueError."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except InvalidInput as error:
        raise ValueError(f"{error.message} · {error.zh}") from error


Duration = Annotated[timedelta, BeforeValidator(lambda value: _from_text(value, parse_duration))]
Clock = Annotated[time, BeforeValidator(lambda value: _from_text(value, parse_clock))]
Exchange = Literal["SSE", "SZSE", "SHFE", "INE", "DCE", "CZCE", "GFEX", "CFFEX"]


class Form(BaseModel):
    """What all parts have in common: nothing unknown, nothing changed, text stays text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Watch(Form):
    """An event of the client, under a condition on its figures (`event.…`)."""

    event: str
    when: str | None = None


class Trigger(Form):
    """What lets a client in: an event, or an audience that is looked for every day at a time.

    An event that is older than `within` when it arrives lets nobody in: an import of last year's
    events does not welcome last year's clients.
    """

    event: str | None = None
    when: str | None = None
    within: Duration = timedelta(days=1)
    audience: Mapping[str, object] | None = None
    daily_at: Clock | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Trigger:
        if (self.event is None) == (self.audience is None):
            raise ValueError("a trigger has either event or audience · 触发器须二选一")
        if (self.audience is None) != (self.daily_at is None):
            raise ValueError("an audience needs daily_at: 09:00 · 人群触发需写明每日时刻 daily_at")
        if self.audience is not None and self.when is not None:
            raise ValueError("when is about an event; put it into audience · when 只用于事件")
        return self


class Reentry(Form):
    """Whether the same client may enter again: `once`, when `not_running`, `after`, `always`."""

    rule: Literal["once", "not_running", "after", "always"] = "not_running"
    gap: Duration | None = None

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if isinstance(value, str):
            if value.startswith("after "):
                return {"rule": "after", "gap": value.removeprefix("after ")}
            return {"rule": value}
        return value

    @model_validator(mode="after")
    def _has_gap(self) -> Reentry:
        if (self.rule == "after") != (self.gap is not None):
            raise ValueError("write reentry: after 30d · 应写 after 30d")
        return self


class Until(Form):
    """A moment to wait for; the client's own clock unless an exchange is named.

    `at` alone: the next such time. With `exchange`: on a trading day, after `days` trading days
    (T+n). `open`: the next moment that the exchange trades. `trading_minutes`: so many of them.
    """

    at: Clock | None = None
    exchange: Exchange | None = None
    days: Annotated[int, Field(ge=0, le=250)] | None = None
    open: Exchange | None = None
    trading_minutes: Annotated[int, Field(ge=1, le=100_000)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Until:
        given = (self.at is not None, self.open is not None, self.trading_minutes is not None)
        if sum(given) != 1:
            raise ValueError(
                "one of at, open, trading_minutes · at、open、trading_minutes 须三选一"
            )
        if (self.days is not None or self.trading_minutes is not None) and not self.exchange:
            raise ValueError("name the exchange · 需写明 exchange 交易所")
        return self


class Await(Watch):
    """An event to wait for, no longer than `timeout`; then each goes its way."""

    timeout: Duration
    then: Key | None = None
    otherwise: Key | None = None


class Way(Form):
    """One way out of a branch."""

    when: str
    go: Key


class Branch(Form):
    """The first way whose condition holds, or `otherwise`."""

    ways: Annotated[tuple[Way, ...], Field(min_length=1, max_length=20)]
    otherwise: Key


class Send(Form):
    """A notice to the client; `vars` fills the content's fields: a field path or a plain text.

    `channels` are all tried at once, before the urgency's own ladder goes on.
    """

    content: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
    category: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    urgency: Literal["critical", "high", "normal", "low"] = "normal"
    channels: Annotated[tuple[Name, ...], Field(max_length=7)] = ()
    topic: Annotated[str, Field(pattern=_TOPIC)] | None = None
    reach_within: Duration | None = None
    vars: Mapping[str, str | int | float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_name(self) -> Send:
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("a channel is named once · 渠道不能重复")
        if self.channels and self.urgency == "low":
            raise ValueError(
                "low goes into a digest; name no channels · low 会并入摘要，不能指定渠道"
            )
        return self


class OpenTask(Form):
    """Something that the client's manager does: `title` names no client and no amount."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = "call"
    title: Words
    detail: Annotated[str, Field(max_length=2000)] = ""
    priority: Literal["low", "normal", "high", "critical"] = "normal"
    due: Duration | Until | None = None


class Tag(Form):
    """Words that describe the client from now on, or no longer."""

    add: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()
    remove: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = ()
    expires: Duration | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Tag:
        if not self.add and not self.remove:
            raise ValueError("name a tag to add or to remove · 请写明要加或去掉的标签")
        return self


class StepForm(Form):
    """One step: an id, one verb, and where to go next if that is not the step below."""

    id: Key
    note: str = ""
    next: Key | None = None
    wait: Duration | None = None
    wait_until: Until | None = None
    wait_for: Await | None = None
    branch: Branch | None = None
    send: Send | None = None
    open_task: OpenTask | None = None
    tag: Tag | None = None
    exit: Words | None = None
    goal: Words | None = None

    @model_validator(mode="after")
    def _is_one(self) -> StepForm:
        if sum(getattr(self, verb) is not None for verb in VERBS) != 1:
            raise ValueError(f"a step has exactly one of {', '.join(VERBS)} · 每步只做一件事")
        if self.next and self.verb in (*ENDS, "branch"):
            raise ValueError(f"nothing comes next after {self.verb} · {self.verb} 之后没有下一步")
        return self

    @property
    def verb(self) -> str:
        """The one verb of this step."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)


class JourneyForm(Form):
    """A journey as it is written."""

    key: Key
    title: Words
    note: str = ""
    trigger: Trigger
    reentry: Reentry = Reentry()
    goal: Watch | None = None
    exits: tuple[Watch, ...] = ()
    steps: Annotated[tuple[StepForm, ...], Field(min_length=1, max_length=200)]


assert set(Exchange.__args__) == set(EXCHANGES)  # type: ignore[attr-defined]  # noqa: S101
