"""A small library on a real database, with the real network encoding in this process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.preparing import prepare_knowledge
from knowledge.search import Knowledge
from store.engine import Database
from tests.local_encoder import LocalEncoder, RememberingEngine

FOLDER = Path(__file__).parents[3] / "knowledge"
KEYS = ("dw.transfer_out", "tp.gem", "ao.open", "so.crash", "fee.stock", "ha.phone", "tr.hours")


@pytest.fixture(scope="session")
def engine() -> RememberingEngine:
    return RememberingEngine()


@pytest.fixture
def encoder(engine: RememberingEngine) -> LocalEncoder:
    return LocalEncoder(engine)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Seven articles of the house and a part of its negative questions."""
    (tmp_path / "articles").mkdir()
    for path in (FOLDER / "articles").rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        if any(f"key: {key}\n" in text for key in KEYS):
            (tmp_path / "articles" / path.name).write_text(text, encoding="utf-8")
    (tmp_path / "negative").mkdir()
    for path in (FOLDER / "negative").glob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        chosen = [line for line in lines if not line.startswith("questions_en")][:40]
        (tmp_path / "negative" / path.name).write_text("\n".join(chosen), encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the head of the small library is kept once it is trained."""
    return tmp_path_factory.mktemp("trained") / "head.npz"


@pytest.fixture
async def knowledge(
    database: Database, encoder: LocalEncoder, library: Path, trained: Path
) -> Knowledge:
    head = library / "head.npz"
    if trained.exists():
        shutil.copy(trained, head)
    await prepare_knowledge(database, encoder, head, folder=library)
    shutil.copy(head, trained)
    knowledge = Knowledge(database, encoder, head, figures={"hotline": "95000"})
    await knowledge.refresh()
    return knowledge
