"""微信客服's door: a callback says that there is something to pull, and nothing of what it is.

Source: developer.work.weixin.qq.com/document/path/94670: the event `kf_msg_or_event` carries
`Token` and `OpenKfId`; the messages themselves are pulled. So a callback may be lost, repeated
or late without harm, and is acknowledged once its signature is good.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import Counter

from channels.account import Account, Accounts
from channels.door import read_body
from channels.live import Hub
from channels.wechat.markup import parse_flat
from channels.wechat.signature import BODY_LIMIT, Keys, Signature
from kernel.clock import Clock
from kernel.errors import Malformed, UnknownEvent, Untrusted

log = logging.getLogger(__name__)

CALLBACKS = Counter("zhida_kf_callbacks_total", "Callbacks of 微信客服 by outcome", ["outcome"])

PULL = "pull"
"""The topic on which whoever pulls an account hears that there is something to pull."""
EVENT = "kf_msg_or_event"


@dataclass(frozen=True, slots=True)
class KfDoor:
    """Answers `/channels/kf/{account}` for every account that is set up."""

    accounts: Accounts
    hub: Hub
    clock: Clock

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get("/channels/kf/{account}", self.answer_handshake)
        app.router.add_post("/channels/kf/{account}", self.answer_callback)

    async def answer_handshake(self, request: web.Request) -> web.Response:
        """Prove to WeCom that this address is ours."""
        signature = build_signature(self._account(request), self.clock)
        return _answer(lambda: signature.open_handshake(request.query))

    async def answer_callback(self, request: web.Request) -> web.Response:
        """Wake whoever pulls the account that the event names."""
        account = self._account(request)
        signature = build_signature(account, self.clock)
        try:
            body = await read_body(request, limit=BODY_LIMIT)
        except Malformed as error:
            return _refuse(error)

        def wake() -> str:
            fields = parse_flat(signature.open_callback(request.query, body).xml)
            self._wake(account, fields.get("Event", ""), fields)
            return "success"

        return _answer(wake)

    def _wake(self, account: Account, event: str, fields: dict[str, str]) -> None:
        if event != EVENT:
            raise UnknownEvent
        if fields.get("ToUserName") != account.public["corp_id"]:
            raise Malformed("ToUserName is not the CorpId of this account.")
        token = fields.get("Token", "")
        if len(token) > 512:
            raise Malformed("Token is longer than any that WeCom gives.")
        for one in self._find_named(account, fields.get("OpenKfId", "")):
            self.hub.publish(PULL, {"account": one.name, "token": token})

    def _find_named(self, account: Account, open_kfid: str) -> Iterator[Account]:
        """A corporation has one callback address for all of its kf accounts."""
        for one in self.accounts:
            is_near = one.channel == "kf" and one.public["corp_id"] == account.public["corp_id"]
            if is_near and one.public["open_kfid"] == open_kfid:
                yield one

    def _account(self, request: web.Request) -> Account:
        return self.accounts.get("kf", request.match_info["account"])


def build_signature(account: Account, clock: Clock) -> Signature:
    """Make what checks an account's callbacks, also with the secrets of before a rotation."""
    keys = Keys(
        account.public["corp_id"],
        account.secret["token"],
        account.secret["aes_key"],
        previous_aes_key=account.previous.get("aes_key"),
        previous_token=account.previous.get("token"),
    )
    return Signature(keys, clock)


def _answer(work: Callable[[], str]) -> web.Response:
    try:
        said = work()
    except Untrusted as error:
        return _refuse(error)
    CALLBACKS.labels("accepted").inc()
    return web.Response(text=said)


def _refuse(error: Untrusted) -> web.Response:
    """Answer what cannot be trusted; an event that we do not know is acknowledged and counted."""
    CALLBACKS.labels(error.code).inc()
    if error.status == 200:
        return web.Response(text="success")
    log.warning("A callback of 微信客服 was refused: %s", error.code)
    return web.Response(status=error.status, text=f"{error.code}: {error.message}\n")
