"""The encoder's HTTP client of the assistant, with a cache file for training."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Dict, List, Sequence

import numpy as np

DEFAULT_URL = "http://127.0.0.1:5811"
_BATCH = 64


class EncoderDown(Exception):
    """The encoder did not answer."""


def encode(texts: Sequence[str], *, timeout: float = 1.0) -> np.ndarray:
    """Asks the encoder for unit vectors of queries: float32, texts x dimensions.

    Raises:
        EncoderDown: when it cannot be reached, is too slow or answers nonsense.
    """
    url = os.environ.get("ZHIDA_ENCODER_URL", DEFAULT_URL).rstrip("/") + "/encode"
    body = json.dumps({"texts": list(texts), "kind": "query"}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            found = json.load(answer)
        return parse_vectors(found["vectors"], int(found["dim"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderDown(f"no vectors from {url}: {error}") from error


def parse_vectors(data: str, dim: int) -> np.ndarray:
    """Reads base64 float32 little-endian numbers as rows of `dim`."""
    return np.frombuffer(base64.b64decode(data), dtype="<f4").reshape(-1, dim)


def parse_vector(data: str) -> np.ndarray:
    """Reads one base64 float32 little-endian vector."""
    return np.frombuffer(base64.b64decode(data), dtype="<f4")


def encode_all(texts: Sequence[str], cache: Path) -> np.ndarray:
    """Encodes all texts in batches, keeping what was encoded before in `cache` (npz).

    The cache belongs to one encoder model (`ZHIDA_ENCODER_MODEL`); another model empties it.
    """
    model = os.environ.get("ZHIDA_ENCODER_MODEL", "")
    known = _read(cache, model)
    keys = [hashlib.sha1(text.encode()).hexdigest() for text in texts]
    missing: List[int] = [
        at for at in dict(zip(keys, range(len(keys)))).values() if keys[at] not in known
    ]
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        for at, vector in zip(batch, encode([texts[at] for at in batch], timeout=120.0)):
            known[keys[at]] = vector
    if missing:
        _write(cache, model, known)
    return np.stack([known[key] for key in keys])


def _read(cache: Path, model: str) -> Dict[str, np.ndarray]:
    try:
        with np.load(cache, allow_pickle=False) as stored:
            if str(stored["model"]) != model:
                return {}
            return dict(zip(stored["keys"].tolist(), stored["vectors"]))
    except (OSError, KeyError, ValueError):
        return {}


def _write(cache: Path, model: str, known: Dict[str, np.ndarray]) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(".part.npz")
    np.savez(
        part,
        model=np.array(model),
        keys=np.array(list(known)),
        vectors=np.stack(list(known.values())),
    )
    part.replace(cache)
