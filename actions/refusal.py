"""What is refused, kindly: advice on what to buy or sell, internal data, and what is not ours."""

from __future__ import annotations

from actions.reply import Outcome, Reply, human_choice
from actions.session import Session
from actions.talk import Saying
from kernel.message import Choice


class RefuseAdvice(Saying):
    """Refuses to say what to buy or sell, and offers a licensed adviser."""

    NAME = "action_refuse_advice"

    async def answer(self, session: Session) -> Outcome:
        """Refuse and offer."""
        return Outcome(refuse_advice(session))


class RefuseProbe(Saying):
    """Refuses internal data and other people's data."""

    NAME = "action_refuse_probe"

    async def answer(self, session: Session) -> Outcome:
        """Refuse."""
        return Outcome(refuse_probe(session))


class OutOfScope(Saying):
    """Says that a question is none of ours."""

    NAME = "action_out_of_scope"

    async def answer(self, session: Session) -> Outcome:
        """Say it, and what is ours."""
        return Outcome(say_not_ours(session))


def refuse_advice(session: Session) -> Reply:
    """Refuse advice: 证券投资顾问 needs a licence (证券投资顾问业务暂行规定, article 7)."""
    text = session.say(
        zh="我不能推荐具体品种、预测涨跌或建议买卖时点。如果需要投资建议，可以为您联系持证投资顾问；"
        "规则、费用和账户问题我随时可以回答。",
        en="I cannot recommend securities, predict prices or say when to buy or sell. A licensed "
        "adviser can; and I gladly answer questions about rules, fees and your account.",
    )
    title = session.say(zh="联系投资顾问", en="Licensed adviser")
    return Reply(text, (Choice(title=title, payload="/human"),), hints={"refused": "advice"})


def refuse_probe(session: Session) -> Reply:
    """Refuse internal and other people's data."""
    text = session.say(
        zh="内部数据和其他客户的信息不能提供。您自己的账户，核验身份后可以查询。",
        en="I cannot share internal data or anything about other clients. Your own account I can "
        "look up once you have confirmed your identity.",
    )
    return Reply(text, hints={"refused": "probe"})


def say_not_ours(session: Session) -> Reply:
    """Say that the question is not ours, without sending the client away."""
    text = session.say(
        zh="这个不在我的服务范围内。我可以回答出入金、交易权限、交易规则、保证金、费用和账户方面的问题。",
        en="That is outside what I can help with. I answer questions about transfers, trading "
        "permissions and rules, margin, fees and accounts.",
    )
    return Reply(text, (human_choice(session),), hints={"unknown": "not_ours"})
