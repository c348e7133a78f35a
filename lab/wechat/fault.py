"""Faults that a tester switches on: what real networks and real platforms do on a bad day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.wechat.code import MESSAGES


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


CALLBACK_MODES = frozenset({Mode.DUPLICATE, Mode.LATE, Mode.CUT})
TARGETS = ("all", "token", "custom", "typing", "template", "media", "menu", "user", "callback")


@dataclass(slots=True)
class Fault:
    """One fault: where, for how many calls (None: until it is switched off), how long."""

    mode: Mode
    target: str = "all"
    times: int | None = None
    seconds: float = 10.0
    errcode: int = -1

    def to_json(self) -> Mapping[str, Json]:
        """Return the fault as the control API shows it."""
        return {
            "mode": self.mode.value,
            "target": self.target,
            "times": self.times,
            "seconds": self.seconds,
            "errcode": self.errcode,
        }


@dataclass(slots=True)
class FaultDesk:
    """The faults that are on."""

    _active: list[Fault] = field(default_factory=list)

    def turn_on(self, body: Mapping[str, Json]) -> Fault:
        """Switch a fault on, or raise InvalidInput with what would be right."""
        fault = _parse(body)
        self._active = [one for one in self._active if not _is_same(one, fault)]
        self._active.append(fault)
        return fault

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def take(self, target: str) -> Fault | None:
        """Return the fault that this call suffers, and count it."""
        for fault in self._active:
            is_callback = fault.mode in CALLBACK_MODES
            if is_callback is not (target == "callback") or fault.target not in {"all", target}:
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


def _is_same(one: Fault, other: Fault) -> bool:
    return (one.mode, one.target) == (other.mode, other.target)


def _parse(body: Mapping[str, Json]) -> Fault:
    mode, target = body.get("mode"), body.get("target")
    if mode not in set(Mode):
        raise InvalidInput(f"mode is one of {', '.join(Mode)}.")
    known = Mode(str(mode))
    default = "callback" if known in CALLBACK_MODES else "all"
    target = default if target is None else target
    if target not in TARGETS:
        raise InvalidInput(f"target is one of {', '.join(TARGETS)}.")
    times, seconds = body.get("times"), body.get("seconds", 10.0)
    errcode = body.get("errcode", -1)
    if times is not None and not (isinstance(times, int) and 0 < times < 10_000):
        raise InvalidInput("times is a whole number above 0, or absent for until further notice.")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= 60:
        raise InvalidInput("seconds is a number from 0 to 60.")
    if not isinstance(errcode, int) or errcode not in MESSAGES:
        raise InvalidInput(f"errcode is one of {', '.join(map(str, MESSAGES))}.")
    return Fault(known, str(target), times, float(seconds), errcode)
