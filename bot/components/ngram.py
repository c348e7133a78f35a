"""Character n-grams of a sentence, hashed into a fixed number of columns."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Sequence, Tuple
from zlib import crc32

import numpy as np
from scipy import sparse

COLUMNS = 1 << 13
_TOKEN = re.compile(r"\[(手机号|身份证|银行卡|邮箱|账号|验证码)\d*\]")
_TOKEN_SIGN = {"手机号": "☎", "身份证": "⚑", "银行卡": "▭", "邮箱": "✉", "账号": "#", "验证码": "⚿"}
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_END = "。.!！?？~～,，、;；:： "


def normalise(text: str) -> str:
    """Gives the wording that is compared: one width, one case, signs for digits and tokens."""
    text = _TOKEN.sub(lambda found: _TOKEN_SIGN[found.group(1)], text)
    text = unicodedata.normalize("NFKC", text).lower()
    text = _DIGITS.sub(lambda found: "0" * min(len(found.group()), 6), text)
    return _SPACE.sub(" ", text).strip(_END)


@lru_cache(maxsize=8192)
def get_columns(text: str) -> Tuple[int, ...]:
    """Finds the columns of a sentence's 1- to 3-grams and Latin words; a column may repeat."""
    text = f"^{normalise(text)}$"
    grams = [text[at : at + n] for n in (1, 2, 3) for at in range(len(text) - n + 1)]
    grams += ["w:" + word for word in re.findall(r"[a-z]{2,}", text)]
    return tuple(crc32(gram.encode()) % COLUMNS for gram in grams)


def count(texts: Sequence[str]) -> sparse.csr_matrix:
    """Counts the n-grams of each text, damped to 1 + log(n): float32, texts x COLUMNS."""
    rows, columns = [], []
    for row, text in enumerate(texts):
        found = get_columns(text)
        columns += found
        rows += [row] * len(found)
    data = np.ones(len(columns), dtype=np.float32)
    counts = sparse.csr_matrix((data, (rows, columns)), shape=(len(texts), COLUMNS))
    counts.sum_duplicates()
    counts.data = 1.0 + np.log(counts.data)
    return counts


def count_one(text: str) -> Tuple[np.ndarray, np.ndarray]:
    """Counts the n-grams of one text: its columns, and their damped counts as in `count`."""
    seen = Counter(get_columns(text))
    columns = np.fromiter(seen.keys(), np.intp, len(seen))
    return columns, 1.0 + np.log(np.fromiter(seen.values(), np.float64, len(seen)))


def get_idf(counts: sparse.csr_matrix) -> np.ndarray:
    """Computes the inverse document frequency of each column, float32 of shape (COLUMNS,)."""
    seen = np.asarray((counts > 0).sum(axis=0)).ravel()
    return (np.log((1.0 + counts.shape[0]) / (1.0 + seen)) + 1.0).astype(np.float32)


def weigh(counts: sparse.csr_matrix, idf: np.ndarray) -> sparse.csr_matrix:
    """Weighs counts by idf and brings every row to length one."""
    weighed = counts.multiply(idf).tocsr()
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    scale = sparse.diags(1.0 / np.maximum(length, 1e-9))
    return (scale @ weighed).tocsr().astype(np.float32)
