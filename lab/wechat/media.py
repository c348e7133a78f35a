"""Temporary media of the fake WeChat: every byte is checked, nothing leaves the process."""

from __future__ import annotations

import secrets
import struct
import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.wechat.code import Wrong

LIMITS: Mapping[str, int] = {
    "image": 10 << 20,
    "voice": 2 << 20,
    "video": 10 << 20,
    "thumb": 64 << 10,
}
_KEPT = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """One uploaded file."""

    kind: str
    name: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(slots=True)
class MediaDesk:
    """Keeps the last hundred files."""

    _files: OrderedDict[str, Stored] = field(default_factory=OrderedDict)

    def store(self, kind: str, name: str, mime: str, data: bytes) -> str:
        """Keep a file and return its media_id, or raise Wrong with 40004, 44001 or 45001."""
        if kind not in LIMITS:
            raise Wrong(40004)
        if not data:
            raise Wrong(44001)
        if len(data) > LIMITS[kind]:
            raise Wrong(45001)
        media_id = "lab-media-" + secrets.token_urlsafe(24)
        self._files[media_id] = Stored(kind, name, mime, data)
        while len(self._files) > _KEPT:
            self._files.popitem(last=False)
        return media_id

    def get(self, media_id: str) -> Stored:
        """Return a file, or raise Wrong with 40007."""
        try:
            return self._files[media_id]
        except KeyError:
            raise Wrong(40007) from None

    def paint(self) -> str:
        """Make a small striped picture, as the phone's photo, and return its media_id."""
        return self.store("image", "lab.png", "image/png", paint_stripes(160, 120))


def paint_stripes(width: int, height: int) -> bytes:
    """Return a PNG of yellow and black stripes; PNG specification, chapters 5 and 11."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            rows += b"\xf5\xc5\x18" if (x + y) // 16 % 2 else b"\x1f\x1f\x1f"
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
