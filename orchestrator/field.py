"""The fields that a content may name: what each means, what it looks like, what must stay in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.message import Json


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a content that is filled for each client.

    `is_private`: it tells of somebody's money or trades. It stays out of SMS and of WeChat's
    templates, which pass through other firms and lie on locked screens.
    `is_personal`: it is a client's own name or number, sealed in the database; marketing to many
    does without it.
    """

    zh: str
    en: str
    sample: Json
    is_private: bool = False
    is_personal: bool = False


_PRIVATE: Final[Mapping[str, tuple[str, str, Json]]] = {
    "amount": ("金额", "amount", 50000),
    "currency": ("币种", "currency", "CNY"),
    "shortfall": ("应补保证金", "margin to be added", 120000),
    "equity": ("权益", "equity", 350000),
    "assets": ("资产", "assets", 800000),
    "margin_usage": ("保证金占用比例", "margin in use", 0.86),
    "risk_ratio": ("风险率", "risk ratio", 1.08),
    "drawdown": ("单日回撤", "one-day drawdown", 0.23),
    "financing_ratio": ("融资比例", "financing ratio", 0.4),
    "price": ("价格", "price", 3650.5),
    "quantity": ("数量", "quantity", 3),
    "instrument": ("品种", "instrument", "螺纹钢"),
    "instruments": ("关注品种", "favourite instruments", ["螺纹钢", "沪深300"]),
    "account_tail": ("账号后四位", "last four digits of the account", "6688"),
    "bank_tail": ("银行卡后四位", "last four digits of the bank card", "1024"),
}
_PERSONAL: Final[Mapping[str, tuple[str, str, Json]]] = {
    "name": ("姓名", "name", "张三"),
    "manager_phone": ("客户经理电话", "manager's telephone", "021-55550123"),
}
_OPEN: Final[Mapping[str, tuple[str, str, Json]]] = {
    "brand": ("公司简称", "the firm's short name", "示例期货"),
    "hotline": ("客服热线", "service hotline", "400-000-0000"),
    "manager": ("客户经理", "client manager", "李经理"),
    "link": ("链接", "link", "https://example.com/abc"),
    "unsubscribe": ("退订链接", "link to unsubscribe", "https://example.com/u/abc"),
    "app": ("APP 名称", "name of the app", "示例APP"),
    "at": ("发生时间", "when it happened", "2026-11-20T14:30:00+08:00"),
    "deadline": ("截止时间", "until when", "2026-11-20T14:55:00+08:00"),
    "valid_until": ("有效期至", "valid until", "2026-12-31"),
    "days": ("天数", "days", 30),
    "permission": ("权限", "permission", "期权交易权限"),
    "risk_level": ("风险等级", "risk level", "C3"),
    "stage": ("阶段", "stage", "成长期"),
    "ticket_no": ("工单号", "ticket number", "T20261120001"),
    "ticket_status": ("工单状态", "ticket status", "处理中"),
    "topic": ("主题", "topic", "宏观与大宗商品周报"),
    "event": ("活动名称", "name of the event", "期货投资者交流会"),
    "place": ("地点", "place", "线上直播"),
    "count": ("条数", "how many", 3),
    "items": ("摘要条目", "lines of a digest", ["周报已更新", "讲座报名中"]),
    "text": ("正文", "the text itself", "交易所今晚夜盘暂停交易。"),
}

FIELDS: Final[Mapping[str, Field]] = {
    **{name: Field(*said, is_private=True) for name, said in _PRIVATE.items()},
    **{name: Field(*said, is_personal=True) for name, said in _PERSONAL.items()},
    **{name: Field(*said) for name, said in _OPEN.items()},
}
"""Every field there is; whatever else a content names is refused when it is saved."""

SAMPLE: Final[Mapping[str, Json]] = {name: one.sample for name, one in FIELDS.items()}
"""One value for each field, for previews."""

OF_CLIENT: Final = frozenset({"name", "manager", "stage", "risk_level", "instruments"})
"""What the house knows of every client; a campaign fills them for each (store/client_field.py)."""
OF_EVENT: Final = frozenset({*_PRIVATE, *_PERSONAL, "ticket_no", "ticket_status"}) - OF_CLIENT
"""What only an event of the client's brings along: a notice has them, a campaign cannot."""
MOMENTS: Final = frozenset({"at", "deadline"})
DAYS: Final = frozenset({"valid_until"})
ADDRESSES: Final = frozenset({"link"})

EXPOSED: Final = frozenset({"sms", "wechat", "kf"})
"""Channels in which no private field may stand; a push shows a fixed sentence anyway."""
