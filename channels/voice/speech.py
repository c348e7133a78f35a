"""What a call says: the notice's words, without what a voice cannot read or must not say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.masking import mask
from kernel.message import Content

LIMIT: Final = 300
"""Characters; more than a minute of Mandarin, and nobody listens longer."""
_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_TOKEN = re.compile(r"\[(?:邮箱|身份证|手机号|银行卡|账号|验证码)\d+\]")
_END = re.compile(r"[。！？!?；;.]\s*")


@dataclass(frozen=True, slots=True)
class Sentences:
    """What the house itself says in a call, in one language."""

    language: str
    voice: str
    menu: str
    confirmed: str
    call_back: str
    wrong_key: str
    goodbye: str


_SENTENCES: Mapping[str, Sentences] = {
    "zh": Sentences(
        "zh-CN",
        "Polly.Zhiyu",
        "确认收到请按1，重听请按2，需要人工回电请按9。",
        "谢谢，已确认您收到本通知。再见。",
        "好的，我们会尽快安排专人给您回电。再见。",
        "按键无效。",
        "未收到您的按键，请留意我们的其他通知。再见。",
    ),
    "en": Sentences(
        "en-US",
        "Polly.Joanna",
        "Press 1 to confirm, 2 to hear this again, or 9 to be called back by a person.",
        "Thank you, your confirmation has been recorded. Goodbye.",
        "A person will call you back as soon as possible. Goodbye.",
        "That key is not valid.",
        "No key was pressed. Goodbye.",
    ),
}
"""The voices are Amazon Polly's, as Twilio names them (twilio.com/docs/voice/twiml/say)."""


def find_speech(content: Content) -> str:
    """Return the words to be read; empty if there is nothing that could be said.

    Telephone, card, account and identity numbers are left out whoever wrote them: a call may be
    heard by others, and the notice needs none of them.
    """
    plain = _TOKEN.sub("", mask(_ADDRESS.sub("", content.text)).text)
    words = " ".join("".join(one for one in plain if one.isprintable() or one.isspace()).split())
    return _cut(words)


def find_sentences(words: str) -> Sentences:
    """Return the house's sentences in the language of the words."""
    is_chinese = any("\u4e00" <= one <= "\u9fff" for one in words)
    return _SENTENCES["zh" if is_chinese else "en"]


def _cut(words: str) -> str:
    """Shorten to whole sentences where there are any within the limit."""
    if len(words) <= LIMIT:
        return words
    ends = [end.end() for end in _END.finditer(words[:LIMIT])]
    return words[: ends[-1]].strip() if ends and ends[-1] > LIMIT // 3 else words[:LIMIT]
