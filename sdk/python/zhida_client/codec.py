"""Between the dataclasses of schemas.py and JSON.

A name that Python keeps for itself carries a trailing `_` in the class and none in JSON. What an
answer holds beyond the document is overlooked, so that a newer Zhida can be read.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from zhida_client.errors import Unreadable

T = TypeVar("T")


def write(body: object) -> bytes:
    """Return a body as JSON; what is optional and None is left out.

    Raises:
        ValueError: it holds what JSON cannot, such as NaN.
    """
    plain = _encode(body)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def read(kind: type[T], body: bytes) -> T:
    """Return an answer as the class that describes it.

    Raises:
        Unreadable: it is not JSON, or lacks what the document promises.
    """
    try:
        found: T = _decode(kind, json.loads(body))
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Unreadable(f"应答不符合文档 · not a {kind.__name__}: {error!r}") from error
    return found


def _encode(value: object) -> object:
    if is_dataclass(value):
        return {
            one.name.rstrip("_"): _encode(getattr(value, one.name))
            for one in fields(value)
            if not (_is_optional(one) and getattr(value, one.name) is None)
        }
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _encode(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_encode(one) for one in value]
    return value


def _decode(kind: Any, value: Any) -> Any:
    """Build what a hint names; a word that the document did not have then is handed on."""
    if is_dataclass(kind):
        return _build(kind, value)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        [known] = [one for one in inner if one is not type(None)]
        return None if value is None else _decode(known, value)
    if origin is Sequence:
        return tuple(_decode(inner[0], one) for one in value)
    if origin is Mapping:
        return {name: _decode(inner[1], one) for name, one in value.items()}
    if kind in {datetime, date}:
        return kind.fromisoformat(value)
    return UUID(value) if kind is UUID else value


def _build(kind: Any, value: Any) -> Any:
    found = {}
    for name, hint, is_optional in _list_parts(kind):
        told = name.rstrip("_")
        if told in value or not is_optional:
            found[name] = _decode(hint, value[told])
    return kind(**found)


@cache
def _list_parts(kind: Any) -> list[tuple[str, Any, bool]]:
    hints = get_type_hints(kind)
    return [(one.name, hints[one.name], _is_optional(one)) for one in fields(kind)]


def _is_optional(part: Field[Any]) -> bool:
    return part.default is not MISSING
