"""Writes TwiML, the XML that tells Twilio what to do in a call.

Source: twilio.com/docs/voice/twiml/gather, …/say, …/hangup; at most 4000 characters where it is
sent along with the call (…/voice/api/call-resource, `Twiml`).
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from channels.voice.speech import Sentences, find_sentences

LIMIT = 4000
_KEY_SECONDS = 6
_TIMES = 2
"""How often the notice is read to somebody who presses nothing."""


def write_notice(words: str, key_url: str, *, first: str = "") -> str:
    """Return the call's course: read the notice, wait for a key, read it again, hang up."""
    say = find_sentences(words)
    inside = _say(f"{first}{words} {say.menu}", say)
    gather = (
        f'<Gather input="dtmf" numDigits="1" timeout="{_KEY_SECONDS}" method="POST" '
        f"action={quoteattr(key_url)}>{inside}</Gather>"
    )
    return _document(gather * _TIMES + _say(say.goodbye, say) + "<Hangup/>")


def write_goodbye(sentence: str, say: Sentences) -> str:
    """Return a last sentence and the end of the call."""
    return _document(_say(sentence, say) + "<Hangup/>")


def _say(words: str, say: Sentences) -> str:
    return f'<Say language="{say.language}" voice="{say.voice}">{escape(words)}</Say>'


def _document(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
