"""Decides what a claimed message is answered with; writes nothing, so it may run twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from channels.wish import find_typed_wish
from conversations.assistant import Answer, Assistant, AssistantFailed, Handover, Question
from conversations.wording import RESTART, find_language, human_choice, restart_choice, say
from kernel.masking import mask
from kernel.message import REPLY_CODE, Content, Json
from store.turn import Turn


@dataclass(frozen=True, slots=True)
class Reply:
    """What a turn ends with: a message or none, a move of the floor, the dialogue's new state."""

    content: Content | None = None
    handover: Handover | None = None
    answer: Answer | None = None
    is_back: bool = False
    dialogue: Mapping[str, Json] | None = None
    language: str = "zh"

    @property
    def moves_floor(self) -> bool:
        """Tell whether the floor goes to people, or comes back from them."""
        return self.handover is not None or self.is_back


@dataclass(frozen=True, slots=True)
class Replier:
    """Chooses between silence (a person has the floor), a sentence of the house, and the bot."""

    assistant: Assistant
    brand: str

    async def reply(self, turn: Turn) -> Reply:
        """Return the reply to one message; an assistant that fails becomes a hand-over."""
        words = turn.payload or turn.content.text.lstrip("/")  # a typed slash is no command
        language = find_language(turn.content.text, turn.language)
        quiet = Reply(dialogue=turn.dialogue, language=language)
        if turn.floor == "agent":
            return quiet
        if turn.floor == "queue":
            return self._restart(language, is_back=True) if words == RESTART else quiet
        if turn.kind != "message" and turn.payload is None:
            return self._greet(turn, language) if _is_arrival(turn) else quiet
        if not words.strip():
            return self._explain_media(turn, language)
        if words == RESTART:
            return self._restart(language, is_back=False)
        wish = find_typed_wish(turn.address.channel, words) if turn.payload is None else None
        if wish:
            content = Content(text=say(f"wish_{wish}", language))
            return Reply(content, dialogue=turn.dialogue, language=language)
        return await self._ask(turn, words, language)

    def excuse(self, language: str, reason: str = "talk_failed") -> Reply:
        """Return the honest sentence and the hand-over for when nothing else works."""
        return Reply(
            content=Content(text=say("assistant_failed", language, number="{number}")),
            handover=Handover(reason),
            language=language,
        )

    async def _ask(self, turn: Turn, words: str, language: str) -> Reply:
        question = Question(
            conversation_id=turn.conversation_id,
            message_id=turn.message_id,
            text=mask(words, code_expected=_expects_code(turn.dialogue)).text,
            language=language,
            channel=turn.address.channel,
            is_identified=bool(turn.scopes),
            scopes=turn.scopes,
            state=turn.dialogue,
        )
        try:
            answer = await self.assistant.reply(question)
        except AssistantFailed:
            return self.excuse(language)
        if answer.handover is None:
            return Reply(answer.content, None, answer, dialogue=answer.state, language=language)
        return Reply(
            self._announce(answer.content, language), answer.handover, answer, language=language
        )

    @staticmethod
    def _announce(content: Content, language: str) -> Content:
        """Add the ticket's number to what the bot says when it hands over."""
        text = "\n".join(filter(None, (content.text, say("handover", language, number="{number}"))))
        choices = (*content.choices, restart_choice(language))
        return replace(content, text=text, choices=choices, feedback=False)

    def _greet(self, turn: Turn, language: str) -> Reply:
        code = turn.content.hints.get(REPLY_CODE)
        name = "welcome" if code is None else "welcome_session"
        hints: dict[str, Json] = {} if code is None else {REPLY_CODE: code}
        content = Content(text=say(name, language, brand=self.brand), hints=hints)
        return Reply(content, dialogue=turn.dialogue, language=language)

    @staticmethod
    def _restart(language: str, *, is_back: bool) -> Reply:
        return Reply(Content(text=say("back", language)), is_back=is_back, language=language)

    @staticmethod
    def _explain_media(turn: Turn, language: str) -> Reply:
        name = "voice_failed" if turn.content.kind == "voice" else "media"
        content = Content(text=say(name, language), choices=(human_choice(language),))
        return Reply(content, dialogue=turn.dialogue, language=language)


def _is_arrival(turn: Turn) -> bool:
    """Tell whether somebody has come whom the channel lets us greet."""
    return turn.subtype == "subscribe" or REPLY_CODE in turn.content.hints


def _expects_code(dialogue: Mapping[str, Json] | None) -> bool:
    """Tell whether the assistant has just asked for a one-time code (bot/state.py: `asking`)."""
    return (dialogue or {}).get("asking") == "code"
