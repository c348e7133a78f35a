"""What the house itself says when no assistant and no person is speaking."""

from __future__ import annotations

from kernel.message import Choice

RESTART = "/restart"
"""The payload of “back to the assistant” while a client waits for a person."""

_TEXTS: dict[str, dict[str, str]] = {
    "zh": {
        "welcome": "您好，欢迎关注{brand}！我是智能助手，出入金、交易权限、规则、保证金和费用的"
        "问题都可以直接问我；需要时我会为您转接人工。",
        "welcome_session": "您好，这里是{brand}。我是智能助手，出入金、交易权限、规则、保证金和"
        "费用的问题都可以直接问我；需要时我会为您转接人工。",
        "assistant_failed": "抱歉，智能助手现在无法回答。您的问题已转给人工客服，工单号 {number}，"
        "我们会尽快在这里回复您。",
        "handover": "已为您转接人工客服，工单号 {number}。客服会在这里回复您，请稍候。",
        "media": "我暂时看不懂图片、语音和文件。请用文字描述您的问题，或者转接人工客服。",
        "voice_failed": "没有听清您的语音。请用文字描述您的问题，或者转接人工客服。",
        "back": "好的，已取消排队，我继续为您服务。请问还有什么可以帮您？",
        "wish_stop": "已为您停止在这里发送营销消息，马上生效。追加保证金、强行平仓等服务通知"
        "关系到您的资金安全，仍会发送。想恢复时回复“订阅”。",
        "wish_start": "已恢复：您会在这里收到我们的活动、研报等消息。不想收时回复“退订”。",
        "human": "转人工",
        "restart": "不等了，继续问智能助手",
    },
    "en": {
        "welcome": "Welcome to {brand}! I am the assistant. Ask me about deposits and "
        "withdrawals, trading permissions, rules, margin and fees; I will call a person "
        "when you need one.",
        "welcome_session": "Welcome, this is {brand}. I am the assistant. Ask me about deposits "
        "and withdrawals, trading permissions, rules, margin and fees; I will call a person "
        "when you need one.",
        "assistant_failed": "Sorry, the assistant cannot answer right now. Your question is with "
        "our staff, ticket {number}; they will answer here as soon as they can.",
        "handover": "A person will take over, ticket {number}. They will answer you here.",
        "media": "I cannot read pictures, voice or files yet. Please type your question, or "
        "talk to a person.",
        "voice_failed": "I could not understand the voice message. Please type your question, "
        "or talk to a person.",
        "back": "You are no longer waiting; I am here again. How can I help?",
        "wish_stop": "Done: no more marketing here, from now on. Service notices such as margin "
        "calls are still sent. To start again, answer “subscribe”.",
        "wish_start": "Done: you will get our events and research here. To stop, answer "
        "“unsubscribe”.",
        "human": "Talk to a person",
        "restart": "Back to the assistant",
    },
}


def say(name: str, language: str, **parts: str) -> str:
    """Return a sentence of the house in the client's language, Chinese if there is none."""
    texts = _TEXTS.get(language, _TEXTS["zh"])
    return texts[name].format(**parts)


def human_choice(language: str) -> Choice:
    """Return the button that asks for a person."""
    return Choice(title=say("human", language), payload="/human")


def restart_choice(language: str) -> Choice:
    """Return the button that leaves the queue."""
    return Choice(title=say("restart", language), payload=RESTART)


def find_language(text: str, otherwise: str) -> str:
    """Tell Chinese from English by the letters; a text without any keeps what it was."""
    if any("\u4e00" <= letter <= "\u9fff" for letter in text):
        return "zh"
    letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    return "en" if letters >= 6 and " " in text.strip() else otherwise
