"""Rows of clients side by side, masked, for whoever decides whether they are one person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from clients.merge import check_pair
from kernel.errors import Conflict, InvalidInput
from kernel.happening import CLIENT_SEEN, Happening
from kernel.masking import show_name, show_number, show_phone
from store import audit, client_record, merge
from store.cipher import Cipher
from store.client_record import ClientRecord, MergeRow
from store.engine import Connection, Database

_NUMBER_LENGTHS: Final = range(1, 41)
_FILLING: Final = re.compile(r"[\s()（）-]")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rows, masked; what a merge would move, and why there can be none (`refusal`).

    `is_alike` is false where both phones are known and differ: then a person must be sure.
    """

    kept: ClientRecord
    gone: ClientRecord
    moves: Mapping[str, int]
    is_alike: bool
    refusal: Conflict | None


@dataclass(frozen=True, slots=True)
class Records:
    """Shows rows of clients; web has decided before that the person may see them all."""

    database: Database
    cipher: Cipher

    async def find(self, client_ids: Iterable[UUID]) -> Mapping[UUID, ClientRecord]:
        """Return rows, masked; who does not exist is left out."""
        async with self.database.transaction() as connection:
            return await self._find(connection, client_ids)

    async def look_up(self, number: str, *, actor: str) -> list[ClientRecord]:
        """Return the rows of a client number or a phone, masked; that they were seen is recorded.

        Raises:
            InvalidInput: this is no number.
        """
        if len(number) not in _NUMBER_LENGTHS or "\0" in number:
            raise InvalidInput(
                "Give a client number or a phone, complete, of up to 40 characters.",
                zh="请填写完整的客户号或手机号，至多40字。",
            )
        bare = _FILLING.sub("", number)
        async with self.database.transaction() as connection:
            ids = await client_record.find_ids(connection, self.cipher, number=bare)
            found = await self._find(connection, ids)
            await _record_seen(connection, ids, actor)
        return [found[one] for one in ids]

    async def compare(self, kept_id: UUID, gone_id: UUID, *, actor: str) -> Comparison:
        """Return what a merge would do; that both were seen is recorded.

        Raises:
            InvalidInput: both are the same row.
            NotFound: one of them does not exist.
        """
        if kept_id == gone_id:
            raise InvalidInput("These are the same record.", zh="这是同一条客户记录。")
        async with self.database.transaction() as connection:
            pair = await merge.find_pair(connection, kept_id, gone_id, locked=False)
            refusal = None
            try:
                check_pair(pair, is_sure=True)
            except Conflict as error:
                refusal = error
            moves = await merge.count_moves(connection, kept_id, gone_id)
            found = await self._find(connection, [kept_id, gone_id])
            await _record_seen(connection, [kept_id, gone_id], actor)
        is_alike = pair is not None and pair.is_alike
        return Comparison(found[kept_id], found[gone_id], moves, is_alike, refusal)

    async def find_merges(self) -> tuple[list[MergeRow], Mapping[UUID, ClientRecord]]:
        """Return the newest merges, and the rows that they are about, masked."""
        async with self.database.transaction() as connection:
            rows = await client_record.find_merges(connection)
            ids = {one for row in rows for one in (row.merge.kept_id, row.merge.gone_id)}
            return rows, await self._find(connection, ids)

    async def _find(
        self, connection: Connection, client_ids: Iterable[UUID]
    ) -> dict[UUID, ClientRecord]:
        found = await client_record.find_records(connection, self.cipher, list(client_ids))
        return {id_: _mask(one) for id_, one in found.items()}


def _mask(one: ClientRecord) -> ClientRecord:
    return replace(
        one,
        client_no=show_number(one.client_no),
        name=one.name and show_name(one.name),
        phone=one.phone and show_phone(one.phone),
    )


async def _record_seen(connection: Connection, client_ids: Iterable[UUID], actor: str) -> None:
    happenings = [Happening(actor, CLIENT_SEEN, "client", one) for one in client_ids]
    await audit.record(connection, happenings)
