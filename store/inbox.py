"""Keeps everything that came in, once, before anybody is told that it was received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CLIENT_SPOKE
from kernel.ids import new_id
from kernel.message import Inbound
from store.cipher import Cipher


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an inbound message stands now; `is_new` is False for a repeat."""

    conversation_id: UUID
    message_id: UUID
    seq: int
    is_new: bool
    state: str
    floor: str
    client_id: UUID | None


@dataclass(frozen=True, slots=True)
class WindowRule:
    """A reply window that an inbound message opens: so many messages within so long."""

    name: str
    quota: int
    lasts: timedelta


async def record(
    connection: AsyncConnection, cipher: Cipher, inbound: Inbound, *, opens: WindowRule | None
) -> Kept:
    """Insert an inbound message into inbox and transcript, or find the one that came before.

    One statement does all of it: call it with `Database.once`, without a transaction around it.
    """
    message_id = new_id()
    parameters = _parameters(cipher, inbound, message_id) | _window_parameters(opens)
    try:
        row = (await connection.execute(_RECORD, parameters)).one_or_none()
    except IntegrityError:
        # The same key was being recorded over another connection in this very moment.
        if kept := await find(connection, inbound):
            return kept
        raise
    if row is None:
        return await _find_repeat(connection, inbound)
    return Kept(row.conversation_id, message_id, row.seq, True, "new", row.floor, row.client_id)


async def find(connection: AsyncConnection, inbound: Inbound) -> Kept | None:
    """Return the repeat's first arrival, or None if this key was never seen."""
    row = (await connection.execute(_FIND, _key(inbound))).one_or_none()
    if row is None:
        return None
    return Kept(
        row.conversation_id, row.message_id, row.seq, False, row.state, row.floor, row.client_id
    )


async def _find_repeat(connection: AsyncConnection, inbound: Inbound) -> Kept:
    kept = await find(connection, inbound)
    if kept is None:
        raise RuntimeError("An inbox key vanished between two statements.")
    return kept


def _key(inbound: Inbound) -> dict[str, Any]:
    address = inbound.address
    return {"channel": address.channel, "account": address.account, "key": inbound.dedup_key}


def _window_parameters(opens: WindowRule | None) -> dict[str, Any]:
    if opens is None:
        return {"rule": None, "quota": None, "lasts": None}
    return {"rule": opens.name, "quota": opens.quota, "lasts": opens.lasts}


def _parameters(cipher: Cipher, inbound: Inbound, message_id: UUID) -> dict[str, Any]:
    inbox_id = new_id()
    body = inbound.content.to_json(inside=True)
    if inbound.menu_payload is not None:
        body["hints"] = {"payload": inbound.menu_payload}
    return _key(inbound) | {
        "inbox_id": inbox_id,
        "message_id": message_id,
        "address": inbound.address.address,
        "kind": inbound.kind.value,
        "subtype": inbound.subtype,
        "verified_by": inbound.verified_by,
        "raw": cipher.seal(inbound.raw, table="inbox", column="raw_enc", row=inbox_id),
        "identity_id": new_id(),
        "conversation_id": new_id(),
        "session_id": new_id(),
        "event_id": new_id(),
        "language": inbound.language,
        "body": cipher.seal_json(body, table="message", column="body_enc", row=message_id),
        "external_id": inbound.external_id,
        "client_msg_id": inbound.client_msg_id,
        "provider_at": inbound.provider_at,
        "verb": CLIENT_SPOKE,
    }


_RECORD = text("""
WITH who AS (
  INSERT INTO identity (id, channel, account, address, language)
  SELECT :identity_id, :channel, :account, :address, :language WHERE NOT EXISTS (
    SELECT 1 FROM inbox WHERE channel = :channel AND account = :account AND dedup_key = :key)
  ON CONFLICT (channel, account, address)
  DO UPDATE SET language = COALESCE(EXCLUDED.language, identity.language)
  RETURNING id, client_id
), talk AS (
  INSERT INTO conversation (id, identity_id, last_seq, language)
  SELECT :conversation_id, who.id, 1, COALESCE(CAST(:language AS text), 'zh') FROM who
  ON CONFLICT (identity_id) DO UPDATE SET
    last_seq = conversation.last_seq + 1, last_at = now(),
    language = COALESCE(CAST(:language AS text), conversation.language)
  RETURNING id, last_seq, floor, floor_epoch
), opened AS (
  INSERT INTO session (id, conversation_id) SELECT :session_id, talk.id FROM talk
  ON CONFLICT (conversation_id) WHERE closed_at IS NULL DO NOTHING
), said AS (
  INSERT INTO message (id, conversation_id, seq, direction, author_kind, body_enc, channel,
                       account, external_id, client_msg_id, floor_epoch, provider_at)
  SELECT :message_id, talk.id, talk.last_seq, 'in', 'client', :body, :channel, :account,
         :external_id, :client_msg_id, talk.floor_epoch, :provider_at FROM talk
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT :event_id, 'client', :verb, 'conversation', CAST(talk.id AS text),
         jsonb_build_object('message_id', CAST(:message_id AS uuid), 'seq', talk.last_seq,
                            'floor', talk.floor) FROM talk
), spent AS (
  SELECT count(*) AS n FROM talk JOIN outbox ON outbox.conversation_id = talk.id
  WHERE outbox.seq > talk.last_seq - 40 AND outbox.rung <> 'passive'
    AND outbox.state IN ('sending', 'unknown', 'accepted', 'delivered', 'read', 'failed')
    AND outbox.sending_at >= CAST(:provider_at AS timestamptz)
), opening AS (
  INSERT INTO "window" (conversation_id, rule, opened_at, expires_at, quota, used)
  SELECT talk.id, :rule, now(), now() + CAST(:lasts AS interval), CAST(:quota AS integer),
    LEAST(CAST(:quota AS integer), spent.n)
  FROM talk, spent WHERE CAST(:rule AS text) IS NOT NULL
  ON CONFLICT (conversation_id, rule) DO UPDATE SET
    opened_at = now(), expires_at = EXCLUDED.expires_at, quota = EXCLUDED.quota,
    used = EXCLUDED.used
), kept AS (
  INSERT INTO inbox (id, channel, account, dedup_key, kind, subtype, raw_enc, verified_by,
                     conversation_id, message_id, seq)
  SELECT :inbox_id, :channel, :account, :key, :kind, :subtype, :raw, :verified_by,
         talk.id, :message_id, talk.last_seq FROM talk
)
SELECT talk.id AS conversation_id, talk.last_seq AS seq, talk.floor, who.client_id FROM talk, who
""")
"""A window opens at the provider when the client writes. What we have sent since then, before the
message came to us, is spent of it already."""

_FIND = text("""
SELECT inbox.conversation_id, inbox.message_id, inbox.seq, inbox.state, conversation.floor,
       identity.client_id
FROM inbox JOIN conversation ON conversation.id = inbox.conversation_id
JOIN identity ON identity.id = conversation.identity_id
WHERE inbox.channel = :channel AND inbox.account = :account AND inbox.dedup_key = :key
""")
