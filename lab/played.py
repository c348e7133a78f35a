"""The accounts that the lab plays beside WeChat's: the product's own, secrets included.

`zhida up` hands them over in ZHIDA_LAB_ACCOUNTS; only accounts whose provider is the lab.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PlayedAccount:
    """One account as the product has set it up; `site` is where its callbacks go."""

    channel: str
    provider: str
    name: str
    public: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    site: str = ""


def parse_played(text: str, site: str) -> tuple[PlayedAccount, ...]:
    """Read ZHIDA_LAB_ACCOUNTS, a JSON array; an empty text means none.

    Raises:
        InvalidInput: the text is not that.
    """
    try:
        rows = json.loads(text or "[]")
        return tuple(
            PlayedAccount(
                str(row["channel"]),
                str(row["provider"]),
                str(row["name"]),
                {str(key): str(value) for key, value in row["public"].items()},
                {str(key): str(value) for key, value in row["secret"].items()},
                site.rstrip("/"),
            )
            for row in rows
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInput(
            "ZHIDA_LAB_ACCOUNTS must be a JSON array of objects with channel, provider, name, "
            "public and secret."
        ) from error


def pick(
    accounts: tuple[PlayedAccount, ...], provider: str, *channels: str
) -> dict[str, PlayedAccount]:
    """Return the accounts at a provider, by name, of these channels or of any."""
    return {
        one.name: one
        for one in accounts
        if one.provider == provider and (not channels or one.channel in channels)
    }
