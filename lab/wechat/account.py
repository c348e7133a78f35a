"""The accounts that the lab plays: the same values as the product's own settings."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field

from kernel.errors import InvalidInput

ORIGINAL_ID = "gh_lab_zhida"
"""The account's name inside XML; a real one is gh_ and twelve hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class LabAccount:
    """One account and where its callbacks go."""

    name: str
    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    callback: str = ""

    @property
    def key(self) -> bytes:
        """The 32 bytes behind EncodingAESKey."""
        return base64.b64decode(self.aes_key + "=")


def parse_accounts(text: str, site: str) -> dict[str, LabAccount]:
    """Read ZHIDA_WECHAT_ACCOUNTS; callbacks go to `site`/channels/wechat/NAME.

    Raises:
        InvalidInput: the text is not what the product's settings take.
    """
    try:
        found = json.loads(text)
        accounts = {str(name): _parse_account(str(name), one, site) for name, one in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise InvalidInput(
            "ZHIDA_WECHAT_ACCOUNTS must be a JSON object: "
            '{"demo": {"appid": …, "secret": …, "token": …, "aes_key": …}}.'
        ) from error
    return accounts


def _parse_account(name: str, one: dict[str, str], site: str) -> LabAccount:
    callback = f"{site.rstrip('/')}/channels/wechat/{name}"
    account = LabAccount(name, one["appid"], one["secret"], one["token"], one["aes_key"], callback)
    if len(account.key) != 32:
        raise ValueError("EncodingAESKey has another length.")
    return account
