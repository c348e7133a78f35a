"""The demo page's doors: the generated clients, and a token as the broker's app would give.

Only a demo with the demo core has these routes; the core that signs the tokens knows nobody real.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from kernel.errors import InvalidInput, NotFound, Transient
from kernel.message import Json
from web.errors import answer_json, read_json

SECONDS: Final = 3.0
SHOWN: Final = 60
NUMBER_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class DemoDoor:
    """The routes under /chat/demo/; `core_url` is the demo core's."""

    session: aiohttp.ClientSession
    core_url: str
    core_token: str

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get("/chat/demo/clients", self.clients)
        app.router.add_post("/chat/demo/token", self.token)

    async def clients(self, _: web.Request) -> web.Response:
        """Return the first generated clients: number, name and what each is there to show."""
        body = await self._ask("/demo/clients")
        found = body.get("clients")
        rows = found if isinstance(found, list) else []
        shown = [_show(row) for row in rows[:SHOWN] if isinstance(row, dict)]
        return answer_json({"clients": shown})

    async def token(self, request: web.Request) -> web.Response:
        """Return a host token for a generated client.

        Raises:
            InvalidInput: no client number was given.
            NotFound: the demo core knows no such client.
        """
        number = (await read_json(request)).get("client_no")
        if not isinstance(number, str) or not number.isalnum() or len(number) > NUMBER_LENGTH:
            raise InvalidInput("client_no is a client's number.", zh="client_no 应为客户号。")
        body = await self._ask(f"/v1/host-token/{number}")
        return answer_json({"token": body.get("token")})

    async def _ask(self, path: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {self.core_token}"}
        limit = aiohttp.ClientTimeout(total=SECONDS)
        try:
            async with self.session.get(
                self.core_url + path, headers=headers, timeout=limit
            ) as answer:
                if answer.status == 404:
                    raise NotFound("The demo core knows no such client.", zh="没有这位演示客户。")
                answer.raise_for_status()
                body = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Transient("The demo core does not answer.", zh="演示柜台没有应答。") from error
        return body if isinstance(body, dict) else {}


def _show(row: dict[str, Json]) -> dict[str, Json]:
    return {name: row.get(name) for name in ("client_no", "name", "story")}
