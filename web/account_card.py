"""An account as the console's channel page shows it: no secret, its health in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from channels.account import Account, Provider
from kernel.message import Json
from store.account import Health, StoredAccount

_REASONS: Mapping[str, tuple[str, str]] = {
    "window": ("客户的回复时限已过或条数已用完", "the client's reply window is closed or used up"),
    "quota": ("该账号今日的接口额度已用完", "the account's quota of today is used up"),
    "recipient": ("收件地址无效或客户已屏蔽", "the address is wrong or has blocked us"),
    "consent": ("客户已退订", "the client has opted out"),
    "content": ("内容不符合渠道要求", "the provider does not take this content"),
    "config": (
        "账号配置有误：密钥、签名、模板或 IP 白名单",
        "the account is set up wrongly: key, signature, template or allowed addresses",
    ),
    "timeout": ("服务商没有及时应答", "the provider did not answer in time"),
    "no_answer": ("服务商没有应答", "the provider did not answer"),
    "worker_died": ("发送时进程中断，结果未知", "the process died while sending; nobody knows"),
    "outcome_unknown": ("结果一直未知，按失败处理", "the outcome stayed unknown"),
    "unreachable": ("连不上服务商", "the provider cannot be reached"),
}


def explain(reason: str | None) -> dict[str, Json] | None:
    """Say in two languages why a message did not go out; the code stays with it."""
    if not reason:
        return None
    kind = reason.partition(":")[0]
    zh, en = _REASONS.get(kind, (f"服务商返回 {reason}", f"the provider says {reason}"))
    return {"code": reason, "zh": zh, "en": en}


def show_provider(provider: Provider) -> dict[str, Json]:
    """Return what a form needs to set up an account of this kind."""
    return {
        "channel": provider.channel,
        "name": provider.name,
        "zh": provider.zh,
        "en": provider.en,
        "details": [
            {
                "name": one.name,
                "zh": one.zh,
                "en": one.en,
                "secret": one.is_secret,
                "default": one.default,
            }
            for one in provider.details
        ],
    }


def show_account(
    account: Account, stored: StoredAccount | None, health: Health | None, *, site: str, path: str
) -> dict[str, Json]:
    """Return an account; of its secrets only their names and whether they are set."""
    return {
        "id": str(stored.id) if stored else None,
        "origin": "console" if stored else "settings",
        "channel": account.channel,
        "provider": account.provider,
        "name": account.name,
        "public": dict(account.public),
        "secrets": {name: bool(value) for name, value in account.secret.items()},
        "active": stored.is_active if stored else True,
        "rotated_at": _moment(stored.rotated_at if stored else None),
        "webhook": f"{site}{path.format(account=account.name)}" if path else None,
        "health": show_health(health),
    }


def show_health(health: Health | None) -> dict[str, Json]:
    """Return how the last day went: `ok`, `failing` (the last send failed) or `idle`."""
    if health is None:
        return {"state": "idle", "accepted": 0, "failed": 0, "unknown": 0, "error": None}
    is_failing = health.last_failed_at is not None and (
        health.last_accepted_at is None or health.last_failed_at > health.last_accepted_at
    )
    return {
        "state": "failing" if is_failing else "ok",
        "accepted": health.accepted,
        "failed": health.failed,
        "unknown": health.unknown,
        "last_accepted_at": _moment(health.last_accepted_at),
        "last_failed_at": _moment(health.last_failed_at),
        "error": explain(health.reason),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
