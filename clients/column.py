"""The columns that an import knows: how they are recognised, and how a cell of each is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias
from zoneinfo import available_timezones

from kernel.clock import CHINA
from kernel.errors import InvalidInput

Value: TypeAlias = str | int | Decimal | date | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """Something that an import may know of a client; `names` are headers that mean it."""

    name: str
    zh: str
    en: str
    read: Callable[[str], Value]
    names: tuple[str, ...]
    is_needed: bool = False


_FILLING = str.maketrans("", "", " -()（）\u3000")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_PHONE = re.compile(r"\+?\d{5,20}")
_DATE = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?.*)?")
_UNITS: Final[Mapping[str, int]] = {"亿": 10**8, "万": 10**4, "千": 10**3}
_LEVELS: Final[Mapping[str, str]] = {
    "保守": "C1", "谨慎": "C2", "稳健": "C3", "积极": "C4", "激进": "C5",
}  # fmt: skip
"""The five levels of the securities association's questionnaire, to be confirmed by compliance
(待合规确认)."""
_STAGES: Final[Mapping[str, str]] = {
    "新": "new", "活跃": "active", "沉默": "silent", "休眠": "silent", "流失": "lost",
}  # fmt: skip
_MOST = Decimal(10) ** 15
_MAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")
_YES: Final = frozenset(("是", "同意", "已同意", "愿意", "y", "yes", "true", "1"))
_NO: Final = frozenset(
    ("否", "不同意", "拒绝", "不愿意", "已退订", "退订", "n", "no", "false", "0")
)
_ZONES: Final[Mapping[str, str]] = {
    "北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "香港": "Asia/Hong_Kong",
    "澳门": "Asia/Macau", "台北": "Asia/Taipei", "新加坡": "Asia/Singapore",
    "东京": "Asia/Tokyo", "伦敦": "Europe/London", "纽约": "America/New_York",
}  # fmt: skip


def _wrong(en: str, zh: str) -> InvalidInput:
    return InvalidInput(en, zh=zh)


def _client_no(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text):
        raise _wrong("1 to 40 letters and digits", "应为1到40位字母或数字")
    return text


def _plain(text: str) -> str:
    if len(text) > 100:
        raise _wrong("at most 100 characters", "不能超过100字")
    return text


def _phone(text: str) -> str:
    bare = text.translate(_FILLING)
    if not _PHONE.fullmatch(bare):
        raise _wrong("a phone number such as 13800138000", "应为手机号，如13800138000")
    return bare


def _level(text: str) -> str:
    bare = text.upper()
    if re.fullmatch(r"C?[1-5]", bare):
        return f"C{bare[-1]}"
    for word, level in _LEVELS.items():
        if text.startswith(word):
            return level
    raise _wrong(
        "C1 to C5, or 保守型 … 激进型", "应为C1到C5，或保守型、谨慎型、稳健型、积极型、激进型"
    )


def _class(text: str) -> str:
    if text.startswith("普通") or text.lower() == "ordinary":
        return "ordinary"
    if text.startswith("专业") or text.lower() == "professional":
        return "professional"
    raise _wrong("ordinary or professional", "应为普通或专业")


def _stage(text: str) -> str:
    if text.lower() in set(_STAGES.values()):
        return text.lower()
    for word, stage in _STAGES.items():
        if text.startswith(word):
            return stage
    raise _wrong("new, active, silent or lost", "应为新客户、活跃、沉默或流失")


def _zone(text: str) -> str:
    name = _ZONES.get(text.removesuffix("时间"), text)
    if name not in available_timezones():
        raise _wrong("a time zone such as Asia/Shanghai", "应为时区，如Asia/Shanghai、香港、纽约")
    return name


def _mail(text: str) -> str:
    if len(text) > 254 or not _MAIL.fullmatch(text):
        raise _wrong("an e-mail address such as li@example.com", "应为邮箱地址，如li@example.com")
    return text.lower()


def _yes_or_no(text: str) -> str:
    bare = text.lower()
    if bare in _YES or bare in _NO:
        return "yes" if bare in _YES else "no"
    raise _wrong("yes or no", "应为是或否（同意或不同意）")


def _words(text: str) -> tuple[str, ...]:
    words = [one.strip() for one in re.split(r"[,，、;；|\s]+", text) if one.strip()]
    if len(words) > 50 or any(len(one) > 40 for one in words):
        raise _wrong("at most 50 words of 40 characters", "至多50个，每个不超过40字")
    return tuple(dict.fromkeys(words))


def _money(text: str) -> Decimal:
    """Read yuan: `1,234.50`, `¥ 1234`, `12.5万`."""
    bare = re.sub(r"[\s,，]", "", text)
    bare = bare.lstrip("¥￥").removesuffix("元")
    scale = next((by for word, by in _UNITS.items() if bare.endswith(word)), 1)
    value = _decimal(bare.rstrip("".join(_UNITS))) * scale
    if not 0 <= value < _MOST:
        raise _wrong("an amount in yuan, not below 0", "应为不小于0的金额（元）")
    return value.quantize(Decimal("0.01"))


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _wrong("a number such as 1234.50 or 12.5万", "应为数字，如1234.50或12.5万")
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _wrong("a number", "应为数字") from error


def _count(text: str) -> int:
    value = _decimal(text.replace(",", "").removesuffix("次").removesuffix("笔"))
    if value != value.to_integral_value() or not 0 <= value < 2**31:
        raise _wrong("a whole number, not below 0", "应为不小于0的整数")
    return int(value)


def _moment(text: str) -> datetime:
    """Read a date, with a time or without, in China's time."""
    found = _DATE.fullmatch(text)
    try:
        parts = [int(one) for one in found.groups() if one] if found else []
        at = datetime(*parts, tzinfo=CHINA)  # type: ignore[arg-type,misc]
    except (ValueError, TypeError) as error:
        raise _wrong("a date such as 2026-11-23", "应为日期，如2026-11-23") from error
    if not 1900 <= at.year <= 2200:
        raise _wrong("a date such as 2026-11-23", "应为日期，如2026-11-23")
    return at.astimezone(UTC)


def _past(text: str) -> datetime:
    at = _moment(text)
    if at.year > 2100:
        raise _wrong("a date of the past", "应为过去的日期")
    return at


def _day(text: str) -> date:
    return _moment(text).astimezone(CHINA).date()


COLUMNS: Final = (
    Column("client_no", "客户号", "client number", _client_no,
           ("客户号", "客户编号", "资金账号", "资金账户", "账号", "clientno", "accountno",
            "account", "clientid", "customerid"), is_needed=True),
    Column("name", "姓名", "name", _plain, ("姓名", "客户姓名", "客户名称", "名称", "name",
                                           "clientname", "customername", "fullname")),
    Column("phone", "手机号", "phone", _phone, ("手机", "手机号", "手机号码", "电话", "联系电话",
                                              "联系方式", "phone", "mobile", "tel", "phonenumber")),
    Column("risk_level", "风险等级", "risk level", _level,
           ("风险等级", "风险承受能力", "风险测评", "风险类型", "risklevel", "risk")),
    Column("suitability_valid_until", "适当性有效期", "suitability valid until", _day,
           ("适当性有效期", "测评有效期", "风险测评有效期", "有效期", "suitabilityvaliduntil",
            "validuntil")),
    Column("investor_class", "投资者类型", "investor class", _class,
           ("投资者类型", "投资者分类", "客户类型", "investorclass", "investortype")),
    Column("stage", "客户阶段", "stage", _stage, ("客户阶段", "阶段", "客户状态", "状态", "stage",
                                                "status")),
    Column("manager", "客户经理", "manager", _plain,
           ("客户经理", "经理", "服务人员", "开发人员", "manager", "accountmanager", "advisor")),
    Column("timezone", "时区", "time zone", _zone, ("时区", "所在时区", "timezone", "tz")),
    Column("email", "邮箱", "e-mail", _mail,
           ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "mail")),
    Column("marketing", "营销授权", "agrees to marketing", _yes_or_no,
           ("营销授权", "同意营销", "营销同意", "接收营销", "营销推送", "marketing",
            "marketingconsent", "optin")),
    Column("instruments", "交易品种", "instruments", _words,
           ("交易品种", "品种", "关注品种", "常做品种", "instruments", "products", "symbols")),
    Column("tags", "标签", "tags", _words, ("标签", "客户标签", "tags", "tag", "labels")),
    Column("assets", "总资产", "assets", _money,
           ("总资产", "资产", "客户权益", "权益", "资产规模", "assets", "equity", "totalassets")),
    Column("trades_90d", "近90天交易次数", "trades in 90 days", _count,
           ("近90天交易次数", "90天交易次数", "交易次数", "成交笔数", "trades90d", "trades")),
    Column("turnover_90d", "近90天成交额", "turnover in 90 days", _money,
           ("近90天成交额", "90天成交额", "成交额", "交易额", "turnover90d", "turnover")),
    Column("complaints_90d", "近90天投诉", "complaints in 90 days", _count,
           ("近90天投诉", "投诉次数", "投诉", "complaints90d", "complaints")),
    Column("opened_at", "开户日期", "opened", _past,
           ("开户日期", "开户时间", "开户日", "openedat", "opendate", "accountopened")),
    Column("first_deposit_at", "首次入金日期", "first deposit", _past,
           ("首次入金日期", "首次入金时间", "首次入金", "首入金日期", "firstdepositat",
            "firstdeposit")),
    Column("last_trade_at", "最近交易日期", "last trade", _past,
           ("最近交易日期", "最近交易时间", "最后交易日期", "最近交易", "lasttradeat",
            "lasttrade")),
    Column("last_active_at", "最近活跃日期", "last seen", _past,
           ("最近活跃日期", "最近登录时间", "最近登录", "最后登录时间", "lastactiveat", "lastlogin",
            "lastactive")),
)  # fmt: skip
BY_NAME: Final[Mapping[str, Column]] = {one.name: one for one in COLUMNS}


def guess(header: Sequence[str]) -> dict[str, str]:
    """Guess which header is which column: its very name first, then a header that begins so."""
    found: dict[str, str] = {}
    bare = {one: _bare(one) for one in header}
    for is_exact in (True, False):
        for column in COLUMNS:
            if column.name in found.values():
                continue
            for one in header:
                if one not in found and _means(bare[one], column, is_exact=is_exact):
                    found[one] = column.name
                    break
    return found


def _bare(header: str) -> str:
    """Return a header without units, spaces and capitals: `总资产（元）` is `总资产`."""
    return re.sub(r"[（(].*?[)）]|[\s_\-:：/#*]", "", header).lower()


def _means(bare: str, column: Column, *, is_exact: bool) -> bool:
    if is_exact:
        return bare in column.names or bare == column.name.replace("_", "")
    return any(
        len(one) > 2 and (bare.startswith(one) or bare.endswith(one)) for one in column.names
    )


def find_scale(header: str) -> int:
    """Return by how much a column's money is to be multiplied: its header may say 万元."""
    unit = re.search(r"[（(]\s*([亿万千])元?\s*[)）]", header)
    return _UNITS[unit.group(1)] if unit else 1
