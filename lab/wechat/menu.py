"""The menu bar that the lab's account begins with, as an operator would set it at mp.weixin.qq.com.

A key is what the product gets when the entry is tapped: the payload of a talk.
"""

from __future__ import annotations

from collections.abc import Iterable

from kernel.message import Json

_ENTRIES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "我的账户",
        (
            ("查余额", "/check_balance"),
            ("出金进度", "/check_withdrawal"),
            ("入金进度", "/check_deposit"),
            ("保证金", "/check_margin"),
        ),
    ),
    (
        "业务办理",
        (
            ("交易权限", "/check_permission"),
            ("修改手机号", "/change_phone"),
            ("更换银行卡", "/change_bank_card"),
            ("工单进度", "/check_ticket"),
        ),
    ),
    ("人工客服", (("人工客服", "/human"),)),
)


def build_menu() -> Json:
    """Return the body that `menu/create` takes: three buttons, two of them unfold."""
    return {"button": [_build_button(name, entries) for name, entries in _ENTRIES]}


def _build_button(name: str, entries: Iterable[tuple[str, str]]) -> Json:
    taps: list[Json] = [{"type": "click", "name": title, "key": key} for title, key in entries]
    return taps[0] if len(taps) == 1 else {"name": name, "sub_button": taps}
