from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.article import read_articles
from knowledge.figure import fill_figures, find_figures
from service.figures import DEMO, load_figures
from service.setting import InvalidSetting
from service.settings import ROOT, Settings


def test_demo_has_figures_and_a_real_broker_its_own(tmp_path: Path) -> None:
    own = tmp_path / "figures.toml"
    own.write_text('hotline = "95500"', "utf-8")
    assert "演示" in load_figures(Settings())["hotline"]
    assert load_figures(replace(Settings(), demo=False)) == {}
    assert load_figures(replace(Settings(), figures=str(own))) == {"hotline": "95500"}


@pytest.mark.parametrize("text", ["hotline = 95500", "hotline =", "\x00"])
def test_bad_file_is_explained(tmp_path: Path, text: str) -> None:
    own = tmp_path / "figures.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(InvalidSetting, match="ZHIDA_FIGURES"):
        load_figures(replace(Settings(), figures=str(own)))


def test_every_demo_figure_has_a_place_in_an_article() -> None:
    articles = read_articles(ROOT / "knowledge" / "articles")
    bodies = "".join(edition.body for one in articles for edition in one.editions)
    assert DEMO.exists()
    for name in load_figures(Settings()):
        assert f"broker.{name}|" in bodies, name
        assert f"broker.{name}|" not in fill_figures(bodies, {name: "x"})


def test_the_demo_leaves_no_place_empty() -> None:
    articles = read_articles(ROOT / "knowledge" / "articles")
    wanted = find_figures(edition.body for one in articles for edition in one.editions)
    assert wanted.keys() - load_figures(Settings()).keys() == set()
