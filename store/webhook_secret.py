"""The secrets of webhooks, sealed: the newest signs, and for a day that of before beside it."""

from __future__ import annotations

from uuid import UUID

from store.cipher import Cipher

PREVIOUS_HOURS = 24
"""How long the secret of before a rotation signs beside the new one."""

NEWEST, BEFORE = "secret_enc", "previous_enc"

SECRETS = f"""webhook.secret_enc,
  CASE WHEN webhook.rotated_at > now() - interval '{PREVIOUS_HOURS} hours'
    THEN webhook.previous_enc END AS previous_enc"""
"""The sealed cells of what signs now."""


def open_secrets(
    cipher: Cipher, webhook_id: UUID, newest: bytes, before: bytes | None
) -> list[str]:
    """Return the secrets in sealed cells, the newest first."""
    opened = [open_secret(cipher, webhook_id, newest)]
    if before is not None:
        opened.append(cipher.open_text(before, table="webhook", column=BEFORE, row=webhook_id))
    return opened


def open_secret(cipher: Cipher, webhook_id: UUID, cell: bytes) -> str:
    """Return the newest secret in its sealed cell."""
    return cipher.open_text(cell, table="webhook", column=NEWEST, row=webhook_id)


def seal_secret(cipher: Cipher, webhook_id: UUID, secret: str, *, column: str = NEWEST) -> bytes:
    """Return the sealed cell of a secret."""
    return cipher.seal_text(secret, table="webhook", column=column, row=webhook_id)
