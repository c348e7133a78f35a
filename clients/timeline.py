"""The client's timeline as staff read it: every entry with a title in two languages."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from clients.event import EVENT_TYPES
from clients.tier import find_rules
from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from store import timeline
from store.cipher import Cipher
from store.engine import Database
from store.ticket_view import Viewer
from store.timeline import KINDS, Entry, Look, Mark

LARGEST: Final = 100
Words = tuple[str, str]

_TITLES: Final[Mapping[str, Words]] = {
    "message": ("消息", "message"),
    "notice": ("通知", "notice"),
    "campaign": ("营销消息", "campaign message"),
    "ticket": ("工单", "ticket"),
    "task": ("待办", "task"),
    "consent": ("同意与退订", "consent"),
    "tier": ("分层变化", "change of layer"),
    "journey": ("客户旅程", "journey"),
    "merge": ("客户合并", "merge of two records"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with its title, Chinese and English."""

    entry: Entry
    title: Words


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a timeline; `next` asks for the one after it, None at the end."""

    entries: tuple[Shown, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Timelines:
    """Reads timelines; who may see what is decided inside the query."""

    database: Database
    cipher: Cipher

    async def find_page(
        self,
        viewer: Viewer,
        client_id: UUID,
        *,
        limit: int = 50,
        kinds: Sequence[str] = KINDS,
        before: str = "",
    ) -> Page:
        """Return a page, newest first; `before` is the `next` of the page before it.

        Raises:
            NotFound: there is no such client, or the viewer may not see them.
            InvalidInput: a kind is unknown, or `before` is none of ours.
        """
        check_kinds(kinds)
        limit = max(1, min(LARGEST, limit))
        look = Look(client_id, limit + 1, kinds, parse_mark(before) if before else None)
        async with self.database.transaction() as connection:
            if not await timeline.may_see(connection, viewer, client_id):
                raise NotFound("There is no such client.", zh="没有这位客户。")
            found = await timeline.find_page(connection, self.cipher, viewer, look)
            layers = {
                one.name: (one.zh, one.en) for one in (await find_rules(connection)).rules.layers
            }
        shown = tuple(Shown(one, name_entry(one, layers)) for one in found[:limit])
        is_more = len(found) > limit
        return Page(shown, format_mark(timeline.to_mark(found[limit - 1])) if is_more else None)


def name_entry(entry: Entry, layers: Mapping[str, Words]) -> Words:
    """Return the title of an entry: what kind of thing it is, and which."""
    detail = entry.detail
    if entry.kind == "event":
        known = EVENT_TYPES.get(str(detail.get("type")))
        return (known.zh, known.en) if known else (str(detail.get("type")),) * 2
    zh, en = _TITLES[entry.kind]
    if entry.kind == "tier":
        before, after = (
            layers.get(str(detail.get(name)), (str(detail.get(name)),) * 2)
            for name in ("before", "after")
        )
        return f"{zh}：{before[0]} → {after[0]}", f"{en}: {before[1]} → {after[1]}"
    name: Json = detail.get("title") or detail.get("name")
    return (f"{zh}：{name}", f"{en}: {name}") if name else (zh, en)


def check_kinds(kinds: Sequence[str]) -> None:
    """Raise InvalidInput unless every kind is one of a timeline's."""
    if not kinds or set(kinds) - set(KINDS):
        raise InvalidInput(
            f"kinds are some of {', '.join(KINDS)}.", zh=f"kinds 可选：{'、'.join(KINDS)}。"
        )


def format_mark(mark: Mark) -> str:
    """Return a mark as it stands in an address."""
    return base64.urlsafe_b64encode(f"{mark.at.isoformat()} {mark.key}".encode()).decode()


def parse_mark(text: str) -> Mark:
    """Read a mark.

    Raises:
        InvalidInput: it is none of ours.
    """
    try:
        at, _, key = base64.b64decode(text, altchars=b"-_", validate=True).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not key or "\0" in key or not 1990 <= moment.year <= 2200:
            raise ValueError(text)
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(
            "before is the `next` of a page.", zh="before 应为上一页的 next。"
        ) from error
    return Mark(moment, key)
