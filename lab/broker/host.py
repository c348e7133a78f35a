"""Plays the broker's app: signs the token by which the chat widget knows its client."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import jwt

from kernel.clock import Clock
from kernel.errors import Conflict

TOKEN_LIFE = timedelta(hours=1)


class CannotSign(Conflict):
    """The host app's key is a public one here, so only the app itself can sign its tokens."""

    code = "cannot_sign"
    message_zh = "此处只有宿主应用的公钥，只能由该应用自己签发令牌。"


@dataclass(frozen=True, slots=True)
class HostSigner:
    """Signs host tokens (HS256): `sub` is the client number."""

    key: str
    issuer: str
    audience: str
    clock: Clock

    def sign(self, client_no: str) -> str:
        """Return a token for this client, good for an hour.

        Raises:
            CannotSign: the key is a public one, of a real app; only that app can sign.
        """
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
        try:
            return jwt.encode(claims, self.key, algorithm="HS256")
        except jwt.InvalidKeyError as error:
            raise CannotSign from error
