"""Contents as they are sent: versions, their words for each channel, and the seal over them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB

from kernel.errors import NotApproved, NotFound
from store.engine import Connection

log = logging.getLogger(__name__)

Slot: TypeAlias = tuple[str, str, str]
"""Where words stand: channel, language (`zh`, `en`), arm of a test (`a`, `b` …)."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The words for one channel, language and arm, in Liquid.

    `template` names the provider's approved template where the channel needs one, and `fields`
    its variables, each a Liquid text.
    """

    subject: str = ""
    body: str = ""
    template: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContentDraft:
    """All that a content says and whom it is for. `min_risk` is C1 to C5, or None for everybody."""

    key: str
    title: str
    category: str
    variants: Mapping[Slot, Variant]
    tags: Sequence[str] = ()
    min_risk: str | None = None
    product_type: str | None = None
    stages: Sequence[str] = ()
    valid_until: datetime | None = None

    def seal(self) -> str:
        """Return the SHA-256, in hexadecimal, of everything that a second person approves."""
        until = self.valid_until.astimezone(UTC).isoformat() if self.valid_until else None
        variants = [
            [*slot, one.subject, one.body, one.template, dict(one.fields)]
            for slot, one in sorted(self.variants.items())
        ]
        body = {
            "key": self.key,
            "title": self.title,
            "category": self.category,
            "tags": sorted(self.tags),
            "min_risk": self.min_risk,
            "product_type": self.product_type,
            "stages": sorted(self.stages),
            "valid_until": until,
            "variants": variants,
        }
        return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True, slots=True)
class ContentRow:
    """One version of a content."""

    id: UUID
    key: str
    version: int
    title: str
    category: str
    tags: tuple[str, ...]
    min_risk: str | None
    product_type: str | None
    stages: tuple[str, ...]
    valid_until: datetime | None
    variants: Mapping[Slot, Variant]
    state: str = "draft"
    author_id: UUID | None = None
    approver_id: UUID | None = None
    checksum: str = ""
    created_at: datetime | None = None
    approved_at: datetime | None = None

    @property
    def draft(self) -> ContentDraft:
        """What of it is approved."""
        names = ContentDraft.__slots__
        return ContentDraft(**{name: getattr(self, name) for name in names})

    @property
    def is_intact(self) -> bool:
        """Whether it still says what it said when its checksum was made."""
        return self.checksum == self.draft.seal()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it has words for."""
        return tuple(sorted({channel for channel, _, _ in self.variants}))


class ContentEntry(NamedTuple):
    """A version in a list."""

    id: UUID
    key: str
    version: int
    state: str
    title: str
    category: str
    tags: Sequence[str]
    min_risk: str | None
    author_id: UUID | None
    author: str | None
    approver_id: UUID | None
    approver: str | None
    valid_until: datetime | None
    created_at: datetime
    approved_at: datetime | None
    channels: Sequence[str]
    languages: Sequence[str]


async def find_approved(connection: Connection, keys: Iterable[str]) -> Mapping[str, ContentRow]:
    """Return what is approved of these keys; what no longer fits its seal is left out."""
    rows = (await connection.execute(_APPROVED, {"keys": list(keys)})).mappings()
    found = {}
    for one in map(_read, rows):
        if one.is_intact:
            found[one.key] = one
        else:
            log.error("Content %s version %d is not what was approved.", one.key, one.version)
    return found


async def find(connection: Connection, content_id: UUID) -> ContentRow:
    """Return one version, in whatever state.

    Raises:
        NotFound: there is none.
        NotApproved: its words are not those that a second person approved.
    """
    row = (await connection.execute(_ONE, {"id": content_id})).mappings().one_or_none()
    if row is None:
        raise NotFound
    found = _read(row)
    if found.state in {"approved", "superseded"} and not found.is_intact:
        raise NotApproved(
            f"Content {found.key} version {found.version} is not what was approved.",
            zh=f"内容 {found.key} 第 {found.version} 版与审批时不一致，已停止发送。",
        )
    return found


async def find_entries(
    connection: Connection, *, state: str | None = None, key: str | None = None, limit: int = 200
) -> list[ContentEntry]:
    """Return versions, newest first: of a state, of a key, or the newest of each key."""
    parameters = {"state": state, "key": key, "limit": limit}
    rows = await connection.execute(_ENTRIES, parameters)
    return [ContentEntry(*row) for row in rows]


def _read(row: RowMapping) -> ContentRow:
    known = dict(row)
    variants = {
        (one["channel"], one["language"], one["arm"]): Variant(
            one["subject"], one["body"], one["template"], one["fields"]
        )
        for one in known.pop("variants") or ()
    }
    known["tags"], known["stages"] = tuple(known["tags"]), tuple(known["stages"])
    return ContentRow(**known, variants=variants)


_FIELDS = """
content.id, content.key, content.version, content.title, content.category, content.tags,
content.min_risk, content.product_type, content.stages, content.valid_until, content.state,
content.author_id, content.approver_id, content.checksum, content.created_at, content.approved_at,
(SELECT jsonb_agg(to_jsonb(variant) - 'content_id') FROM content_variant variant
  WHERE variant.content_id = content.id) AS variants
"""
_APPROVED = text(
    f"SELECT {_FIELDS} FROM content WHERE state = 'approved' AND key = ANY(:keys)"  # noqa: S608 - constant
).columns(variants=JSONB)
_ONE = text(f"SELECT {_FIELDS} FROM content WHERE id = :id").columns(variants=JSONB)  # noqa: S608 - constant
_ENTRIES = text("""
SELECT content.id, content.key, content.version, content.state, content.title, content.category,
  content.tags, content.min_risk, content.author_id, author.name AS author,
  content.approver_id, approver.name AS approver, content.valid_until, content.created_at,
  content.approved_at,
  ARRAY(SELECT DISTINCT channel FROM content_variant v WHERE v.content_id = content.id ORDER BY 1),
  ARRAY(SELECT DISTINCT language FROM content_variant v WHERE v.content_id = content.id ORDER BY 1)
FROM content
LEFT JOIN person author ON author.id = content.author_id
LEFT JOIN person approver ON approver.id = content.approver_id
WHERE (CAST(:key AS text) IS NULL OR content.key = :key)
  AND (CAST(:state AS text) IS NULL OR content.state = :state)
  AND (CAST(:key AS text) IS NOT NULL OR CAST(:state AS text) IS NOT NULL
       OR content.version = (SELECT max(version) FROM content c WHERE c.key = content.key))
ORDER BY content.created_at DESC, content.id DESC LIMIT :limit
""")
