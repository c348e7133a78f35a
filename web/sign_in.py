"""Sign-in of staff: argon2id, a random token in a cookie, its hash in the store, CSRF tokens."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from desk.people import check_password
from kernel.errors import InvalidInput, NotAllowed, NotSignedIn, TooMany
from kernel.happening import PERSON_CHANGED, SIGN_IN_FAILED, SIGNED_IN, SIGNED_OUT, Happening
from store import audit, staff, staff_book
from store.engine import Database
from store.staff import Known, Person, SignedIn

COOKIE: Final = "zhida_session"
CSRF_HEADER: Final = "X-Zhida-CSRF"
TOKEN_BYTES: Final = 32
IDLE: Final = timedelta(hours=2)
LASTS: Final = timedelta(hours=12)
TRIES_OF_IP, IP_SECONDS = 5, 20
TRIES_OF_LOGIN, LOGIN_SECONDS = 20, 300
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_LOGIN_LENGTH, _PASSWORD_LENGTH = 64, 256
_HASHES_AT_ONCE = 2


class BadLogin(NotSignedIn):
    """The login or the password is wrong."""

    code = "bad_login"
    message_zh = "用户名或密码错误。"


class BadCsrf(NotAllowed):
    """The request does not carry this sign-in's token; please reload the page."""

    code = "bad_csrf"
    message_zh = "请求校验失败，请刷新页面后重试。"


class BadPassword(NotAllowed):
    """Your password is another one; nothing was changed."""

    code = "bad_password"
    message_zh = "当前口令不正确，没有更改。"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new sign-in: `token` goes into the cookie and nowhere else."""

    signed: SignedIn
    token: str


@dataclass(slots=True)
class SignIns:
    """Opens, checks and ends sign-ins; passwords are hashed two at a time, off the event loop."""

    database: Database
    is_secure: bool = False
    _hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_HASHES_AT_ONCE))
    _decoy: str = ""

    async def open(self, login: object, password: object, *, ip: str, old: str) -> Opened:
        """Sign a person in; a sign-in that the browser had before ends.

        Raises:
            InvalidInput: login or password is not a text of a sensible length.
            TooMany: 5 tries in 20 s from an address, or 20 failed ones in 5 min for a login.
            BadLogin: wrong, unknown or switched off; they cannot be told apart.
        """
        login, password = _check_credentials(login, password)
        attempt_id = await self._claim_try(login, ip)
        async with self.database.transaction() as connection:
            known = await staff.find_known(connection, login)
        if not await self._matches(known, password) or known is None or not known.is_active:
            await self._record_failure(known)
            raise BadLogin
        return await self._record(known.person, attempt_id, old)

    async def change_password(self, request: web.Request, old: object, new: object) -> None:
        """Let whoever makes this request have another password; their other sign-ins end.

        Raises:
            InvalidInput: one is no text, or the new one too short.
            TooMany: as for signing in.
            BadPassword: the old one is wrong.
        """
        person, token = await self.access_person(request), request.cookies.get(COOKIE, "")
        _, password = _check_credentials(person.login, old)
        if not isinstance(new, str):
            raise InvalidInput("new is a text.", zh="请输入新口令。")
        check_password(new)
        attempt_id = await self._claim_try(person.login, request.remote or "")
        async with self.database.transaction() as connection:
            known = await staff.find_known(connection, person.login)
        if known is None or not await self._matches(known, password):
            await self._record_failure(known)
            raise BadPassword
        async with self._gate:
            hashed = await asyncio.to_thread(self._hasher.hash, new)
        async with self.database.transaction() as connection:
            await staff.record_good_try(connection, attempt_id)
            await staff.record_password(connection, person.id, hashed)
            await staff_book.end_sign_ins(connection, person.id, but=_hash(token))
            actor, after = f"person:{person.id}", {"password": "changed"}
            happening = Happening(actor, PERSON_CHANGED, "person", person.id, after=after)
            await audit.record(connection, [happening])

    async def find(self, request: web.Request) -> SignedIn:
        """Return the request's sign-in.

        Raises:
            NotSignedIn: there is none, or it has ended or was idle for too long.
        """
        token = request.cookies.get(COOKIE, "")
        if not token:
            raise NotSignedIn
        async with self.database.transaction() as connection:
            signed = await staff.find_sign_in(connection, _hash(token), idle=IDLE)
        if signed is None:
            raise NotSignedIn("The sign-in has ended.", zh="登录已过期，请重新登录。")
        return signed

    async def access_person(self, request: web.Request) -> Person:
        """Return who makes this request; a change must carry the CSRF token as well.

        Raises:
            NotSignedIn, BadCsrf.
        """
        signed = await self.find(request)
        check_origin(request)
        if request.method not in SAFE_METHODS:
            given = request.headers.get(CSRF_HEADER, "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, signed.csrf.encode()):
                raise BadCsrf
        return signed.person

    async def close(self, request: web.Request) -> None:
        """End the request's sign-in, at once and for good."""
        token = request.cookies.get(COOKIE, "")
        async with self.database.transaction() as connection:
            person_id = await staff.end_sign_in(connection, _hash(token))
            if person_id:
                happening = Happening(f"person:{person_id}", SIGNED_OUT, "person", person_id)
                await audit.record(connection, [happening])

    def set_cookie(self, response: web.Response, token: str) -> None:
        """Hand the token to the browser, out of reach of scripts and of other sites."""
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="Strict",
            secure=self.is_secure,
            path="/",
        )

    async def _claim_try(self, login: str, ip: str) -> int:
        """Count this try before the password is looked at, so that many at once are counted."""
        async with self.database.transaction() as connection:
            tries = await staff.claim_try(connection, login=login, ip=ip)
        wait = 0
        if tries.of_ip > TRIES_OF_IP:
            wait = IP_SECONDS
        if tries.of_login > TRIES_OF_LOGIN:
            wait = LOGIN_SECONDS
        if wait:
            raise TooMany(
                "Too many tries to sign in.", zh="登录尝试过于频繁，请稍后再试。", retry_after=wait
            )
        return tries.attempt_id

    async def _matches(self, known: Known | None, password: str) -> bool:
        """Check the password; an unknown login costs the same time as a known one."""
        async with self._gate:
            if not self._decoy:
                self._decoy = await asyncio.to_thread(self._hasher.hash, secrets.token_urlsafe(16))
            hashed = known.password_hash if known else self._decoy
            return await asyncio.to_thread(_verify, self._hasher, hashed, password)

    async def _record(self, person: Person, attempt_id: int, old: str) -> Opened:
        token, csrf = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        async with self.database.transaction() as connection:
            await staff.record_good_try(connection, attempt_id)
            if old:
                await staff.end_sign_in(connection, _hash(old))
            expires_at = await staff.record_sign_in(
                connection, person.id, token_hash=_hash(token), csrf=csrf, lasts=LASTS
            )
            happening = Happening(f"person:{person.id}", SIGNED_IN, "person", person.id)
            await audit.record(connection, [happening])
        return Opened(SignedIn(person, csrf, expires_at), token)

    async def _record_failure(self, known: Known | None) -> None:
        """Note a failed try; a login that nobody has may be a mistyped password, so not noted."""
        subject = str(known.person.id) if known else "unknown"
        async with self.database.transaction() as connection:
            happening = Happening("stranger", SIGN_IN_FAILED, "person", subject)
            await audit.record(connection, [happening])


def check_origin(request: web.Request) -> None:
    """Refuse a request that a page of another site makes.

    Raises:
        NotAllowed: the Origin header names another host than the one that was called.
    """
    origin = request.headers.get("Origin")
    if origin is not None and _host_of(origin) != request.host:
        raise NotAllowed("This page may not call the desk.", zh="不允许跨站访问。")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as half of an IPv6 address
        return None


def _check_credentials(login: object, password: object) -> tuple[str, str]:
    if not isinstance(login, str) or not 0 < len(login.strip()) <= _LOGIN_LENGTH:
        raise InvalidInput("login is a text of 1 to 64 characters.", zh="请输入用户名。")
    if not isinstance(password, str) or not 0 < len(password) <= _PASSWORD_LENGTH:
        raise InvalidInput("password is a text of 1 to 256 characters.", zh="请输入密码。")
    if "\0" in login:
        raise BadLogin
    return login.strip().lower(), password


def _verify(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> bytes:
    """Tokens are random, so one round of SHA-256 keeps a stolen table useless."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
