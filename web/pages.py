"""Serves what `npm run build` made: the widget, its demo page, and the desk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from kernel.errors import NotFound

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


@dataclass(frozen=True, slots=True)
class Pages:
    """The built front end; `folder` is console/dist."""

    folder: Path

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get("/", self.home)
        app.router.add_get("/chat/widget.js", self.widget)
        app.router.add_get("/chat/demo", self.demo)
        app.router.add_get("/chat/assets/{path:.+}", self.asset)
        app.router.add_get("/desk", self.to_desk)
        app.router.add_get("/desk/{path:.*}", self.desk)

    async def home(self, request: web.Request) -> web.StreamResponse:
        """Lead somebody who opens the bare address to the desk."""
        raise web.HTTPFound("/desk/")

    async def to_desk(self, request: web.Request) -> web.StreamResponse:
        """Add the slash that relative addresses need."""
        raise web.HTTPFound("/desk/")

    async def widget(self, request: web.Request) -> web.StreamResponse:
        """Give the widget's one script; any page may load it."""
        response = self._file("widget.js")
        response.content_type = "text/javascript"  # RFC 9239; else each machine has its own word
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def demo(self, request: web.Request) -> web.StreamResponse:
        """Show a page that embeds the widget."""
        return self._file("demo.html")

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Give a file of the demo page."""
        return self._file("assets/" + request.match_info["path"])

    async def desk(self, request: web.Request) -> web.StreamResponse:
        """Give a file of the desk, or the desk itself for every address inside it."""
        path = request.match_info["path"]
        if "." in path.rsplit("/", 1)[-1]:
            return self._file(f"desk/{path}")
        return self._file("desk/index.html")

    def _file(self, name: str) -> web.FileResponse:
        path = self._find(name)
        if path is None:
            raise NotFound(
                "There is no such page; `make setup` builds the console.",
                zh="页面不存在；请先运行 make setup 构建前端。",
            )
        cached = FOREVER if "/assets/" in f"/{name}" else ASK_AGAIN
        return web.FileResponse(path, headers={"Cache-Control": cached})

    def _find(self, name: str) -> Path | None:
        """Return a file inside the folder; a name that no file can have belongs to none."""
        try:
            path = (self.folder / name).resolve()
            is_ours = path.is_relative_to(self.folder.resolve()) and path.is_file()
        except (OSError, ValueError):
            return None
        return path if is_ours else None
