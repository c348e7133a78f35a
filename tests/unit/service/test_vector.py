"""Vectors that are kept from run to run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.encoder import Kind, Vectors
from service.vector import KeptVectors


class LedgerEncoder:
    """Encodes a text as its length, and writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Kind, str]] = []

    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        self.asked += [(kind, text) for text in texts]
        sign = 1.0 if kind == "query" else -1.0
        return np.array([[sign, len(text)] for text in texts], np.float32)

    async def find_model(self) -> str:
        return "m"


async def test_nothing_is_encoded_twice(tmp_path: Path) -> None:
    encoder = LedgerEncoder()
    first = KeptVectors(encoder, tmp_path, model="m")
    rows = await first.encode(["一", "二二", "一"], kind="query")
    first.save()
    second = KeptVectors(encoder, tmp_path, model="m")
    again = await second.encode(["二二", "一"], kind="query")
    assert encoder.asked == [("query", "一"), ("query", "二二")]
    assert np.array_equal(again, rows[[1, 0]])


async def test_kinds_and_models_are_kept_apart(tmp_path: Path) -> None:
    encoder = LedgerEncoder()
    kept = KeptVectors(encoder, tmp_path, model="m")
    query = await kept.encode(["一"], kind="query")
    passage = await kept.encode(["一"], kind="passage")
    assert not np.array_equal(query, passage)
    kept.save()
    await KeptVectors(encoder, tmp_path, model="other").encode(["一"], kind="query")
    assert len(encoder.asked) == 3


async def test_what_is_no_longer_said_is_forgotten(tmp_path: Path) -> None:
    encoder = LedgerEncoder()
    for text in ("旧", "新", "旧"):
        kept = KeptVectors(encoder, tmp_path, model="m")
        await kept.encode([text], kind="query")
        kept.save()
    assert [text for _, text in encoder.asked] == ["旧", "新", "旧"]


async def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    encoder = LedgerEncoder()
    kept = KeptVectors(encoder, tmp_path, model="m")
    await kept.encode(["一"], kind="query")
    kept.save()
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:40])
    rows = await KeptVectors(encoder, tmp_path, model="m").encode(["一"], kind="query")
    assert rows.shape == (1, 2)
