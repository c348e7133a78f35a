"""WeChat's door into the house: keep first, answer within five seconds, join repeats.

A reply that is ready in time rides on the answer to the callback, which costs no quota;
otherwise the callback is acknowledged and the reply goes out as a customer-service message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from aiohttp import web
from prometheus_client import Counter

from channels import picked
from channels.door import read_body
from channels.live import DELIVER, Hub
from channels.passive import PassiveLines
from channels.receive import Receiver
from channels.wechat.markup import parse_flat
from channels.wechat.payload import Origin, parse
from channels.wechat.render import render_passive
from channels.wechat.signature import BODY_LIMIT, Opened, Signature
from kernel.clock import Clock
from kernel.crash import reach
from kernel.errors import InvalidInput, NotFound, Untrusted
from kernel.message import (
    Address,
    Author,
    Content,
    Inbound,
    InboundKind,
    Outbound,
    Receipt,
)
from store import outbox, outcome, receipt
from store.cipher import Cipher
from store.engine import Database
from store.inbox import Kept

log = logging.getLogger(__name__)

CALLBACKS = Counter("zhida_wechat_callbacks_total", "Callbacks by outcome", ["outcome"])
PASSIVE = Counter("zhida_wechat_passive_total", "Passive replies by outcome", ["outcome"])

PATIENCE = 3.5
ACKNOWLEDGED = "success"

RecordPassive = Callable[[UUID], None]


@dataclass(frozen=True, slots=True)
class Webhook:
    """Answers `/channels/wechat/{account}` for every account that is set up."""

    signatures: Mapping[str, Signature]
    receiver: Receiver
    lines: PassiveLines
    record_passive: RecordPassive
    database: Database
    cipher: Cipher
    hub: Hub
    clock: Clock
    patience: float = PATIENCE

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_get("/channels/wechat/{account}", self.answer_handshake)
        app.router.add_post("/channels/wechat/{account}", self.answer_callback)

    async def answer_handshake(self, request: web.Request) -> web.Response:
        """Prove to WeChat that this address is ours."""
        signature = self._signature(request)
        try:
            return web.Response(text=signature.check_handshake(request.query))
        except Untrusted as error:
            return _refuse(error)

    async def answer_callback(self, request: web.Request) -> web.StreamResponse:
        """Take one callback; nothing is acknowledged before it is committed."""
        deadline = asyncio.get_running_loop().time() + self.patience
        signature = self._signature(request)
        try:
            opened = signature.open_callback(
                request.query, await read_body(request, limit=BODY_LIMIT)
            )
            origin = Origin(request.match_info["account"], self.clock.now(), opened.verified_by)
            parsed = parse(opened.xml, origin)
        except Untrusted as error:
            return _refuse(error)
        if not isinstance(parsed, Inbound):
            await self._record_receipts(parsed)
            return _acknowledge("receipt")
        callback = _Callback(request, signature, opened, deadline)
        return await self._receive(callback, await self._resolve(parsed))

    async def _receive(self, callback: _Callback, inbound: Inbound) -> web.StreamResponse:
        try:
            kept = await self.receiver.receive(inbound)
        except InvalidInput as error:
            return self._explain(callback, inbound, error)
        if not _expects_answer(inbound):
            return _acknowledge("event")
        found = None if kept.is_new else await self._find_unanswered(kept)
        if found is _ANSWERED:
            return _acknowledge("repeat")
        seconds = callback.deadline - asyncio.get_running_loop().time()
        outbound = found or await self.lines.wait(kept.message_id, max(0.0, seconds))
        if outbound is None:
            return _acknowledge("later" if kept.is_new else "repeat")
        return await self._answer(callback, outbound)

    async def _answer(self, callback: _Callback, outbound: Outbound) -> web.StreamResponse:
        """Write a committed reply, and record what became of it."""
        answer = self._seal(callback, outbound)
        transport = callback.request.transport
        if transport is None or transport.is_closing():
            await self._record_unwritten(outbound)
            return answer
        reach("passive.before_write")
        try:
            await answer.prepare(callback.request)
            await answer.write_eof()
        except ConnectionError:
            await self._record_doubtful(outbound)
            return answer
        reach("passive.after_write")
        self.record_passive(outbound.outbox_id)
        PASSIVE.labels("written").inc()
        CALLBACKS.labels("passive").inc()
        return answer

    async def _find_unanswered(self, kept: Kept) -> Outbound | None:
        """Look at what became of a message that WeChat posts again.

        A reply that was given to an earlier post and never recorded as written is given once
        more: WeChat posts again only because it had no answer. `_ANSWERED` means: leave it.
        """
        async with self.database.transaction() as connection:
            found = await outbox.find_outbound(connection, self.cipher, kept.message_id)
            if found is None:
                return None if kept.state == "new" else _ANSWERED
            outbound, _, rung = found
            if rung != "passive" or outbound.attempt != 1:
                return _ANSWERED
            is_ours = await outcome.claim_again(connection, outbound.outbox_id)
        return outbound if is_ours else _ANSWERED

    async def _resolve(self, inbound: Inbound) -> Inbound:
        """Find what a tapped button means in the message that showed it."""
        if "choice" not in inbound.content.hints:
            return inbound
        async with self.database.transaction() as connection:
            return await picked.resolve(connection, self.cipher, inbound)

    def _explain(
        self, callback: _Callback, inbound: Inbound, error: InvalidInput
    ) -> web.StreamResponse:
        """Tell the client at once why the message cannot be taken."""
        CALLBACKS.labels("invalid").inc()
        said = Outbound(uuid4(), inbound.address, Content(text=error.zh), Author.SYSTEM)
        return self._seal(callback, said)

    def _seal(self, callback: _Callback, outbound: Outbound) -> web.Response:
        xml = render_passive(outbound, sender=callback.account_id, at=self.clock.now())
        body = callback.signature.seal_reply(xml, callback.request.query["nonce"])
        return web.Response(body=body, content_type="application/xml")

    async def _record_receipts(self, receipts: tuple[Receipt, ...]) -> None:
        async with self.database.transaction() as connection:
            for one in receipts:
                await receipt.record(connection, one)

    async def _record_unwritten(self, outbound: Outbound) -> None:
        """WeChat hung up before a byte was written: the API may carry the reply safely."""
        async with self.database.transaction() as connection:
            await outcome.record_retry(connection, outbound.outbox_id, code="hung_up", wait=0)
        self.hub.publish(DELIVER, once=True)
        PASSIVE.labels("hung_up").inc()

    async def _record_doubtful(self, outbound: Outbound) -> None:
        """WeChat hung up while we wrote: only a repeated callback can tell."""
        async with self.database.transaction() as connection:
            await outcome.record_moved(connection, outbound.outbox_id, "unknown", code="hung_up")
        PASSIVE.labels("doubtful").inc()

    def _signature(self, request: web.Request) -> Signature:
        account = request.match_info["account"]
        if account not in self.signatures:
            raise NotFound("No such WeChat account is set up.", zh="未配置该公众号。")
        return self.signatures[account]


@dataclass(frozen=True, slots=True)
class _Callback:
    """One open callback: its request, its key, what it said, until when it may wait."""

    request: web.Request
    signature: Signature
    opened: Opened
    deadline: float

    @property
    def account_id(self) -> str:
        """Return the account's own name inside XML (`gh_…`)."""
        return parse_flat(self.opened.xml)["ToUserName"]


_ANSWERED = Outbound(UUID(int=0), Address("", "", ""), Content(), Author.SYSTEM)
"""Stands for a reply that needs nothing more from this callback."""


def _expects_answer(inbound: Inbound) -> bool:
    is_talk = inbound.kind in {InboundKind.MESSAGE, InboundKind.EVENT}
    return is_talk and inbound.window_rule is not None


def _acknowledge(outcome: str) -> web.Response:
    CALLBACKS.labels(outcome).inc()
    return web.Response(text=ACKNOWLEDGED)


def _refuse(error: Untrusted) -> web.Response:
    """Answer what cannot be trusted; an event that we do not know is acknowledged and counted."""
    CALLBACKS.labels(error.code).inc()
    if error.status == 200:
        return web.Response(text=ACKNOWLEDGED)
    log.warning("A WeChat callback was refused: %s", error.code)
    return web.Response(status=error.status, text=f"{error.code}: {error.message}\n")
