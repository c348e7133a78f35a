"""Makes sure who is on a chat socket: the host app's JWT, or a visitor token of our own.

The host app signs `sub` (the client number), `iss`, `aud`, `iat` and `exp`; HS256 with a shared
secret, RS256 or EdDSA with a public key. Source: RFC 7519, RFC 8725 (fixed algorithms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import jwt

from kernel.clock import Clock
from kernel.errors import NotAllowed, NotSignedIn

VISITOR_LASTS = timedelta(days=90)
VISITOR_ISSUER = "zhida-visitor"
LEEWAY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Guest:
    """Who a token names: a client of the broker, or a visitor without a name.

    `expires_at` is a Unix time in seconds; the socket closes then.
    """

    subject: str
    is_client: bool
    expires_at: float


@dataclass(frozen=True, slots=True)
class ChatKeys:
    """What the tokens of this installation are checked with."""

    host_key: str
    issuer: str
    audience: str
    visitor_key: str
    origins: Sequence[str]

    @property
    def algorithms(self) -> list[str]:
        """The algorithms that fit the key: a token cannot choose a weaker one."""
        return ["RS256", "EdDSA"] if self.host_key.startswith("-----BEGIN") else ["HS256"]


def check_token(token: str, keys: ChatKeys) -> Guest:
    """Return who a token names.

    Raises:
        NotSignedIn: the token is missing, forged, expired, or meant for somebody else.
    """
    try:
        claims = _decode(token, keys)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:  # it may be no text, or too deep
        why = error if isinstance(error, jwt.PyJWTError) else "it is no token at all"
        raise NotSignedIn(
            f"The chat token is not valid: {why}.", zh="聊天凭证无效或已过期，请重新进入。"
        ) from error
    is_client = claims["iss"] != VISITOR_ISSUER
    return Guest(str(claims["sub"]), is_client, float(str(claims["exp"])))


def make_visitor_token(keys: ChatKeys, clock: Clock) -> str:
    """Return a token for somebody who has no name yet; it lives in that browser alone."""
    now = clock.now()
    claims = {
        "sub": str(uuid4()),
        "iss": VISITOR_ISSUER,
        "aud": keys.audience,
        "iat": now,
        "exp": now + VISITOR_LASTS,
    }
    return jwt.encode(claims, keys.visitor_key, algorithm="HS256")


def check_origin(origin: str | None, keys: ChatKeys) -> None:
    """Refuse a browser page that is not on the list; a host app without a page sends none.

    Raises:
        NotAllowed: the page's origin is not in `chat_origins`.
    """
    if origin is not None and origin not in keys.origins:
        raise NotAllowed(
            f"Origin {origin!r} may not open the chat; add it to ZHIDA_CHAT_ORIGINS.",
            zh="该网页来源未获授权使用聊天窗。",
        )


def _decode(token: str, keys: ChatKeys) -> dict[str, object]:
    unchecked = jwt.decode(token, options={"verify_signature": False})
    own = unchecked.get("iss") == VISITOR_ISSUER
    claims: dict[str, object] = jwt.decode(
        token,
        keys.visitor_key if own else keys.host_key,
        algorithms=["HS256"] if own else keys.algorithms,
        audience=keys.audience,
        issuer=VISITOR_ISSUER if own else keys.issuer,
        leeway=LEEWAY_SECONDS,
        options={"require": ["exp", "iat", "sub", "aud", "iss"]},
    )
    if not claims["sub"] or len(str(claims["sub"])) > 128:
        raise jwt.InvalidTokenError("sub must have 1 to 128 characters")
    return claims
