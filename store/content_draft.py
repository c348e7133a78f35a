"""What people do to contents: write, hand in, approve, send back, retire; each with its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.happening import Happening
from kernel.ids import new_id
from kernel.machine import CONTENT
from kernel.message import Json
from store import audit
from store.content import ContentDraft
from store.engine import Connection
from store.tables.content import content, content_variant

MOVED = "content_moved"
WRITTEN = "content_written"
SHIPPED = "house"
"""The actor of contents that come with the house."""
SHIP_LOCK = 0x7A68_636E
"""The advisory lock under which one process brings the house's contents in."""


async def record_draft(
    connection: Connection, draft: ContentDraft, *, author_id: UUID, actor: str
) -> UUID:
    """Write the next version of a key, as a draft of one author; return its id."""
    content_id, version = await _insert(connection, draft, author_id=author_id)
    told: dict[str, Json] = {"key": draft.key, "version": version, "checksum": draft.seal()}
    await audit.record(connection, [Happening(actor, WRITTEN, "content", content_id, after=told)])
    return content_id


async def change_draft(
    connection: Connection, content_id: UUID, draft: ContentDraft, *, author_id: UUID, actor: str
) -> None:
    """Replace a draft by another of the same key; only its author may.

    Raises:
        Conflict: it is no draft any more, or the key is another one.
        NotAllowed: somebody else wrote it.
    """
    before = await _lock(connection, content_id)
    if before["author_id"] != author_id:
        raise NotAllowed(
            "Only its author changes a draft; make a version of your own instead.",
            zh="草稿只能由作者本人修改；如需改动，请另存为新版本。",
        )
    if before["state"] != "draft" or before["key"] != draft.key:
        raise Conflict(
            "Only a draft is changed, and its key stays; make a new version instead.",
            zh="只有草稿可以修改，且编号不可更换；请新建版本。",
        )
    await connection.execute(_FORGET, {"id": content_id})
    values = _values(draft)
    await connection.execute(content.update().where(content.c.id == content_id), values)
    await connection.execute(content_variant.insert(), _variants(content_id, draft))
    told: dict[str, Json] = {"checksum": draft.seal()}
    old: dict[str, Json] = {"checksum": str(before["checksum"])}
    happening = Happening(actor, WRITTEN, "content", content_id, before=old, after=told)
    await audit.record(connection, [happening])


async def move(
    connection: Connection, content_id: UUID, after: str, *, person_id: UUID, note: str = ""
) -> None:
    """Move a content to another state; approving supersedes what was approved of its key.

    Raises:
        NotFound: there is none.
        Conflict: this state does not follow the present one.
        NotAllowed: the approver is the author.
    """
    before = await _lock(connection, content_id)
    CONTENT.check_move(str(before["state"]), after)
    if after == "approved":
        if before["author_id"] == person_id:
            raise four_eyes()
        await _supersede(connection, str(before["key"]))
    parameters = {"id": content_id, "state": after, "approver": person_id}
    try:
        await connection.execute(_APPROVE if after == "approved" else _MOVE, parameters)
    except IntegrityError as error:  # the database holds the rule too, whoever comes another way
        if "four_eyes" in str(error):
            raise four_eyes() from error
        raise
    told: dict[str, Json] = {"state": after}
    if note:
        told["note"] = note
    await _tell(connection, content_id, str(before["state"]), told, actor=f"person:{person_id}")


async def record_shipped(connection: Connection, draft: ContentDraft) -> bool:
    """Bring in a content of the house; False where it is there, or people have written their own.

    Call it under `lock_shipping`.
    """
    rows = (await connection.execute(_LATEST, {"key": draft.key})).mappings().all()
    if any(row["author_id"] is not None for row in rows):
        return False
    if rows and rows[0]["checksum"] == draft.seal():
        return False
    await _supersede(connection, draft.key)
    content_id, version = await _insert(connection, draft, author_id=None)
    await connection.execute(_APPROVE, {"id": content_id, "state": "approved", "approver": None})
    told: dict[str, Json] = {"state": "approved", "key": draft.key, "version": version}
    await _tell(connection, content_id, "draft", told, actor=SHIPPED)
    return True


async def lock_shipping(connection: Connection) -> None:
    """Wait until no other process brings contents in; held until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SHIP_LOCK})


def four_eyes() -> NotAllowed:
    """Return the refusal of an author who would approve their own work."""
    return NotAllowed(
        "The author cannot approve this; somebody else has to look at it.",
        zh="作者不能审批自己的内容，请由另一位同事审批。",
    )


async def _insert(
    connection: Connection, draft: ContentDraft, *, author_id: UUID | None
) -> tuple[UUID, int]:
    content_id = new_id()
    await connection.execute(_LOCK_KEY, {"key": draft.key})
    version = int((await connection.execute(_NEXT, {"key": draft.key})).scalar_one())
    row = {"id": content_id, "version": version, "author_id": author_id, **_values(draft)}
    await connection.execute(content.insert(), row)
    await connection.execute(content_variant.insert(), _variants(content_id, draft))
    return content_id, version


async def _lock(connection: Connection, content_id: UUID) -> Mapping[str, object]:
    row = (await connection.execute(_LOCK, {"id": content_id})).mappings().one_or_none()
    if row is None:
        raise NotFound
    return dict(row)


async def _supersede(connection: Connection, key: str) -> None:
    for row in await connection.execute(_SUPERSEDE, {"key": key}):
        await _tell(connection, row.id, "approved", {"state": "superseded"}, actor="system")


async def _tell(
    connection: Connection, content_id: UUID, before: str, told: dict[str, Json], *, actor: str
) -> None:
    old: dict[str, Json] = {"state": before}
    happening = Happening(actor, MOVED, "content", content_id, before=old, after=told)
    await audit.record(connection, [happening])


def _values(draft: ContentDraft) -> dict[str, str | list[str] | datetime | None]:
    return {
        "key": draft.key,
        "title": draft.title,
        "category": draft.category,
        "tags": list(draft.tags),
        "min_risk": draft.min_risk,
        "product_type": draft.product_type,
        "stages": list(draft.stages),
        "valid_until": draft.valid_until,
        "checksum": draft.seal(),
    }


def _variants(content_id: UUID, draft: ContentDraft) -> list[dict[str, object]]:
    return [
        {
            "content_id": content_id,
            "channel": channel,
            "language": language,
            "arm": arm,
            "subject": one.subject,
            "body": one.body,
            "template": one.template,
            "fields": dict(one.fields),
        }
        for (channel, language, arm), one in draft.variants.items()
    ]


_LOCK = text("SELECT key, state, author_id, checksum FROM content WHERE id = :id FOR NO KEY UPDATE")
_LOCK_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended('content:' || :key, 0))")
_NEXT = text("SELECT coalesce(max(version), 0) + 1 FROM content WHERE key = :key")
_LATEST = text("SELECT author_id, checksum FROM content WHERE key = :key ORDER BY version DESC")
_FORGET = text("DELETE FROM content_variant WHERE content_id = :id")
_MOVE = text("UPDATE content SET state = :state WHERE id = :id")
_APPROVE = text(
    "UPDATE content SET state = :state, approver_id = :approver, approved_at = now() WHERE id = :id"
)
_SUPERSEDE = text(
    "UPDATE content SET state = 'superseded' WHERE key = :key AND state = 'approved' RETURNING id"
)
