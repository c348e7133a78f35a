"""Article files: what is right is read whole, what is wrong is named by file and field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from knowledge.article import parse_article, read_articles

GOOD = """---
key: dw.transfer_out
topic: deposit_withdrawal
title: 怎么出金
title_en: How to withdraw
questions:
  - 怎么提现
  - 怎么提现
  - 出金
questions_en: [withdraw]
product: [stock, futures]
action: check_withdrawal
source: 《办法》第三条
source_date: 2023-04-10
valid_from: 2026-01-01
figures: [客服电话]
---
在APP里转出，致电 {{broker.hotline|客服电话}}。

<!-- en -->
Use the app.
"""


def test_a_good_file_is_read_whole() -> None:
    article = parse_article(GOOD, name="a.md")
    assert (article.key, article.topic, article.action) == (
        "dw.transfer_out",
        "deposit_withdrawal",
        "check_withdrawal",
    )
    chinese, english = article.editions
    assert (chinese.lang, english.lang) == ("zh", "en")
    assert chinese.questions == ("怎么提现", "出金")
    assert chinese.body == "在APP里转出，致电 {{broker.hotline|客服电话}}。"
    assert (english.title, english.body) == ("How to withdraw", "Use the app.")
    assert (article.source_date, article.valid_from) == (date(2023, 4, 10), date(2026, 1, 1))
    assert article.valid_until is None


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("key: dw.transfer_out", "key: 出金", "key"),
        ("key: dw.transfer_out\n", "", "key"),
        ("topic: deposit_withdrawal", "topic: 出入金", "topic"),
        ("title: 怎么出金", "title:", "title"),
        ("questions_en: [withdraw]", "questions_en: []", "questions_en"),
        ("questions_en: [withdraw]", "questions_en: [no, withdraw]", "questions_en"),
        ("questions_en: [withdraw]\n", "", "questions_en"),
        ("title_en: How to withdraw\n", "", "title_en"),
        ("valid_from: 2026-01-01", "valid_from: 明年", "valid_from"),
        ("valid_from: 2026-01-01\n", "", "valid_from"),
        ("figures:", "valid_until: 2025-01-01\nfigures:", "valid_until"),
        ("action: check_withdrawal", "action: [a]", "action"),
        ("product: [stock, futures]", "product: stock", "product"),
        ("topic:", "topics:", "topics"),
        ("Use the app.", "", "body (en)"),
        ("{{broker.hotline|客服电话}}", "{{hotline}}", "body (zh)"),
        ("title: 怎么出金", "title: [怎么", "front matter"),
    ],
)
def test_a_wrong_field_is_named(old: str, new: str, field: str) -> None:
    assert old in GOOD
    with pytest.raises(InvalidInput) as caught:
        parse_article(GOOD.replace(old, new, 1), name="deposit/a.md")
    assert any(
        line.startswith(f"deposit/a.md: {field}") for line in caught.value.message.splitlines()
    )


def test_every_problem_is_told_at_once() -> None:
    broken = GOOD.replace("key: dw.transfer_out", "key: X").replace("2026-01-01", "soon")
    with pytest.raises(InvalidInput) as caught:
        parse_article(broken, name="a.md")
    assert len(caught.value.message.splitlines()) == 2


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.md: "):
        parse_article(text, name="a.md")


@pytest.mark.parametrize(
    ("old", "new"),
    [("在APP里", "在软件里"), ("出金\n", "取钱\n"), ("第三条", "第四条"), ("stock, ", "")],
)
def test_the_digest_changes_with_what_a_reader_sees(old: str, new: str) -> None:
    before, after = (parse_article(text, name="a.md") for text in (GOOD, GOOD.replace(old, new)))
    assert before.digest(before.editions[0]) != after.digest(after.editions[0])


def test_line_ends_and_order_of_fields_do_not_change_the_digest() -> None:
    before = parse_article(GOOD, name="a.md")
    after = parse_article(
        GOOD.replace("topic: deposit_withdrawal\n", "")
        .replace("---\nkey", "---\ntopic: deposit_withdrawal\nkey", 1)
        .replace("\n", "\r\n"),
        name="b.md",
    )
    assert [before.digest(e) for e in before.editions] == [after.digest(e) for e in after.editions]


def test_a_folder_with_a_key_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GOOD)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.md").write_text(GOOD)
    with pytest.raises(InvalidInput, match=r"sub/b\.md: key: dw\.transfer_out is taken by a\.md"):
        read_articles(tmp_path)


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no article"):
        read_articles(tmp_path)


def test_bytes_that_are_not_utf8_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(InvalidInput, match=r"a\.md: the file is not UTF-8"):
        read_articles(tmp_path)


def test_the_houses_own_articles_are_all_right() -> None:
    articles = read_articles(Path(__file__).parents[3] / "knowledge" / "articles")
    assert len(articles) >= 120
    assert all(
        {edition.lang for edition in article.editions} == {"zh", "en"} for article in articles
    )
