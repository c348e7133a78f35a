"""The fake API: SendSms and QuerySendDetails, after the gateway's checks.

Source: help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms,
…-querysenddetails.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from aiohttp import web

from kernel.message import Json
from lab.aliyun.code import Wrong, new_request_id
from lab.aliyun.signature import check_signature
from lab.aliyun.template import fill
from lab.aliyun.world import BEIJING, FAKE, AliyunWorld, Sms, write_moment
from lab.gate import Gate, Handler
from lab.played import PlayedAccount
from lab.sms.handset import State

VERSION = "2017-05-25"
A_DAY = 50
"""Notices to one number by one template; the real gateway's own limit."""
_NUMBER = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PARTS = {"SendSms": "send", "QuerySendDetails": "query"}
_PAUSE_SECONDS = 0.05
_CODES = {State.OFF: "MK:0010", State.FILTERED: "MK:1008", State.LANDLINE: "MK:0001"}


def build_aliyun(world: AliyunWorld) -> web.Application:
    """Build what is mounted under `/aliyun-api`."""
    gate = Gate(
        FAKE.name,
        world.room,
        lambda request: _PARTS.get(request.headers.get("x-acs-action", ""), "other"),
        lambda code: Wrong(str(code)).answer(),
    )
    app = web.Application(middlewares=[gate.middleware(), _answer_wrong])
    api = AliyunApi(world)
    app.router.add_post("/", api.answer)
    return app


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return wrong.answer()


@dataclass(slots=True)
class AliyunApi:
    """Answers signed calls."""

    world: AliyunWorld

    async def answer(self, request: web.Request) -> web.Response:
        """Check a call as the gateway does, then do what its action says."""
        account = await self._check(request)
        if request.headers.get("x-acs-version") != VERSION:
            raise Wrong("InvalidVersion")
        match request.headers.get("x-acs-action"):
            case "SendSms":
                return await self._send(account, request.query)
            case "QuerySendDetails":
                return self._query(account, request.query)
            case _:
                raise Wrong("InvalidAction.NotFound")

    async def _check(self, request: web.Request) -> PlayedAccount:
        world, now = self.world, self.world.room.clock.now()
        by_key = {one.public["access_key_id"]: one for one in world.accounts.values()}
        keys = {key: one.secret["access_key_secret"] for key, one in by_key.items()}
        key_id = check_signature(request, await request.read(), keys, now)
        world.forget_nonces(now)
        nonce = request.headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in world.nonces:
            raise Wrong("SignatureNonceUsed")
        world.nonces[nonce] = now
        return by_key[key_id]

    async def _send(self, account: PlayedAccount, query: Mapping[str, str]) -> web.Response:
        sms = self._check_sms(account, query)
        self.world.sent.append(sms)
        self.world.room.record_sent(
            "sms",
            "template",
            account=account.name,
            address=f"+86{sms.number}",
            provider=FAKE.name,
            outbox=sms.out_id or None,
            biz_id=sms.biz_id,
            body={"text": sms.text, "template": sms.template},
        )
        self.world.handsets.record(FAKE.name, account.name, f"+86{sms.number}", "them", sms.text)
        self.world.courier.start(self._report(sms))
        shown = {"Code": "OK", "Message": "OK", "BizId": sms.biz_id, "RequestId": new_request_id()}
        return web.json_response(shown)

    def _check_sms(self, account: PlayedAccount, query: Mapping[str, str]) -> Sms:
        for name in ("PhoneNumbers", "SignName", "TemplateCode"):
            if not query.get(name):
                raise Wrong(f"Missing{name}")
        number, template = query["PhoneNumbers"], query["TemplateCode"]
        if not _NUMBER.fullmatch(number):
            raise Wrong("isv.MOBILE_NUMBER_ILLEGAL")
        signature = query["SignName"]
        if signature != account.public["sign_name"]:
            raise Wrong("isv.SMS_SIGNATURE_ILLEGAL")
        text = fill(template, query.get("TemplateParam", ""), site=account.site)
        now = self.world.room.clock.now()
        same = (number, template, now.astimezone(BEIJING).date())
        if self.world.counted[same] >= A_DAY:
            raise Wrong("isv.BUSINESS_LIMIT_CONTROL")
        self.world.counted[same] += 1
        self.world.last_biz_id += 1
        return Sms(
            f"{self.world.last_biz_id}^0", account, number, template,
            query.get("OutId", ""), f"【{signature}】{text}", now,
        )  # fmt: skip

    def _query(self, account: PlayedAccount, query: Mapping[str, str]) -> web.Response:
        for name in ("PhoneNumber", "SendDate"):
            if not query.get(name):
                raise Wrong(f"Missing{name}")
        found = [
            one
            for one in reversed(self.world.sent)
            if one.account is account
            and one.number == query["PhoneNumber"]
            and one.at.astimezone(BEIJING).strftime("%Y%m%d") == query["SendDate"]
        ]
        page, size = _read_number(query, "CurrentPage"), min(50, _read_number(query, "PageSize"))
        rows = [_show(one) for one in found[(page - 1) * size : page * size]]
        body: dict[str, Json] = {
            "Code": "OK",
            "Message": "OK",
            "RequestId": new_request_id(),
            "TotalCount": str(len(found)),
            "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows},
        }
        return web.json_response(body)

    async def _report(self, sms: Sms) -> None:
        """Tell the product, a moment later, what became of a message."""
        await asyncio.sleep(_PAUSE_SECONDS)
        state = self.world.handsets.state(f"+86{sms.number}")
        sms.status, sms.code = (3, "DELIVERED") if state is State.ON else (2, _CODES[state])
        row = self._write_report(sms)
        strange = row | {"biz_id": f"{uuid4().int % 10**18}^0", "out_id": str(uuid4())}
        await self.world.push(sms.account, [row], [strange])

    def _write_report(self, sms: Sms) -> dict[str, Json]:
        now = write_moment(self.world.room.clock.now())
        return {
            "phone_number": sms.number,
            "send_time": write_moment(sms.at),
            "report_time": now,
            "success": sms.status == 3,
            "err_code": sms.code,
            "err_msg": "用户接收成功" if sms.status == 3 else "用户未接收",
            "sms_size": str(-(-len(sms.text) // 67)),
            "biz_id": sms.biz_id,
            "out_id": sms.out_id,
        }


def _read_number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else 1


def _show(one: Sms) -> dict[str, Json]:
    return {
        "PhoneNum": one.number,
        "SendStatus": one.status,
        "SendDate": write_moment(one.at),
        "ReceiveDate": write_moment(one.at) if one.status == 3 else "",
        "TemplateCode": one.template,
        "Content": one.text,
        "ErrCode": one.code,
        "OutId": one.out_id,
    }
