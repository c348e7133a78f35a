"""What a message says, out of its sealed cell."""

from __future__ import annotations

from uuid import UUID

from kernel.message import Content
from store.cipher import CellDamaged, Cipher


def open_content(cipher: Cipher, cell: bytes, message_id: UUID) -> Content:
    """Return what a message says.

    Raises:
        CellDamaged: its cell does not open.
    """
    body = cipher.open_json(cell, table="message", column="body_enc", row=message_id)
    return Content.from_json(body if isinstance(body, dict) else {})


def try_content(cipher: Cipher, cell: bytes, message_id: UUID) -> Content | None:
    """Return what a message says, or None where its cell does not open: others need not wait."""
    try:
        return open_content(cipher, cell, message_id)
    except CellDamaged:
        return None
