"""Aliyun as a carrier: a signature, an approved template and its variables; nothing else goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from channels.contract import Capabilities
from channels.sms.aliyun.client import AliyunClient
from channels.sms.aliyun.fault import OK, judge_refusal
from channels.sms.carrier import TEMPLATE_ONLY, Body, Order, Template
from channels.wire import Answer
from kernel.message import Accepted, Refusal, Rejected, SendResult, Unknown
from kernel.number import is_mainland

PATH: Final = "/channels/sms/aliyun/{account}/{token}"
SHANGHAI = ZoneInfo("Asia/Shanghai")
"""Aliyun's dates without a zone are Beijing time."""
_PAGE = 50
_CAPABILITIES = Capabilities(
    text_limit=500,
    takes_free_text=False,
    takes_choices=False,
    receipts=frozenset({"delivered", "failed"}),
    notice=TEMPLATE_ONLY,
)
"""At most 500 characters with signature and variables (help.aliyun.com, 模板规范)."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What Aliyun has approved for an account: signature, and the notice's template.

    A variable takes no whole address (isv.PARAM_NOT_SUPPORT_URL): the approved text holds the
    domain, and `variable` gets `value`, the rest of the link.
    """

    signature: str
    template: str
    variable: str
    value: str


@dataclass(frozen=True, slots=True)
class AliyunCarrier:
    """One account."""

    client: AliyunClient
    approved: Approved

    @property
    def capabilities(self) -> Capabilities:
        """Templates only, receipts; nothing that de-duplicates (OutId is only told back)."""
        return _CAPABILITIES

    def describe(self, number: str) -> Capabilities:
        """Return the same for every number."""
        del number
        return _CAPABILITIES

    def find_continuation(self, number: str) -> Body | None:
        """Return the template “please continue in WeChat or the app”, for mainland numbers."""
        if not (self.approved.template and is_mainland(number)):
            return None
        values = {self.approved.variable: self.approved.value} if self.approved.variable else {}
        return Template(self.approved.template, values)

    async def send(self, order: Order) -> SendResult:
        """Send a template to one number; our id goes along as OutId and comes back in reports."""
        if not isinstance(order.body, Template):
            return Rejected(Refusal.CONTENT, "free_text", "Aliyun takes approved templates only.")
        if not is_mainland(order.number):
            return Rejected(Refusal.RECIPIENT, "area", "This account reaches mainland numbers.")
        params = {
            "PhoneNumbers": order.number.removeprefix("+86"),
            "SignName": self.approved.signature,
            "TemplateCode": order.body.code,
            "OutId": str(order.outbox_id),
        }
        if order.body.values:
            params["TemplateParam"] = json.dumps(dict(order.body.values), ensure_ascii=False)
        answer = await self.client.call("SendSms", params)
        if not isinstance(answer, Answer):
            return answer
        body = answer.body or {}
        if answer.status >= 300 or body.get("Code") != OK:
            return judge_refusal(answer)
        biz_id = body.get("BizId")
        return Accepted(biz_id) if isinstance(biz_id, str) and biz_id else Unknown("no_biz_id")

    async def look_up(self, order: Order, since: datetime) -> Sequence[str] | None:
        """Ask for the day's messages to this number: ours carries our id as OutId.

        Aliyun lists no BizId there, so the name of a message that is found is our own id.
        Source: help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-querysenddetails.
        """
        for day in _days(since):
            found = await self._look_up_day(order, day)
            if found is None or found:
                return found
        return ()

    async def close(self) -> None:
        """Close connections."""
        await self.client.close()

    async def _look_up_day(self, order: Order, day: str) -> Sequence[str] | None:
        seen, page = 0, 1
        while True:
            answer = await self.client.call("QuerySendDetails", _query(order, day, page))
            body = answer.body if isinstance(answer, Answer) else None
            if body is None or body.get("Code") != OK:
                return None
            rows = _read_rows(body.get("SmsSendDetailDTOs"))
            seen += len(rows)
            if any(row.get("OutId") == str(order.outbox_id) for row in rows):
                return (str(order.outbox_id),)
            total = body.get("TotalCount")
            if not rows or seen >= int(total if isinstance(total, int | str) else 0):
                return ()
            page += 1


def _query(order: Order, day: str, page: int) -> dict[str, str]:
    return {
        "PhoneNumber": order.number.removeprefix("+86"),
        "SendDate": day,
        "PageSize": str(_PAGE),
        "CurrentPage": str(page),
    }


def _days(since: datetime) -> list[str]:
    """Return the day of `since` in Beijing, and the next one where it was almost midnight."""
    begin = since.astimezone(SHANGHAI)
    days = {begin.strftime("%Y%m%d"), (begin + timedelta(minutes=5)).strftime("%Y%m%d")}
    return sorted(days)


def _read_rows(listed: object) -> list[Mapping[str, object]]:
    rows = listed.get("SmsSendDetailDTO") if isinstance(listed, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
