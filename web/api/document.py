"""GET /v1/openapi.yaml: what the whole site answers, for whoever writes a program against it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class DocumentDoor:
    """The route of the document, which holds no secret; `file` is docs/openapi.yaml."""

    file: Path

    def install(self, app: web.Application) -> None:
        """Add the route to the site."""
        app.router.add_get("/v1/openapi.yaml", self.show)

    async def show(self, _: web.Request) -> web.StreamResponse:
        """Give the document as it is."""
        if not self.file.is_file():
            raise NotFound("The document is not installed here.", zh="此处未安装接口文档。")
        headers = {"Content-Type": "application/yaml", "Cache-Control": "no-cache"}
        return web.FileResponse(self.file, headers=headers)
