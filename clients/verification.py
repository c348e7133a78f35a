"""Makes sure who is on the other side before anything personal is said.

Three proofs count: the host app's token (account and trade, as long as the session is used),
a WeChat account (an openid, or 微信客服's external user id) bound by a one-time code (account,
12 hours), and a one-time code alone (account, 30 minutes). What a client writes never names the
client.

A code also binds the address it came from, so that staff know the client there ever after: a
WeChat account, a phone number, a mailbox. A browser's chat is not bound: it may be anyone's.
A bound address alone proves nothing: it can be lent, passed on or forged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from clients.account import Person
from clients.broker import Broker, CoreBusy, CoreRefused
from kernel.errors import NotSignedIn, ProviderError, Refused, TooMany
from store import client as client_store
from store import verification as store
from store.cipher import Cipher
from store.engine import Database

Scope = Literal["account", "trade"]

APP_LASTS = timedelta(minutes=30)
WECHAT_LASTS = timedelta(hours=12)
CODE_LASTS = timedelta(minutes=30)
TRIES = 5
CODES = 3
CODES_WITHIN = timedelta(minutes=10)
LASTING_CHANNELS = frozenset({"wechat", "kf"})
"""Where the provider vouches for the sender of every message, so that a proof lasts longer."""
SHARED_CHANNELS = frozenset({"chat"})
"""Where an address is a browser, which may be anyone's tomorrow."""


class NotVerified(NotSignedIn):
    """We do not know yet who this is; please confirm your identity first."""

    code = "not_verified"
    message_zh = "请先完成身份核验。"


class WrongCode(Refused):
    """The code is wrong or has expired."""

    code = "wrong_code"
    message_zh = "验证码错误或已过期。"


class NoTryLeft(TooMany):
    """Too many wrong codes; please ask for a new one."""

    code = "no_try_left"
    message_zh = "验证码已失效或错误次数过多，请重新获取。"


class TooManyCodes(TooMany):
    """Too many codes were asked for; please wait some minutes."""

    code = "too_many_codes"
    message_zh = "验证码获取过于频繁，请几分钟后再试。"


@dataclass(frozen=True, slots=True)
class VerifiedClient:
    """The client of a conversation, as proved by `method`, until `expires_at`."""

    client_id: UUID
    client_no: str
    method: str
    expires_at: datetime


class Verification:
    """Knows who each conversation's client is; the only way to a client number."""

    def __init__(self, database: Database, cipher: Cipher, broker: Broker) -> None:
        self._database = database
        self._cipher = cipher
        self._broker = broker

    async def access_client_for(self, conversation_id: UUID, scope: Scope) -> VerifiedClient:
        """Return the client of this conversation, if one is proved for this scope.

        Raises:
            NotVerified: nobody has proved to be anybody, or not for this scope, or too long ago.
        """
        async with self._database.transaction() as connection:
            found = await store.find(connection, self._cipher, conversation_id, scope=scope)
        if found is None:
            raise NotVerified
        return VerifiedClient(found.client_id, found.client_no, found.method, found.expires_at)

    async def find_scopes(self, conversation_id: UUID) -> frozenset[str]:
        """Return the scopes that are proved now: what the assistant is told of the client."""
        async with self._database.transaction() as connection:
            return await store.find_scopes(connection, conversation_id)

    async def record_app(self, conversation_id: UUID, client_no: str) -> UUID:
        """Trust the host app's token: account and trade, prolonged by every use.

        Returns the client's id. The number must come from a token that was checked.
        """
        async with self._database.transaction() as connection:
            client_id = await client_store.record(connection, self._cipher, client_no)
            await client_store.bind(connection, conversation_id, client_id, actor="channel:chat")
            proof = store.Proof(client_id, "app", ("account", "trade"), APP_LASTS)
            await store.record(connection, conversation_id, proof)
        return client_id

    async def send_code(self, conversation_id: UUID, phone: str) -> None:
        """Have a one-time code sent to a phone; nobody learns whether the phone is known.

        Raises:
            TooManyCodes: three codes within ten minutes, for this conversation or this phone.
            ProviderError: the core does not answer.
        """
        async with self._database.transaction() as connection:
            asked = await store.count_challenges(connection, conversation_id, CODES_WITHIN)
        if asked >= CODES:
            raise TooManyCodes
        try:
            sent = await self._broker.send_code(phone)
        except CoreBusy as error:
            raise TooManyCodes(retry_after=error.retry_after) from error
        async with self._database.transaction() as connection:
            await store.record_challenge(
                connection,
                conversation_id,
                sent.challenge,
                phone_hash=self._cipher.blind("phone", phone),
                lasts=timedelta(seconds=sent.expires_in),
            )

    async def check_code(self, conversation_id: UUID, code: str, *, channel: str) -> VerifiedClient:
        """Check the code that this conversation waits for, and remember whose it is.

        Raises:
            WrongCode: wrong or expired; there are tries left.
            NoTryLeft: nothing is waited for, or the tries are used up.
            ProviderError: the core does not answer; the try counts nevertheless.
        """
        async with self._database.transaction() as connection:
            challenge = await store.claim_try(connection, conversation_id, TRIES)
        if challenge is None:
            raise NoTryLeft
        try:
            client_no = await self._broker.check_code(challenge.broker_challenge, code)
        except CoreBusy as error:
            raise NoTryLeft from error
        except CoreRefused as error:
            raise WrongCode from error
        client_id = await self._record_person(client_no)
        await self._record_code(conversation_id, challenge.id, client_id, channel=channel)
        return await self.access_client_for(conversation_id, "account")

    async def end(self, conversation_id: UUID) -> None:
        """Forget who this conversation's client is, at once."""
        async with self._database.transaction() as connection:
            await store.end(connection, conversation_id)

    async def _record_person(self, client_no: str) -> UUID:
        """Keep the client; the right code counts even if the core fails to say more of them."""
        try:
            person = await self._broker.get_person(client_no)
        except ProviderError:
            person = None
        async with self._database.transaction() as connection:
            client_id = await client_store.record(connection, self._cipher, client_no)
            if person:
                await client_store.record_facts(
                    connection, self._cipher, client_id, facts=to_facts(person)
                )
        return client_id

    async def _record_code(
        self, conversation_id: UUID, challenge_id: UUID, client_id: UUID, *, channel: str
    ) -> None:
        lasting = channel in LASTING_CHANNELS
        method, lasts = ("wechat", WECHAT_LASTS) if lasting else ("code", CODE_LASTS)
        async with self._database.transaction() as connection:
            if channel not in SHARED_CHANNELS:
                await client_store.bind(
                    connection, conversation_id, client_id, actor=f"channel:{channel}"
                )
            proof = store.Proof(client_id, method, ("account",), lasts)
            await store.record(connection, conversation_id, proof)
            await store.close_challenge(connection, challenge_id)


def to_facts(person: Person) -> client_store.Facts:
    """Turn the core's word on a client into what we keep."""
    return client_store.Facts(
        name=person.name,
        phone=person.phone,
        risk_level=person.risk_level,
        investor_class=person.investor_class,
        stage=person.stage,
        manager=person.manager.name,
    )
