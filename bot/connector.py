"""Zhida's channel into Rasa: one message in, one merged reply out, nothing kept in between.

Mounted by Rasa's channel registry under /webhooks/zhida; `bot/run.py` serves it on loopback.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.choice import find_choice, keep_shown
from bot.reply import Collector, Reply, find_talk, merge
from bot.request import BadRequest, TurnRequest, get_payload, parse_request
from bot.state import BadState, State, build_tracker, collect_state, get_public_slots, parse_state
from bot.turn import TurnFailed, TurnProcessor

log = logging.getLogger(__name__)


class ZhidaInput(InputChannel):
    """The connector; a request's conversation waits for its earlier request."""

    def __init__(self) -> None:
        self._busy: MutableMapping[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def name(cls) -> str:
        """Names the channel and its path."""
        return "zhida"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Builds the two endpoints; Rasa's own handler is not used, for it hides failures."""
        site = Blueprint("zhida")

        @site.post("/webhook")
        async def webhook(request: Request) -> HTTPResponse:
            return await self._serve(request)

        @site.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent: Agent = request.app.ctx.agent
            return response.json({"ok": agent.is_ready(), "model": agent.model_id})

        return site

    async def _serve(self, request: Request) -> HTTPResponse:
        if not _has_key(request):
            return _fail(401, "not_signed_in", "X-Zhida-Key is missing or wrong")
        processor = request.app.ctx.agent.processor
        try:
            asked = parse_request(_read_json(request), processor.domain)
            lock = self._busy.setdefault(asked.conversation, asyncio.Lock())
            async with lock:
                return response.json(await answer(processor, asked), ensure_ascii=False)
        except (BadRequest, BadState) as error:
            return _fail(400, "invalid_input", str(error))
        except TurnFailed as error:
            log.error("bot.turn.failed %s %s", error.code, error)
            return _fail(502 if error.code == "action_failed" else 500, error.code, str(error))
        except Exception:
            log.exception("bot.turn.broken")
            return _fail(500, "internal", "the assistant failed; its log has the cause")


def _read_json(request: Request) -> Any:
    try:
        return request.json
    except Exception as error:
        raise BadRequest("the body must be JSON in UTF-8") from error


def _has_key(request: Request) -> bool:
    key = os.environ.get("ZHIDA_RASA_KEY", "")
    sent = request.headers.get("X-Zhida-Key", "")
    return not key or hmac.compare_digest(key.encode(), sent.encode())


def _fail(status: int, code: str, message: str) -> HTTPResponse:
    return response.json(
        {"error": {"code": code, "message": message}}, status=status, ensure_ascii=False
    )


async def answer(processor: TurnProcessor, asked: TurnRequest) -> dict[str, Any]:
    """Answers one turn as a pure function of the request and the trained model.

    Raises:
        BadState: when `state` is not the object of an earlier reply.
        TurnFailed: when there is no reply to give.
    """
    state = parse_state(asked.state, processor.domain)
    asked = _pick(asked, state, processor)
    tracker = build_tracker(
        asked.conversation,
        state,
        language=asked.language,
        identified=asked.identified,
        domain=processor.domain,
    )
    output = Collector(asked.prepared)
    actions = await processor.answer(_make_message(asked, state, output), tracker)
    reply = merge(output.messages)
    if reply.is_empty:
        raise TurnFailed("silent", f"nothing was said by {actions}")
    if reply.hints["talk"] is None:
        reply.hints["talk"] = find_talk(actions, pending=tracker.get_slot("pending_talk"))
    return _show(asked, reply, actions=actions, tracker=tracker)


def _pick(asked: TurnRequest, state: State, processor: TurnProcessor) -> TurnRequest:
    """Puts the choice in the place of its number; what came along was for the number's text."""
    payload = find_choice(asked.text, state.choices)
    if payload is None:
        return asked
    text = get_payload(payload, processor.domain)
    return replace(asked, text=text, vector=None, prepared={})


def _make_message(asked: TurnRequest, state: State, output: Collector) -> UserMessage:
    metadata = {
        "turn": asked.turn,
        "language": asked.language,
        "channel": asked.channel,
        "vector": asked.vector,
        "asking": state.asking,
        "scopes": list(asked.scopes),
    }
    return UserMessage(
        asked.text,
        output,
        asked.conversation,
        input_channel="zhida",
        message_id=asked.turn,
        metadata=metadata,
    )


def _show(
    asked: TurnRequest, reply: Reply, *, actions: list[str], tracker: DialogueStateTracker
) -> dict[str, Any]:
    heard = next((one for one in reversed(tracker.events) if isinstance(one, UserUttered)), None)
    intent = heard.intent if heard else {}
    payloads = [one["payload"] for one in reply.choices]
    shown = keep_shown(payloads, asks_feedback=bool(reply.hints["feedback"]))
    return {
        "turn": asked.turn,
        "text": reply.text,
        "choices": reply.choices,
        "card": reply.card,
        "intent": {
            "name": intent.get("name"),
            "confidence": round(float(intent.get("confidence") or 0), 4),
        },
        "actions": actions,
        "hints": reply.hints,
        "slots": get_public_slots(tracker),
        "state": collect_state(tracker, shown).as_json(),
    }
