"""Hears when a complaint can wait no longer: abuse, a charge of fraud, a threat to go elsewhere.

A calm complaint is taken down by the form, for its words help whoever follows it up. A client who
is beside himself gets a person at once, with the complaint's priority and whatever was said.
"""

from __future__ import annotations

import re

from bot.components.context import Ranking

INTENT = "urgent_complaint"
_COMPLAINT_SLOTS = frozenset({"complaint_about", "complaint_text", "complaint_confirm"})
# Nobody fills in a form for these.
_STRONG = re.compile(
    r"骗子|骗钱|骗人|骗我|骗了|诈骗|欺骗|欺诈|欺負|欺负人|坑人|坑我|坑钱|黑心|垃圾|混蛋|王八|[他你]妈|妈的|滚|傻逼|狗屁"
    r"|不要脸|无耻|流氓|强盗|起诉|律师|法院|报警|曝光|媒体|记者|证监会|证监局|监管|12386|12315|信访|维权"
    r"|气死|气人|生气|愤怒|忍无可忍|受够了|没完|[!！]{2,}"
    r"|\b(?:scam\w*|fraud\w*|cheat\w*|thie(?:f|ves)|st(?:eal|ole)\w*|lawyers?|sue|court|police|regulators?"
    r"|media|furious|angry|outrag\w+|disgust\w+|damn|fuck\w*|shit\w*|bullshit|unacceptable|ridiculous)\b",
    re.I,
)
# Inside a complaint a guess is enough: a person who was not asked for does less harm there.
_LIKELY = 0.35


def settle(ranking: Ranking, *, text: str, asking: str) -> Ranking:
    """Decides whether a complaint, begun or beginning, goes to a person at once.

    Args:
        ranking: intents with their figures as `context.settle` left them, best first.
        text: what the client wrote.
        asking: the requested slot, empty outside a form.

    Returns:
        The ranking, with `urgent_complaint` or `human` first where a person must come.
    """
    first, sure = ranking[0]
    complains = asking in _COMPLAINT_SLOTS
    if first == "stop":
        return ranking
    if first == "human":
        # What happened is told already: it goes along.
        return [(INTENT, sure), *ranking] if asking == "complaint_confirm" else ranking
    if (complains or first == "complaint") and _STRONG.search(text):
        return [(INTENT, max(sure, 0.9)), *ranking]
    wanted = max((figure for name, figure in ranking if name == "human"), default=0.0)
    if complains and wanted >= _LIKELY:
        return [("human", wanted), *(one for one in ranking if one[0] != "human")]
    return ranking
