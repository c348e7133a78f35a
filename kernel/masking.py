"""Hides personal data in text before anybody without need sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def _is_identity_number(digits: str) -> bool:
    """GB 11643-1999: the last character is a mod-11 checksum."""
    total = sum(int(d) * w for d, w in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == digits[17].upper()


def _is_card_number(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B (Luhn)."""
    plain = re.sub(r"\D", "", digits)
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(plain))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool] = lambda _: True


_RULES = (
    _Rule("邮箱", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)),
    _Rule("身份证", re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])"), _is_identity_number),
    _Rule("手机号", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")),
    _Rule(
        "银行卡",
        re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,3})?(?!\d)"),
        _is_card_number,
    ),
    _Rule(
        "账号",
        re.compile(r"(?<!\d)(?:\d{8,22}|\d{4}(?:[ -]\d{4}){2,4}(?:[ -]\d{1,3})?)(?!\d)"),
    ),
)
_ONE_TIME = re.compile(r"^\s*\d{6}\s*$|验证码|校验码|\bcode\b", re.IGNORECASE)
_CODE = _Rule("验证码", re.compile(r"(?<!\d)\d{6}(?!\d)"))


@dataclass(frozen=True, slots=True)
class Masked:
    """Text without personal data, and what each token `[手机号1]` stands for."""

    text: str
    found: Mapping[str, str]

    def reveal(self, text: str) -> str:
        """Put the hidden values back into a text that carries the same tokens."""
        for token, value in self.found.items():
            text = text.replace(token, value)
        return text


def mask(text: str, *, code_expected: bool = False) -> Masked:
    """Replace phones, identity numbers, cards, e-mails and account numbers by tokens.

    The same text always gives the same tokens. `code_expected` also hides six digits,
    a one-time code; at other times six digits are a stock's code and stay.
    """
    found: dict[str, str] = {}
    rules = (*_RULES, _CODE) if code_expected else _RULES
    for rule in rules:
        text = rule.pattern.sub(_replacement(rule, found), text)
    return Masked(text, MappingProxyType(found))


def _replacement(rule: _Rule, found: dict[str, str]) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        value = match.group()
        if not rule.accepts(value):
            return value
        for token, earlier in found.items():
            if earlier == value and token.startswith(f"[{rule.name}"):
                return token
        number = 1 + sum(token.startswith(f"[{rule.name}") for token in found)
        token = f"[{rule.name}{number}]"
        found[token] = value
        return token

    return replace


def may_hold_code(text: str) -> bool:
    """Tell whether six digits here are a one-time code (alone, or beside the word) or a stock's."""
    return bool(_ONE_TIME.search(text))


def show_text(text: str) -> str:
    """Show what a client wrote as staff may see it: personal data by its ends, codes not at all."""
    masked = mask(text, code_expected=may_hold_code(text))
    shown = {token: _show(token, value) for token, value in masked.found.items()}
    return Masked(masked.text, shown).reveal(masked.text)


def _show(token: str, value: str) -> str:
    if token.startswith("[手机号"):
        return show_phone(re.sub(r"\D", "", value)[-11:])
    if token.startswith("[验证码"):
        return "******"
    if token.startswith("[邮箱"):
        return show_mail(value)
    return show_number(re.sub(r"[ -]", "", value))


def show_phone(phone: str) -> str:
    """Show a phone number as staff may see it: first three, last four digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def show_mail(address: str) -> str:
    """Show an e-mail address as staff may see it: its first letter and the host."""
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"


def show_name(name: str) -> str:
    """Show a name as staff may see it: the family name alone."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def show_number(number: str) -> str:
    """Show an account or card number as staff may see it: the last four characters."""
    return "*" * max(4, len(number) - 4) + number[-4:]
