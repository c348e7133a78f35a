"""Requests that once made an error of ours, each told what is wrong: bytes that are no text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import aiohttp
import pytest
from yarl import URL

from tests.site import Site, running_site

NUL = "nul \0 here"


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        yield site


async def ask_raw(site: Site, line: str, headers: Mapping[str, bytes]) -> tuple[int, bytes]:
    """Send a request with bytes that no HTTP library would send."""
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [f"{line} HTTP/1.1".encode(), b"Host: x", b"Connection: close", b"Content-Length: 0"]
    lines += [name.encode() + b": " + value for name, value in headers.items()]
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def test_headers_that_are_no_text_are_refused(site: Site) -> None:
    async with (
        aiohttp.ClientSession(site.url, headers=site.chat_headers()) as guest,
        guest.post("/chat/ticket") as answer,
    ):
        ticket = (await answer.json())["ticket"]
    cookie = (await site.staff_headers("agent"))["Cookie"].encode()
    asked: list[tuple[str, dict[str, bytes], int]] = [
        ("GET /chat/messages", {"Authorization": b"Bearer \xff\xfe"}, 401),
        ("GET /chat/ws", {"Sec-WebSocket-Protocol": b"chat.v1, bearer.\xff"}, 401),
        ("GET /chat/messages", {"Origin": b"\xff"}, 403),
        ("GET /v1/desk/tickets", {"Cookie": cookie, "Origin": b"http://["}, 403),
        ("POST /v1/session", {"Origin": b"http://["}, 403),
        (f"GET /chat/events?ticket={ticket}", {"Last-Event-ID": "²".encode()}, 400),
    ]
    for line, headers, status in asked:
        assert (await ask_raw(site, line, headers))[0] == status, line


async def test_numbers_of_another_script_are_no_numbers_of_ours(site: Site) -> None:
    async with aiohttp.ClientSession(site.url, headers=site.chat_headers()) as guest:
        for number in ("٣", "²", "-1", "1e3", "9" * 30):
            async with guest.get("/chat/messages", params={"after": number}) as answer:
                assert answer.status == 400, number


async def test_a_page_whose_name_no_file_can_have_is_not_there(site: Site) -> None:
    async with aiohttp.ClientSession(site.url) as browser:
        for name in ("a%00.js", "x" * 400 + ".js", "..%2f..%2fpyproject.toml", "%ff.js"):
            async with browser.get(URL(f"/desk/{name}", encoded=True)) as answer:
                assert answer.status == 404, name


async def test_a_nul_is_refused_wherever_a_text_is_kept(site: Site) -> None:
    ids = site.ids
    client = f"/v1/desk/clients/{ids['clients']}"
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("POST", f"{client}/reveal", {"field": "name", "reason": NUL}),
        ("POST", f"{client}/identities/{ids['identity']}/unbind", {"reason": NUL}),
        ("POST", "/v1/channels/chat/app/test", {"address": NUL}),
        ("PATCH", f"/v1/channels/{ids['channels']}", {"public": {"sign_name": NUL}}),
        ("PATCH", f"/v1/channels/{ids['channels']}", {"public": False}),
        ("POST", f"/v1/channels/{ids['channels']}/secrets", {"secret": {"push_token": NUL}}),
    ]
    headers = await site.staff_headers("admin")
    async with aiohttp.ClientSession(site.url, headers=headers) as admin:
        for method, path, body in asked:
            async with admin.request(method, path, json=body) as answer:
                code = (await answer.json())["error"]["code"]
                assert (answer.status, code) == (400, "invalid_input"), path
    async with aiohttp.ClientSession(site.url, headers=site.chat_headers()) as guest:
        for told in (
            {"client_msg_id": f"nul\0{uuid4()}", "text": "你好"},
            {"client_msg_id": str(uuid4()), "text": NUL},
            {"client_msg_id": str(uuid4()), "payload": NUL},
        ):
            async with guest.post("/chat/messages", json=told) as answer:
                assert answer.status == 400, told


async def test_a_verdict_is_yes_or_no(site: Site) -> None:
    async with aiohttp.ClientSession(site.url, headers=site.chat_headers()) as guest:
        for body in ({"seq": 2}, {"seq": 2, "helpful": "yes"}, {"seq": 2, "helpful": None}):
            async with guest.post("/chat/feedback", json=body) as answer:
                assert answer.status == 400
                assert "helpful" in (await answer.json())["error"]["message_en"]


async def test_a_method_that_is_not_there_is_told_which_are(site: Site) -> None:
    async with aiohttp.ClientSession(site.url) as browser, browser.put("/v1/session") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "DELETE,GET,HEAD,POST"
