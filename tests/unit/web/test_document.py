"""GET /v1/openapi.yaml gives the file as it is, and says so where there is none."""

from __future__ import annotations

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from web.api.document import DocumentDoor
from web.app import make_app


async def test_the_document_is_given_as_it_is_to_anybody(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text("openapi: 3.1.0  # 智达\n", "utf-8")
    async with TestClient(TestServer(make_app([DocumentDoor(file).install]))) as client:
        async with client.get("/v1/openapi.yaml") as answer:
            assert (answer.status, answer.content_type) == (200, "application/yaml")
            assert await answer.text("utf-8") == "openapi: 3.1.0  # 智达\n"
        file.unlink()
        async with client.get("/v1/openapi.yaml") as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")
