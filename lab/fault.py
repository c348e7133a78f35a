"""Faults that a tester switches on: what real networks and real platforms do on a bad day.

A target is `all`, a fake (`twilio`) or one part of it (`twilio.message`, `aliyun.callback`).
A bare part (`custom`) is WeChat's, the oldest fake; bare `callback` is every fake's callbacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.errors import InvalidInput
from kernel.message import Json

CALLBACK = "callback"
_OLDEST = "wechat"


class Mode(StrEnum):
    """What goes wrong; `_before` means that the call is not processed, `_after` that it is."""

    TIMEOUT_BEFORE = "timeout_before"
    TIMEOUT_AFTER = "timeout_after"
    SLOW = "slow"
    HTTP_500 = "http_500"
    HTTP_500_AFTER = "http_500_after"
    HTTP_502 = "http_502"
    HTTP_429 = "http_429"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    HALF = "half"
    HTML = "html_200"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  # the name of a fault
    WINDOW_USED_UP = "window_used_up"
    ERRCODE = "errcode"
    DUPLICATE = "duplicate"
    LATE = "late"
    CUT = "cut"
    REORDERED = "reordered"
    LOST = "lost"
    UNKNOWN_ID = "unknown_id"


CALLBACK_MODES = frozenset(
    {Mode.DUPLICATE, Mode.LATE, Mode.CUT, Mode.REORDERED, Mode.LOST, Mode.UNKNOWN_ID}
)


@dataclass(frozen=True, slots=True)
class Fake:
    """A fake provider as the fault desk knows it: its parts, and the error codes that it has."""

    name: str
    parts: tuple[str, ...]
    codes: frozenset[int | str] = frozenset()

    def targets(self) -> tuple[str, ...]:
        """List what a fault of this fake may aim at."""
        named = tuple(f"{self.name}.{part}" for part in (*self.parts, CALLBACK))
        bare = self.parts if self.name == _OLDEST else ()
        return (self.name, *named, *bare)


@dataclass(slots=True)
class Fault:
    """One fault: where, for how many calls (None: until it is switched off), how long."""

    mode: Mode
    target: str = "all"
    times: int | None = None
    seconds: float = 10.0
    errcode: int | str = -1

    def to_json(self) -> Mapping[str, Json]:
        """Return the fault as the control API shows it."""
        return {
            "mode": self.mode.value,
            "target": self.target,
            "times": self.times,
            "seconds": self.seconds,
            "errcode": self.errcode,
        }

    def hits(self, fake: str, part: str) -> bool:
        """Tell whether this fault is meant for a call to a part of a fake."""
        if (self.mode in CALLBACK_MODES) is not (part == CALLBACK):
            return False
        if self.target == part:
            return part == CALLBACK or fake == _OLDEST
        return self.target in {"all", fake, f"{fake}.{part}"}


@dataclass(slots=True)
class FaultDesk:
    """The faults that are on, for every fake that has joined."""

    _fakes: dict[str, Fake] = field(default_factory=dict)
    _active: list[Fault] = field(default_factory=list)

    def join(self, fake: Fake) -> None:
        """Let faults aim at a fake."""
        self._fakes[fake.name] = fake

    def turn_on(self, body: Mapping[str, Json]) -> Fault:
        """Switch a fault on, or raise InvalidInput with what would be right."""
        fault = self._parse(body)
        self._active = [one for one in self._active if not _is_same(one, fault)]
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def take(self, fake: str, part: str) -> Fault | None:
        """Return the fault that a call to a part of a fake suffers, and count it."""
        for fault in self._active:
            if not fault.hits(fake, part) or not self._has_code(fake, fault):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._active.remove(fault)
            return fault
        return None

    def show(self) -> list[Json]:
        """Show the faults that are on."""
        return [fault.to_json() for fault in self._active]

    def _has_code(self, fake: str, fault: Fault) -> bool:
        return fault.mode is not Mode.ERRCODE or fault.errcode in self._fakes[fake].codes

    def _parse(self, body: Mapping[str, Json]) -> Fault:
        mode = body.get("mode")
        if mode not in set(Mode):
            raise InvalidInput(f"mode is one of {', '.join(Mode)}.")
        known = Mode(str(mode))
        default = CALLBACK if known in CALLBACK_MODES else "all"
        target = default if body.get("target") is None else body["target"]
        targets = [
            "all",
            CALLBACK,
            *(one for fake in self._fakes.values() for one in fake.targets()),
        ]
        if target not in targets:
            raise InvalidInput(f"target is one of {', '.join(targets)}.")
        times, seconds = _parse_measure(body)
        return Fault(known, str(target), times, seconds, self._parse_code(known, str(target), body))

    def _parse_code(self, mode: Mode, target: str, body: Mapping[str, Json]) -> int | str:
        code = body.get("errcode", -1)
        if mode is not Mode.ERRCODE:
            return -1
        fake = self._fakes.get(target.partition(".")[0])
        if fake is None and target != "all":
            fake = self._fakes[_OLDEST]
        fakes = self._fakes.values() if fake is None else (fake,)
        known = [one for each in fakes for one in each.codes]
        if not isinstance(code, int | str) or isinstance(code, bool) or code not in known:
            raise InvalidInput(f"errcode is one of {', '.join(sorted(map(str, known)))}.")
        return code


def _is_same(one: Fault, other: Fault) -> bool:
    return (one.mode, one.target) == (other.mode, other.target)


def _parse_measure(body: Mapping[str, Json]) -> tuple[int | None, float]:
    times, seconds = body.get("times"), body.get("seconds", 10.0)
    if times is not None and not (isinstance(times, int) and 0 < times < 10_000):
        raise InvalidInput("times is a whole number above 0, or absent for until further notice.")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= 60:
        raise InvalidInput("seconds is a number from 0 to 60.")
    return times, float(seconds)
