"""Everything that a call may raise. Only ValueError, for what cannot be sent, is not in this tree.

ZhidaError
├── Unreachable      no answer came, however often it was tried
├── Unreadable       an answer came that is not what the document describes
├── Untrusted        a webhook that Zhida did not sign, or not now
└── Refused          Zhida answered with an error
    ├── InvalidInput, TooLarge            what was sent is wrong
    ├── NotSignedIn, NotAllowed, BadSignature, Stale
    ├── NotFound, Conflict
    └── TooMany, Unavailable              the same may succeed later
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import Final


class ZhidaError(Exception):
    """Something went wrong between this program and Zhida."""


class Unreachable(ZhidaError):
    """No answer came, however often it was tried; the last reason is the `__cause__`."""


class Unreadable(ZhidaError):
    """An answer came that is not what the document describes."""


class Untrusted(ZhidaError):
    """A webhook that was not signed with this secret, or not now."""


class Refused(ZhidaError):
    """Zhida answered with an error: `code` is for programs, `message` Chinese, `message_en` not.

    `reference` names the fault in Zhida's own log, after a fault of Zhida's alone.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        message_en: str,
        *,
        reference: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.message_en = message_en
        self.reference = reference
        self.retry_after = retry_after
        about = f" [{reference}]" if reference else ""
        super().__init__(f"{status} {code}: {message} · {message_en}{about}")


class InvalidInput(Refused):
    """What was sent is wrong; `message` says which part, and what would be right."""


class TooLarge(InvalidInput):
    """The body is larger than Zhida takes."""


class NotSignedIn(Refused):
    """There is no sign-in, or it has ended."""


class NotAllowed(Refused):
    """The account may not do that."""


class BadSignature(Refused):
    """The key is not the one that Zhida knows."""


class Stale(Refused):
    """The clocks of this machine and of Zhida differ by more than five minutes."""


class NotFound(Refused):
    """There is no such thing, or it is not the caller's to see."""


class Conflict(Refused):
    """Somebody else was faster, or it is too late for that."""


class TooMany(Refused):
    """Too many calls; `retry_after` are the seconds to wait."""


class Unavailable(Refused):
    """Zhida cannot take it now; nothing was kept."""


_BY_CODE: Final[Mapping[str, type[Refused]]] = {"bad_signature": BadSignature, "stale": Stale}
_BY_STATUS: Final[Mapping[int, type[Refused]]] = {
    400: InvalidInput,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: TooMany,
    503: Unavailable,
}


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refused:
    """Return the error that an answer tells of; its headers' names are in small letters.

    What stands before Zhida may write its own; such an error has the code `http_…`.
    """
    told = _read_error(body)
    code = str(told.get("code") or f"http_{status}")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, Refused)
    plain = str(told.get("message_en") or _name(status))
    return kind(
        status,
        code,
        str(told.get("message") or plain),
        plain,
        reference=str(told["reference"]) if told.get("reference") else None,
        retry_after=_read_wait(headers.get("retry-after")),
    )


def _read_error(body: bytes) -> Mapping[str, object]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _name(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _read_wait(text: str | None) -> float | None:
    """Read Retry-After, which is seconds or a date (RFC 9110 §10.2.3)."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time())
    except ValueError:
        return None
