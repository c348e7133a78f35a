"""One running product for all acceptance tests that only need to use it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.product import Product, running_product


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """The whole of Zhida, started once."""
    async with running_product(tmp_path_factory.mktemp("acceptance") / "var") as product:
        yield product
