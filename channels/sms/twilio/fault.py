"""What each of Twilio's error codes means for the message that was being sent.

Source: twilio.com/docs/api/errors, the page of each code.
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.wire import Answer
from kernel.message import Refusal, Rejected, Retryable, SendResult, Unknown

_REFUSALS: Mapping[Refusal, frozenset[int]] = {
    Refusal.RECIPIENT: frozenset(
        {21211, 21217, 21265, 21407, 21604, 21612, 21614, 21635, 30003, 30005, 30006, 63024}
    ),
    Refusal.CONSENT: frozenset({21610, 30004}),
    Refusal.CONTENT: frozenset({21602, 21605, 21617, 21619, 21620, 21623, 30007, 92001, 92007}),
    Refusal.QUOTA: frozenset({20008, 30002, 30010, 30023, 63018, 63038}),
    Refusal.CONFIG: frozenset(
        {20003, 20005, 20404, 21210, 21212, 21408, 21601, 21603, 21606, 21608, 21609, 21611}
        | {21624, 21654, 21655, 21656, 21659, 21660, 21661, 21664, 21701, 21703, 30034}
    ),
}
_BY_CODE = {code: refusal for refusal, codes in _REFUSALS.items() for code in codes}
_WAITS: Mapping[int, float] = {20429: 1.0, 14107: 5.0, 30001: 60.0}
"""Never processed (twilio.com/docs/api/errors/20429), so it may be sent again after so long."""
_DOUBTFUL = frozenset({20500, 20503, 20504})
"""“It is possible for a customer to receive multiple messages” (…/errors/20500)."""


def judge_refusal(answer: Answer) -> SendResult:
    """Tell what an answer other than 2xx means; an undocumented code is for the operator."""
    body = answer.body or {}
    code, detail = body.get("code"), str(body.get("message", ""))[:200]
    if not isinstance(code, int) or isinstance(code, bool):
        return Rejected(Refusal.CONFIG, f"http_{answer.status}", detail)
    if code in _DOUBTFUL:
        return Unknown(str(code))
    if code in _WAITS:
        return Retryable(str(code), _WAITS[code])
    return Rejected(_BY_CODE.get(code, Refusal.CONFIG), str(code), detail)
