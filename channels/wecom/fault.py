"""What each of WeCom's error codes means for the message that was being sent.

Source: developer.work.weixin.qq.com/document/path/90313 (全局错误码); 95xxx: path/94677
(发送消息) and the pages of 微信客服.
"""

from __future__ import annotations

from typing import Final

from channels.wechat.fault import Codes
from kernel.message import Refusal

TOKEN_FAULTS: Final = frozenset({40014, 41001, 42001})
"""Codes that a fresh token cures; 40001 is a wrong secret here, which none does."""

WRONG_STATE: Final = 95018
"""The session is in no state in which the API may send."""

WECOM: Final = Codes(
    refusals={
        Refusal.RECIPIENT: frozenset({40003, 40031, 60111, 81013, 84061}),
        Refusal.CONTENT: frozenset(
            {40004, 40007, 40008, 40033, 44001, 44004, 45002, 45004, 45008, 47001, 95008, 95009}
        ),
        Refusal.CONFIG: frozenset(
            {40001, 40013, 40056, 48002, 50001, 60011, 60020, 93000, 95000, 95004, 95010, 95013}
        ),
        Refusal.WINDOW: frozenset({95001, 95002, WRONG_STATE}),
    },
    waits={
        -1: 1.0,
        45009: 60.0,
        45011: 60.0,
        45033: 1.0,
        40014: 30.0,
        41001: 30.0,
        42001: 30.0,
    },
)
