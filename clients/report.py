"""Takes what the broker's systems report: batches of events, each kept or refused by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from clients.event import CODE, EVENT_TYPES, check_figures
from kernel.clock import Clock
from kernel.errors import InvalidInput
from kernel.message import Json
from store import client_event
from store.cipher import Cipher
from store.client_event import Report
from store.engine import Database

BATCH: Final = 1000
AHEAD: Final = timedelta(minutes=5)
OLDEST: Final = datetime(1990, 12, 1, tzinfo=UTC)
"""The mainland's first exchange opened in December 1990."""
PLAIN: Final = 10**9
"""Numbers up to here may be kept of an unknown type; a phone's is longer."""

_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that cannot be kept, with what was wrong and what would be right."""

    key: str | None
    error: InvalidInput


@dataclass(frozen=True, slots=True)
class Batch:
    """What one system told at once, in its order."""

    source: str
    entries: Sequence[Report | Refusal]


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one event: accepted, repeated, unknown_client, unknown_type or refused."""

    key: str | None
    fate: str
    error: InvalidInput | None = None


@dataclass(frozen=True, slots=True)
class Reports:
    """Keeps what is reported, whoever it is about; web has made sure that a system of ours asks."""

    database: Database
    cipher: Cipher
    clock: Clock

    async def take(self, body: Mapping[str, object]) -> list[Fate]:
        """Keep a batch in one transaction and return each event's fate, in their order.

        Raises:
            InvalidInput: the batch as a whole cannot be read; nothing of it is kept.
        """
        batch = parse_batch(body, self.clock.now())
        reports = [one for one in batch.entries if isinstance(one, Report)]
        async with self.database.transaction() as connection:
            states = await client_event.record_many(connection, self.cipher, batch.source, reports)
        return [_judge(one, states) for one in batch.entries]


def _judge(entry: Report | Refusal, states: dict[str, str]) -> Fate:
    """Say what became of an entry; a key's second event within a batch is a repeat."""
    if isinstance(entry, Refusal):
        return Fate(entry.key, "refused", entry.error)
    state = states.pop(entry.key, "repeated")
    return Fate(entry.key, "accepted" if state == "new" else state)


def parse_batch(body: Mapping[str, object], now: datetime) -> Batch:
    """Read a batch; an event that is wrong by itself is a refusal among its entries.

    Raises:
        InvalidInput: the batch as a whole cannot be read; nothing of it is kept.
    """
    source, events = body.get("source"), body.get("events")
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise InvalidInput(
            "source names the sending system: 1 to 40 of a-z, 0-9, '_', '.' and '-'.",
            zh="source 应为1到40位小写字母、数字等组成的系统名。",
        )
    if not isinstance(events, list) or not 1 <= len(events) <= BATCH:
        raise InvalidInput(
            f"events is a list of 1 to {BATCH} events.", zh=f"events 应为1到{BATCH}条事件。"
        )
    return Batch(source, [_parse_entry(one, now) for one in events])


def _parse_entry(entry: object, now: datetime) -> Report | Refusal:
    key = entry.get("key") if isinstance(entry, dict) else None
    try:
        return parse_event(entry, now)
    except InvalidInput as error:
        return Refusal(key[:200] if isinstance(key, str) else None, error)


def parse_event(entry: object, now: datetime) -> Report:
    """Read one event; of an unknown type the figures that are numbers or codes are kept.

    Raises:
        InvalidInput: a part is missing, has another kind, or is out of bounds.
    """
    if not isinstance(entry, dict):
        raise InvalidInput("An event is an object.", zh="每条事件应为对象。")
    type_ = _text(entry, "type", 60)
    figures = entry.get("figures", {})
    if not isinstance(figures, dict) or len(figures) > 30:
        raise InvalidInput("figures is an object of at most 30.", zh="figures 应为对象，至多30项。")
    known = EVENT_TYPES.get(type_)
    return Report(
        key=_text(entry, "key", 200),
        client_no=_text(entry, "client_no", 40),
        type=type_,
        at=parse_moment(entry.get("at"), now),
        figures=check_figures(known, figures) if known else _keep_plain(figures),
        is_known=known is not None,
    )


def _keep_plain(figures: Mapping[str, Json]) -> dict[str, Json]:
    """Keep what can hold no personal data: short numbers, truth values and codes in letters."""
    kept: dict[str, Json] = {}
    for name, value in figures.items():
        is_code = isinstance(value, str) and CODE.fullmatch(value) and not value[:6].isdigit()
        is_number = isinstance(value, int | float) and abs(value) <= PLAIN
        if CODE.fullmatch(str(name)) and (is_code or is_number):
            kept[str(name)] = value
    return kept


def _text(entry: Mapping[str, object], name: str, longest: int) -> str:
    value = entry.get(name)
    if isinstance(value, str) and "\0" not in value and 0 < len(value.strip()) <= longest:
        return value.strip()
    raise InvalidInput(
        f"{name} is a text of 1 to {longest} characters.", zh=f"{name} 应为1到{longest}字的文本。"
    )


def parse_moment(value: object, now: datetime, name: str = "at") -> datetime:
    """Return a moment that is past, as it stands in JSON under `name`.

    Raises:
        InvalidInput: it has no zone, lies ahead or too far back, or is no moment at all.
    """
    wrong = InvalidInput(
        f"{name} is a moment with its zone, such as 2026-11-23T09:30:00+08:00, not in the future.",
        zh=f"{name} 应为带时区的时间，如 2026-11-23T09:30:00+08:00，且不晚于当前时间。",
    )
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError as error:
        raise wrong from error
    if at is None or at.tzinfo is None:
        raise wrong
    try:
        at = at.astimezone(UTC)
    except OverflowError as error:
        raise wrong from error
    if not OLDEST <= at <= now + AHEAD:
        raise wrong
    return at
