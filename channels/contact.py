"""Addresses that staff may write down for a client: telephone numbers and mailboxes.

Elsewhere the address is what a provider calls somebody, and only the client's own message tells it.
"""

from __future__ import annotations

from typing import Final

from channels.email.channel import is_mailbox
from kernel.errors import InvalidInput
from kernel.number import parse_number

PHONES: Final = ("sms", "voice")
CHANNELS: Final = (*PHONES, "email")
_LENGTH: Final = 320


def read_address(channel: str, written: str) -> str:
    """Return an address as its channel keeps it.

    Raises:
        InvalidInput: nobody can be reached there, or it is not for people to write down.
    """
    if channel in PHONES:
        found = parse_number(written) if len(written) <= _LENGTH else None
        if found is None:
            raise InvalidInput(
                "A number is eleven digits of a mainland mobile, or + and its country code.",
                zh="请填写 11 位手机号，或以 + 开头的国际号码。",
            )
        return found
    if channel != "email":
        raise InvalidInput(
            f"An address on {channel} is told by the client's own message alone.",
            zh="该渠道的地址只能由客户本人发来消息确认，不能由员工填写。",
        )
    mailbox = written.strip().lower()
    if not is_mailbox(mailbox):
        raise InvalidInput("This is no mail address that we can use.", zh="邮箱地址不正确。")
    return mailbox
