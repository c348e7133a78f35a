"""Lexicon, head, index and judge on a tiny world whose right answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.encoder import Vectors
from knowledge.head import Head, Judge, load_head, spread
from knowledge.index import SIGNS, Index
from knowledge.lexicon import Lexicon, count_runs
from knowledge.negative import Negative
from knowledge.passage import Passages
from knowledge.training import Goal, Material, digest_material, learn_lexicon, train_head

SIZE = 16
WORDS = {
    "dw.out": "出金提现转出银行卡",
    "tp.gem": "创业板权限开通资产",
    "fee.stock": "佣金印花税过户费率",
    "#far": "天气闹钟音乐电影票",
    "#near": "贷款花呗信用卡保险",
    "#advice": "推荐股票加仓抄底涨",
    "#probe": "客户名单密码数据库",
}


def make_rows(kind: str, count: int, seed: int) -> tuple[tuple[str, ...], Vectors]:
    """Texts of the kind's letters, and vectors around the kind's own direction."""
    random = np.random.default_rng(seed)
    place = list(WORDS).index(kind)
    texts, vectors = [], []
    for _ in range(count):
        texts.append("".join(random.choice(list(WORDS[kind]), 6, replace=False)))
        vector = np.full(SIZE, 2.0) + random.normal(0, 0.25, SIZE)
        vector[place] += 2.0
        vectors.append(vector / np.linalg.norm(vector))
    return tuple(texts), np.array(vectors, np.float32)


@pytest.fixture(scope="module")
def material() -> Material:
    articles = [kind for kind in WORDS if not kind.startswith("#")]
    questions = [(kind, *make_rows(kind, 30, seed)) for seed, kind in enumerate(articles)]
    bodies = [(kind, *make_rows(kind, 1, 50 + seed)) for seed, kind in enumerate(articles)]
    others = [kind for kind in WORDS if kind.startswith("#")]
    negatives = [(kind, *make_rows(kind, 30, 90 + seed)) for seed, kind in enumerate(others)]
    return Material(
        questions=to_passages(questions),
        bodies=to_passages(bodies),
        negatives=tuple(Negative(kind[1:], text) for kind, texts, _ in negatives for text in texts),
        negative_vectors=np.concatenate([vectors for _, _, vectors in negatives]),
    )


def to_passages(rows: list[tuple[str, tuple[str, ...], Vectors]]) -> Passages:
    return Passages(
        keys=tuple(kind for kind, texts, _ in rows for _ in texts),
        texts=tuple(text for _, texts, _ in rows for text in texts),
        vectors=np.concatenate([vectors for _, _, vectors in rows]),
    )


@pytest.fixture(scope="module")
def head(material: Material) -> Head:
    return train_head(material, "toy")


@pytest.mark.parametrize("kind", [kind for kind in WORDS if not kind.startswith("#")])
def test_the_right_article_is_found_and_sure(material: Material, head: Head, kind: str) -> None:
    index = Index(material.questions, material.bodies, head)
    texts, vectors = make_rows(kind, 20, 1000)
    right = 0
    for text, vector in zip(texts, vectors, strict=True):
        finding = index.find(text, vector)
        probability, among = head.judge.judge(finding.signs)
        assert 0 <= probability <= 1
        assert 0 <= among <= 1
        is_best = index.keys[finding.order[0]] == kind
        right += is_best and probability >= head.judge.answer_from
    assert right >= 15


@pytest.mark.parametrize("kind", [kind for kind in WORDS if kind.startswith("#")])
def test_a_negative_is_not_answered(material: Material, head: Head, kind: str) -> None:
    index = Index(material.questions, material.bodies, head)
    texts, vectors = make_rows(kind, 20, 2000)
    answered = 0
    for text, vector in zip(texts, vectors, strict=True):
        finding = index.find(text, vector)
        answered += head.judge.judge(finding.signs)[0] >= head.judge.answer_from
        assert max(finding.negatives, key=finding.negatives.__getitem__) == kind
    assert answered <= 2


def test_thresholds_keep_to_the_goal(material: Material) -> None:
    strict = train_head(material, "toy", goal=Goal(far=0, near=0, refused=0, wrong=0))
    loose = train_head(material, "toy", goal=Goal(far=1, near=1, refused=1, wrong=1))
    assert loose.judge.answer_from == 0
    assert strict.judge.answer_from >= loose.judge.answer_from


def test_training_twice_gives_the_same(material: Material, head: Head) -> None:
    again = train_head(material, "toy")
    assert again.judge == head.judge
    assert np.array_equal(again.weights, head.weights)


def test_a_head_survives_its_file(head: Head, tmp_path: Path, material: Material) -> None:
    path = tmp_path / "deep" / "head.npz"
    head.save(path)
    read = load_head(path)
    assert read is not None
    assert (read.judge, read.classes, read.digest) == (head.judge, head.classes, head.digest)
    text, vector = material.questions.texts[0], material.questions.vectors[0]
    first, second = (
        Index(material.questions, material.bodies, one).find(text, vector) for one in (head, read)
    )
    assert first.signs == pytest.approx(second.signs, abs=1e-2)
    assert [entry.name for entry in path.parent.iterdir()] == ["head.npz"]


def test_no_file_is_no_head(tmp_path: Path) -> None:
    assert load_head(tmp_path / "head.npz") is None


def test_an_article_imported_after_training_is_found_by_its_neighbours(
    material: Material, head: Head
) -> None:
    vectors = np.tile(np.eye(1, SIZE, SIZE - 1, dtype=np.float32), (3, 1))
    new = Passages(("new.one",) * 3, ("碳排放", "碳交易", "碳配额"), vectors)
    questions = Passages(
        material.questions.keys + new.keys,
        material.questions.texts + new.texts,
        np.concatenate([material.questions.vectors, vectors]),
    )
    bodies = Passages(
        (*material.bodies.keys, "new.one"),
        (*material.bodies.texts, "碳排放"),
        np.concatenate([material.bodies.vectors, vectors[:1]]),
    )
    index = Index(questions, bodies, head)
    finding = index.find("碳排放", vectors[0])
    assert "new.one" in index.keys
    assert finding.signs[SIGNS.index("nearest")] <= 20.001
    assert len(finding.order) == 4


def test_a_favoured_article_wins_where_it_is_close(material: Material, head: Head) -> None:
    index = Index(material.questions, material.bodies, head)
    vector = material.questions.vectors[[0, 30]].mean(axis=0)
    vector /= np.linalg.norm(vector)
    place = index.keys.index("tp.gem")
    plain = index.find("", vector)
    lifted = index.find("", vector, favoured=frozenset({"tp.gem"}))
    before, after = (
        dict(zip(one.order.tolist(), one.scores.tolist(), strict=True)) for one in (plain, lifted)
    )
    assert after[place] > before[place]


def test_leaving_a_row_out_hides_it(material: Material, head: Head) -> None:
    index = Index(material.questions, material.bodies, head)
    vector, text = material.questions.vectors[0], material.questions.texts[0]
    letters = head.lexicon.encode(text)
    chances = head.chances(vector, letters)
    nearest = SIGNS.index("nearest")
    assert index.rank(vector, letters, chances).signs[nearest] == pytest.approx(20, abs=1e-3)
    assert index.rank(vector, letters, chances, without=0).signs[nearest] < 19.99


def test_spread_likeness_is_computed_from_the_raw_one(material: Material, head: Head) -> None:
    index = Index(material.questions, material.bodies, head)
    vector = material.questions.vectors[7]
    finding = index.find(material.questions.texts[7], vector)
    own = [
        at for at, key in enumerate(material.questions.keys) if key == index.keys[finding.order[0]]
    ]
    apart = spread(material.questions.vectors[own], head.centre) @ spread(vector, head.centre)[0]
    assert finding.signs[SIGNS.index("nearest_spread")] == pytest.approx(5 * apart.max(), abs=1e-3)
    best = np.sort(apart)[-3:].mean()
    assert finding.signs[SIGNS.index("nearest_three")] == pytest.approx(5 * best, abs=1e-3)


def test_the_digest_follows_texts_kinds_and_model(material: Material) -> None:
    parts = (material.questions, material.bodies, material.negatives)
    before = digest_material(*parts, "toy")
    assert digest_material(*parts, "toy") == before
    assert digest_material(*parts, "other") != before
    assert digest_material(*parts[:2], material.negatives[1:], "toy") != before


def test_spread_takes_the_common_direction_out() -> None:
    centre = np.full(SIZE, 0.25, np.float32)
    rows = spread(
        np.array([centre + np.eye(SIZE)[0], centre + np.eye(SIZE)[1]], np.float32), centre
    )
    assert rows @ rows.T == pytest.approx(np.eye(2), abs=1e-5)


def test_letters_keep_apart_what_differs_by_one_character() -> None:
    lexicon = learn_lexicon(["开通创业板", "创业板权限", "开通科创板", "科创板权限"] * 3)
    one, same, other = (lexicon.encode(text) for text in ("创业板", "创业板", "科创板"))
    assert one @ same == pytest.approx(1, abs=1e-3)
    assert one @ other < 0.9


@given(st.text(max_size=40))
def test_any_text_has_letters_of_length_one_or_none(text: str) -> None:
    rows: npt.NDArray[np.float16] = np.eye(3, dtype=np.float16)
    vector = Lexicon({"a": 0, "b": 1, "出金": 2}, rows).encode(text)
    length = float(np.linalg.norm(vector))
    assert length == pytest.approx(1, abs=1e-3) or length == 0


def test_runs_are_counted() -> None:
    assert count_runs("出出金") == {"出": 2, "金": 1, "出出": 1, "出金": 1, "出出金": 1}


def test_a_judge_is_a_logistic() -> None:
    weights = (1.0,) + (0.0,) * (len(SIGNS) - 1) + (-2.0,)
    judge = Judge(weights, weights, 0.5, 0.5, 0.9)
    signs = np.zeros(len(SIGNS), np.float32)
    signs[0] = 2.0
    assert list(judge.judge(signs)) == pytest.approx([0.5, 0.5])
