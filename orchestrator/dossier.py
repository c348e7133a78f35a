"""Puts together the proof of a notice for those who may see it: as signed JSON, as a signed PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from kernel.chain import show_moment
from kernel.clock import Clock
from kernel.errors import Conflict, NotFound
from kernel.happening import PROOF_EXPORTED, Happening
from orchestrator import proof
from orchestrator.evidence import FORMAT, Signer
from store import audit, notice_view, proof_fact
from store import proof as ledger
from store.cipher import Cipher
from store.engine import Connection, Database
from store.notice_view import NoticeRow
from store.proof import Kept
from store.staff import Person


class NoProof(Conflict):
    """Only critical notices have a proof of each step."""

    code = "no_proof"
    message_zh = "只有特急通知保留逐步送达证明。"


@dataclass(frozen=True, slots=True)
class Dossiers:
    """Exports proofs; each export is told in the chain of happenings."""

    database: Database
    cipher: Cipher
    signer: Signer
    clock: Clock

    async def export_json(self, person: Person, notice_id: UUID) -> bytes:
        """Return the signed file that `zhida proof verify` checks.

        Raises:
            NotFound: there is no such notice, or it is not this person's to see. NoProof.
        """
        return self.signer.sign_json(await self._collect(person, notice_id))

    async def export_pdf(self, person: Person, notice_id: UUID) -> bytes:
        """Return the same as pages for people, with the signed file attached."""
        collected = await self._collect(person, notice_id)
        attached = self.signer.sign_json(collected)
        return self.signer.sign_pdf(await asyncio.to_thread(_draw, attached))

    async def _collect(self, person: Person, notice_id: UUID) -> dict[str, object]:
        async with self.database.transaction() as connection:
            row = await notice_view.find(connection, self.cipher, person, notice_id)
            if row is None:
                raise NotFound("There is no such notice.", zh="没有这条通知。")
            if row.urgency not in ledger.PROVED:
                raise NoProof
            steps = await self._read(connection, notice_id)
            contents = await proof_fact.find_contents(connection, self.cipher, notice_id)
            told = Happening(f"person:{person.id}", PROOF_EXPORTED, "notice", notice_id)
            await audit.record(connection, [told])
        bodies = {proof.hash_content(one): one.to_json(inside=True) for one in contents}
        return {
            "format": FORMAT,
            "notice": _show_notice(row),
            "steps": [_show_step(one) for one in steps],
            "contents": [{"sha256": key, "body": bodies[key]} for key in sorted(bodies)],
            "exported_at": show_moment(self.clock.now()),
            "exported_by": person.name,
        }

    async def _read(self, connection: Connection, notice_id: UUID) -> Sequence[Kept]:
        """Return every step, those that were heard of just now included."""
        await ledger.lock(connection, notice_id)
        await proof.catch_up(connection, self.cipher, [notice_id])
        return await ledger.read(connection, notice_id)


def _draw(attached: bytes) -> bytes:
    """Draw the pages; what draws them is loaded when the first is asked for."""
    from orchestrator.page import draw_proof

    return draw_proof(orjson.loads(attached), attached)


def _show_notice(row: NoticeRow) -> dict[str, object]:
    return {
        "id": str(row.id),
        "client_name": row.client_name,
        "category": row.category,
        "urgency": row.urgency,
        "title": row.title,
        "content_key": row.content_key,
        "topic": row.topic,
        "state": row.state,
        "reached_how": row.reached_how,
        "reached_at": show_moment(row.reached_at) if row.reached_at else None,
        "created_at": show_moment(row.created_at),
        "reach_by": show_moment(row.reach_by) if row.reach_by else None,
    }


def _show_step(one: Kept) -> dict[str, object]:
    return {
        "seq": one.seq,
        "what": one.what,
        "at": show_moment(one.at),
        "detail": dict(one.detail),
        "prev": one.prev_hash.hex(),
        "hash": one.hash.hex(),
    }
