"""Newer figures for a notice that is there already: they replace what is not sent yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import text

from kernel.chain import Step
from store import proof, recall
from store.cipher import Cipher
from store.engine import Connection
from store.notice_draft import DRAFTS, NoticeDraft, to_columns

Key: TypeAlias = tuple[UUID, str, str, str]
"""What must be one notice: a client's topic, else each cause for itself."""


async def record_renewed(
    connection: Connection, cipher: Cipher, drafts: Sequence[tuple[Key, NoticeDraft]]
) -> dict[Key, UUID]:
    """Give the newer figures to live notices, and take back what is queued with the old ones."""
    about = {(one.client_id, one.topic): (key, one) for key, one in drafts}
    parameters = {
        "clients": [client for client, _ in about],
        "topics": [topic for _, topic in about],
        "again": [one.again_after for _, one in about.values()],
    }
    rows = (await connection.execute(_LIVE, parameters)).all()
    live = [(row.id, about[row.client_id, row.topic][1]) for row in rows if row.is_live]
    if live:
        await connection.execute(_HOLD, {"ids": [id_ for id_, _ in live]})
        renewed = (await connection.execute(_RENEW, to_columns(cipher, live))).all()
        taken = await recall.record_recalled(connection, [one.id for one in renewed], "superseded")
        await _step_back(connection, taken)
        await proof.record(
            connection,
            [
                Step(one.id, "renewed", {"revision": one.revision}, one.at)
                for one in renewed
                if one.urgency in proof.PROVED
            ],
        )
    return {about[row.client_id, row.topic][0]: row.id for row in rows}


async def _step_back(connection: Connection, taken: Sequence[recall.Recalled]) -> None:
    """Let the ladder write anew what was taken back."""
    lowest: dict[UUID, int] = {}
    for one in taken:
        rung = int(one.rung.partition(".")[0])
        lowest[one.notice_id] = min(rung, lowest.get(one.notice_id, rung))
    if lowest:
        parameters = {"notices": list(lowest), "rungs": list(lowest.values())}
        await connection.execute(_STEP_BACK, parameters)


_RANK = "array_position(ARRAY['critical','high','normal','low'], {})"

_LIVE = text("""
SELECT DISTINCT ON (notice.client_id, notice.topic) notice.id, notice.client_id, notice.topic,
  notice.state IN ('open','in_progress') AS is_live
FROM unnest(CAST(:clients AS uuid[]), CAST(:topics AS text[]), CAST(:again AS float[]))
  AS draft (client_id, topic, again)
JOIN notice ON notice.client_id = draft.client_id AND notice.topic = draft.topic
WHERE notice.state IN ('open','in_progress')
  OR (notice.state IN ('reached','unreached','escalated','closed')
    AND notice.created_at > now() - make_interval(secs => draft.again))
ORDER BY notice.client_id, notice.topic, is_live DESC, notice.created_at DESC
""")

_HOLD = text(
    "SELECT id FROM notice WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR NO KEY UPDATE"
)
"""In one order, so that two who renew the same notices never wait in a circle."""

_RENEW = text(f"""
WITH renewed AS (
  UPDATE notice SET vars_enc = draft.vars, content_key = draft.content_key,
    exposure = draft.exposure, reach_by = draft.reach_by, revision = revision + 1,
    category = CASE WHEN {_RANK.format("draft.urgency")} <= {_RANK.format("notice.urgency")}
      THEN draft.category ELSE notice.category END,
    urgency = CASE WHEN {_RANK.format("draft.urgency")} < {_RANK.format("notice.urgency")}
      THEN draft.urgency ELSE notice.urgency END,
    next_rung = CASE WHEN {_RANK.format("draft.urgency")} < {_RANK.format("notice.urgency")}
      THEN 0 ELSE next_rung END,
    due_at = CASE WHEN {_RANK.format("draft.urgency")} < {_RANK.format("notice.urgency")}
      THEN now() ELSE due_at END
  FROM {DRAFTS} WHERE notice.id = draft.id AND notice.state IN ('open','in_progress')
  RETURNING notice.id, notice.urgency, notice.revision, now() AS at
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT row_id(), 'notice', 'notice_renewed', 'notice', CAST(id AS text),
    jsonb_build_object('urgency', urgency, 'revision', revision) FROM renewed
)
SELECT * FROM renewed
""")  # noqa: S608

_STEP_BACK = text("""
UPDATE notice SET next_rung = LEAST(notice.next_rung, back.rung), due_at = now()
FROM unnest(CAST(:notices AS uuid[]), CAST(:rungs AS smallint[])) AS back (id, rung)
WHERE notice.id = back.id
""")
