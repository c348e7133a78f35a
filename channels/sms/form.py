"""Reads a form that a carrier posts: every field, blanks kept, nothing trimmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from kernel.errors import Malformed

MOST_FIELDS = 200
"""Twilio's grow over time (webhooks-security); none has come near this."""


def parse_form(body: bytes) -> dict[str, list[str]]:
    """Return every field's values in their order.

    Raises:
        Malformed: the body is not a form in UTF-8, has more than 200 fields, or carries a NUL.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise Malformed("The body is not a form in UTF-8.") from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in name + value:
            raise Malformed("The form carries a NUL character.")
        fields.setdefault(name, []).append(value)
    return fields


def read_one(fields: Mapping[str, Sequence[str]], name: str, *, most: int) -> str:
    """Return the one value of a field that must be there.

    Raises:
        Malformed: it is missing, comes twice, or is longer than `most` characters.
    """
    values = fields.get(name, ())
    if len(values) != 1 or not values[0]:
        raise Malformed(f"The form must have {name} once.")
    if len(values[0]) > most:
        raise Malformed(f"{name} is longer than {most} characters.")
    return values[0]
