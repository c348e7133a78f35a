"""One running product for all acceptance tests that only need to use it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.acceptance.product import Product, running_product


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product() -> AsyncIterator[Product]:
    """The whole of Zhida, started once."""
    async with running_product() as product:
        yield product
