"""What fills the fields of a campaign's content: the house, each client's record, the campaign.

What only an event of a client's brings along (`OF_EVENT`) nobody can fill in a campaign; a notice
can. So a content that cannot do without is refused, before anybody gets nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from kernel.errors import InvalidInput, ServiceError
from kernel.message import UNSUBSCRIBE, Json
from orchestrator.content import FIRST_ARM, Prepared, prepare
from orchestrator.field import ADDRESSES, DAYS, FIELDS, MOMENTS, OF_CLIENT, OF_EVENT, SAMPLE
from orchestrator.link import is_address
from store.content import ContentRow, Slot

Source: TypeAlias = Literal["house", "client", "campaign", "event"]
Kind: TypeAlias = Literal["text", "number", "moment", "day", "address", "lines"]

LONGEST: Final = 500
MOST_LINES: Final = 20
HOUSE: Final = frozenset({"brand", "app", UNSUBSCRIBE})
"""What this installation fills for everybody (service/writer.py)."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A field that a campaign's words name, and what fills it.

    `is_needed`: somewhere the words cannot be made without it. `channels` are those whose words
    need it.
    """

    name: str
    source: Source
    is_needed: bool
    channels: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """What a value of it looks like."""
        return find_kind(self.name)


def find_source(name: str) -> Source:
    """Return what fills a field in a campaign."""
    if name in HOUSE:
        return "house"
    if name in OF_CLIENT:
        return "client"
    return "event" if name in OF_EVENT else "campaign"


def find_kind(name: str) -> Kind:
    """Return what a value of a field looks like."""
    for names, kind in _KINDS:
        if name in names:
            return kind
    sample = FIELDS[name].sample
    if isinstance(sample, int | float):
        return "number"
    return "text" if isinstance(sample, str) else "lines"


def list_blanks(row: ContentRow, channels: Collection[str], arms: Collection[str]) -> list[Blank]:
    """Return the fields that a content names on these channels, in these arms; all without any."""
    named: dict[str, set[str]] = {}
    for slot in list_slots(row, channels, arms):
        ready = prepare(row, *slot)
        for name in ready.names & FIELDS.keys():
            needing = named.setdefault(name, set())
            if _cannot_do_without(ready, name):
                needing.add(slot[0])
    return [
        Blank(name, find_source(name), bool(needing), tuple(sorted(needing)))
        for name, needing in sorted(named.items())
    ]


def list_slots(row: ContentRow, channels: Collection[str], arms: Collection[str]) -> list[Slot]:
    """Return where the words are that these channels and arms may send, in any language."""
    wanted = {FIRST_ARM, *arms}
    return [
        slot
        for slot in sorted(row.variants)
        if slot[2] in wanted and (not channels or slot[0] in channels)
    ]


def sample_values(own: Mapping[str, Json]) -> dict[str, Json]:
    """Return a campaign's own values beside samples of what the house and a client fill."""
    return {**{name: SAMPLE[name] for name in HOUSE | OF_CLIENT}, **own}


def find_missing(blanks: Sequence[Blank], own: Mapping[str, Json]) -> list[Blank]:
    """Return what the campaign has to say and does not."""
    return [
        one
        for one in blanks
        if one.source == "campaign" and one.is_needed and own.get(one.name) is None
    ]


def check_blanks(blanks: Sequence[Blank]) -> None:
    """Refuse words that nobody can fill.

    Raises:
        InvalidInput: they need what only an event of a client's brings along.
    """
    for one in blanks:
        if one.source == "event" and one.is_needed:
            said = FIELDS[one.name]
            raise InvalidInput(
                f"The content names “{one.name}” ({said.en}), which only a client's own event "
                "brings along; a campaign cannot fill it. Take the field out or give it a "
                f"default, {{{{ {one.name} | default: '…' }}}}, or let a journey send it.",
                zh=f"内容用到“{said.zh}”（{one.name}），它只随客户自己的业务事件而来，活动无法填写。"
                f"请从内容中去掉该字段或设默认值 {{{{ {one.name} | default: '…' }}}}，"
                "或改用旅程、通知发送。",
            )


def check_missing(blanks: Sequence[Blank], own: Mapping[str, Json]) -> None:
    """Refuse a campaign whose words still have gaps.

    Raises:
        InvalidInput: names each field, and what would be right.
    """
    gaps = find_missing(blanks, own)
    if gaps:
        raise InvalidInput(
            "The content needs "
            + ", ".join(f"“{one.name}” ({FIELDS[one.name].en})" for one in gaps)
            + ": say it in the campaign, "
            + "; ".join(f"for instance {one.name} = {_show(SAMPLE[one.name])}" for one in gaps)
            + ".",
            zh="内容需要填写"
            + "、".join(f"“{FIELDS[one.name].zh}”（{one.name}）" for one in gaps)
            + "：请在活动中填写，"
            + "；".join(f"例如 {one.name} = {_show(SAMPLE[one.name])}" for one in gaps)
            + "。",
        )


def parse_values(values: Mapping[str, object]) -> dict[str, Json]:
    """Return a campaign's own values, checked; empty ones are left out.

    Raises:
        InvalidInput: a field is unknown, is not the campaign's to fill, or has no such value.
    """
    return {
        name: parse_value(name, value)
        for name, value in values.items()
        if value not in (None, "", []) or name not in FIELDS
    }


def parse_value(name: str, value: object) -> Json:
    """Return a value of one field.

    Raises:
        InvalidInput: as `parse_values`.
    """
    said = FIELDS.get(name)
    if said is None:
        raise InvalidInput(f"values: there is no field “{name}”.", zh=f"没有字段“{name}”。")
    if find_source(name) != "campaign":
        raise InvalidInput(
            f"values: “{name}” is not the campaign's to say; the house or each client's record "
            "fills it.",
            zh=f"“{said.zh}”（{name}）由系统或客户资料填写，活动中不能填。",
        )
    kind = find_kind(name)
    made = _READERS[kind](value)
    if made is None:
        en, zh = _RIGHT[kind]
        raise InvalidInput(
            f"values: “{name}” ({said.en}) is {en}.", zh=f"“{said.zh}”（{name}）应为{zh}。"
        )
    return made


def _cannot_do_without(ready: Prepared, name: str) -> bool:
    given = {key: value for key, value in SAMPLE.items() if key != name}
    try:
        ready.render(given)
    except ServiceError:
        return name != UNSUBSCRIBE
    return False


def _show(value: Json) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _read_text(value: object) -> Json:
    if not isinstance(value, str) or "\0" in value:
        return None
    said = value.strip()
    return said if 0 < len(said) <= LONGEST else None


def _read_number(value: object) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) and abs(value) < 10**15 else None


def _read_moment(value: object) -> Json:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at.isoformat() if at.tzinfo else None


def _read_day(value: object) -> Json:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _read_address(value: object) -> Json:
    return value if is_address(value) and len(str(value)) <= LONGEST else None  # type: ignore[return-value]


def _read_lines(value: object) -> Json:
    if not isinstance(value, list) or len(value) > MOST_LINES:
        return None
    lines = [_read_text(one) for one in value]
    return lines if lines and all(lines) else None


_KINDS: Final[Sequence[tuple[frozenset[str], Kind]]] = (
    (MOMENTS, "moment"),
    (DAYS, "day"),
    (ADDRESSES, "address"),
)
_READERS: Final = {
    "text": _read_text,
    "number": _read_number,
    "moment": _read_moment,
    "day": _read_day,
    "address": _read_address,
    "lines": _read_lines,
}
_RIGHT: Final[Mapping[Kind, tuple[str, str]]] = {
    "text": (f"a text of 1 to {LONGEST} characters", f"1–{LONGEST} 字的文字"),
    "number": ("a number", "数字"),
    "moment": (
        "a moment with its time zone, like 2026-12-01T19:30:00+08:00",
        "带时区的时间，例如 2026-12-01T19:30:00+08:00",
    ),
    "day": ("a day like 2026-12-31", "日期，例如 2026-12-31"),
    "address": (
        f"an address on the web of at most {LONGEST} characters, like https://example.com/abc",
        f"网址（{LONGEST} 字以内），例如 https://example.com/abc",
    ),
    "lines": (f"1 to {MOST_LINES} lines of text", f"1–{MOST_LINES} 行文字"),
}
