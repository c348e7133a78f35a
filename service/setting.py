"""One setting: its name, kind, meaning and default, and how its text is read."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from kernel.errors import ServiceError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


class InvalidSetting(ServiceError):
    """A setting has a value that cannot be used."""

    code = "invalid_setting"
    message_zh = "配置项的值不可用。"


@dataclass(frozen=True, slots=True)
class WechatAccount:
    """One WeChat Official Account: what the platform's page "基本配置" shows, and where it is."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    previous_aes_key: str | None = field(default=None, repr=False)
    api_base: str = "https://api.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Description:
    """What a person is told about a setting."""

    zh: str
    en: str
    secret: bool = False
    generated: bool = False
    """Made by itself at first start where the demo is on; must be given where it is off."""


def setting(default: T, zh: str, en: str, *, secret: bool = False, generated: bool = False) -> T:
    """Declare a field of Settings with its default and its meaning in two languages."""
    described = Description(zh, en, secret=secret, generated=generated)
    return field(default_factory=lambda: default, metadata={"about": described}, repr=not secret)


def find_description(declared: Field[object]) -> Description:
    """Return what was said about a field of Settings."""
    return cast("Description", declared.metadata["about"])


def find_default(declared: Field[object]) -> object:
    """Return the default of a field of Settings."""
    return None if declared.default_factory is MISSING else declared.default_factory()


def list_fields(kind: type[DataclassInstance]) -> tuple[Field[object], ...]:
    """List the declared settings in the order of their declaration."""
    return fields(kind)


def parse_value(name: str, value: object, like: object) -> object:
    """Turn what the environment or zhida.toml says into the kind that `like` has.

    Raises:
        InvalidSetting: the value is of another kind, or out of its range.
    """
    if isinstance(like, bool):
        return _parse_bool(name, value)
    if isinstance(like, int):
        return _parse_number(name, value, int)
    if isinstance(like, float):
        return _parse_number(name, value, float)
    if isinstance(like, Path):
        return Path(_parse_text(name, value)).expanduser()
    if isinstance(like, tuple):
        return _parse_list(name, value)
    if isinstance(like, Mapping):
        return _parse_accounts(name, value)
    return _parse_text(name, value)


def check_url(name: str, value: str, *schemes: str) -> None:
    """Refuse an address that is not one of `schemes` or names no host.

    Raises:
        InvalidSetting: with the form that would be right.
    """
    parts = urlsplit(value)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        wanted = " or ".join(f"{scheme}://…" for scheme in schemes)
        raise InvalidSetting(f"{name} is {value!r}: an address {wanted} is needed.")


def parse_keys(name: str, text: str) -> dict[int, bytes]:
    """Read numbered keys, `1:BASE64,2:BASE64`, each of 32 bytes; the highest number seals.

    Raises:
        InvalidSetting: the text has another form, or a key another length.
    """
    keys: dict[int, bytes] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        number, _, encoded = part.partition(":")
        try:
            keys[int(number)] = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise InvalidSetting(f"{name} must read like `1:BASE64` or `1:…,2:…`.") from error
    if not keys or any(len(key) != 32 for key in keys.values()):
        raise InvalidSetting(
            f"{name} must hold keys of 32 bytes each: `openssl rand -base64 32` makes one."
        )
    return keys


def parse_networks(name: str, texts: Iterable[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks such as `10.20.0.0/16`.

    Raises:
        InvalidSetting: one has another form, or bits behind its length.
    """
    try:
        return tuple(ip_network(one) for one in texts)
    except ValueError as error:
        raise InvalidSetting(f"{name}: {error}; it must read like 10.20.0.0/16.") from error


def _parse_bool(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    found = words.get(str(value).strip().lower())
    if found is None:
        raise InvalidSetting(f"{name} is {value!r}: true or false is needed.")
    return found


def _parse_number(name: str, value: object, kind: type[int] | type[float]) -> int | float:
    try:
        number = kind(str(value).strip())
    except ValueError as error:
        wanted = "a whole number" if kind is int else "a number"
        raise InvalidSetting(f"{name} is {value!r}: {wanted} is needed.") from error
    if name.endswith("_PORT") and not 0 < number < 65536:
        raise InvalidSetting(f"{name} is {value!r}: a port from 1 to 65535 is needed.")
    if number < 0 or not math.isfinite(number):
        raise InvalidSetting(f"{name} is {value!r}: it must not be negative.")
    return number


def _parse_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidSetting(f"{name} is {value!r}: a text is needed.")
    return value.strip()


def _parse_list(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    raise InvalidSetting(f"{name} is {value!r}: a list, separated by commas, is needed.")


def _parse_accounts(name: str, value: object) -> Mapping[str, WechatAccount]:
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except ValueError as error:
            raise InvalidSetting(f"{name} is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidSetting(f"{name} must be an object: account → its values.")
    return MappingProxyType(
        {str(key): _parse_account(f"{name}.{key}", one) for key, one in value.items()}
    )


def _parse_account(name: str, value: object) -> WechatAccount:
    known = {one.name for one in fields(WechatAccount)}
    needed = {"appid", "secret", "token", "aes_key"}
    if not isinstance(value, dict) or not needed <= value.keys() <= known:
        raise InvalidSetting(
            f"{name} must have {', '.join(sorted(needed))} and may have "
            f"{', '.join(sorted(known - needed))}, nothing else."
        )
    if not all(isinstance(one, str) for one in value.values()):
        raise InvalidSetting(f"{name}: every value is a text.")
    if len(value["aes_key"]) != 43:
        raise InvalidSetting(f"{name}.aes_key must have the 43 characters that WeChat shows.")
    account = WechatAccount(**value)
    check_url(f"{name}.api_base", account.api_base, "https", "http")
    return account
