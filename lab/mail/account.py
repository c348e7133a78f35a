"""The mail accounts that the lab serves: the same values as the product's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class MailAccount:
    """One account: the address that clients write to, and where its mail is posted."""

    name: str
    address: str
    webhook: str
    webhook_key: str = field(repr=False)

    @property
    def domain(self) -> str:
        """The domain whose mail belongs to this account."""
        return self.address.rpartition("@")[2]


def make_account(name: str, values: Mapping[str, str], site: str) -> MailAccount:
    """Make an account of the product's own values; mail goes to `site`/channels/email/NAME.

    Raises:
        InvalidInput: `sender` or `webhook_key` is missing.
    """
    try:
        sender, key = values["sender"], values["webhook_key"]
    except KeyError as error:
        raise InvalidInput(f"The mail account {name} needs {error}.") from error
    return MailAccount(name, sender, f"{site.rstrip('/')}/channels/email/{name}", key)
