"""Secrets of this installation that nobody gave: made once, kept in files only we can read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from service.setting import InvalidSetting


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _new_password() -> str:
    """Twelve characters that can be read out: no 0 and O, no 1, l and I."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))


def _new_wechat_account() -> str:
    account = {
        "appid": "labwx" + secrets.token_hex(6),
        "secret": secrets.token_hex(16),
        "token": secrets.token_hex(12),
        "aes_key": base64.b64encode(secrets.token_bytes(32)).decode().rstrip("="),
    }
    return json.dumps(account)


_MAKERS: Mapping[str, Callable[[], str]] = {
    "data_keys": lambda: f"1:{_new_key()}",
    "index_key": _new_key,
    "demo_password": _new_password,
    "wechat_demo": _new_wechat_account,
}


def find_secret(folder: Path, name: str) -> str | None:
    """Return the secret that was made earlier, or None."""
    try:
        return (folder / name).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidSetting(f"The secret {folder / name} cannot be read: {error}.") from error


def get_secret(folder: Path, name: str) -> str:
    """Return the secret called `name`, making it if this is the first start.

    Two processes that start at once agree: the file appears whole, and the first one wins.
    """
    found = find_secret(folder, name)
    if found:
        return found
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mine = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_MAKERS.get(name, lambda: secrets.token_urlsafe(32))() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(mine, folder / name)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    except OSError as error:
        raise InvalidSetting(f"No secret can be kept in {folder}: {error}.") from error
    return get_secret(folder, name)
