"""Walk through every channel once, and through a hand-over that a person answers.

Uses the Zhida that runs with these settings; where none runs, starts one with fresh data and
stops it afterwards.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import aiohttp
import orjson

from kernel.errors import InvalidInput, ServiceError
from service.lab_visit import LabVisit
from service.outbound_visit import CallVisit, PushVisit
from service.parser import make_parser
from service.probe import get_status
from service.settings import Settings
from service.source import load_settings
from service.visit import ChatVisit, DeskVisit, WechatVisit

_TOPIC = "创业板"
_QUESTION = f"{_TOPIC}怎么开通？"
_CALL_S = 15.0

Row = dict[str, object]
Walk = Callable[[aiohttp.ClientSession, Settings], Awaitable[Row]]


def run(words: Sequence[str]) -> int:
    """Walk, print a line for each, and return 0 when all went well."""
    parser = make_parser("smoke", __doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    as_json = parser.parse_args(words).json
    settings = load_settings()
    if not settings.demo:
        raise InvalidInput("smoke needs the demo (ZHIDA_DEMO): it plays clients and an agent.")
    rows = asyncio.run(_walk_all(settings, as_json=as_json))
    return 0 if all(row["ok"] for row in rows) else 1


async def _walk_all(settings: Settings, *, as_json: bool) -> list[Row]:
    rows: list[Row] = []
    async with _instance(settings) as running:
        for name, walk in _WALKS:
            try:
                row = await _in_session(walk, running)
            except ServiceError as error:
                row = _name(name) | {"ok": False, "error": error.message}
            rows.append(row)
            line = orjson.dumps(row).decode() if as_json else _show(row)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return rows


@asynccontextmanager
async def _instance(settings: Settings) -> AsyncIterator[Settings]:
    if await get_status(settings.port, "/healthz") is not None:
        yield settings
        return
    from service.bench.instance import run_instance

    sys.stderr.write("没有运行中的智达，启动一个临时的 · none runs, starting one for this …\n")
    async with run_instance() as instance:
        yield instance.settings


async def _in_session(walk: Walk, settings: Settings) -> Row:
    # Each walk has cookies of its own; the desk's are those of a loopback address.
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=_CALL_S)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar) as http:
        return await walk(http, settings)


async def _walk_chat(http: aiohttp.ClientSession, settings: Settings) -> Row:
    visit = ChatVisit(http, settings)
    await visit.open()
    answer = await visit.ask(_QUESTION)
    row: Row = {"channel": "chat", "question": _QUESTION, "answer": answer.text}
    return row | {"ms": answer.ms, "ok": _TOPIC in answer.text and answer.author == "bot"}


async def _walk_wechat(http: aiohttp.ClientSession, settings: Settings) -> Row:
    answer = await WechatVisit(http, settings).ask(_QUESTION)
    row: Row = {"channel": "wechat", "question": _QUESTION, "answer": answer.text}
    return row | {"ms": answer.ms, "ok": _TOPIC in answer.text}


async def _walk_handover(http: aiohttp.ClientSession, settings: Settings) -> Row:
    mark = uuid4().hex[:8]
    question, reply = f"我要转人工客服，编号 {mark}", f"您好，我是客服，正在为您处理 {mark}。"
    client, agent = ChatVisit(http, settings), DeskVisit(http, settings)
    await client.open()
    await client.ask(question)
    await agent.open()
    ticket = await agent.take(mark)
    await agent.reply(ticket, reply)
    heard = await client.listen("agent")
    await agent.resolve(ticket, "smoke")
    row: Row = {"channel": "chat", "handover": True, "question": question, "answer": heard.text}
    return row | {"ticket": ticket["number"], "ms": heard.ms, "ok": heard.text == reply}


async def _walk_twilio(http: aiohttp.ClientSession, settings: Settings) -> Row:
    number = f"+8525{secrets.randbelow(10**7):07}"
    heard = await LabVisit(http, settings, "sms", number).ask(
        "/lab/sms/twilio/twilio/say", {"number": number, "text": _QUESTION}
    )
    row: Row = _name("sms/twilio") | {"question": _QUESTION, "answer": heard.text}
    return row | {"ms": heard.ms, "ok": _TOPIC in heard.text}


async def _walk_aliyun(http: aiohttp.ClientSession, settings: Settings) -> Row:
    """Free text cannot go to the mainland: the answer is the approved template with a link."""
    number = f"+86139{secrets.randbelow(10**8):08}"
    heard = await LabVisit(http, settings, "sms", number).ask(
        "/lab/sms/aliyun/aliyun/say", {"number": number, "text": _QUESTION}
    )
    row: Row = _name("sms/aliyun") | {"question": _QUESTION, "answer": heard.text}
    is_template = heard.entry["kind"] == "template" and f"{settings.site_url}/" in heard.text
    return row | {"ms": heard.ms, "ok": is_template}


async def _walk_kf(http: aiohttp.ClientSession, settings: Settings) -> Row:
    user = f"wm{secrets.token_hex(15)}"
    heard = await LabVisit(http, settings, "kf", user).ask(
        "/lab/kf/demo/say", {"user": user, "text": _QUESTION}
    )
    row: Row = _name("kf") | {"question": _QUESTION, "answer": heard.text}
    return row | {"ms": heard.ms, "ok": _TOPIC in heard.text}


async def _walk_email(http: aiohttp.ClientSession, settings: Settings) -> Row:
    mailbox = f"smoke-{secrets.token_hex(6)}@example.cn"
    heard = await LabVisit(http, settings, "email", mailbox).ask(
        "/lab/mail/demo/send", {"from": mailbox, "subject": _TOPIC, "text": _QUESTION}
    )
    row: Row = _name("email") | {"question": _QUESTION, "answer": heard.text}
    is_reply = heard.entry["body"]["subject"] == f"Re: {_TOPIC}"
    return row | {"ms": heard.ms, "ok": is_reply and _TOPIC in heard.text}


async def _walk_voice(http: aiohttp.ClientSession, settings: Settings) -> Row:
    return {**_name("voice"), **await CallVisit(http, settings).confirm()}


async def _walk_push(http: aiohttp.ClientSession, settings: Settings) -> Row:
    return {**_name("push/jpush"), **await PushVisit(http, settings).open_one()}


async def _walk_staff(http: aiohttp.ClientSession, settings: Settings) -> Row:
    """A new ticket is told in the group of the demo's WeCom robot."""
    mark = uuid4().hex[:8]
    question = f"我要转人工客服，编号 {mark}"
    client, agent = ChatVisit(http, settings), DeskVisit(http, settings)
    group = LabVisit(http, settings, "staff", "group")
    await client.open()
    await group.begin()
    await client.ask(question)
    await agent.open()
    ticket = await agent.take(mark)
    heard = await group.hear(str(ticket["number"]))
    await agent.resolve(ticket, "smoke")
    row: Row = _name("staff/wecom_robot") | {"question": question, "answer": heard.text}
    return row | {"ms": heard.ms, "ok": mark not in heard.text}


def _name(walk: str) -> Row:
    """Return the channel of a walk, and its provider where a channel has several."""
    channel, _, provider = walk.partition("/")
    row: Row = {"channel": channel}
    return row | {"provider": provider} if provider else row


def _show(row: Row) -> str:
    sign = "✓" if row["ok"] else "✗"
    provider = f" {row['provider']}" if "provider" in row else ""
    what = f"{row['channel']}{provider}{' 转人工 · hand-over' if row.get('handover') else ''}"
    answer = str(row.get("answer", "")).split("\n", 1)[0]
    said = row.get("error") or f"{row.get('question')} → {answer[:60]}"
    return f"{sign} {what}  {row.get('ms', '-')} ms  {said}"


_WALKS: tuple[tuple[str, Walk], ...] = (
    ("chat", _walk_chat),
    ("wechat", _walk_wechat),
    ("chat", _walk_handover),
    ("sms/twilio", _walk_twilio),
    ("sms/aliyun", _walk_aliyun),
    ("kf", _walk_kf),
    ("staff/wecom_robot", _walk_staff),
    ("email", _walk_email),
    ("voice", _walk_voice),
    ("push/jpush", _walk_push),
)
