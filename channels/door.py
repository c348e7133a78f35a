"""What every provider's door does first: read a body that is neither too long nor too slow."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from kernel.errors import Malformed

BODY_LIMIT: Final = 1 << 20
BODY_SECONDS: Final = 3.0


async def read_body(
    request: web.Request, *, limit: int = BODY_LIMIT, seconds: float = BODY_SECONDS
) -> bytes:
    """Return a callback's body; the limit may be larger than that of the site's other bodies.

    Raises:
        Malformed: it is longer than `limit` bytes, broke off, or did not arrive in time.
    """
    too_long = f"The body is longer than {limit} bytes."
    if (request.content_length or 0) > limit:
        raise Malformed(too_long)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > limit:
                    raise Malformed(too_long)
    except TimeoutError as error:
        raise Malformed("The body did not arrive in time.") from error
    except web.RequestPayloadError as error:
        raise Malformed("The body broke off.") from error
    return bytes(body)
