"""Plays a client's phone towards the product: an uplink SMS, pushed as SmsUp.

Source: help.aliyun.com/zh/sms/developer-reference/smsup-2.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.aliyun.world import AliyunWorld, write_moment

_numbers = itertools.count(time.time_ns() // 1000)
"""Never the same again, also after a restart of the lab."""


@dataclass(slots=True)
class AliyunPhone:
    """Every phone that answers a message of an account at Aliyun."""

    world: AliyunWorld

    def list_accounts(self) -> list[Mapping[str, Json]]:
        """Return name and number of each account."""
        found = self.world.accounts.values()
        return [{"name": one.name, "number": one.public.get("dest_code", "")} for one in found]

    async def say(
        self, account: str, number: str, text: str, more: Mapping[str, Json]
    ) -> Mapping[str, Json]:
        """Push an uplink SMS to the product; `more` may carry `sid`, to repeat one."""
        if not number.startswith("+861"):
            raise InvalidInput("Only mainland numbers write to an account at Aliyun: +861….")
        sequence = str(more.get("sid") or next(_numbers))
        answer = await self.world.push(
            self.world.accounts[account], [self.write(account, number, text, sequence)]
        )
        return {"sid": sequence, "ok": answer.status == 200, "answer": answer.to_json()}

    def write(self, account: str, number: str, text: str, sequence: str) -> Mapping[str, Json]:
        """Return the entry of an uplink SMS."""
        played = self.world.accounts[account]
        return {
            "phone_number": number.removeprefix("+86"),
            "send_time": write_moment(self.world.room.clock.now()),
            "content": text,
            "sign_name": played.public["sign_name"],
            "dest_code": played.public.get("dest_code", ""),
            "sequence_id": sequence,
        }
