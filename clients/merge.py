"""Merges two records that are one person, and splits them again: with a reason, on the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.happening import CLIENTS_MERGED, CLIENTS_SPLIT, Happening
from store import audit, merge
from store.engine import Connection, Database
from store.merge import Merge, Pair

REASON_LENGTHS = range(2, 201)


@dataclass(frozen=True, slots=True)
class Joining:
    """Which record goes into which, by whom and why; `is_sure` where their phones differ."""

    kept_id: UUID
    gone_id: UUID
    actor: str
    reason: str
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Merges:
    """Merges and splits clients; web has decided before that the person may."""

    database: Database

    async def merge(self, joining: Joining) -> tuple[UUID, Mapping[str, int]]:
        """Merge two records; return the merge's id and how many rows of each kind moved.

        Events that name the gone number reach the kept record from now on.

        Raises:
            InvalidInput: the reason says nothing, or both are the same record.
            NotFound: one of them does not exist.
            Conflict: one is merged already, both are told of the same matter right now, or their
                phones differ and nobody says that it is sure.
        """
        reason = _check_reason(joining.reason)
        if joining.kept_id == joining.gone_id:
            raise InvalidInput("These are the same record.", zh="这是同一条客户记录。")
        async with self.database.transaction() as connection:
            pair = await merge.find_pair(connection, joining.kept_id, joining.gone_id)
            check_pair(pair, is_sure=joining.is_sure)
            merge_id, counts = await merge.record(
                connection, joining.kept_id, joining.gone_id, actor=joining.actor, reason=reason
            )
            happening = Happening(
                joining.actor,
                CLIENTS_MERGED,
                "client",
                joining.kept_id,
                after={"gone": str(joining.gone_id), "reason": reason, "moved": dict(counts)},
            )
            await audit.record(connection, [happening])
        return merge_id, counts

    async def split(self, merge_id: UUID, *, actor: str, reason: str) -> Merge:
        """Undo a merge: what moved and is still there goes back.

        Raises:
            InvalidInput: the reason says nothing.
            NotFound: there is no such merge.
            Conflict: it was undone already, or the kept record was merged into another since.
        """
        reason = _check_reason(reason)
        async with self.database.transaction() as connection:
            found = await merge.find(connection, merge_id)
            if found is None:
                raise NotFound("There is no such merge.", zh="没有这次合并。")
            await self._check_open(connection, found)
            await merge.undo(connection, found)
            happening = Happening(
                actor,
                CLIENTS_SPLIT,
                "client",
                found.kept_id,
                before={"gone": str(found.gone_id)},
                after={"reason": reason},
            )
            await audit.record(connection, [happening])
        return found

    async def find_of_client(self, client_id: UUID) -> list[Merge]:
        """Return the merges that a client took part in, newest first."""
        async with self.database.transaction() as connection:
            return await merge.find_of_client(connection, client_id)

    async def find_doubles(self) -> list[tuple[UUID, ...]]:
        """Return groups of clients who share a phone, for a person to look at."""
        async with self.database.transaction() as connection:
            return await merge.find_doubles(connection)

    async def _check_open(self, connection: Connection, found: Merge) -> None:
        if found.undone_at is not None:
            raise Conflict("This merge is undone already.", zh="此次合并已被撤销。")
        pair = await merge.find_pair(connection, found.kept_id, found.gone_id)
        if pair is None or pair.kept_merged:
            raise Conflict(
                "The kept record was merged into another since; undo that first.",
                zh="保留的记录之后又被合并，请先撤销后一次合并。",
            )


def check_pair(pair: Pair | None, *, is_sure: bool) -> None:
    """Make sure that two rows may become one now.

    Raises:
        NotFound: one of them does not exist.
        Conflict: one is merged already, both are told of the same matter right now, or their
            phones differ and nobody says that it is sure.
    """
    if pair is None:
        raise NotFound("There is no such client.", zh="没有这位客户。")
    if pair.kept_merged or pair.gone_merged:
        raise Conflict("One of them is merged into another already.", zh="其中一条记录已被合并。")
    if pair.shared_topics:
        raise Conflict(
            "Both are being told of the same matter; merge them once one notice has ended.",
            zh="两条记录正就同一事项通知客户，请待其中一条通知结束后再合并。",
        )
    if not pair.is_alike and not is_sure:
        raise Conflict(
            "Their phones differ: say is_sure if they are one person all the same.",
            zh="两条记录的手机号不同；如确为同一人，请勾选确认后再合并。",
        )


def _check_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) not in REASON_LENGTHS or "\0" in reason:
        raise InvalidInput("Give a reason of 2 to 200 characters.", zh="请填写2到200字的原因。")
    return reason
