"""One call that tells a system something: what it says, how it is signed, how it ended."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import aiohttp
import orjson

from channels.system.guard import AddressRefused, Guard, GuardedResolver
from kernel.errors import InvalidInput
from kernel.signature import SIGNATURE, TIMESTAMP, sign
from store.webhook_delivery import Delivery

DELIVERY: Final = "X-Zhida-Delivery"
"""The header with the delivery's name: the same each time it is sent."""
CALL_SECONDS: Final = 10.0
CONNECTIONS: Final = 64
ANSWER_BYTES: Final = 16_384
"""So much of an answer is read, and nothing of it is kept: its status says it all."""
DAMAGED: Final = "cell_damaged"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: `code` is None where the system took it.

    `wait` are the seconds that it asked for before the next call.
    """

    code: str | None
    wait: float = 0.0


class Caller:
    """Calls webhooks; redirects are not followed, and every address is looked at."""

    def __init__(self, guard: Guard, *, seconds: float = CALL_SECONDS) -> None:
        self.guard = guard
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(self, delivery: Delivery) -> Answer:
        """Make one call, never a second one."""
        if not delivery.secrets:
            return Answer(DAMAGED)
        body = write_body(delivery)
        headers = make_headers(delivery.id, body, delivery.secrets, now=time.time())
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(delivery.url, body, headers)
        except TimeoutError:
            return Answer("timeout")
        except AddressRefused:
            return Answer(AddressRefused.code)
        except (InvalidInput, aiohttp.InvalidURL):
            return Answer("bad_url")
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLError, aiohttp.ClientSSLError):
            return Answer("tls")
        except aiohttp.ClientConnectorError:
            return Answer("unreachable")
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError):
            return Answer("no_answer")

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, text: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        url = self.guard.check_url(text)
        async with self._open().post(
            url, data=body, headers=headers, allow_redirects=False
        ) as answer:
            await answer.content.read(ANSWER_BYTES)
            if 200 <= answer.status < 300:
                return Answer(None)
            return Answer(f"http_{answer.status}", _read_wait(answer.headers))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=CONNECTIONS,
                keepalive_timeout=15.0,
                use_dns_cache=False,
                resolver=GuardedResolver(self.guard),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=self._seconds),
            )
        return self._session


def write_body(delivery: Delivery) -> bytes:
    """Return what is said, the same bytes each time."""
    told = {"id": str(delivery.id), "kind": delivery.kind, "client_no": delivery.client_no}
    return orjson.dumps({**told, **delivery.body}, option=orjson.OPT_SORT_KEYS)


def make_headers(
    delivery_id: UUID, body: bytes, secrets: Sequence[str], *, now: float
) -> dict[str, str]:
    """Return the headers of a call, signed like what systems post to us.

    For a day after a rotation there are two signatures, with a comma between them.
    """
    stamp = str(int(now))
    return {
        "Content-Type": "application/json",
        "User-Agent": "Zhida-Webhook",
        DELIVERY: str(delivery_id),
        TIMESTAMP: stamp,
        SIGNATURE: ",".join(sign(stamp, body, one) for one in secrets),
    }


def _read_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds that `Retry-After` asks for, an hour at most."""
    asked = headers.get("Retry-After", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= 9
    return min(3600.0, float(asked)) if is_number else 0.0
