"""The two who call: a system of the broker, by its key, and a member of staff, by a sign-in."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from http.cookies import SimpleCookie

from zhida_client.batch import cut
from zhida_client.schemas import Event, EventBatch, EventFate, Session, SignIn
from zhida_client.signing import SIGNATURE, TIMESTAMP, sign
from zhida_client.staff_calls import StaffCalls
from zhida_client.system_calls import SystemCalls
from zhida_client.transport import Answer, Patience, Site


class Zhida(SystemCalls):
    """Zhida, as a system of the broker calls it; threads may share it.

    Every call is signed with the key and is tried again when no answer comes: what it sends has a
    key of its own, and counts once however often it arrives.
    """

    def __init__(  # noqa: PLR0913 - each is a setting with a default
        self,
        url: str,
        *,
        key: str,
        timeout: float = 30.0,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if not key:
            raise ValueError("key 是智达的 ZHIDA_EVENTS_KEY · key is Zhida's ZHIDA_EVENTS_KEY")
        super().__init__(Site(url, timeout, tls), patience=patience, pause=pause)
        self._key = key
        self._clock = clock

    def report(self, source: str, events: Iterable[Event]) -> list[EventFate]:
        """Report any number of events, up to 1,000 a call; return each one's fate in their order.

        If it raises, some may have been kept already: report all of them again, and these are
        `repeated`. An event that is wrong is `refused` by itself, with `why`.

        Raises:
            Unreachable: no answer came, however often it was tried.
            Refused: Zhida answered with an error.
        """
        fates: list[EventFate] = []
        for batch in cut(events):
            fates += self.take_events(EventBatch(source=source, events=batch)).events
        return fates

    def _prove(self, target: str, body: bytes) -> Mapping[str, str]:
        """Sign the body, or where there is none the path with its query."""
        stamp = str(int(self._clock()))
        return {TIMESTAMP: stamp, SIGNATURE: sign(stamp, body or target.encode(), self._key)}

    def _is_repeatable(self, method: str) -> bool:
        return True


class Staff(StaffCalls):
    """Zhida, as a member of staff calls it after `sign_in`; one thread at a time.

    Changes carry no key of their own, so that one without an answer is not sent a second time.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(Site(url, timeout, tls), patience=patience, pause=pause)
        self._cookies: SimpleCookie = SimpleCookie()
        self._csrf = ""

    def sign_in(self, body: SignIn) -> Session:
        """Sign in; the other calls need it, and carry what proves it by themselves."""
        session = super().sign_in(body)
        self._csrf = session.csrf
        return session

    def _prove(self, target: str, body: bytes) -> Mapping[str, str]:
        kept = "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())
        proofs = {"Cookie": kept, "X-Zhida-CSRF": self._csrf}
        return {name: one for name, one in proofs.items() if one}

    def _is_repeatable(self, method: str) -> bool:
        return method == "GET"

    def _note(self, answer: Answer) -> None:
        for one in answer.cookies:
            self._cookies.load(one)
