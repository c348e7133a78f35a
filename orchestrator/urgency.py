"""How urgent things are told: the ladder of each urgency, as data that an operator may change.

Source of what ships: DESIGN §5. A change is a new version beside the old ones, with an event.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from kernel.errors import InvalidInput
from kernel.happening import URGENCY_CHANGED, Happening
from orchestrator.quiet import QuietHours, parse_quiet
from store import audit
from store import urgency as store
from store.engine import Connection
from store.notice_draft import URGENCIES
from store.staff import Person

Proof: TypeAlias = Literal["accepted", "delivered", "read", "link", "press1"]
Name: TypeAlias = Literal["push", "sms", "voice", "wechat", "kf", "email", "chat"]

CHANNELS: Final[tuple[Name, ...]] = ("chat", "push", "wechat", "kf", "email", "sms", "voice")
"""From what costs nothing to what costs most: free, free, free, free, near to free, by segment,
by minute (facts/channels.md §6.1)."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rung(_Part):
    """One step of a ladder: which channels, how long to wait, and what counts as reached.

    `all` uses every one of the channels at once; `best`, `active` and `cheapest` one of those
    that were not tried before: the one that serves this client best, where the client is most
    active, or what costs least among those that the client prefers.
    """

    channels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=7)]
    pick: Literal["all", "best", "active", "cheapest"]
    wait_minutes: Annotated[float, Field(gt=0, le=10_080)]
    reached_by: Annotated[tuple[Proof, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("a channel stands in a rung once / 同一层中渠道不能重复")
        return self


class Escalation(_Part):
    """The task that a person gets when the last rung did not help."""

    kind: Annotated[str, Field(min_length=1, max_length=40)] = "call"
    priority: Literal["critical", "high", "normal", "low"]
    due_minutes: Annotated[float, Field(gt=0, le=10_080)]


class Policy(_Part):
    """The ladder of one urgency, and which of the client's wishes it heeds.

    `quiet` are hours like "22:00-08:00" in the client's zone, or None where nobody may sleep
    through it; `quiet_at_rest` are those of days on which the stock exchanges do not trade, where
    they differ. `cap_per_day` counts messages of one category in a day. `consent`: `none` asks
    for none, `no_refusal` heeds a no; marketing always needs a yes. `gather_minutes` lets several
    become one message. `repeats_unknown`: a duplicate is better than silence.
    """

    rungs: Annotated[tuple[Rung, ...], Field(min_length=1, max_length=8)]
    quiet: str | None = None
    quiet_at_rest: str | None = None
    cap_per_day: Annotated[int, Field(ge=1, le=100)] | None = None
    consent: Literal["none", "no_refusal"] = "no_refusal"
    gather_minutes: Annotated[float, Field(ge=0, le=1_440)] = 0.0
    repeats_unknown: bool = False
    lasts_hours: Annotated[float, Field(gt=0, le=8_760)] = 72.0
    escalate: Escalation | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        try:
            _ = self.quiet_hours
        except InvalidInput as error:
            raise ValueError(f"{error.message} / {error.zh}") from error
        return self

    @property
    def quiet_hours(self) -> QuietHours | None:
        """The hours in which the client is left alone, if any are heeded."""
        if not self.quiet and not self.quiet_at_rest:
            return None
        hours = parse_quiet(self.quiet or "00:00-00:00")
        return replace(hours, rest=parse_quiet(self.quiet_at_rest) if self.quiet_at_rest else None)

    def starting_with(self, channels: Sequence[str]) -> Policy:
        """Return this ladder with other channels on its first rung, all at once; none: as it is."""
        if not channels:
            return self
        first = self.rungs[0].model_copy(update={"channels": tuple(channels), "pick": "all"})
        return self.model_copy(update={"rungs": (first, *self.rungs[1:])})

    @property
    def lasts(self) -> timedelta:
        """How long after it was raised a notice is still worth telling."""
        return timedelta(hours=self.lasts_hours)


_ALL: Final[tuple[Name, ...]] = ("chat", "push", "wechat", "kf", "email", "sms")


def _one(pick: Literal["best", "active", "cheapest"], minutes: float, proof: Proof) -> Rung:
    return Rung(channels=_ALL, pick=pick, wait_minutes=minutes, reached_by=(proof, "read", "link"))


_CLEAR: Final[tuple[Proof, ...]] = ("read", "link", "press1")
DEFAULTS: Final[Mapping[str, Policy]] = {
    "critical": Policy(
        rungs=(
            Rung(channels=("push", "sms"), pick="all", wait_minutes=5, reached_by=_CLEAR),
            Rung(channels=("voice",), pick="all", wait_minutes=5, reached_by=_CLEAR),
        ),
        consent="none",
        repeats_unknown=True,
        lasts_hours=24,
        escalate=Escalation(priority="critical", due_minutes=10),
    ),
    "high": Policy(
        rungs=tuple(_one("best", 15, "delivered") for _ in range(3)),
        cap_per_day=10,
        lasts_hours=24,
    ),
    "normal": Policy(
        rungs=tuple(_one("active", 240, "delivered") for _ in range(3)),
        quiet="22:00-08:00",
        cap_per_day=5,
    ),
    "low": Policy(
        rungs=(_one("cheapest", 1_440, "accepted"),),
        quiet="21:00-09:00",
        quiet_at_rest="20:00-10:00",
        cap_per_day=1,
        gather_minutes=30,
        lasts_hours=168,
    ),
}
"""What ships. The table of DESIGN §5 gives rungs, waits and proofs; caps, gathering and how long a
notice lasts are ours, and an operator's to change. Quiet hours for marketing: 待合规确认."""


@dataclass(frozen=True, slots=True)
class Versioned:
    """A policy and the number of its version; 0 is what ships."""

    urgency: str
    version: int
    policy: Policy


def parse_policy(definition: object) -> Policy:
    """Read a policy out of JSON.

    Raises:
        InvalidInput: says which part is wrong, and how.
    """
    try:
        return Policy.model_validate(definition)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "policy"
        raise InvalidInput(
            f"{place}: {first['msg']}.", zh=f"紧急程度策略的 {place} 有误：{first['msg']}。"
        ) from error


async def find_policies(connection: Connection) -> dict[str, Versioned]:
    """Return the policy that holds for each urgency: an operator's newest, else what ships."""
    kept = await store.find_newest(connection)
    return {
        urgency: Versioned(urgency, kept[urgency].version, parse_policy(kept[urgency].definition))
        if urgency in kept
        else Versioned(urgency, 0, DEFAULTS[urgency])
        for urgency in URGENCIES
    }


async def record_policy(
    connection: Connection, person: Person, urgency: str, policy: Policy, *, seen: int
) -> Versioned:
    """Keep a new version of a policy, made by a person who saw version `seen`.

    Raises:
        InvalidInput: there is no such urgency. Conflict: somebody changed it meanwhile.
    """
    if urgency not in URGENCIES:
        raise InvalidInput(f"urgency is one of {', '.join(URGENCIES)}.", zh="没有这个紧急程度。")
    definition = policy.model_dump(mode="json")
    version = await store.record(connection, urgency, definition, seen=seen, author_id=person.id)
    change = Happening(
        f"person:{person.id}",
        URGENCY_CHANGED,
        "urgency",
        urgency,
        before={"version": seen},
        after={"version": version, "definition": definition},
    )
    await audit.record(connection, [change])
    return Versioned(urgency, version, policy)


REFRESH_SECONDS: Final = 2.0


@dataclass(slots=True)
class Policies:
    """The policies at hand: read anew when they are a moment old."""

    _held: Mapping[str, Versioned] = field(default_factory=dict)
    _read_at: float = float("-inf")

    async def get(self, connection: Connection) -> Mapping[str, Policy]:
        """Return the policy of each urgency, at most `REFRESH_SECONDS` behind."""
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            self._held = await find_policies(connection)
            self._read_at = time.monotonic()
        return {urgency: one.policy for urgency, one in self._held.items()}


def show_policy(one: Versioned, history: Sequence[store.Version] = ()) -> dict[str, object]:
    """Return a policy as the API's JSON; `history` are its earlier versions, newest first."""
    return {
        "urgency": one.urgency,
        "version": one.version,
        "policy": one.policy.model_dump(mode="json"),
        "default": DEFAULTS[one.urgency].model_dump(mode="json"),
        "history": [
            {"version": old.version, "author": old.author, "at": old.at.isoformat()}
            for old in history
        ],
    }
