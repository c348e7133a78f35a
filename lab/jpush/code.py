"""JPush's error codes with the HTTP status and the sentence that it answers.

Source: docs.jiguang.cn, REST API v3, 推送 API, HTTP 返回码与错误码.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

MESSAGES: Mapping[int, tuple[int, str]] = {
    1000: (500, "System error"),
    1001: (405, "Only support HTTP Post method"),
    1002: (400, "Missing parameter"),
    1003: (400, "Parameter value is invalid"),
    1004: (401, "Authen failed"),
    1005: (413, "Push message is too large"),
    1008: (400, "app_key is invalid"),
    1009: (400, "Push object contains an unsupported key"),
    1011: (400, "cannot find user by this audience"),
    1030: (503, "Internal service timeout"),
    2002: (429, "Rate limit exceeded"),
    2003: (403, "The app_key is restricted"),
    2008: (429, "Broadcast is too frequent"),
}


class Wrong(Exception):
    """JPush answers with an error."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    def answer(self) -> web.Response:
        """Return the answer that JPush gives."""
        status, sentence = MESSAGES[self.code]
        error = {"code": self.code, "message": sentence}
        return web.json_response({"error": error}, status=status)
