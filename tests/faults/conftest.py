"""One ground for all fault tests of a run, a diary for each, and the sheet at the end."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.faults.diary import Diary
from tests.faults.ground import Ground, standing
from tests.faults.sheet import SHEET, Sheet

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every fault test on the loop that the ground's processes belong to."""
    for item in items:
        is_async = inspect.iscoroutinefunction(getattr(item, "function", None))
        if is_async and HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ground() -> AsyncIterator[Ground]:
    async with standing() as ground:
        yield ground


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    diary = Diary.open(tmp_path / "diary.jsonl")
    yield diary
    diary.file.close()


@pytest.fixture
def sheet() -> Sheet:
    return SHEET


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Give what this worker has found to the process that prints the sheet."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["faults"] = pickle.dumps(SHEET)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker has found."""
    del error
    found = getattr(node, "workeroutput", {}).get("faults")
    if found:
        SHEET.merge(pickle.loads(found))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the sheet."""
    if SHEET.rows or SHEET.notes:
        terminalreporter.section("faults")
        for line in SHEET.format():
            terminalreporter.write_line(line)
