"""From text to the ids of multilingual-e5-small: XLM-RoBERTa's unigram pieces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace

from knowledge.e5.weight import Vocabulary

_SPACES = re.compile(" {2,}")


class Splitter:
    """Splits texts into windows of ids, each with its start and end mark."""

    def __init__(self, vocabulary: Vocabulary, *, window: int) -> None:
        self._vocabulary = vocabulary
        self._content = window - 2
        self._tokenizer = Tokenizer(Unigram(vocabulary.pieces, unk_id=vocabulary.unknown))
        # The whole sentence is one word for the unigram model, as in the C engine: Chinese has
        # no spaces, and splitting at them first would change nothing but the speed.
        self._tokenizer.pre_tokenizer = Metaspace(
            replacement="▁", prepend_scheme="always", split=False
        )

    def split(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """Return the windows of each text; a text that fits has exactly one."""
        prepared = [_SPACES.sub(" ", text.translate(self._vocabulary.characters)) for text in texts]
        encodings = self._tokenizer.encode_batch_fast(prepared, add_special_tokens=False)
        return [self._windows(list(encoding.ids)) for encoding in encodings]

    def _windows(self, ids: list[int]) -> list[list[int]]:
        starts = range(0, max(len(ids), 1), self._content)
        start, end = self._vocabulary.start, self._vocabulary.end
        return [[start, *ids[at : at + self._content], end] for at in starts]
