"""Notices: “this client must know X by T”, raised once for each cause, cancelled by a cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from kernel.chain import Step
from kernel.errors import Conflict
from kernel.ids import new_id
from store import proof, recall, task
from store.cipher import Cipher
from store.engine import Connection
from store.notice_draft import DRAFTS, URGENCIES, NoticeDraft, to_columns
from store.renewal import Key, record_renewed

__all__ = [
    "URGENCIES",
    "NoticeDraft",
    "cancel_topic",
    "raise_many",
    "record_cancelled",
    "record_closed",
]

_TRIES = 4
"""How often a notice that ended while it was being renewed is looked for again."""


async def raise_many(
    connection: Connection, cipher: Cipher, drafts: Sequence[NoticeDraft]
) -> list[UUID]:
    """Raise notices and return, in the order of the drafts, the notice that each went into.

    A draft whose cause is known changes nothing. Of several about one topic the last one counts,
    with the greatest urgency of all.
    """
    ids: dict[int, UUID] = {}
    for _ in range(_TRIES):
        ids |= await _find_known(connection, drafts)
        missing = [(n, one) for n, one in enumerate(drafts) if n not in ids]
        if missing:
            found = await _settle(connection, cipher, _fold([one for _, one in missing]))
            ids |= {n: found[_key(one)] for n, one in missing if _key(one) in found}
            await _record_causes(connection, drafts, ids)
        if len(ids) == len(drafts):
            return [ids[n] for n in range(len(drafts))]
    raise Conflict("Other notices on the same topics come and go; please raise them again.")


async def cancel_topic(
    connection: Connection, client_ids: Sequence[UUID], topic: str, why: str
) -> list[UUID]:
    """End every live notice of these clients about a topic, with its queued messages and tasks.

    Returns the notices that it ended; none may be told any more, so a repeat does nothing.
    """
    parameters = {"clients": list(client_ids), "topic": topic}
    rows = (await connection.execute(_LIVE_OF, parameters)).all()
    return await record_cancelled(connection, [row.id for row in rows], why, actor="notice")


async def record_cancelled(
    connection: Connection, notice_ids: Sequence[UUID], why: str, *, actor: str
) -> list[UUID]:
    """End notices that are not over yet, for a reason: a cure, or a person's decision."""
    if not notice_ids:
        return []
    parameters = {"notices": list(notice_ids), "why": why, "actor": actor}
    rows = (await connection.execute(_CANCEL, parameters)).all()
    ended = [row.id for row in rows]
    await recall.record_recalled(connection, ended, why)
    await task.record_notices_over(connection, ended, why, actor=actor)
    await proof.record(
        connection,
        [
            Step(row.id, "cancelled", {"why": why, "by": actor}, row.ended_at)
            for row in rows
            if row.urgency in proof.PROVED
        ],
    )
    return ended


async def record_closed(
    connection: Connection, notice_id: UUID, outcome: str, *, actor: str
) -> bool:
    """Close a notice whose task a person has ended; False if it is over or was never escalated.

    `reached` says that the client knows now; any other outcome leaves it unreached.
    """
    parameters = {"notice": notice_id, "outcome": outcome, "actor": actor}
    row = (await connection.execute(_CLOSE, parameters)).one_or_none()
    if row is not None and row.urgency in proof.PROVED:
        done = Step(notice_id, "task", {"outcome": outcome, "by": actor}, row.ended_at)
        ended = [Step(notice_id, "reached", {"how": "person"}, row.ended_at)]
        await proof.record(connection, [done, *(ended if outcome == "reached" else [])])
    return row is not None


def _key(draft: NoticeDraft) -> Key:
    """Return what must be one notice: a client's topic, else each cause for itself."""
    if draft.topic is not None:
        return draft.client_id, "topic", draft.topic, ""
    return draft.client_id, "cause", draft.source, draft.source_key


def _fold(drafts: Sequence[NoticeDraft]) -> dict[Key, NoticeDraft]:
    """Make one draft of all that are about one thing: the last one, as urgent as any."""
    folded: dict[Key, NoticeDraft] = {}
    for draft in drafts:
        before = folded.get(_key(draft))
        urgency = min((one.urgency for one in (before, draft) if one), key=URGENCIES.index)
        folded[_key(draft)] = replace(draft, urgency=urgency)
    return folded


async def _find_known(connection: Connection, drafts: Sequence[NoticeDraft]) -> dict[int, UUID]:
    parameters = {
        "sources": [one.source for one in drafts],
        "keys": [one.source_key for one in drafts],
    }
    rows = await connection.execute(_KNOWN, parameters)
    return {row.n - 1: row.id for row in rows}


async def _settle(
    connection: Connection, cipher: Cipher, folded: Mapping[Key, NoticeDraft]
) -> dict[Key, UUID]:
    """Insert what is new, renew what lives, and leave what was told just now."""
    made = {new_id(): (key, one) for key, one in folded.items()}
    columns = to_columns(cipher, [(id_, one) for id_, (_, one) in made.items()])
    rows = (await connection.execute(_INSERT, columns)).all()
    proved = [_raised(row) for row in rows if row.urgency in proof.PROVED]
    await proof.record(connection, proved, are_first=True)
    new = {row.id for row in rows}
    settled = {key: id_ for id_, (key, _) in made.items() if id_ in new}
    old = [(key, one) for id_, (key, one) in made.items() if id_ not in new]
    if old:
        settled |= await record_renewed(connection, cipher, old)
    return settled


async def _record_causes(
    connection: Connection, drafts: Sequence[NoticeDraft], ids: Mapping[int, UUID]
) -> None:
    parameters = {
        "sources": [drafts[n].source for n in ids],
        "keys": [drafts[n].source_key for n in ids],
        "notices": list(ids.values()),
    }
    await connection.execute(_CAUSES, parameters)


def _raised(row: Row[Any]) -> Step:
    detail = {"category": row.category, "content": row.content_key, "topic": row.topic}
    return Step(row.id, "raised", detail, row.created_at)


_KNOWN = text("""
SELECT draft.n, COALESCE(notice.id, cause.notice_id) AS id
FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[]))
  WITH ORDINALITY AS draft (source, source_key, n)
LEFT JOIN notice USING (source, source_key)
LEFT JOIN notice_cause AS cause USING (source, source_key)
WHERE COALESCE(notice.id, cause.notice_id) IS NOT NULL
""")

_INSERT = text(f"""
WITH made AS (
  INSERT INTO notice (id, client_id, category, urgency, source, source_key, content_key, vars_enc,
    channels, topic, exposure, reach_by, due_at, next_rung)
  SELECT id, client_id, category, urgency, source, source_key, content_key, vars,
    string_to_array(channels, ','), topic, exposure, reach_by, now(), 0 FROM {DRAFTS}
  WHERE NOT EXISTS (
    SELECT 1 FROM notice AS told WHERE told.client_id = draft.client_id
      AND told.topic = draft.topic AND told.state IN ('reached','unreached','escalated','closed')
      AND told.created_at > now() - make_interval(secs => draft.again))
  ON CONFLICT DO NOTHING
  RETURNING id, client_id, category, urgency, content_key, topic, created_at
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT row_id(), 'notice', 'notice_raised', 'notice', CAST(id AS text),
    jsonb_build_object('state', 'open', 'urgency', urgency, 'client_id', client_id,
      'topic', topic) FROM made
)
SELECT * FROM made
""")  # noqa: S608  (constants of this file)

_CAUSES = text("""
INSERT INTO notice_cause (source, source_key, notice_id)
SELECT source, source_key, notice_id
FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[]), CAST(:notices AS uuid[]))
  AS cause (source, source_key, notice_id)
WHERE NOT EXISTS (SELECT 1 FROM notice WHERE notice.source = cause.source
  AND notice.source_key = cause.source_key)
ON CONFLICT DO NOTHING
""")

_LIVE_OF = text("""
SELECT id FROM notice WHERE client_id = ANY(CAST(:clients AS uuid[])) AND topic = :topic
  AND state IN ('open','in_progress','unreached','escalated')
""")

_CLOSE = text("""
WITH moved AS (
  UPDATE notice SET state = 'closed', due_at = NULL, ended_at = now(),
    reached_how = CASE WHEN :outcome = 'reached' THEN 'person' END,
    reached_at = CASE WHEN :outcome = 'reached' THEN now() END
  WHERE id = :notice AND state = 'escalated' RETURNING id, urgency, ended_at
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
  SELECT row_id(), :actor, 'notice_moved', 'notice', CAST(id AS text), '{"state": "escalated"}',
    jsonb_build_object('state', 'closed', 'how', CAST(:outcome AS text)) FROM moved
)
SELECT urgency, ended_at FROM moved
""")

_CANCEL = text("""
WITH held AS (
  SELECT id, state AS before FROM notice WHERE id = ANY(CAST(:notices AS uuid[]))
    AND state IN ('open','in_progress','unreached','escalated') ORDER BY id FOR NO KEY UPDATE
), moved AS (
  UPDATE notice SET state = 'cancelled', reason = :why, due_at = NULL, ended_at = now()
  FROM held WHERE notice.id = held.id
  RETURNING notice.id, notice.urgency, notice.ended_at, held.before
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
  SELECT row_id(), :actor, 'notice_moved', 'notice', CAST(id AS text),
    jsonb_build_object('state', before),
    jsonb_build_object('state', 'cancelled', 'why', CAST(:why AS text)) FROM moved
)
SELECT id, urgency, ended_at FROM moved
""")
