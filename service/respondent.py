"""Who `zhida eval` asks: the whole path through the app chat, or the knowledge room alone."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from uuid import UUID, uuid4

import aiohttp

from kernel.errors import Transient
from kernel.message import Content
from knowledge.search import Knowledge
from service.eval import Reply
from store import conversation
from store.cipher import Cipher
from store.engine import Database

_PATIENCE_S = 20.0
_ARTICLE_CHOICE = re.compile(r'/choose_article\{"article":"([^"]+)"\}')


class ChatRespondent:
    """Asks as a visitor of the app chat does: a new token, a new socket, one message.

    What the visitor is not shown (why a person was called, what was refused) is read from the
    hints that the reply carries in the transcript.
    """

    def __init__(
        self, http: aiohttp.ClientSession, site: str, database: Database, cipher: Cipher
    ) -> None:
        self._http = http
        self._site = site.rstrip("/")
        self._database = database
        self._cipher = cipher

    async def ask(self, text: str) -> Reply:
        """Ask one question as a visitor never seen before, a second time if the first fails.

        Raises Transient when the site does not take it or does not answer in time twice.
        """
        try:
            return await self._ask_in_time(text)
        except Transient:
            return await self._ask_in_time(text)

    async def _ask_in_time(self, text: str) -> Reply:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._ask(text)
        except TimeoutError as error:
            raise Transient(f"No reply within {_PATIENCE_S:.0f} s to: {text}") from error
        except (aiohttp.ClientError, TypeError, ValueError) as error:
            raise Transient(f"{self._site} cannot be asked: {error!r}. Is it up?") from error

    async def _ask(self, text: str) -> Reply:
        async with self._http.post(f"{self._site}/chat/visitor", json={}) as response:
            response.raise_for_status()
            token = (await response.json())["token"]
        protocols = ("chat.v1", f"bearer.{token}")
        async with self._http.ws_connect(f"{self._site}/chat/ws", protocols=protocols) as socket:
            await socket.send_json({"type": "hello", "after": 0})
            talk = UUID((await self._wait(socket, "welcome"))["conversation"])
            start = time.perf_counter()
            sent = {"type": "send", "client_msg_id": str(uuid4()), "text": text}
            await socket.send_json(sent)
            message = await self._wait(socket, "message")
            ms = (time.perf_counter() - start) * 1000
        return await self._read(talk, int(message["seq"]), ms)

    async def _wait(self, socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, str]:
        while True:
            frame: dict[str, str] = await socket.receive_json()
            if frame["type"] == "error":
                raise Transient(f"The chat refused: {frame.get('message')}")
            if frame["type"] == kind and frame.get("author") != "client":
                return frame

    async def _read(self, talk: UUID, seq: int, ms: float) -> Reply:
        async with self._database.transaction() as connection:
            said = await conversation.read_transcript(
                connection, self._cipher, talk, after=seq - 1, limit=1
            )
        if not said:
            raise Transient(f"Message {seq} of {talk} is not in this database.")
        return read_reply(said[0].content, ms, author=said[0].author)


class KnowledgeRespondent:
    """Asks the knowledge room alone, without dialogue, channel and people."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    async def ask(self, text: str) -> Reply:
        """Ask one question and translate what was found."""
        start = time.perf_counter()
        found = await self._knowledge.find(text)
        ms = (time.perf_counter() - start) * 1000
        offered = tuple(hit.key for hit in found.choices)
        if found.kind != "answer" or found.best is None:
            is_refusal = found.kind in {"advice", "probe", "not_ours"}
            return Reply("", offered=offered, is_refusal=is_refusal, ms=ms)
        best = found.best
        return Reply(
            best.body,
            article=best.key,
            topic=best.topic,
            is_handover=best.topic == "human_agent" and best.action == "human",
            ms=ms,
        )


def read_reply(content: Content, ms: float, *, author: str = "bot") -> Reply:
    """Read what a reply carries from its content, hints included.

    A message that is not the assistant's own is the house's honest sentence after a failure:
    a person was called.
    """
    hints: Mapping[str, object] = content.hints
    found = (_ARTICLE_CHOICE.fullmatch(choice["payload"]) for choice in content.choices)
    topic = hints.get("topic")
    talk = hints.get("talk")
    return Reply(
        content.text,
        article=content.article["key"] if content.article else None,
        topic=str(topic) if topic else None,
        talk=str(talk) if talk else None,
        offered=tuple(match[1] for match in found if match),
        is_handover=bool(hints.get("handover")) or author != "bot",
        is_refusal=bool(hints.get("refused") or hints.get("unknown")),
        ms=ms,
    )
