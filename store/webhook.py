"""Webhooks: where other systems are told what, each with a sealed secret that is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.errors import Conflict, NotFound
from kernel.happening import Happening
from kernel.ids import new_id
from kernel.message import Json
from store import audit
from store.cipher import Cipher
from store.engine import Connection
from store.undelivered import find_position
from store.webhook_delivery import CIRCUIT, WAITS
from store.webhook_secret import BEFORE, SECRETS, open_secret, open_secrets, seal_secret

MOST = 50
"""So many webhooks at most: each is called by itself."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a person may say of a webhook."""

    url: str
    kinds: Sequence[str]
    source: str | None


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook without its secret, what waits for it, and how its last calls went."""

    id: UUID
    url: str
    kinds: list[str]
    source: str | None
    is_active: bool
    rotated_at: datetime | None
    created_at: datetime
    waiting: int
    failed: int
    code: str | None
    delivered_at: datetime | None
    open_until: datetime | None


async def add(
    connection: Connection, cipher: Cipher, target: Target, secret: str, *, actor: str
) -> UUID:
    """Keep a new webhook; it hears what happens from now on.

    Raises:
        Conflict: there are too many.
    """
    webhook_id = new_id()
    parameters = {
        "id": webhook_id, "url": target.url, "kinds": list(target.kinds), "source": target.source,
        "secret": seal_secret(cipher, webhook_id, secret), "most": MOST,
        "since": await find_position(connection),
    }  # fmt: skip
    if (await connection.execute(_ADD, parameters)).first() is None:
        raise Conflict(f"There are {MOST} webhooks already.", zh=f"已有 {MOST} 个 webhook。")
    await _record(connection, "webhook_added", webhook_id, _to_words(target), actor=actor)
    return webhook_id


async def find_all(connection: Connection) -> list[WebhookRow]:
    """Return every webhook, oldest first."""
    parameters = {"webhook": None, "circuit": CIRCUIT}
    return [WebhookRow(*row) for row in await connection.execute(_ALL, parameters)]


async def find(connection: Connection, webhook_id: UUID) -> WebhookRow:
    """Return a webhook.

    Raises:
        NotFound: there is none.
    """
    parameters = {"webhook": webhook_id, "circuit": CIRCUIT}
    row = (await connection.execute(_ALL, parameters)).one_or_none()
    if row is None:
        raise _missing()
    return WebhookRow(*row)


async def change(
    connection: Connection, webhook_id: UUID, target: Target, *, is_active: bool, actor: str
) -> None:
    """Change a webhook; one that is switched on again hears what happens from then on.

    What waited when it was switched off goes out then; its circuit begins anew.

    Raises:
        NotFound: there is none.
    """
    parameters = {
        "id": webhook_id, "url": target.url, "kinds": list(target.kinds), "source": target.source,
        "active": is_active, "since": await find_position(connection),
    }  # fmt: skip
    if (await connection.execute(_CHANGE, parameters)).first() is None:
        raise _missing()
    await connection.execute(_FORGIVE, {"circuit": CIRCUIT, "account": str(webhook_id)})
    told = _to_words(target) | {"active": is_active}
    await _record(connection, "webhook_changed", webhook_id, told, actor=actor)


async def rotate(
    connection: Connection, cipher: Cipher, webhook_id: UUID, secret: str, *, actor: str
) -> None:
    """Replace the secret; that of before signs beside it for a day.

    Raises:
        NotFound: there is none.
    """
    row = (await connection.execute(_LOCK, {"id": webhook_id})).one_or_none()
    if row is None:
        raise _missing()
    before = open_secret(cipher, webhook_id, row.secret_enc)
    parameters = {
        "id": webhook_id,
        "secret": seal_secret(cipher, webhook_id, secret),
        "previous": seal_secret(cipher, webhook_id, before, column=BEFORE),
    }
    await connection.execute(_ROTATE, parameters)
    await _record(connection, "webhook_rotated", webhook_id, {}, actor=actor)


async def find_secrets(connection: Connection, cipher: Cipher, webhook_id: UUID) -> list[str]:
    """Return what signs for a webhook now, the newest first.

    Raises:
        NotFound: there is none.
    """
    row = (await connection.execute(_SECRETS, {"id": webhook_id})).one_or_none()
    if row is None:
        raise _missing()
    return open_secrets(cipher, webhook_id, row.secret_enc, row.previous_enc)


async def find_since(connection: Connection) -> int | None:
    """Return after which position anybody wants to be told anything; None if nobody does."""
    since: int | None = (await connection.execute(_SINCE)).scalar_one()
    return since


async def _record(
    connection: Connection, verb: str, webhook_id: UUID, told: dict[str, Json], *, actor: str
) -> None:
    await audit.record(connection, [Happening(actor, verb, "webhook", webhook_id, after=told)])


def _to_words(target: Target) -> dict[str, Json]:
    """Say a target for the audit; what stands behind a question mark may be secret."""
    url, _, _ = target.url.partition("?")
    return {"url": url, "kinds": [*target.kinds], "source": target.source}


def _missing() -> NotFound:
    return NotFound("There is no such webhook.", zh="没有这个 webhook。")


_ADD = text("""
INSERT INTO webhook (id, url, kinds, source, secret_enc, since)
SELECT :id, :url, CAST(:kinds AS text[]), :source, :secret, :since
WHERE (SELECT count(*) FROM webhook) < :most RETURNING id
""")
_ALL = text(f"""
SELECT webhook.id, url, kinds, source, is_active, rotated_at, created_at,
  (SELECT count(*) FROM webhook_delivery AS delivery WHERE webhook_id = webhook.id AND {WAITS}),
  (SELECT count(*) FROM webhook_delivery AS delivery WHERE webhook_id = webhook.id
    AND delivery.state = 'failed'),
  (SELECT code FROM webhook_delivery AS delivery WHERE webhook_id = webhook.id
    AND (({WAITS}) OR delivery.state = 'failed') AND code IS NOT NULL
    ORDER BY sending_at DESC LIMIT 1),
  (SELECT ended_at FROM webhook_delivery AS delivery WHERE webhook_id = webhook.id
    AND delivery.state = 'delivered' ORDER BY ended_at DESC LIMIT 1),
  (SELECT open_until FROM throttle WHERE channel = :circuit
    AND account = CAST(webhook.id AS text) AND open_until > clock_timestamp())
FROM webhook WHERE CAST(:webhook AS uuid) IS NULL OR webhook.id = :webhook ORDER BY webhook.id
""")  # noqa: S608  (constants)
_CHANGE = text("""
UPDATE webhook SET url = :url, kinds = CAST(:kinds AS text[]), source = :source,
  is_active = :active, changed_at = clock_timestamp(),
  since = CASE WHEN is_active THEN since ELSE :since END
WHERE id = :id RETURNING id
""")
_FORGIVE = text("DELETE FROM throttle WHERE channel = :circuit AND account = :account")
_LOCK = text("SELECT secret_enc FROM webhook WHERE id = :id FOR NO KEY UPDATE")
_ROTATE = text("""
UPDATE webhook SET secret_enc = :secret, previous_enc = :previous,
  rotated_at = clock_timestamp(), changed_at = clock_timestamp() WHERE id = :id
""")
_SECRETS = text(f"SELECT {SECRETS} FROM webhook WHERE id = :id")  # noqa: S608
_SINCE = text("SELECT min(since) FROM webhook WHERE is_active")
"""Tells nothing where nobody is to be told: the follower then rests."""
