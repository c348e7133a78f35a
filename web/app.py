"""The public site: puts the areas together; knows no rule of any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from aiohttp import web

from web.errors import Handler, answer_errors

Part = Callable[[web.Application], None]

BODY_BYTES: Final = 1 << 20

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PAGE_POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "connect-src 'self' ws: wss:; frame-ancestors {ancestors}; base-uri 'none'; object-src 'none'"
)


def make_app(parts: Sequence[Part], *, ancestors: Sequence[str] = ()) -> web.Application:
    """Return the site made of these parts; `ancestors` may show its pages in a frame."""
    policy = PAGE_POLICY.format(ancestors=" ".join(("'self'", *ancestors)))

    @web.middleware
    async def add_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
            if response.content_type == "text/html":
                response.headers["Content-Security-Policy"] = policy
        return response

    app = web.Application(middlewares=[add_headers, answer_errors], client_max_size=BODY_BYTES)
    for part in parts:
        part(app)
    return app
