"""An article as a reply: its text, the talk that goes with it, and whether it helped."""

from __future__ import annotations

from actions.port import Hit
from actions.product import NAMES
from actions.reply import Outcome, Reply, hand_over, set_slot
from actions.session import Session
from kernel.message import Choice, Json

HUMAN_TOPIC = "human_agent"
HUMAN_ACTION = "human"

_TALKS = {
    "check_balance": ("查我的余额", "My balance"),
    "check_deposit": ("查我的入金进度", "My deposits"),
    "check_withdrawal": ("查我的出金进度", "My withdrawals"),
    "check_withdrawal_limit": ("查我的出金额度", "My withdrawal limit"),
    "check_permission": ("查我的权限条件", "My permissions"),
    "apply_permission": ("申请开通", "Apply for it"),
    "check_margin": ("查我的风险率", "My risk ratio"),
    "check_ticket": ("查工单进度", "My tickets"),
    "change_phone": ("修改手机号", "Change my phone"),
    "change_bank_card": ("更换银行卡", "Change my bank card"),
    "complaint": ("我要投诉", "File a complaint"),
    HUMAN_ACTION: ("转人工", "Talk to a person"),
}


def answer_article(session: Session, hit: Hit) -> Outcome:
    """Give the article; one that says only a person can help also calls that person."""
    hints: dict[str, Json] = {
        "article": {"key": hit.key, "title": hit.title, "topic": hit.topic},
        "topic": hit.topic,
        "feedback": True,
    }
    events = [set_slot("article", hit.key)]
    if hit.topic == HUMAN_TOPIC and hit.action == HUMAN_ACTION:
        hints |= {"feedback": False, **hand_over("client_asked", hit.title)}
        return Outcome(Reply(hit.body, hints=hints), events)
    return Outcome(Reply(hit.body, _quick_reply(session, hit), hints=hints), events)


def name_talk(talk: str) -> str:
    """Return what people call a talk: `check_balance` is 查我的余额."""
    return _TALKS[talk][0] if talk in _TALKS else talk


def _quick_reply(session: Session, hit: Hit) -> tuple[Choice, ...]:
    if hit.action not in _TALKS:
        return ()
    zh, en = _TALKS[hit.action]
    return (Choice(title=session.say(zh=zh, en=en), payload=_payload(hit)),)


def _payload(hit: Hit) -> str:
    """Name the talk, and the permission that the article is about (`tp.star` is 科创板's)."""
    product = hit.key.removeprefix("tp.")
    if hit.action in {"check_permission", "apply_permission"} and product in NAMES:
        return f'/{hit.action}{{"product":"{product}"}}'
    return f"/{hit.action}"
