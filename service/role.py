"""What a process of Zhida may do; many processes on many machines may share each role."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

ROLES: Final[Mapping[str, str]] = {
    "turn": "回答客户 · answers clients' messages",
    "deliver": "回复与通知 · sends replies and notices",
    "channel": "拉取与员工消息 · pulls 微信客服, tells staff",
    "desk": "工单 · opens and closes tickets",
    "event": "柜台事件与分层 · handles client events, computes tiers",
    "journey": "旅程 · moves clients along their journeys",
    "notice": "触达阶梯 · climbs the ladders of notices",
    "webhook": "告知业务系统 · tells the broker's systems by webhook",
    "plan": "规划活动 · starts and plans campaigns",
    "bulk": "群发 · sends campaigns, and again what failed",
}
PATIENT: Final = frozenset({"plan", "bulk"})
"""Who does only these may be slowed down by everybody else on the machine."""
NICENESS: Final = 10


def is_patient(roles: Collection[str]) -> bool:
    """Tell whether a process does nothing that anybody waits for."""
    return set(roles) <= PATIENT
