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
    """Return a callback's body.

    Raises:
        Malformed: it is longer than `limit` bytes, or did not arrive in time.
    """
    if (request.content_length or 0) > limit:
        raise Malformed(f"The body is longer than {limit} bytes.")
    try:
        async with asyncio.timeout(seconds):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Malformed(f"The body is longer than {limit} bytes.") from error
    except TimeoutError as error:
        raise Malformed("The body did not arrive in time.") from error
    if len(body) > limit:
        raise Malformed(f"The body is longer than {limit} bytes.")
    return body
