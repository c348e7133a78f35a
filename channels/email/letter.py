"""Turns a mail of a person into the envelope that every channel uses."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from channels.email.channel import NAME, UNVERIFIED
from channels.email.mime import Attachment, Mail
from channels.email.quote import cut_quoted
from kernel.message import TEXT_LIMIT, Address, Content, Inbound, InboundKind, Json

_CUT = "\n……（邮件较长，以下省略 · the rest is left out）"
_MOST_NAMED = 5


def make_inbound(mail: Mail, address: Address, *, raw: bytes, at: datetime) -> Inbound:
    """Return the envelope of a person's mail; its subject and name are kept for the answer.

    A Message-ID is the writer's own choice, so it is a hint and nothing that must be unique.
    """
    key = make_key(mail, raw)
    return Inbound(
        address=address,
        dedup_key=key,
        kind=InboundKind.MESSAGE,
        content=Content(text=read_words(mail), hints=_hint(mail)),
        received_at=at,
        external_id=key,
        provider_at=mail.sent_at,
        raw=raw,
    )


def make_key(mail: Mail, raw: bytes) -> str:
    """Return what a repeated delivery of the same mail has in common with the first.

    The sender is part of it: nobody can use up the name of another person's mail.
    """
    named = f"{mail.sender}\n{mail.message_id}".encode() if mail.message_id else raw
    return f"mail:{hashlib.sha256(named).hexdigest()}"


def read_words(mail: Mail) -> str:
    """Return what the person wrote: the new text, else the subject; attachments are named."""
    words = cut_quoted(mail.text) or mail.subject
    noted = _note(mail.attachments)
    most = TEXT_LIMIT - len(noted) - len(_CUT) - 1
    if len(words) > most:
        words = words[:most].rstrip() + _CUT
    return "\n".join(part for part in (words, noted) if part) or "（空邮件 · an empty mail）"


def find_sender(mail: Mail, *, known: Address | None, is_proven: bool, account: str) -> Address:
    """Return whose mail it is.

    A signed reply address proves that the writer received our mail: then the From is believed if
    it is the one we wrote to. Without that, and without the server's word that the From is no
    forgery, the mail belongs to an identity apart, which is nobody's until it is proven.
    """
    if known is not None and known.address.removeprefix(UNVERIFIED) == mail.sender:
        return known
    prefix = "" if is_proven else UNVERIFIED
    return Address(NAME, account, prefix + mail.sender)


def _hint(mail: Mail) -> dict[str, Json]:
    return {"subject": mail.subject[:200], "mail_id": mail.message_id}


def _note(attachments: Sequence[Attachment]) -> str:
    if not attachments:
        return ""
    shown = "、".join(
        f"{one.name}（{max(1, one.size // 1024)} KB）" for one in attachments[:_MOST_NAMED]
    )
    more = f" 等 {len(attachments)} 个" if len(attachments) > _MOST_NAMED else ""
    return f"[附件：{shown}{more}]"
