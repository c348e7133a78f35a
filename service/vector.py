"""Vectors of the articles, kept on disk: encoding some eight thousand texts takes minutes."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from knowledge.encoder import Encoding, Kind, Vectors

log = logging.getLogger(__name__)

_CHUNK = 64


class KeptVectors:
    """An encoder that remembers from run to run what it was asked to encode."""

    def __init__(self, inner: Encoding, folder: Path, *, model: str) -> None:
        mark = hashlib.sha256(model.encode()).hexdigest()[:12]
        self._inner, self._file = inner, folder / f"vectors-{mark}.npz"
        self._rows: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
        self._used: set[str] = set()
        self._load()

    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """Return one normalised row a text, asking the encoder only for those never seen."""
        if not texts:
            return await self._inner.encode(texts, kind=kind)
        keys = [hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()[:32] for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows
        }
        for start in range(0, len(missing), _CHUNK):
            chunk = list(missing.items())[start : start + _CHUNK]
            rows = await self._inner.encode([text for _, text in chunk], kind=kind)
            self._rows.update(zip((key for key, _ in chunk), rows, strict=True))
        self._used.update(keys)
        return np.stack([self._rows[key] for key in keys])

    async def find_model(self) -> str:
        """Return the model's name, as the encoder says it."""
        return await self._inner.find_model()

    def save(self) -> None:
        """Write what was used in this run; what no article says any more is left out."""
        if not self._used:
            return
        keys = sorted(self._used)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as sink:
            rows = np.stack([self._rows[key] for key in keys])
            np.savez(sink, keys=np.array(keys), rows=rows)
        part.replace(self._file)

    def _load(self) -> None:
        try:
            with np.load(io.BytesIO(self._file.read_bytes()), allow_pickle=False) as kept:
                keys, rows = kept["keys"].tolist(), kept["rows"].astype(np.float32)
            self._rows = dict(zip(keys, rows, strict=True))
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            log.warning("The kept vectors in %s cannot be used: %s", self._file, error)
