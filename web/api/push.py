"""How an app or a browser asks for pushes, ends them, and tells that one was opened.

All routes want the chat's token: `Authorization: Bearer …`.

    GET  /chat/push/key?account=web      → {"account": "web", "public_key": "BM…"}
    POST /chat/push/subscribe            {"account": "web", "subscription": {…toJSON()…}}
                                         {"account": "jpush", "registration_id": "1a0018970a…"}
    POST /chat/push/unsubscribe          the same body
    POST /chat/push/opened               {"account": …, "id": the push's id}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiohttp import web
from prometheus_client import Counter

from channels.account import Account, Accounts
from channels.chat.signature import ChatKeys, Guest, check_origin, check_token
from channels.live import EVENT, Hub
from channels.push.jpush.channel import REGISTRATION
from channels.push.jpush.provider import JPUSH
from channels.push.sentence import NAME
from channels.push.web.provider import find_public_key, list_hosts
from channels.push.web.subscription import parse_subscription
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound, TooMany
from kernel.message import Address, Receipt
from store import client, conversation, device, receipt, sent
from store.cipher import Cipher
from store.device import Device
from store.engine import DOOR_SECONDS, Connection, Database
from web.errors import answer_json, read_json

PUSHES = Counter("zhida_push_devices_total", "What devices asked for, by outcome", ["outcome"])
MOST_DEVICES: Final = 20
"""Devices of one person; more are no person's."""


@dataclass(frozen=True, slots=True)
class PushDoor:
    """The routes under /chat/push."""

    accounts: Accounts
    keys: ChatKeys
    database: Database
    cipher: Cipher
    hub: Hub
    clock: Clock

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get("/chat/push/key", self.show_key)
        app.router.add_post("/chat/push/subscribe", self.subscribe)
        app.router.add_post("/chat/push/unsubscribe", self.unsubscribe)
        app.router.add_post("/chat/push/opened", self.note_opened)

    async def show_key(self, request: web.Request) -> web.Response:
        """Return the key with which a browser subscribes."""
        self._guest(request)
        account = self.accounts.get(NAME, request.query.get("account", "web"))
        if account.provider == JPUSH:
            raise NotFound("This account pushes to no browsers.", zh="该账号不支持浏览器推送。")
        return answer_json({"account": account.name, "public_key": find_public_key(account)})

    async def subscribe(self, request: web.Request) -> web.Response:
        """Keep a device for the owner of the token; it is his from now on."""
        guest, body = self._guest(request), await read_json(request)
        account = self._account(body)
        address, detail = _read_device(account, body)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            if await device.count_owned(connection, self.cipher, _owner(guest)) >= MOST_DEVICES:
                raise TooMany("Too many devices are registered.", zh="登记的设备过多。")
            talk = await conversation.open_for(connection, address)
            kept = Device(talk.identity_id, _owner(guest), detail)
            await device.record(connection, self.cipher, kept)
            if guest.is_client:
                client_id = await client.record(connection, self.cipher, guest.subject)
                await client.bind(connection, talk.id, client_id, actor="channel:push")
        PUSHES.labels("subscribed").inc()
        return answer_json({"account": account.name, "address": address.address}, 201)

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """End a device; only its owner can."""
        guest, body = self._guest(request), await read_json(request)
        address, _ = _read_device(self._account(body), body)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            await self._check_owner(connection, address, guest)
            await device.end(connection, address)
        PUSHES.labels("unsubscribed").inc()
        return answer_json({})

    async def note_opened(self, request: web.Request) -> web.Response:
        """Note that the owner of a device opened a push; once is enough, again does no harm."""
        guest, body = self._guest(request), await read_json(request)
        account, outbox_id = self._account(body), _read_id(body)
        async with self.database.transaction(within=DOOR_SECONDS) as connection:
            address = await sent.find_address(connection, outbox_id)
            if address is None or (address.channel, address.account) != (NAME, account.name):
                raise NotFound
            await self._check_owner(connection, address, guest)
            is_new = await receipt.record(connection, self._tell(account, outbox_id))
        self.hub.publish(EVENT, once=True)
        PUSHES.labels("opened" if is_new else "repeat").inc()
        return answer_json({})

    def _tell(self, account: Account, outbox_id: UUID) -> Receipt:
        return Receipt(
            channel=NAME,
            account=account.name,
            provider_id=str(outbox_id),
            status="read",
            event_id=f"opened:{outbox_id}",
            at=self.clock.now(),
            detail="opened",
            outbox_id=outbox_id,
        )

    async def _check_owner(self, connection: Connection, address: Address, guest: Guest) -> None:
        if not await device.is_owned(connection, self.cipher, address, _owner(guest)):
            raise NotFound("There is no such device of yours.", zh="没有登记该设备。")

    def _guest(self, request: web.Request) -> Guest:
        check_origin(request.headers.get("Origin"), self.keys)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return check_token(token if scheme == "Bearer" else "", self.keys)

    def _account(self, body: dict[str, object]) -> Account:
        name = body.get("account")
        if not isinstance(name, str):
            raise InvalidInput("account names the push account.", zh="请填写推送账号。")
        return self.accounts.get(NAME, name)


def _owner(guest: Guest) -> str:
    return f"{'client' if guest.is_client else 'visitor'}:{guest.subject}"


def _read_device(account: Account, body: dict[str, object]) -> tuple[Address, dict[str, str]]:
    if account.provider != JPUSH:
        subscription = parse_subscription(body.get("subscription"), list_hosts(account))
        return Address(NAME, account.name, subscription.address), subscription.to_detail()
    registration = body.get("registration_id")
    if not isinstance(registration, str) or not REGISTRATION.fullmatch(registration):
        raise InvalidInput(
            "registration_id is what the JPush SDK gives the app.",
            zh="registration_id 应为极光 SDK 返回的值。",
        )
    return Address(NAME, account.name, registration), {"registration_id": registration}


def _read_id(body: dict[str, object]) -> UUID:
    try:
        return UUID(str(body.get("id")))
    except ValueError as error:
        raise InvalidInput("id is the push's own id.", zh="id 不正确。") from error
