"""Keeps the proof of critical notices up to what providers were asked and what they said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import orjson

from kernel.chain import Plain, Step
from kernel.message import Content
from store import proof, proof_fact
from store.cipher import Cipher
from store.engine import Connection

DAMAGED = "damaged"
"""Stands for the hash of a content that cannot be read any more: the proof says so, and one that
is broken keeps no other client's notice waiting."""


async def catch_up(connection: Connection, cipher: Cipher, notice_ids: Sequence[UUID]) -> None:
    """Add every call, receipt and followed link that is in no proof yet, in order of time.

    The caller holds the rows of these notices, which are critical ones.
    """
    if not notice_ids:
        return
    called = await proof_fact.find_called(connection, cipher, notice_ids)
    heard = await proof_fact.find_heard(connection, notice_ids)
    steps = [*map(_show_called, called), *map(_show_heard, heard)]
    await proof.record(connection, sorted(steps, key=lambda step: step.at))


def hash_content(content: Content) -> str:
    """Return SHA-256, in hexadecimal, of what an adapter is given to send."""
    body = orjson.dumps(content.to_json(inside=True), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(body).hexdigest()


def hide_address(address: str) -> str:
    """Return an address of which a reader recognises their own, and learns no other."""
    if len(address) < 8:
        return "****"
    return f"{address[:3]}****{address[-4:]}"


def _show_called(one: proof_fact.Called) -> Step:
    detail: dict[str, Plain] = {
        "outbox": str(one.outbox_id),
        "attempt": one.attempt,
        "channel": one.channel,
        "account": one.account,
        "result": one.result,
        "code": one.code,
        "provider_id": one.provider_id,
        "content": hash_content(one.content) if one.content else DAMAGED,
    }
    return Step(one.notice_id, "called", detail, one.at)


def _show_heard(one: proof_fact.Heard) -> Step:
    is_key = one.channel == "voice" and one.status == "read"
    detail: dict[str, Plain] = {
        "outbox": str(one.outbox_id),
        "channel": one.channel,
        "status": "press1" if is_key else one.status,
        "name": one.name,
        "detail": one.detail,
    }
    return Step(one.notice_id, one.what, detail, one.at)
