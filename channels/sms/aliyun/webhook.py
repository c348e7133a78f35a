"""Aliyun's door into the house: reports and uplink messages, pushed without any signature.

What proves a push is a secret part of its address, which only Aliyun was given; besides, a
report counts only for a message that went to that very number, and an uplink message only where
it was sent to a number of ours.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from aiohttp import web

from channels.account import Account
from channels.door import read_body
from channels.sms.aliyun.carrier import PATH
from channels.sms.aliyun.payload import Origin, Report, Uplink, parse_push
from channels.sms.aliyun.provider import ALIYUN
from channels.sms.door import BODY_LIMIT, CALLBACKS, DoorKit, refuse
from kernel.errors import BadSignature, InvalidInput, Untrusted
from store import consent, receipt
from store.engine import DOOR_SECONDS


@dataclass(frozen=True, slots=True)
class AliyunDoor:
    """Answers `/channels/sms/aliyun/{account}/{token}`, for SmsReport and SmsUp alike."""

    kit: DoorKit

    def install(self, app: web.Application) -> None:
        """Add the route to the site."""
        app.router.add_post(PATH, self.answer_push)

    async def answer_push(self, request: web.Request) -> web.Response:
        """Take one push, all of it or nothing; acknowledged once it is committed."""
        account = self.kit.find_account(request, ALIYUN)
        try:
            proof = check_token(account, request.match_info["token"])
            origin = Origin(account.name, self.kit.clock.now(), proof)
            entries = parse_push(await read_body(request, limit=BODY_LIMIT), origin)
        except Untrusted as error:
            return refuse(ALIYUN, error)
        await self._record_reports([one for one in entries if isinstance(one, Report)])
        for one in entries:
            if isinstance(one, Uplink):
                await self._receive(account, one)
        return web.json_response({"code": 0, "msg": "接收成功"})

    async def _record_reports(self, reports: list[Report]) -> None:
        """Keep the reports on messages of ours, in one transaction; count the others."""
        if not reports:
            return
        outcomes = []
        async with self.kit.database.transaction(within=DOOR_SECONDS) as connection:
            for one in reports:
                if not await receipt.is_ours(connection, one.receipt, one.number):
                    outcomes.append("unknown_id")
                elif await receipt.record(connection, one.receipt):
                    outcomes.append("receipt")
                else:
                    outcomes.append("repeat")
        for outcome in outcomes:
            CALLBACKS.labels(ALIYUN, outcome).inc()

    async def _receive(self, account: Account, one: Uplink) -> None:
        if not one.to.startswith(account.public["dest_code"]):
            CALLBACKS.labels(ALIYUN, "unknown_number").inc()
            return
        try:
            is_new = await self.kit.receive(one.inbound, wish=one.wish, category=consent.MARKETING)
        except InvalidInput as error:
            CALLBACKS.labels(ALIYUN, error.code).inc()
            return
        CALLBACKS.labels(ALIYUN, "message" if is_new else "repeat").inc()


def check_token(account: Account, given: str) -> str:
    """Return which token the address carries, `token` or `previous`, compared in constant time.

    Raises:
        BadSignature: neither.
    """
    known = (("token", account.secret), ("previous", account.previous))
    for name, secrets in known:
        token = secrets.get("push_token", "")
        if token and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace")):
            return name
    raise BadSignature("The address carries another token than this account's.")
