"""Reads a mail as it came: whatever is wrong with it, there is a mail or one clear error.

The standard library splits the mail into parts; everything that it guesses strictly (charsets,
encoded headers, addresses) is read here with a fall-back, because real mails are seldom right.
Sources: RFC 5322, RFC 2045 to 2047, RFC 2231.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime

from channels.email.charset import decode
from channels.email.markup import read_html
from kernel.errors import Malformed

RAW_LIMIT = 5 * 1024 * 1024
"""Bytes of a mail, attachments and all."""
PARTS_LIMIT = 200
HEAD_LIMIT = 64 * 1024
"""Bytes of all headers together; mail systems add some ten kilobytes at most."""
HEADER_LIMIT = 2000
"""Characters of a header that are read; the rest is of no use to anybody."""
BODY_LIMIT = 512 * 1024
"""Characters of one body that are looked at."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along: noted, never opened."""

    name: str
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in words: `text` is plain, quoted parts and all; `html` tells where it came from."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    is_html: bool
    message_id: str | None
    sent_at: datetime | None
    attachments: tuple[Attachment, ...]
    tree: Message

    def header(self, name: str) -> str:
        """Return the first header of a name, decoded, empty without one."""
        return read_header(self.tree, name)


def parse_mail(raw: bytes) -> Mail:
    """Read a mail.

    Raises:
        Malformed: it is empty, too large, nested beyond reason, or has no sender at all.
    """
    if not raw.strip():
        raise Malformed("The mail is empty.")
    if len(raw) > RAW_LIMIT:
        raise Malformed(f"The mail has {len(raw)} bytes; at most {RAW_LIMIT} are taken.")
    if _find_head(raw) > HEAD_LIMIT:
        raise Malformed(f"The mail's head is longer than {HEAD_LIMIT} bytes.")
    tree = _parse_tree(raw)
    parts = _list_parts(tree)
    text, is_html = _find_text(parts)
    senders = _read_addresses(tree, "From") or _read_addresses(tree, "Sender")
    return Mail(
        sender=senders[0] if senders else "",
        recipients=tuple(
            one for name in ("To", "Cc", "Delivered-To") for one in _read_addresses(tree, name)
        ),
        subject=" ".join(read_header(tree, "Subject").split()),
        text=text,
        is_html=is_html,
        message_id=_read_message_id(tree),
        sent_at=_read_date(tree),
        attachments=tuple(_note(part) for part in parts if _is_attachment(part)),
        tree=tree,
    )


def read_header(tree: Message, name: str) -> str:
    """Return a header's text, encoded words and raw bytes decoded; empty without one."""
    value = tree.get(name)
    if value is None:
        return ""
    raw = str(value)[:HEADER_LIMIT]
    try:
        pieces = decode_header(value if len(str(value)) <= HEADER_LIMIT else raw)
    except (MessageError, ValueError, LookupError, binascii.Error, IndexError):
        return make_plain(raw)
    shown = [
        decode(piece, charset or "") if isinstance(piece, bytes) else piece
        for piece, charset in pieces
    ]
    return make_plain("".join(shown))


def read_body(part: Message) -> str:
    """Return a part's text, whatever it says of its transfer encoding and its charset."""
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, binascii.Error, LookupError):
        raw = None
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset() if part.get("Content-Type") else None
    return decode(raw[: BODY_LIMIT * 4], charset or "")[:BODY_LIMIT]


def _find_head(raw: bytes) -> int:
    """Return how long the head is: all before the first empty line."""
    ends = [end for mark in (b"\r\n\r\n", b"\n\n") if (end := raw.find(mark)) >= 0]
    return min(ends, default=len(raw))


def _parse_tree(raw: bytes) -> Message:
    try:
        return BytesParser(policy=compat32).parsebytes(raw)
    except (RecursionError, MessageError, ValueError, LookupError, AttributeError) as error:
        raise Malformed(f"The mail cannot be read ({type(error).__name__}).") from error


def _list_parts(tree: Message) -> list[Message]:
    """Return the leaves; a mail inside the mail is one leaf, not more text of this one."""
    leaves, waiting = [], [tree]
    while waiting:
        part = waiting.pop(0)
        _shorten(part)
        is_split = part.is_multipart() and part.get_content_maintype() == "multipart"
        inner = part.get_payload() if is_split else None
        if isinstance(inner, list):
            waiting = [one for one in inner if isinstance(one, Message)] + waiting
        else:
            leaves.append(part)
        if len(leaves) + len(waiting) > PARTS_LIMIT:
            raise Malformed(f"The mail has more than {PARTS_LIMIT} parts.")
    return leaves


def _shorten(part: Message) -> None:
    """Drop what a part says of itself where it says it at a length that nobody means."""
    for name in ("Content-Type", "Content-Disposition", "Content-Transfer-Encoding"):
        if len(str(part.get(name, ""))) > HEADER_LIMIT:
            del part[name]


def _find_text(parts: list[Message]) -> tuple[str, bool]:
    """Return the first plain text that says anything, else the first HTML as text."""
    shown = [part for part in parts if not _is_attachment(part)]
    for part in shown:
        if part.get_content_type() == "text/plain" and (text := read_body(part)).strip():
            return text, False
    for part in shown:
        if part.get_content_type() == "text/html" and (text := read_html(read_body(part))).strip():
            return text, True
    return "", False


def _is_attachment(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    if disposition.startswith("attachment"):
        return True
    if part.get_content_type() in {"text/plain", "text/html"}:
        return bool(_file_name(part))
    return part.get_content_maintype() != "multipart"


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, MessageError, TypeError):
        return "?"
    if "=?" in name:
        holder = Message()
        holder["Subject"] = name
        return read_header(holder, "Subject")
    return make_plain(name)


def _note(part: Message) -> Attachment:
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, binascii.Error, LookupError):
        raw = b""
    size = len(raw) if isinstance(raw, bytes) else 0
    mime = make_plain(part.get_content_type())
    return Attachment(" ".join(_file_name(part).split())[:100] or mime, mime, size)


def _read_addresses(tree: Message, name: str) -> list[str]:
    """Return the bare addresses of a header, in small letters; what cannot be printed is none."""
    headers = [str(one)[:HEADER_LIMIT] for one in tree.get_all(name, [])]
    try:
        pairs = getaddresses(headers)
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        return []
    bare = [address.strip().lower() for _, address in pairs if "@" in address]
    return [address for address in bare if address.isprintable()]


def _read_message_id(tree: Message) -> str | None:
    name = " ".join(str(tree.get("Message-ID", "")).split())
    is_name = name.startswith("<") and name.endswith(">") and len(name) <= 250
    return name if is_name and name.isascii() and name.isprintable() else None


def _read_date(tree: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(str(tree.get("Date", "")))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def make_plain(text: str) -> str:
    """Turn what the parser kept of raw bytes into text, and take control characters out."""
    if any("\udc80" <= one <= "\udcff" for one in text):
        text = decode(text.encode("utf-8", "surrogateescape"), "")
    return "".join(one for one in text if one.isprintable() or one in "\t\n ").strip()
