"""The lab's page, plain files without a build, and the demo core's news that it shows."""

from __future__ import annotations

from pathlib import Path

import aiohttp
from aiohttp import web

_FOLDER = Path(__file__).parent
_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; frame-src {product}; base-uri 'none'; form-action 'none'"
)


class PageDesk:
    """Serves the page, and fetches for it from the demo core, which knows no other origin."""

    def __init__(self, core: str, product: str) -> None:
        self._core = core.rstrip("/")
        self._product = product.rstrip("/")
        self._wire: aiohttp.ClientSession | None = None

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """Return the page's paths."""
        return [
            web.get("/", self.show),
            web.get("/lab/place", self.show_place),
            web.get("/lab/sms", self.find_sms),
            web.get("/lab/clients", self.find_clients),
            web.static("/page", _FOLDER / "static"),
        ]

    async def show(self, _: web.Request) -> web.StreamResponse:
        """Show the page."""
        policy = _POLICY.format(product=self._product)
        headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
        return web.FileResponse(_FOLDER / "static" / "index.html", headers=headers)

    async def show_place(self, _: web.Request) -> web.Response:
        """Tell where the product's chat widget is, and whether it is up."""
        address = f"{self._product}/chat/demo"
        return web.json_response({"chat": address, "up": await self._is_up(address)})

    async def find_sms(self, _: web.Request) -> web.Response:
        """Show the demo core's SMS outbox."""
        return await self._fetch("/demo/sms", {"sms": []})

    async def find_clients(self, _: web.Request) -> web.Response:
        """Show the demo core's generated clients."""
        return await self._fetch("/demo/clients", {"clients": []})

    async def close(self) -> None:
        """Close every connection."""
        if self._wire is not None:
            await self._wire.close()

    async def _is_up(self, address: str) -> bool:
        try:
            async with self._session().get(address) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def _fetch(self, path: str, empty: dict[str, list[str]]) -> web.Response:
        """Hand the core's answer on; without a core there is nothing to show."""
        try:
            async with self._session().get(self._core + path) as answer:
                if answer.status == 200:
                    return web.json_response(await answer.json())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            pass
        return web.json_response({**empty, "down": True})

    def _session(self) -> aiohttp.ClientSession:
        if self._wire is None or self._wire.closed:
            limits = aiohttp.ClientTimeout(total=3)
            self._wire = aiohttp.ClientSession(timeout=limits)
        return self._wire
