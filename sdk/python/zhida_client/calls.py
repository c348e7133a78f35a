"""What the generated methods stand on: a call is proved, sent, and tried again where it may be."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

from zhida_client.codec import read, write
from zhida_client.errors import Unreachable, read_refusal
from zhida_client.transport import Answer, Patience, Site

T = TypeVar("T")

AGENT: Final = "zhida-client-python/0.1.0"
BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
LATER: Final = BUSY | {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


def segment(part: object) -> str:
    """Return a part of an address, so that nothing in it leads elsewhere."""
    return quote(str(part), safe="")


class Calls:
    """Calls of one site; `pause` is how it waits between two tries."""

    def __init__(
        self,
        site: Site,
        *,
        patience: Patience | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._site = site
        self._patience = patience or Patience()
        self._pause = pause

    def _prove(self, target: str, body: bytes) -> Mapping[str, str]:
        """Return the headers that say who calls, made anew for each try."""
        raise NotImplementedError

    def _is_repeatable(self, method: str) -> bool:
        """Say whether a call does no harm when it arrives twice."""
        raise NotImplementedError

    def _note(self, answer: Answer) -> None:
        """Look at a good answer before it is read."""

    def _ask(
        self,
        kind: type[T],
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> T:
        """Call, and return the answer as the class that describes it."""
        return read(kind, self._fetch(method, path, query=query, body=body))

    def _tell(self, method: str, path: str, *, body: object = None) -> None:
        """Call where the answer says no more than that it is done."""
        self._fetch(method, path, body=body)

    def _fetch(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> bytes:
        """Call, and return the body of the answer.

        Raises:
            Unreachable: no answer came, however often it was tried.
            Refused: Zhida answered with an error.
        """
        given = {name: one for name, one in (query or {}).items() if one is not None}
        target = f"{path}?{urlencode(given)}" if given else path
        raw = body if isinstance(body, bytes) else b"" if body is None else write(body)
        is_file = isinstance(body, bytes)
        answer = self._try(method, target, raw, "octet-stream" if is_file else "json")
        if not answer.is_good:
            raise read_refusal(answer.status, answer.headers, answer.body)
        self._note(answer)
        return answer.body

    def _try(self, method: str, target: str, raw: bytes, media: str) -> Answer:
        plain = {"User-Agent": AGENT, "Accept": "application/json, */*"}
        plain |= {"Content-Type": f"application/{media}"} if raw else {}
        is_repeatable = self._is_repeatable(method)
        tried = 0
        while True:
            tried += 1
            try:
                headers = {**plain, **self._prove(target, raw)}
                answer = self._site.send(method, target, headers, raw)
            except (OSError, http.client.HTTPException) as error:
                wait = self._patience.wait(tried, None) if is_repeatable else None
                if wait is None:
                    about = f"试了 {tried} 次没有应答 · no answer in {tried} tries"
                    raise Unreachable(f"{about}: {method} {self._site.url}{target}") from error
            else:
                if answer.status not in (LATER if is_repeatable else BUSY):
                    return answer
                asked = read_refusal(answer.status, answer.headers, b"").retry_after
                wait = self._patience.wait(tried, asked)
                if wait is None:
                    return answer
            self._pause(wait)
