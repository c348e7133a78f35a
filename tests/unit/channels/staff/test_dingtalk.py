"""DingTalk's signature, against a vector that another implementation made."""

from __future__ import annotations

from urllib.parse import quote

from channels.staff.dingtalk import sign


def test_signature_is_the_documented_one() -> None:
    """The vector is facts/channels.md §4, quoted as it stands in a URL."""
    expected = "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g%3D"
    assert quote(sign("SECtest", 1700000000000), safe="") == expected
