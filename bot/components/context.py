"""Reads a short answer in the light of what was just asked.

The connector puts the slot that a form is asking for into the message's metadata as `asking`.
"改一下", "[手机号1]" or a whole complaint mean something else there than out of the blue.
"""

from __future__ import annotations

import re
from typing import AbstractSet, List, Tuple

Ranking = List[Tuple[str, float]]

CONFIRM_SLOTS = frozenset({"apply_confirm", "change_confirm", "complaint_confirm"})
_LEAVES = frozenset({"stop", "human", "restart"})
_QUESTION = re.compile(
    r"[?？]|吗|呢$|怎么|如何|多少|什么|为何|哪|几|why|what|how|when|where|which", re.I
)
_CHANGE = re.compile(
    r"改|换|重填|重写|写错|填错|发错|说错|号码错|不对|wrong|change|instead|rewrite", re.I
)
# Said together with a no, these still mean: not like this, but otherwise.
_OTHERWISE = re.compile(
    r"(?<![不别])(改成|改为|换成|改一|改下|换一|换个|重填|重写)|change|instead|rewrite", re.I
)
_RESEND = re.compile(
    r"重发|再发|没收到|没有收到|收不到|未收到"
    r"|resend|send.{0,12}again|did ?n.t (get|receive)|not (get|receive)",
    re.I,
)
_SENT = {
    "phone": frozenset({"phone", "id_card", "card_number", "account", "email"}),
    "new_phone": frozenset({"phone", "id_card", "card_number", "account", "email"}),
    "code": frozenset({"code", "phone"}),
    "bank": frozenset({"bank", "card_number"}),
    "product": frozenset({"product"}),
    "complaint_about": frozenset({"complaint_about"}),
}
_SURE = 0.75


def settle(ranking: Ranking, *, text: str, asking: str, entities: AbstractSet[str]) -> Ranking:
    """Decides again what the first intent is, knowing the slot that is being asked for.

    Args:
        ranking: intents with their figures, best first.
        text: what the client wrote.
        asking: the requested slot, empty outside a form.
        entities: the kinds of things found in the text.

    Returns:
        The ranking, with `inform`, `affirm` or `deny` first where the question asks for it.
    """
    first, sure = ranking[0]
    if not asking or (first in _LEAVES and sure >= 0.5):
        return ranking
    if asking == "complaint_text":
        return _put_first(ranking, "inform", 0.9)
    if asking in CONFIRM_SLOTS:
        return _settle_confirm(ranking, text, entities)
    given = entities & _SENT.get(asking, frozenset()) and not _is_question(text)
    corrected = asking in ("phone", "new_phone", "code") and _is_correction(text)
    value = _looks_like_value(text) and not (first != "inform" and sure >= _SURE)
    if given or corrected or value:
        return _put_first(ranking, "inform", 0.9)
    return ranking


def _settle_confirm(ranking: Ranking, text: str, entities: AbstractSet[str]) -> Ranking:
    first, sure = ranking[0]
    if _is_question(text) and first not in ("affirm", "deny", "inform"):
        return ranking
    if entities & {"product", "phone", "bank", "complaint_about"}:
        return _put_first(ranking, "inform", 0.9)
    wants_change = _OTHERWISE if first == "deny" else _CHANGE
    if first != "stop" and len(text) <= 30 and wants_change.search(text):
        return _put_first(ranking, "inform", 0.85)
    between = {name: figure for name, figure in ranking if name in ("affirm", "deny")}
    if first not in between and sure < _SURE and len(text) <= 8 and max(between.values()) > 0.2:
        return _put_first(ranking, max(between, key=lambda name: between[name]), 0.7)
    return ranking


def _is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def _is_correction(text: str) -> bool:
    return len(text) <= 30 and bool(_CHANGE.search(text) or _RESEND.search(text))


def _looks_like_value(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s\-+()]{1,30}", text)) or (
        len(text) <= 10 and not _is_question(text)
    )


def _put_first(ranking: Ranking, name: str, figure: float) -> Ranking:
    sure = max(figure, next((known for kind, known in ranking if kind == name), 0.0))
    return [(name, sure)] + [one for one in ranking if one[0] != name]
