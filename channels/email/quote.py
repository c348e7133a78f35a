"""Finds what a client has written in a reply, without the mail that it answers.

Every mail program announces the quoted mail in words of its own; the announcements below are
those of Gmail, Outlook, Apple Mail, Thunderbird, QQ, 163 and Foxmail, in Chinese and English.
"""

from __future__ import annotations

import re

_ANY_CASE = re.IGNORECASE
_STARTS = (
    re.compile(r"^[-_—\s]{2,}(原始邮件|原邮件|转发的?邮件|回复的?原邮件)[-_—\s]*$"),
    re.compile(r"^[-_—\s]{2,}(Original( Message)?|(Forwarded|Reply) message)[-_—\s]*$", _ANY_CASE),
    re.compile(r"^On .{4,200} wrote:\s*$", _ANY_CASE | re.DOTALL),
    re.compile(r"^(在|于)?\s?.{4,200}(写道|寫道|编写|写到)\s*[：:]\s*$", re.DOTALL),
    re.compile(r"^_{20,}\s*$"),
    re.compile(r"^-{3,}\s*Replied Message\s*-{3,}\s*$", _ANY_CASE),
)
_FIELD = re.compile(
    r"^\s*\|?\s*\*?(发件人|寄件者|寄件人|From|发送时间|发送日期|日期|Sent|Date|收件人|To|主题|主旨|Subject)"
    r"\s*\*?\s*\|?\s*[：:]",
    _ANY_CASE,
)
_SIGNATURES = (
    re.compile(r"^-- ?$"),
    re.compile(r"^(发自|來自)我的?.{1,30}$"),
    re.compile(r"^Sent from my .{1,40}$", _ANY_CASE),
    re.compile(
        r"^(发自|Sent from|Get) .{0,30}(Outlook|网易邮箱大师|QQ邮箱|iPhone|Foxmail).{0,30}$",
        _ANY_CASE,
    ),
)
_LONGEST = 2000
"""Lines that are looked at; nobody writes more."""
_WIDEST = 300
"""Characters of a line in which an announcement is looked for."""


def cut_quoted(text: str) -> str:
    """Return what is new in a mail; a mail of quotes alone is returned as it is."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    lines = lines[:_LONGEST]
    start = _find_start(lines)
    above = _cut_signature(_drop_quotes(lines[:start]))
    if above:
        return above
    below = _cut_signature(_drop_quotes(_skip_heading(lines[start:])))
    return below or "\n".join(lines).strip()


def _find_start(lines: list[str]) -> int:
    """Return the line at which the quoted mail is announced, or the number of lines."""
    for place, whole in enumerate(lines):
        line = whole.strip()[:_WIDEST]
        two = f"{line} {lines[place + 1].strip()[:_WIDEST]}" if place + 1 < len(lines) else line
        if any(start.match(line) for start in _STARTS):
            return place
        if line[:3].lower() in {"on ", "在 "} and any(one.match(two) for one in _STARTS):
            return place
        if _is_heading(lines, place):
            return place
    return len(lines)


def _is_heading(lines: list[str], place: int) -> bool:
    """Three fields of a mail's head in a row, as Outlook sets them over the quoted mail."""
    near = [line for line in lines[place : place + 6] if line.strip()]
    return bool(_FIELD.match(lines[place])) and sum(bool(_FIELD.match(one)) for one in near) >= 3


def _skip_heading(lines: list[str]) -> list[str]:
    """Drop the announcement itself, which may break over two lines."""
    if not lines:
        return []
    first = lines[0].rstrip()
    is_whole = first.endswith((":", "：")) or len(lines) == 1
    return lines[1:] if is_whole or not lines[1].rstrip().endswith((":", "：")) else lines[2:]


def _drop_quotes(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.lstrip().startswith((">", "＞"))]


def _cut_signature(lines: list[str]) -> str:
    kept = lines
    for place, line in enumerate(lines):
        is_signature = any(one.match(line.strip()[:_WIDEST]) for one in _SIGNATURES)
        if is_signature and any(one.strip() for one in lines[:place]):
            kept = lines[:place]
            break
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
