"""The pipeline's parts on small data: n-grams, head, trust, context, entities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from bot.components import context, head, lesson, nearest, ngram, reader, trust
from bot.components.entity import Finder
from bot.components.reader import Reader

LOOKUP = yaml.safe_load(Path("bot/data/lookup.yml").read_text("utf-8"))
TEXTS = [
    "查余额",
    "查我的余额",
    "余额多少",
    "你好",
    "您好",
    "哈喽",
    "怎么开户",
    "开户要什么",
    "开户流程",
] * 4
NAMES = ["check_balance"] * 3 + ["greet"] * 3 + ["ask_knowledge"] * 3
NAMES = NAMES * 4
VECTORS = np.random.default_rng(1).normal(size=(36, 8)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("ＡＢＣ　１２３！", "abc 000"),
        ("我的手机号是[手机号12]。", "我的手机号是☎"),
        ("转 50000 元", "转 00000 元"),
        ("  查\n余额？ ", "查 余额"),
    ],
)
def test_wordings_that_mean_the_same_are_one(text: str, plain: str) -> None:
    assert ngram.normalise(text) == plain


def test_head_gives_one_sentence_the_same_as_a_batch() -> None:
    trained = head.train(TEXTS, NAMES, vectors=VECTORS, rounds=30)
    batch = trained.predict(TEXTS[:9], VECTORS[:9])
    single = [trained.predict_one(text, vector) for text, vector in zip(TEXTS[:9], VECTORS[:9])]
    assert np.allclose(batch, np.stack(single), atol=1e-5)
    assert np.allclose(batch.sum(axis=1), 1)
    assert [trained.intents[at] for at in batch.argmax(axis=1)] == NAMES[:9]


def test_trust_tells_right_from_wrong() -> None:
    signs = np.array([[3.0, 3, 0.9, 0.5]] * 20 + [[0.0, 0, 0.2, 0]] * 20)
    learned = trust.train(signs, [True] * 19 + [False] + [True] * 4 + [False] * 16)
    sure, unsure = learned.rate(signs[[0, -1]])
    assert sure == pytest.approx(0.95, abs=0.05)
    assert unsure == pytest.approx(0.2, abs=0.08)


@pytest.mark.parametrize("chance", [[0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [0.34, 0.33, 0.33]])
@pytest.mark.parametrize("likeness", [(0.9, 0.4), (trust.FAR, trust.FAR)])
def test_one_prediction_is_rated_as_in_a_batch(
    chance: list[float], likeness: tuple[float, float]
) -> None:
    learned = trust.Trust(np.array([0.7, -0.2, 1.3, 0.4, -0.1]))
    batch = learned.rate(trust.get_signs(np.array([chance]), np.array([likeness])))[0]
    assert learned.rate_one(chance[0], chance[1], *likeness) == pytest.approx(batch, abs=1e-9)


@pytest.mark.parametrize("noise", [0.1, 0.6, 3.0])
@pytest.mark.parametrize("width", [8, 384])
def test_nearest_is_what_a_full_search_finds(noise: float, width: int) -> None:
    pick = np.random.default_rng(5)
    kinds = pick.integers(0, 6, 900)
    known = pick.normal(size=(6, width))[kinds] + noise * pick.normal(size=(900, width))
    known = (known / np.linalg.norm(known, axis=1, keepdims=True)).astype(np.float32)
    search = nearest.Nearest(known, kinds)
    for at in range(60):
        unit = known[at] + np.float32(0.3) * known[-at - 1]
        unit /= np.linalg.norm(unit)
        for kind in (0, 5, 7):
            full = trust.get_likeness(
                unit[None, :], np.array([kind]), known=known, known_kinds=kinds
            )
            assert search.find(unit, kind) == pytest.approx(tuple(full[0]), abs=1e-6)


def test_nearest_of_the_only_kind_has_no_other() -> None:
    only = nearest.Nearest(VECTORS, np.zeros(len(VECTORS), int))
    assert only.find(VECTORS[0], 0) == (pytest.approx(1.0, abs=1e-6), trust.FAR)


def test_floor_lets_just_the_allowed_mistakes_through() -> None:
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    wrong = np.array([False, True, False, True, True])
    floor = trust.find_floor(sure, wrong, allowed=0.1, total=10)
    assert 0.6 < floor <= 0.7
    assert trust.find_floor(sure, wrong, allowed=1.0, total=10) == 0.0
    assert trust.find_floor(sure, np.array([True] * 5), allowed=0.0, total=10) > 0.9


def test_unsure_talk_becomes_a_question_for_the_knowledge() -> None:
    trained = lesson.train(TEXTS, NAMES, VECTORS)
    strict = reader.Stage(trained.bare.head, trained.bare.trust, {"talk": 1.1, "small": 0.0})
    ranking = strict.read("查余额", None)
    assert ranking[0][0] == "ask_knowledge"
    assert ranking[0][1] <= 0.5
    assert ranking[1][0] == "check_balance"
    assert strict.read("你好", None)[0][0] == "greet"


def test_reader_is_the_same_after_saving(tmp_path: Path) -> None:
    trained = lesson.train(TEXTS, NAMES, VECTORS)
    trained.save(tmp_path / "reader.npz")
    loaded = Reader.load(tmp_path / "reader.npz")
    for text, vector in zip(TEXTS[:9], VECTORS[:9]):
        assert loaded.read(text, vector) == trained.read(text, vector)
        assert loaded.read(text, None) == trained.read(text, None)
    assert loaded.report == trained.report


def test_vector_of_another_encoder_is_left_aside() -> None:
    trained = lesson.train(TEXTS, NAMES, VECTORS)
    assert trained.read("查余额", np.ones(5, np.float32)) == trained.read("查余额", None)
    assert trained.read("查余额", VECTORS[0]) != trained.read("查余额", None)


@pytest.mark.parametrize(
    ("text", "asking", "first", "entities", "settled"),
    [
        ("改一下", "complaint_confirm", ("ask_knowledge", 0.5), set(), "inform"),
        ("不对，改成科创板", "apply_confirm", ("deny", 0.9), {"product"}, "inform"),
        ("不对", "apply_confirm", ("deny", 0.9), set(), "deny"),
        ("不对，改一下", "complaint_confirm", ("deny", 0.9), set(), "inform"),
        ("不换成它了", "change_confirm", ("deny", 0.9), set(), "deny"),
        ("不改了", "change_confirm", ("stop", 0.6), set(), "stop"),
        ("科创板门槛是多少", "apply_confirm", ("ask_knowledge", 0.9), {"product"}, "ask_knowledge"),
        ("出金三天没到账我要投诉", "complaint_text", ("check_withdrawal", 0.99), set(), "inform"),
        ("算了", "complaint_text", ("stop", 0.95), set(), "stop"),
        ("转人工", "phone", ("human", 0.97), set(), "human"),
        ("没收到验证码", "code", ("ask_knowledge", 0.9), set(), "inform"),
        (
            "验证码怎么还没收到啊，你们系统是不是坏了，我从刚才到现在已经等了半个小时了",
            "code",
            ("ask_knowledge", 0.9),
            set(),
            "ask_knowledge",
        ),
        ("138 0013", "phone", ("ask_knowledge", 0.5), set(), "inform"),
        ("白银", "product", ("ask_knowledge", 0.4), set(), "inform"),
        ("白银", "", ("ask_knowledge", 0.4), set(), "ask_knowledge"),
        ("出金多久到账", "product", ("ask_knowledge", 0.97), set(), "ask_knowledge"),
    ],
)
def test_answers_are_read_by_what_was_asked(
    text: str, asking: str, first: tuple[str, float], entities: set[str], settled: str
) -> None:
    ranking = [first, ("affirm", 0.01), ("deny", 0.01), ("inform", 0.02)]
    ranking = [first] + [one for one in ranking[1:] if one[0] != first[0]]
    found = context.settle(ranking, text=text, asking=asking, entities=entities)
    assert found[0][0] == settled
    assert len({name for name, _ in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我要开通创业板", [("product", "gem")]),
        ("open the STAR Market", [("product", "star")]),
        ("it is optional", []),
        ("不是创业板，是科创板", [("product", "gem"), ("product", "star")]),
        ("手机号[手机号1]，验证码[验证码2]", [("phone", "[手机号1]"), ("code", "[验证码2]")]),
        ("查工单 T20260105001", [("ticket_number", "T20260105001")]),
        ("换成招行的卡", [("bank", "招商银行")]),
        ("转5万元", [("amount", "5万元")]),
    ],
)
def test_things_are_found_by_their_words(text: str, found: list[tuple[str, str]]) -> None:
    entities = Finder(LOOKUP).find(text)
    assert [(one["entity"], one["value"]) for one in entities] == found
    assert all(text[one["start"] : one["end"]] for one in entities)
