"""Training sentences out of articles, negatives and patterns."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot import corpus

ARTICLE = """---
key: {key}
questions: [{questions}]
questions_en: ["How long does it take?"]
---
text
"""


def write(folder: Path, key: str, questions: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{key}.md").write_text(ARTICLE.format(key=key, questions=questions), "utf-8")


def test_questions_of_articles_are_sampled_the_same_each_time(tmp_path: Path) -> None:
    write(tmp_path / "deposit", "dw.a", ", ".join(f"问题{at}" for at in range(30)))
    first = corpus.get_questions(tmp_path)
    assert first == corpus.get_questions(tmp_path)
    assert first[0] == "问题0"
    assert len(first) == 9
    assert len(set(first)) == 9


def test_wording_of_a_talk_does_not_teach_a_question(tmp_path: Path) -> None:
    write(tmp_path, "dw.a", "多久到账, 帮我查一下到账没有, 我要开通科创板, 转人工")
    write(tmp_path, "ha.agent", "客服在哪")
    assert corpus.get_questions(tmp_path) == ["多久到账", "How long does it take?"]


def test_article_without_front_matter_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("no front", "utf-8")
    with pytest.raises(ValueError, match=r"bad\.md"):
        corpus.get_questions(tmp_path)


def test_negatives_go_to_their_intents(tmp_path: Path) -> None:
    for kind, text in (("far", "天气"), ("near", "车险"), ("advice", "买啥"), ("probe", "密码")):
        (tmp_path / f"{kind}.yml").write_text(f"kind: {kind}\nquestions: [{text}]\n", "utf-8")
    found = corpus.get_negatives(tmp_path)
    assert {intent: sorted(texts) for intent, texts in found.items()} == {
        "out_of_scope": ["天气", "车险"],
        "advice": ["买啥"],
        "data_probe": ["密码"],
    }


def test_written_corpus_is_what_rasa_reads(tmp_path: Path) -> None:
    write(tmp_path / "articles", "dw.a", "'多久[到账](x)？'")
    (tmp_path / "pattern.yml").write_text(
        "- things: {check_balance: [余额]}\n  talk: [查X]\n  ask: [怎么查X]\n", "utf-8"
    )
    counts = corpus.write_corpus(tmp_path, tmp_path / "pattern.yml", tmp_path / "out")
    assert counts == {"check_balance": 1, "ask_knowledge": 3}
    read = yaml.safe_load((tmp_path / "out/knowledge.yml").read_text("utf-8"))["nlu"]
    assert read[0] == {"intent": "check_balance", "examples": "- 查余额\n"}
    assert read[1]["examples"].splitlines()[1] == "- 多久[到账] (x)？"


def test_own_sentences_are_enough_and_said_once() -> None:
    seen = {}
    for path in sorted(Path("bot/data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                assert line.startswith("- "), line
                text = line[2:].strip()
                assert seen.setdefault(text, block["intent"]) == block["intent"], text
    counts = {name: list(seen.values()).count(name) for name in set(seen.values())}
    talks = [name for name in counts if name.startswith(("check_", "change_", "apply_"))]
    assert len(talks) == 10
    assert all(counts[name] >= 55 for name in [*talks, "human", "complaint"]), counts
