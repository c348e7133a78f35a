"""The mail accounts that the lab serves: the same values as the product's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.played import PlayedAccount, pick


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


def find_accounts(played: tuple[PlayedAccount, ...]) -> dict[str, MailAccount]:
    """Return the mail accounts among the product's own; mail goes to `site`/channels/email/NAME."""
    return {
        name: MailAccount(
            name,
            one.public["sender"],
            f"{one.site}/channels/email/{name}",
            one.secret["webhook_key"],
        )
        for name, one in pick(played, "smtp", "email").items()
    }
