"""Seals single cells: AES-256-GCM, a key id in front, bound to table, column and row.

A sealed cell is `1 byte key number ‖ 12 bytes nonce ‖ ciphertext ‖ 16 bytes tag`. The
additional data are `table.column:row`, so that a cell moved elsewhere does not open.
A blind index is HMAC-SHA-256 of the value under a key of its own, for equality alone.
Source: NIST SP 800-38D.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.errors import ServiceError


class CellDamaged(ServiceError):
    """A sealed cell does not open: wrong key, damaged, or moved from another row."""

    code = "cell_damaged"
    message_zh = "加密字段无法解密：密钥不符、数据损坏或被移动。"


@dataclass(frozen=True, slots=True)
class Cipher:
    """Seals with the newest of `keys` (number → 32 bytes), opens with any of them."""

    keys: Mapping[int, bytes]
    index_key: bytes
    _boxes: dict[int, AESGCM] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        for number, key in self.keys.items():
            if not 0 <= number <= 255 or len(key) != 32:
                raise ValueError("A data key has a number from 0 to 255 and 32 bytes.")
            self._boxes[number] = AESGCM(key)
        if not self._boxes or len(self.index_key) < 32:
            raise ValueError("At least one data key and an index key of 32 bytes are needed.")

    def seal(self, plain: bytes, *, table: str, column: str, row: UUID | str) -> bytes:
        """Return the sealed cell of `plain`."""
        number = max(self._boxes)
        nonce = secrets.token_bytes(12)
        sealed = self._boxes[number].encrypt(nonce, plain, _bound_to(table, column, row))
        return bytes([number]) + nonce + sealed

    def open(self, cell: bytes, *, table: str, column: str, row: UUID | str) -> bytes:
        """Return what was sealed.

        Raises:
            CellDamaged: the key is unknown, or the cell is not the one of this place.
        """
        box = self._boxes.get(cell[0]) if cell else None
        if box is None:
            raise CellDamaged
        try:
            return box.decrypt(cell[1:13], cell[13:], _bound_to(table, column, row))
        except InvalidTag as error:
            raise CellDamaged from error

    def seal_text(self, plain: str, *, table: str, column: str, row: UUID | str) -> bytes:
        """Return the sealed cell of a text."""
        return self.seal(plain.encode(), table=table, column=column, row=row)

    def open_text(self, cell: bytes, *, table: str, column: str, row: UUID | str) -> str:
        """Return the text that was sealed."""
        return self.open(cell, table=table, column=column, row=row).decode()

    def seal_json(self, value: object, *, table: str, column: str, row: UUID | str) -> bytes:
        """Return the sealed cell of a JSON value."""
        return self.seal(orjson.dumps(value), table=table, column=column, row=row)

    def open_json(self, cell: bytes, *, table: str, column: str, row: UUID | str) -> object:
        """Return the JSON value that was sealed."""
        return orjson.loads(self.open(cell, table=table, column=column, row=row))

    def blind(self, kind: str, value: str) -> bytes:
        """Return the blind index of a value, for finding a row by an encrypted column."""
        return hmac.new(self.index_key, f"{kind}:{value}".encode(), hashlib.sha256).digest()


def _bound_to(table: str, column: str, row: UUID | str) -> bytes:
    return f"{table}.{column}:{row}".encode()
