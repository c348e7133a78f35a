"""One message to one client, as another system of the broker orders it: it becomes a notice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from orchestrator.field import FIELDS
from store import client, content, notice, notice_view
from store.cipher import Cipher
from store.engine import Connection, Database
from store.notice_draft import URGENCIES, NoticeDraft
from store.notice_view import MessageRow, OrderRow

_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_KEY: Final = 200
_TEXT: Final = 2000
_MOST: Final = 1e12


@dataclass(frozen=True, slots=True)
class Order:
    """What is ordered: `key` is the system's own name of it, and counts it once."""

    source: str
    key: str
    client_no: str
    urgency: str
    content: str
    values: Mapping[str, Json]
    topic: str | None
    reach_by: datetime | None
    exposure: float


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of an order: where its notice stands, and each message written for it."""

    notice: OrderRow
    messages: Sequence[MessageRow]


@dataclass(frozen=True, slots=True)
class Orders:
    """Takes orders; whether the caller may order was made sure of by web."""

    database: Database
    cipher: Cipher
    clock: Clock

    async def take(self, body: Mapping[str, object]) -> UUID:
        """Raise the notice that is ordered and return its id; the same key raises it once.

        Raises:
            InvalidInput: says which part is wrong, and what would be right; nothing is kept.
            NotFound: there is no such client.
        """
        order = parse_order(body, self.clock.now())
        async with self.database.transaction() as connection:
            client_id = await client.find_id(connection, self.cipher, order.client_no)
            if client_id is None:
                raise NotFound("There is no such client.", zh="没有这位客户。")
            draft = NoticeDraft(
                client_id=client_id,
                category=await _find_category(connection, order.content),
                urgency=order.urgency,
                source=name_source(order.source),
                source_key=order.key,
                content_key=order.content,
                vars=order.values,
                topic=order.topic,
                exposure=order.exposure,
                reach_by=order.reach_by,
            )
            [made] = await notice.raise_many(connection, self.cipher, [draft])
        return made

    async def find(self, source: str, notice_id: UUID) -> Ordered:
        """Return what became of what this source ordered.

        Raises:
            NotFound: there is no such notice, or another source ordered it.
        """
        async with self.database.transaction() as connection:
            found = await notice_view.find_ordered(connection, name_source(source), notice_id)
            if found is None:
                raise NotFound("You have ordered no such message.", zh="没有您下达的这条消息。")
            return Ordered(found, await notice_view.find_messages(connection, notice_id))


def name_source(source: str) -> str:
    """Return the name under which what a system ordered is kept."""
    return f"system:{source}"


def parse_source(source: object) -> str:
    """Read the name of a system.

    Raises:
        InvalidInput: it is none.
    """
    if not isinstance(source, str) or not _SOURCE.fullmatch(source):
        raise _wrong("source", "1 to 40 of a-z, 0-9, '_', '.' and '-'", "1到40位小写字母、数字等")
    return source


def parse_order(body: Mapping[str, object], now: datetime) -> Order:
    """Read an order.

    Raises:
        InvalidInput: a part is missing, has another kind, or is out of bounds.
    """
    source = parse_source(body.get("source"))
    urgency = body.get("urgency")
    if not isinstance(urgency, str) or urgency not in URGENCIES:
        raise _wrong("urgency", f"one of {', '.join(URGENCIES)}", "、".join(URGENCIES) + " 之一")
    exposure = body.get("exposure", 0)
    is_number = isinstance(exposure, int | float) and not isinstance(exposure, bool)
    if not is_number or not 0 <= float(str(exposure)) <= _MOST:
        raise _wrong("exposure", f"an amount in yuan up to {_MOST:g}", "不为负的金额（元）")
    return Order(
        source=source,
        key=_text(body, "key", _KEY),
        client_no=_text(body, "client_no", 40),
        urgency=urgency,
        content=_text(body, "content", 100),
        values=_values(body.get("values", {})),
        topic=_text(body, "topic", 100) if body.get("topic") is not None else None,
        reach_by=_moment(body.get("reach_by"), now),
        exposure=float(str(exposure)),
    )


async def _find_category(connection: Connection, key: str) -> str:
    found = (await content.find_approved(connection, [key])).get(key)
    if found is None:
        raise InvalidInput(
            f"content is the key of an approved content; {key!r} is none.",
            zh=f"内容“{key}”不存在或未审批。",
        )
    return found.category


def _values(value: object) -> dict[str, Json]:
    """Read the fields of the content: those that there are, each a word, a number or a list."""
    if not isinstance(value, dict):
        raise _wrong("values", "an object of fields", "由字段组成的对象")
    for name, one in value.items():
        if name not in FIELDS:
            raise _wrong(
                f"values.{name}", f"none of the fields: {', '.join(FIELDS)}", "已有的字段之一"
            )
        parts = one if isinstance(one, list) else [one]
        if len(parts) > 50 or not all(_is_plain(part) for part in parts):
            raise _wrong(f"values.{name}", "a text, a number or a short list", "文字、数字或短列表")
    return dict(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _TEXT and "\0" not in value
    return isinstance(value, int | float | bool) and abs(value) <= _MOST


def _text(body: Mapping[str, object], name: str, longest: int) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= longest or "\0" in value:
        raise _wrong(name, f"a text of 1 to {longest} characters", f"1到{longest}个字符")
    return value


def _moment(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not now < at <= now + timedelta(days=366):
        raise _wrong(
            "reach_by",
            "a moment to come, with its zone, within a year",
            "一年内的将来时间（带时区）",
        )
    return at


def _wrong(name: str, right: str, right_zh: str) -> InvalidInput:
    return InvalidInput(f"{name} is {right}.", zh=f"{name} 应为{right_zh}。")
