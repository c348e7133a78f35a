"""Files of negative questions: read whole or refused by file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.errors import InvalidInput
from knowledge.negative import KINDS, Negative, parse_negatives, read_negatives


def test_a_file_is_read() -> None:
    text = "kind: near\nquestions: [花呗怎么还]\nquestions_en: [loan]\n"
    assert parse_negatives(text, name="a.yml") == [
        Negative("near", "花呗怎么还"),
        Negative("near", "loan"),
    ]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[]", "kind"),
        ("questions: [x]", "kind"),
        ("kind: other\nquestions: [x]", "kind"),
        ("kind: far", "questions"),
        ("kind: far\nquestions: x", "questions"),
        ("kind: far\nquestions: [5]", "questions"),
        ("kind: far\nquestions: [x]\nquestions_en: [no]", "questions_en"),
        ("kind: [", "a.yml"),
    ],
)
def test_a_wrong_file_is_named(text: str, word: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^a\.yml.*{word}|^a\.yml"):
        parse_negatives(text, name="a.yml")


def test_the_houses_own_negatives_are_of_every_kind() -> None:
    negatives = read_negatives(Path(__file__).parents[3] / "knowledge" / "negative")
    assert {negative.kind for negative in negatives} == set(KINDS)
    assert len({negative.text for negative in negatives}) == len(negatives)
