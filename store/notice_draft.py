"""What a client must know, before it is a notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.message import Json
from store.cipher import Cipher

URGENCIES = ("critical", "high", "normal", "low")
"""From the one that goes first to the one that may wait."""


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """What a client must know, and what made it so: `source` and `source_key` count it once.

    `topic` names what it is about: a live notice of this client and topic takes the newer figures
    instead of a second one beside it; so does one that ended less than `again_after` seconds ago,
    which nobody is told a second time. `channels` are all tried at once before the urgency's own
    ladder goes on; none leaves its first rung as it is. `exposure` is in yuan; what is not
    told by `reach_by` is told too late.
    """

    client_id: UUID
    category: str
    urgency: str
    source: str
    source_key: str
    content_key: str
    vars: Mapping[str, Json] = field(default_factory=dict)
    channels: Sequence[str] = ()
    topic: str | None = None
    exposure: float = 0.0
    reach_by: datetime | None = None
    again_after: float = 0.0


def to_columns(cipher: Cipher, rows: Sequence[tuple[UUID, NoticeDraft]]) -> dict[str, list[Any]]:
    """Return drafts as the arrays of `DRAFTS`, each under the id of its notice, sealed for it."""
    drafts = [one for _, one in rows]
    return {
        "ids": [id_ for id_, _ in rows],
        "clients": [one.client_id for one in drafts],
        "categories": [one.category for one in drafts],
        "urgencies": [one.urgency for one in drafts],
        "sources": [one.source for one in drafts],
        "keys": [one.source_key for one in drafts],
        "contents": [one.content_key for one in drafts],
        "vars": [
            cipher.seal_json(dict(one.vars), table="notice", column="vars_enc", row=id_)
            for id_, one in rows
        ],
        "channels": [",".join(one.channels) or None for one in drafts],
        "topics": [one.topic for one in drafts],
        "exposures": [one.exposure for one in drafts],
        "reach_bys": [one.reach_by for one in drafts],
        "again": [one.again_after for one in drafts],
    }


DRAFTS = """unnest(CAST(:ids AS uuid[]), CAST(:clients AS uuid[]), CAST(:categories AS text[]),
  CAST(:urgencies AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
  CAST(:contents AS text[]), CAST(:vars AS bytea[]), CAST(:channels AS text[]),
  CAST(:topics AS text[]), CAST(:exposures AS real[]),
  CAST(:reach_bys AS timestamptz[]), CAST(:again AS float[]))
  AS draft (id, client_id, category, urgency, source, source_key, content_key, vars, channels,
    topic, exposure, reach_by, again)"""
"""The rows that `to_columns` gives, for a statement over many drafts."""
