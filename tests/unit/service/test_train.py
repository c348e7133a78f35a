"""When the assistant is trained, and what a failed training says."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from service.train import MARK, MODEL, TrainingFailed, compute_fingerprint, is_trained
from service.train import train_assistant as train

ARTICLE = "---\nkey: dw.a\nquestions: [多久到账]\n---\nbody one\n"
PYTHON = """#!/bin/sh
echo "$ZHIDA_ENCODER_URL $ZHIDA_ENCODER_MODEL $*" >> calls
if [ "$ZHIDA_ENCODER_URL" = http://broken ]; then exit 3; fi
mkdir -p bot/models && echo model > bot/models/zhida.tar.gz
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "config.yml": "recipe: default.v1\n",
        "bot/data/nlu/talk.yml": "nlu: []\n",
        "bot/components/head.py": "X = 1\n",
        "bot/connector.py": "Y = 1\n",
        "knowledge/articles/deposit/dw-a.md": ARTICLE,
        "knowledge/negative/far.yml": "kind: far\n",
        "bot/.venv/bin/python": PYTHON,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    python = tmp_path / "bot/.venv/bin/python"
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def calls(root: Path) -> list[str]:
    path = root / "calls"
    return path.read_text("utf-8").splitlines() if path.exists() else []


async def train_at(root: Path, said: list[str], *, url: str = "http://e") -> None:
    await train(encoder_url=url, encoder="e5", say=said.append, root=root)


async def test_what_was_trained_is_known_until_it_is_trained_again(root: Path) -> None:
    said: list[str] = []
    assert not is_trained(root, "e5")
    await train_at(root, said)
    assert is_trained(root, "e5")
    assert calls(root) == ["http://e e5 -m bot.train"]
    assert str(root / MODEL) in said[-1]
    await train_at(root, said)
    assert len(calls(root)) == 2


@pytest.mark.parametrize(
    ("name", "text", "again"),
    [
        ("config.yml", "recipe: graph.v1\n", True),
        ("bot/data/nlu/talk.yml", "nlu: [1]\n", True),
        ("bot/data/pattern.yml", "[]\n", True),
        ("bot/components/head.py", "X = 2\n", True),
        ("knowledge/negative/far.yml", "kind: near\n", True),
        ("knowledge/articles/deposit/dw-a.md", ARTICLE.replace("多久到账", "几天到账"), True),
        ("knowledge/articles/deposit/dw-a.md", ARTICLE.replace("body one", "body two"), False),
        ("bot/connector.py", "Y = 2\n", False),
    ],
)
async def test_only_what_teaches_trains_again(
    root: Path, name: str, text: str, again: bool
) -> None:
    await train_at(root, [])
    (root / name).write_text(text, "utf-8")
    assert is_trained(root, "e5") is not again


async def test_another_encoder_trains_again(root: Path) -> None:
    await train_at(root, [])
    assert not is_trained(root, "other")
    assert compute_fingerprint(root, "e5") != compute_fingerprint(root, "other")


async def test_failed_training_leaves_no_mark(root: Path) -> None:
    with pytest.raises(TrainingFailed, match="status 3"):
        await train_at(root, [], url="http://broken")
    assert not is_trained(root, "e5")


async def test_missing_or_broken_mark_means_train(root: Path) -> None:
    await train_at(root, [])
    (root / MARK).write_text("{", "utf-8")
    assert not is_trained(root, "e5")
    (root / MARK).write_text(json.dumps([]), "utf-8")
    assert not is_trained(root, "e5")


async def test_missing_rasa_says_what_to_do(root: Path) -> None:
    (root / "bot/.venv/bin/python").unlink()
    with pytest.raises(TrainingFailed, match="make setup"):
        await train_at(root, [])
