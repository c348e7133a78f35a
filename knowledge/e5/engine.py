"""The running network: texts in, normalised vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from knowledge.e5.graph import build_graph
from knowledge.e5.token import Splitter
from knowledge.e5.weight import Floats, find_weight_file, parse_weight, unpack


class Engine:
    """multilingual-e5-small on one thread; safe to call from one thread at a time."""

    def __init__(
        self, path: Path | None = None, *, threads: int = 1, is_exact: bool = False
    ) -> None:
        weight = parse_weight(path or find_weight_file())
        shape = weight.shape
        self.width = shape.width
        self._splitter = Splitter(weight.vocabulary, window=shape.window)
        self._scales, self._nibbles = weight.blocks("emb.word")
        places = weight.vector("emb.pos").reshape(-1, shape.width)
        self._places = places + weight.vector("emb.type")[: shape.width]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            build_graph(weight, is_exact=is_exact), options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one row a text, float32 of length 1; prefixes are the caller's business.

        A text longer than a window is the mean of its windows, weighted by their tokens.
        """
        rows = [self._text(windows) for windows in self._splitter.split(texts)]
        found = np.stack(rows) if rows else np.zeros((0, self.width), np.float32)
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(length, 1e-12), dtype=np.float32)

    def _text(self, windows: list[list[int]]) -> Floats:
        means = np.stack([self._window(ids) for ids in windows])
        weights = np.array([max(len(ids) - 2, 1) for ids in windows], np.float32)
        return np.asarray(weights @ means / weights.sum(), dtype=np.float32)

    def _window(self, ids: list[int]) -> Floats:
        blocks = self.width // (self._nibbles.shape[1] * 2)
        rows = (np.asarray(ids)[:, None] * blocks + np.arange(blocks)).reshape(-1)
        words = unpack(self._scales[rows], self._nibbles[rows]).reshape(-1, self.width)
        (out,) = self._session.run(["y"], {"x": (words + self._places[: len(ids)])[None]})
        return np.asarray(out[0].mean(axis=0), dtype=np.float32)
