"""Plays the broker's app: signs the token by which the chat widget knows its client."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import jwt

from kernel.clock import Clock

TOKEN_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HostSigner:
    """Signs host tokens (HS256): `sub` is the client number."""

    key: str
    issuer: str
    audience: str
    clock: Clock

    def sign(self, client_no: str) -> str:
        """Return a token for this client, good for an hour."""
        now = self.clock.now()
        claims = {
            "sub": client_no,
            "iss": self.issuer,
            "aud": self.audience,
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_LIFE,
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode(claims, self.key, algorithm="HS256")
