"""The only place that turns errors into HTTP: the tree's own status, or 500 with a reference."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from uuid import uuid4

import orjson
from aiohttp import web
from prometheus_client import Counter

from kernel.errors import InvalidInput, ServiceError, TooMany

log = logging.getLogger(__name__)

ERRORS = Counter("zhida_http_errors_total", "Refused or failed requests", ["code"])

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as JSON; a bug gets a reference number and no detail."""
    try:
        return await handler(request)
    except ServiceError as error:
        return answer_error(error)
    except web.HTTPRequestEntityTooLarge:
        return _answer(413, "too_large", "The body is too large.", "请求内容过大。")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        answer = _answer(error.status, error.reason.lower().replace(" ", "_"), error.reason, "")
        if "Allow" in error.headers:  # RFC 9110 §15.5.6: a 405 says which methods there are
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except ConnectionResetError:
        return web.Response(status=499)  # nobody is there any more to read it
    except Exception:
        reference = uuid4().hex[:8]
        log.exception("%s %s failed, reference %s", request.method, request.path, reference)
        return _answer(
            500, "bug", "Something went wrong on our side.", "系统内部错误，请凭编号联系我们。",
            reference=reference,
        )  # fmt: skip


def answer_error(error: ServiceError, **more: object) -> web.Response:
    """Return an error of the tree as the API's JSON; `more` goes into the error object."""
    response = _answer(error.status, error.code, error.message, error.zh, **more)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


async def read_json(request: web.Request) -> dict[str, object]:
    """Return the body as a JSON object.

    Raises:
        InvalidInput: the body is not a JSON object in UTF-8.
    """
    try:
        body = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"The body is not JSON: {error}.", zh="请求内容不是 JSON。") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body must be a JSON object.", zh="请求内容应为 JSON 对象。")
    return body


def answer_json(body: object, status: int = 200) -> web.Response:
    """Return a JSON response."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _answer(status: int, code: str, message: str, zh: str, **more: object) -> web.Response:
    ERRORS.labels(code).inc()
    error = {"code": code, "message": zh or message, "message_en": message, **more}
    return answer_json({"error": error}, status)
