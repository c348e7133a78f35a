"""Hears the plain wish for a person, whatever number or polite word stands beside it.

A reference behind the wish ("转人工，编号 7026abcd") is noise to n-grams and vector alike: one
random mark can make the sentence unsure, and an unsure sentence is looked up. A wish for a person
may not depend on luck, so it is read by words before anything is guessed: take the marks out, cut
into clauses, drop the polite words, and what is left must be the wish and nothing else. A question
about it ("人工客服几点上班", "怎么转人工") keeps other words and is left to the intent head.
"""

from __future__ import annotations

import re
import unicodedata
from typing import List

INTENT = "human"

_LABEL = (
    r"(?:我的|本人的?)?(?:编号|单号|工单号?|订单号?|流水号|客户号|资金账号|账号|手机号?|电话|号码|尾号)"
    r"|\b(?:my )?(?:reference|ref|ticket|case|order|account|number|no|id|code)\b"
)
# A masked token, letters and digits with a digit in them, or hexadecimal letters alone.
_CODE = (
    r"\[(?:手机号|身份证|银行卡|邮箱|账号|验证码)\d*\]"
    r"|(?<![a-z0-9])(?=[a-z\-]*\d)[a-z0-9\-]+|(?<![a-z0-9])[a-f]{4,}(?![a-z0-9])"
)
_MARK = re.compile(rf"(?:(?:{_LABEL})(?:码|是|为|\bis\b|[ :：#.])*)*[#(]?(?:{_CODE})\)?")
# A space is a border too, but not after a word that leads on ("不要 转人工") nor in English.
_BORDER = re.compile(
    r"[,，.。!！?？;；:：、~…\n“”\"()#]+|(?<=[\u4e00-\u9fff])(?<![不别要用想么何能以给帮我])\s+"
)
_POLITE = re.compile(
    r"你好|您好|麻烦|麻煩|拜托|劳驾|谢谢|多谢|还是|直接|赶快|赶紧|尽快|马上|立刻|立即|现在|必须|希望|要求|需要"
    r"|能不能|可不可以|能否|可以|好不好|行不行|好吗|行吗|一下|你们|帮忙|说话|聊聊|沟通|处理|解决|接听"
    r"|[喂请請那就快我要想能给帮幫替让你您再都跟和个位的来吧啊呀哦了啦嘛呗到\s]"
)
_WANTS = re.compile(r"要|想|给|帮|请|能|可以|希望")
_CALLED = re.compile(
    r"(?:[转轉]接?|接[入通]?|找|叫|换|联系|呼叫|连线)"
    r"(?:(?:人工|真人|活人)(?:客服|服务|坐席|座席|专员|人员)?|(?:在线)?(?:客服|坐席|座席)(?:人员|专员)?)"
    r"|(?:找|叫|联系)(?:(?:客户)?经理|领导|主管|负责人)"
)
_NAMED = re.compile(r"(?:人工|真人|活人)(?:客服|服务|坐席|座席|专员)?")

_COURTESY = frozenset(
    "please pls plz hi hello hey ok okay just now then right away instead thanks thank you can"
    " could may would will i d ll m we me us let a an the your some any real live actual to with"
    " through like rather".split()
)
_CALL = frozenset("talk speak chat connect transfer switch put get give want wanna need".split())
_PERSON = frozenset("human person agent operator representative rep".split())
_CHIEF = frozenset("manager supervisor boss".split())
_ANYBODY = frozenset("someone somebody being customer service support".split())
_TALK = frozenset("talk speak chat connect transfer switch put".split())


def strip_marks(text: str) -> str:
    """Takes out references: numbers, codes and masked tokens with the word that announces them.

    Returns:
        The rest in half width and lower case.
    """
    return _MARK.sub("", unicodedata.normalize("NFKC", text).lower())


def is_for_person(text: str) -> bool:
    """Tells whether the client plainly asks for a person, be it beside other things.

    True for "转人工", "麻烦帮我转一下人工，编号 7026abcd" and "agent please, ref 7f3a"; False for a
    question about the service and for a refusal ("不要转人工").
    """
    clauses = [one for one in _BORDER.split(strip_marks(text)) if one.strip()]
    left = [one for one in clauses if not _is_polite(one)]
    return any(_is_wish(one, is_all=len(left) == 1) for one in left)


def _is_polite(clause: str) -> bool:
    if clause.isascii():
        return set(_get_words(clause)) <= _COURTESY
    return not _POLITE.sub("", clause)


def _is_wish(clause: str, *, is_all: bool) -> bool:
    if clause.isascii():
        return _is_english_wish(_get_words(clause), is_all=is_all)
    may_ask = re.search(r"能|可以", clause)
    rest = _POLITE.sub("", clause.rstrip("吗么 ") if may_ask else clause)
    if _CALLED.fullmatch(rest):
        return True
    return bool(_NAMED.fullmatch(rest) and (is_all or _WANTS.search(clause)))


def _is_english_wish(words: List[str], *, is_all: bool) -> bool:
    rest = set(words) - _COURTESY
    if not rest <= _CALL | _PERSON | _CHIEF | _ANYBODY:
        return False
    if rest & (_PERSON | _CHIEF) and rest & _CALL:
        return True
    if rest & _PERSON:
        return is_all
    return bool(rest & _TALK) and bool(rest & _ANYBODY - {"being"})


def _get_words(clause: str) -> List[str]:
    return re.findall(r"[a-z]+", clause)
