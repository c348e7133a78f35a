"""The accounts at providers, over HTTP: set up, changed, rotated, tried out by admins."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.account import Account, Accounts
from channels.contract import Channels
from channels.live import DELIVER, Hub
from channels.roster import to_account
from kernel.errors import InvalidInput, NotAllowed
from kernel.message import Address, Author, Content, Json
from store import account, conversation, outbox
from store.account import Setup, StoredAccount
from store.cipher import Cipher
from store.engine import Connection, Database
from store.outbox import Draft
from store.staff import Person
from web.access import parse_id
from web.account_card import explain, show_account, show_provider
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

TEST_SECONDS = 12.0
_HOUSE_PATHS = {"wechat": "/channels/wechat/{account}"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TEST_WORDS = "【测试】这是一条来自智达的测试消息，无需回复。 A test message from Zhida."


@dataclass(frozen=True, slots=True)
class ChannelDoor:
    """The routes under /v1/channels; supervisors may look, admins may change."""

    signs: SignIns
    accounts: Accounts
    channels: Channels
    database: Database
    cipher: Cipher
    hub: Hub
    site: str

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/channels/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/channels", self.list),
            ("POST", "/v1/channels", self.add),
            ("PATCH", one, self.change),
            ("POST", one + "/secrets", self.rotate),
            ("POST", one + "/active", self.switch),
            ("POST", "/v1/channels/{channel}/{account}/test", self.try_out),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return every kind of account and every account, with its health."""
        if not person.sees_all:
            raise NotAllowed
        async with self.database.transaction() as connection:
            stored = await account.find_all(connection, self.cipher)
            health = await account.find_health(connection)
        by_place = {(one.channel, one.account): one for one in health}
        kept = {(one.channel, one.name): one for one in stored}
        shown = [
            self._show(one, kept.get((one.channel, one.name)), by_place)
            for one in self._all(stored)
        ]
        kinds = [show_provider(one) for one in self.accounts.providers]
        return answer_json({"providers": kinds, "accounts": shown})

    async def add(self, request: web.Request, person: Person) -> web.Response:
        """Set up an account; it works in every process within a few seconds."""
        _check_admin(person)
        body = await read_json(request)
        setup = Setup(
            _read_text(body, "channel"),
            _read_text(body, "provider"),
            _read_name(body),
            _read_texts(body, "public"),
            _read_texts(body, "secret"),
        )
        self._check(Account(setup.channel, setup.provider, setup.name, setup.public, setup.secret))
        async with self.database.transaction() as connection:
            account_id = await account.add(connection, self.cipher, setup, actor=_actor(person))
        return answer_json({"id": str(account_id)}, status=201)

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Change what may be seen of an account."""
        _check_admin(person)
        account_id, body = parse_id(request.match_info["id"]), await read_json(request)
        public = _read_texts(body, "public")
        async with self.database.transaction() as connection:
            before = await self._find(connection, account_id)
            if before:
                self._check(to_account(before), public=public)
            await account.change(connection, account_id, public, actor=_actor(person))
        return answer_json({"ok": True})

    async def rotate(self, request: web.Request, person: Person) -> web.Response:
        """Replace secrets; callbacks signed with those of before are taken for a day."""
        _check_admin(person)
        account_id, body = parse_id(request.match_info["id"]), await read_json(request)
        secret = _read_texts(body, "secret")
        if not secret:
            raise InvalidInput("secret holds what is to be replaced.", zh="请填写要更换的密钥。")
        async with self.database.transaction() as connection:
            before = await self._find(connection, account_id)
            if before:
                self._check(to_account(before), secret={**before.secret, **secret})
            await account.rotate(connection, self.cipher, account_id, secret, actor=_actor(person))
        return answer_json({"ok": True})

    async def switch(self, request: web.Request, person: Person) -> web.Response:
        """Switch an account on or off."""
        _check_admin(person)
        body = await read_json(request)
        is_active = body.get("active")
        if not isinstance(is_active, bool):
            raise InvalidInput("active is true or false.", zh="请选择启用或停用。")
        async with self.database.transaction() as connection:
            await account.set_active(
                connection,
                parse_id(request.match_info["id"]),
                is_active=is_active,
                actor=_actor(person),
            )
        return answer_json({"ok": True})

    async def try_out(self, request: web.Request, person: Person) -> web.Response:
        """Send a test message and tell what became of it, in plain words."""
        _check_admin(person)
        body = await read_json(request)
        place = request.match_info["channel"], request.match_info["account"]
        address = Address(*place, _read_text(body, "address"))
        can = self.channels.get(address).describe(address)
        async with self.database.transaction() as connection:
            talk = await conversation.open_for(connection, address)
            state = "accepted" if can.is_pulled else "queued"
            draft = Draft(talk.id, Author.SYSTEM, Content(text=_TEST_WORDS), state=state)
            posted = await outbox.post(connection, self.cipher, draft)
        self.hub.publish(DELIVER, once=True)
        return answer_json(await self._await_end(posted.outbox_id))

    async def _await_end(self, outbox_id: UUID) -> dict[str, Json]:
        state, reason = "queued", None
        try:
            async with asyncio.timeout(TEST_SECONDS):
                while state in {"queued", "sending"}:
                    await asyncio.sleep(0.1)
                    async with self.database.once() as connection:
                        state, reason = await outbox.find_state(connection, outbox_id)
        except TimeoutError:
            reason = reason or "timeout"
        is_ok = state in {"accepted", "delivered", "read"}
        return {"ok": is_ok, "state": state, "error": None if is_ok else explain(reason)}

    def _show(
        self,
        one: Account,
        stored: StoredAccount | None,
        health: Mapping[tuple[str, str], account.Health],
    ) -> dict[str, Json]:
        path = self._find_path(one)
        found = health.get((one.channel, one.name))
        return show_account(one, stored, found, site=self.site, path=path)

    def _all(self, stored: Sequence[StoredAccount]) -> Sequence[Account]:
        """Return every account: of the house, of the settings and of the console, also off ones.

        The chat and the WeChat accounts of the settings are channels without a provider's form.
        """
        house = [Account(one.name, one.name, one.account) for one in self.channels]
        found = {(one.channel, one.name): one for one in (*house, *self.accounts)}
        found |= {(one.channel, one.name): to_account(one) for one in stored}
        return [found[place] for place in sorted(found)]

    def _find_path(self, one: Account) -> str:
        known = {(kind.channel, kind.name): kind.path for kind in self.accounts.providers}
        return known.get((one.channel, one.provider)) or _HOUSE_PATHS.get(one.provider, "")

    def _check(
        self,
        one: Account,
        *,
        public: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
    ) -> None:
        self.accounts.check(
            Account(
                one.channel,
                one.provider,
                one.name,
                one.public if public is None else public,
                one.secret if secret is None else secret,
            )
        )

    async def _find(self, connection: Connection, account_id: UUID) -> StoredAccount | None:
        found = await account.find_all(connection, self.cipher)
        return next((one for one in found if one.id == account_id), None)


def _actor(person: Person) -> str:
    return f"person:{person.id}"


def _check_admin(person: Person) -> None:
    if "admin" not in person.roles:
        raise NotAllowed


def _read_text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or "\0" in value or not 0 < len(value.strip()) <= 200:
        raise InvalidInput(f"{name} is a text of 1 to 200 characters.", zh=f"{name} 未填写。")
    return value.strip()


def _read_name(body: Mapping[str, object]) -> str:
    name = _read_text(body, "name")
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "name is up to 40 of a-z, 0-9, - and _: it stands in the webhook's address.",
            zh="账号名只能用小写字母、数字、- 和 _，它会出现在回调地址里。",
        )
    return name


def _read_texts(body: Mapping[str, object], name: str) -> dict[str, str]:
    value = body.get(name, {})
    wrong = InvalidInput(
        f"{name} is an object of texts of at most 4000 characters, without NUL.",
        zh=f"{name} 应为文字键值。",
    )
    if not isinstance(value, dict):
        raise wrong
    for key, one in value.items():
        if not isinstance(one, str) or len(one) > 4000 or "\0" in one + str(key):
            raise wrong
    return {str(key): one.strip() for key, one in value.items() if one.strip()}
