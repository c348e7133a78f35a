"""Several notices of one client that may go together become one message: a digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel.message import Json
from orchestrator.telling import is_suitable
from orchestrator.wording import DIGEST, Words
from store.content import ContentRow
from store.rung import DueNotice


@dataclass(frozen=True, slots=True)
class Parcel:
    """A notice, and those that its message carries besides; `row` is None without its content."""

    notice: DueNotice
    row: ContentRow | None
    values: Mapping[str, Json]
    riders: Sequence[DueNotice] = ()

    @property
    def all(self) -> Sequence[DueNotice]:
        """Every notice that this message tells."""
        return (self.notice, *self.riders)


def pack(ready: Sequence[DueNotice], waiting: Sequence[DueNotice], words: Words) -> list[Parcel]:
    """Make one parcel of all that one client is to be told of one category.

    `ready` are due now; `waiting` are not, but may ride along. What is alone stays itself, and
    so does everything where there is no digest's content.
    """
    groups: dict[tuple[object, str], list[DueNotice]] = {}
    for one in (*ready, *waiting):
        groups.setdefault((one.client_id, one.category), []).append(one)
    parcels: list[Parcel] = []
    for group in groups.values():
        fit = [one for one in group if _fits(one, words)]
        digest = words.find(DIGEST) if len(fit) > 1 else None
        if digest is None:
            parcels += [pack_one(one, words) for one in group if one in ready]
            continue
        parcels.append(Parcel(fit[0], digest, _list(fit, words), tuple(fit[1:])))
        parcels += [pack_one(one, words) for one in group if one not in fit and one in ready]
    return parcels


def pack_one(notice: DueNotice, words: Words) -> Parcel:
    """Return a notice that goes by itself."""
    values: dict[str, Json] = dict(notice.vars or {})
    if notice.manager:
        values.setdefault("manager", notice.manager)
    return Parcel(notice, words.find(notice.content_key), values)


def _fits(notice: DueNotice, words: Words) -> bool:
    """Tell whether a notice may stand in a digest: what nobody may be told, no digest tells."""
    row = words.find(notice.content_key)
    return row is not None and notice.vars is not None and is_suitable(row, notice)


def _list(fit: Sequence[DueNotice], words: Words) -> dict[str, Json]:
    titles = [str((one.vars or {}).get("topic") or _title(one, words)) for one in fit]
    return {"count": len(fit), "items": titles}


def _title(notice: DueNotice, words: Words) -> str:
    row = words.find(notice.content_key)
    return row.title if row else notice.content_key
