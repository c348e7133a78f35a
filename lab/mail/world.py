"""The state of the fake mail provider: its accounts and every mailbox that got a mail."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from kernel.errors import NotFound
from kernel.message import Json
from lab.fault import Fake
from lab.mail.account import MailAccount
from lab.room import Room

CODES = frozenset({421, 450, 451, 452, 535, 550, 552, 554})
FAKE = Fake("mail", ("smtp",), frozenset(CODES))
KEPT = 200
"""Mails that a mailbox keeps."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in a mailbox: `id` is its entry in the ledger."""

    id: str
    account: str
    mailbox: str
    bounces_to: str
    raw: bytes = field(repr=False)

    def open(self) -> EmailMessage:
        """Return the mail as a person's mail program reads it."""
        return message_from_bytes(self.raw, policy=default)

    def to_json(self) -> dict[str, Json]:
        """Return the mail as the control API shows it."""
        mail = self.open()
        text, page = mail.get_body(("plain",)), mail.get_body(("html",))
        return {
            "id": self.id,
            "from": str(mail["From"]),
            "to": str(mail["To"]),
            "subject": str(mail["Subject"]),
            "text": text.get_content() if text else "",
            "html": page.get_content() if page else "",
            "headers": {name: str(value) for name, value in mail.items()},
            "bounces_to": self.bounces_to,
        }


@dataclass(slots=True)
class MailWorld:
    """Every account and every mailbox."""

    accounts: Mapping[str, MailAccount]
    room: Room
    _letters: dict[str, deque[Letter]] = field(default_factory=dict)

    def find_account(self, sender: str) -> MailAccount | None:
        """Return the account that may send under an address."""
        known = (one for one in self.accounts.values() if one.address.lower() == sender.lower())
        return next(known, None)

    def get_account(self, name: str) -> MailAccount:
        """Return an account, or raise NotFound with those that there are."""
        if name not in self.accounts:
            known = ", ".join(self.accounts) or "none"
            raise NotFound(f"The lab serves no mail account {name!r}; it serves: {known}.")
        return self.accounts[name]

    def deliver(self, account: MailAccount, mailbox: str, *, bounces_to: str, raw: bytes) -> Letter:
        """Put a mail into the ledger, and then into a mailbox."""
        mail = Letter("", account.name, mailbox, bounces_to, raw)
        shown = mail.to_json()
        body: dict[str, Json] = {name: shown[name] for name in ("from", "subject", "text", "html")}
        headers = cast("Mapping[str, str]", shown["headers"])
        message_id = headers.get("Message-ID", "")
        entry = self.room.record_sent(
            "email",
            "smtp",
            account=account.name,
            address=mailbox,
            message_id=message_id,
            outbox=message_id.strip("<>").partition("@")[0],
            body=body,
        )
        letter = Letter(str(entry["id"]), account.name, mailbox, bounces_to, raw)
        self._letters.setdefault(mailbox, deque(maxlen=KEPT)).append(letter)
        return letter

    def read(self, mailbox: str) -> list[Letter]:
        """Return what lies in a mailbox, oldest first."""
        return list(self._letters.get(mailbox.lower(), ()))

    def get_letter(self, account: MailAccount, letter_id: str) -> Letter:
        """Return a mail by its id, or raise NotFound."""
        for letters in self._letters.values():
            for letter in letters:
                if (letter.id, letter.account) == (letter_id, account.name):
                    return letter
        raise NotFound(f"There is no mail {letter_id!r} in any mailbox.")

    def reset(self) -> None:
        """Empty every mailbox."""
        self._letters.clear()
