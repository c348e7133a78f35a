"""The whole product as a person would start it, `zhida up`, for tests that only use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from service.bench.instance import Instance, run_instance


@dataclass(frozen=True, slots=True)
class Product:
    """A running Zhida: where it is, and how its demo people sign in."""

    instance: Instance

    @property
    def url(self) -> str:
        """The public site."""
        return self.instance.settings.site_url

    @property
    def lab_url(self) -> str:
        """The lab's page and its fake providers."""
        return self.instance.settings.lab_url

    @property
    def demo_password(self) -> str:
        """The password that all demo logins of this instance have."""
        return self.instance.settings.demo_password


@asynccontextmanager
async def running_product() -> AsyncIterator[Product]:
    """Start Zhida and yield it once every part is well; nothing of it is left at the end."""
    async with run_instance() as instance:
        yield Product(instance)
