"""Webhooks over HTTP: set up, tried out and replayed by admins; a secret is shown once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from aiohttp import web

from channels.live import EVENT, WEBHOOK, Hub
from channels.system.call import Caller
from kernel.errors import InvalidInput, NotAllowed
from kernel.ids import new_id
from kernel.message import Json
from kernel.webhook import KINDS, OF_ORDERS, TEST
from orchestrator.order import name_source, parse_source
from store import webhook, webhook_delivery
from store.cipher import Cipher
from store.engine import Database
from store.staff import Person
from store.webhook import Target, WebhookRow
from store.webhook_delivery import Delivery, FailedRow
from web.access import parse_id
from web.api.desk import PersonHandler, read_number, signed_in
from web.api.task import read_after
from web.errors import answer_json, read_json
from web.sign_in import SignIns

PAGE = 50
LARGEST = 100
REPLAYED = 500
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class WebhookDoor:
    """The routes under /v1/webhooks, for admins alone."""

    signs: SignIns
    database: Database
    cipher: Cipher
    hub: Hub
    caller: Caller

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/webhooks/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/webhooks", self.list),
            ("POST", "/v1/webhooks", self.add),
            ("PATCH", one, self.change),
            ("POST", one + "/rotate", self.rotate),
            ("POST", one + "/test", self.try_out),
            ("GET", one + "/failures", self.failures),
            ("POST", one + "/replay", self.replay),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))
        app.on_cleanup.append(self._close)

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return every webhook with how it goes, and every kind that there is."""
        _check_admin(person)
        async with self.database.transaction() as connection:
            rows = await webhook.find_all(connection)
        kinds = [{"name": name, "zh": zh, "en": en} for name, (zh, en) in KINDS.items()]
        return answer_json({"kinds": kinds, "webhooks": [show_webhook(one) for one in rows]})

    async def add(self, request: web.Request, person: Person) -> web.Response:
        """Set a webhook up, and return its secret: this once."""
        _check_admin(person)
        target = self._read_target(await read_json(request))
        secret = secrets.token_urlsafe(SECRET_BYTES)
        async with self.database.transaction() as connection:
            made = await webhook.add(connection, self.cipher, target, secret, actor=_actor(person))
        self.hub.publish(EVENT, once=True)
        return answer_json({"id": str(made), "secret": secret}, status=201)

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Change what is given of a webhook, or switch it on or off."""
        _check_admin(person)
        webhook_id, body = parse_id(request.match_info["id"]), await read_json(request)
        async with self.database.transaction() as connection:
            before = await webhook.find(connection, webhook_id)
            target = self._read_target(body, before)
            is_active = _read_active(body, before)
            await webhook.change(
                connection, webhook_id, target, is_active=is_active, actor=_actor(person)
            )
            row = await webhook.find(connection, webhook_id)
        self.hub.publish(WEBHOOK, once=True)
        return answer_json(show_webhook(row))

    async def rotate(self, request: web.Request, person: Person) -> web.Response:
        """Replace the secret and return the new one, this once; both sign for a day."""
        _check_admin(person)
        webhook_id, secret = _id(request), secrets.token_urlsafe(SECRET_BYTES)
        async with self.database.transaction() as connection:
            await webhook.rotate(connection, self.cipher, webhook_id, secret, actor=_actor(person))
        return answer_json({"id": str(webhook_id), "secret": secret})

    async def try_out(self, request: web.Request, person: Person) -> web.Response:
        """Call a webhook once with a delivery of the kind `test`, and tell how that went."""
        _check_admin(person)
        webhook_id = _id(request)
        async with self.database.transaction() as connection:
            row = await webhook.find(connection, webhook_id)
            signing = await webhook.find_secrets(connection, self.cipher, webhook_id)
        body: dict[str, Json] = {"at": datetime.now().astimezone().isoformat()}
        answer = await self.caller.call(
            Delivery(new_id(), webhook_id, row.url, signing, TEST, None, body, 1)
        )
        return answer_json({"ok": answer.code is None, "error": _explain(answer.code)})

    async def failures(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of what a webhook was not told, newest first."""
        _check_admin(person)
        limit = max(1, min(LARGEST, read_number(request, "limit", PAGE)))
        after, webhook_id = read_after(request), _id(request)
        async with self.database.transaction() as connection:
            await webhook.find(connection, webhook_id)
            rows = await webhook_delivery.find_failed(
                connection, webhook_id, after=after, limit=limit
            )
        return answer_json({"failures": [show_failed(one) for one in rows]})

    async def replay(self, request: web.Request, person: Person) -> web.Response:
        """Try again what was given up: these, or all of a webhook."""
        _check_admin(person)
        webhook_id, ids = _id(request), _read_ids(await read_json(request))
        async with self.database.transaction() as connection:
            await webhook.find(connection, webhook_id)
            n = await webhook_delivery.replay(connection, webhook_id, ids, actor=_actor(person))
        self.hub.publish(WEBHOOK, once=True)
        return answer_json({"count": n})

    async def _close(self, _: web.Application) -> None:
        await self.caller.close()

    def _read_target(self, body: Mapping[str, object], before: WebhookRow | None = None) -> Target:
        """Read what a webhook is to be; what is left out stays as it was before."""
        if before is not None:
            known = {"url": before.url, "kinds": before.kinds, "source": show_source(before)}
            body = {**known, **body}
        url, source = body.get("url"), body.get("source")
        if not isinstance(url, str):
            raise InvalidInput("url is a text.", zh="请填写 url。")
        self.caller.guard.check_url(url)
        kinds = _read_kinds(body.get("kinds"))
        if source is None and any(one.startswith(OF_ORDERS) for one in kinds):
            raise InvalidInput(
                "source is needed for kinds message.* and notice.*: whose orders are told.",
                zh="订阅 message.* 或 notice.* 时须填写 source：只告知该系统自己下达的消息。",
            )
        named = None if source is None else name_source(parse_source(source))
        return Target(url, kinds, named)


def show_webhook(row: WebhookRow) -> dict[str, Json]:
    """Return a webhook as the API's JSON, without its secret."""
    return {
        "id": str(row.id),
        "url": row.url,
        "kinds": [*row.kinds],
        "source": show_source(row),
        "active": row.is_active,
        "rotated_at": _moment(row.rotated_at),
        "created_at": _moment(row.created_at),
        "waiting": row.waiting,
        "failed": row.failed,
        "delivered_at": _moment(row.delivered_at),
        "resting_until": _moment(row.open_until),
        "error": _explain(row.code),
    }


def show_source(row: WebhookRow) -> str | None:
    """Return the name of the system whose orders a webhook hears of."""
    return row.source.removeprefix(name_source("")) if row.source else None


def show_failed(one: FailedRow) -> dict[str, Json]:
    """Return a delivery that was given up as the API's JSON."""
    return {
        "id": str(one.id),
        "kind": one.kind,
        "subject_id": str(one.subject_id),
        "attempts": one.attempts,
        "error": _explain(one.code),
        "created_at": _moment(one.created_at),
        "ended_at": _moment(one.ended_at),
    }


_REASONS: Mapping[str, tuple[str, str]] = {
    "timeout": ("10 秒内没有应答", "it did not answer within 10 seconds"),
    "unreachable": ("连不上", "it cannot be reached"),
    "no_answer": ("连接中断，没有应答", "the connection broke without an answer"),
    "tls": ("证书无效", "its certificate is not valid"),
    "address_refused": (
        "地址在内网且不在 ZHIDA_WEBHOOK_NETWORKS 允许的网段内",
        "its address is private and not in ZHIDA_WEBHOOK_NETWORKS",
    ),
    "bad_url": ("url 不可用", "its url cannot be used"),
    "cell_damaged": ("密钥或客户号无法解密", "a secret or a client number does not open"),
}


def _explain(code: str | None) -> dict[str, Json] | None:
    if not code:
        return None
    status = code.removeprefix("http_")
    zh, en = _REASONS.get(code, (f"对方返回 {status}", f"it answered {status}"))
    return {"code": code, "zh": zh, "en": en}


def _read_kinds(value: object) -> list[str]:
    is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not is_list or not isinstance(value, list) or not value or set(value) - KINDS.keys():
        raise InvalidInput(
            f"kinds are some of {', '.join(KINDS)}.", zh="kinds 应为事件类型的列表，至少一项。"
        )
    return sorted(set(value))


def _read_active(body: Mapping[str, object], before: WebhookRow) -> bool:
    is_active = body.get("active", before.is_active)
    if not isinstance(is_active, bool):
        raise InvalidInput("active is true or false.", zh="请选择启用或停用。")
    return is_active


def _read_ids(body: Mapping[str, object]) -> list[UUID] | None:
    ids = body.get("ids")
    if ids is None:
        return None
    wrong = InvalidInput(f"ids is a list of 1 to {REPLAYED} ids.", zh="请选择要重放的记录。")
    if not isinstance(ids, list) or not 1 <= len(ids) <= REPLAYED:
        raise wrong
    try:
        return [UUID(one) for one in ids]
    except (ValueError, TypeError, AttributeError) as error:
        raise wrong from error


def _check_admin(person: Person) -> None:
    if "admin" not in person.roles:
        raise NotAllowed


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])


def _actor(person: Person) -> str:
    return f"person:{person.id}"


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
