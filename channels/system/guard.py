"""Which addresses a webhook may call: none inside our own networks, unless the settings name them.

An address that somebody enters must not become a way to what only this machine can reach. So each
address that a name resolves to is looked at, and the connection goes to that very address.
Source: OWASP, Server-Side Request Forgery Prevention Cheat Sheet; RFC 6890.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from kernel.errors import InvalidInput, NotPermitted

Network: TypeAlias = IPv4Network | IPv6Network

LONGEST: Final = 500
LOCALHOST: Final = "localhost"
_CARRIES_IPV4: Final = tuple(ip_network(one) for one in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48"))
"""What may stand for an IPv4 address, and that for a private one (RFC 4291, 6052, 8215)."""


class AddressRefused(NotPermitted):
    """A webhook may not call this address: it is not a public one, and no setting allows it."""

    code = "address_refused"
    message_zh = "不允许调用该地址：它不是公网地址，也不在允许的网段内。"


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets public addresses pass, and those of `networks`."""

    networks: Sequence[Network] = ()

    def check_url(self, text: str) -> URL:
        """Read where a webhook is to be called.

        Raises:
            InvalidInput: it is no address by https, or by http of this very machine.
            AddressRefused: its host is an address that may not be called.
        """
        try:
            url = URL(text)
            host, port = url.host, url.port
        except ValueError as error:
            raise _wrong_url() from error
        is_plain = len(text) <= LONGEST and text.isascii() and text.isprintable()
        if not (is_plain and host and port) or url.user or url.password or url.fragment:
            raise _wrong_url()
        if url.scheme != "https" and not (url.scheme == "http" and _is_here(host)):
            raise _wrong_url()
        if (literal := _read(host)) is not None:
            self._check(literal)
        return url

    def check_address(self, text: str) -> None:
        """Make sure that an address that a name stands for may be called.

        Raises:
            AddressRefused: it may not.
        """
        found = _read(text)
        if found is None:
            raise AddressRefused
        self._check(found)

    def _check(self, found: IPv4Address | IPv6Address) -> None:
        if any(found.version == one.version and found in one for one in self.networks):
            return
        is_carried = any(found in one for one in _CARRIES_IPV4)
        if is_carried or not found.is_global or found.is_multicast:
            raise AddressRefused


class GuardedResolver(AbstractResolver):
    """Resolves names as the machine does, and refuses one that leads anywhere it must not."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name.

        Raises:
            AddressRefused: one of them may not be called.
        """
        found = await self._resolver.resolve(host, port, family)
        for one in found:
            self._guard.check_address(one["host"])
        return found

    async def close(self) -> None:
        """Let go of the machine's resolver."""
        await self._resolver.close()


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 that is written as one of IPv6 is read as what it is."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found.sixtofour or found
    return found


def _is_here(host: str) -> bool:
    found = _read(host)
    return host == LOCALHOST or (found is not None and found.is_loopback)


def _wrong_url() -> InvalidInput:
    return InvalidInput(
        "url is an address by https, of at most 500 characters, without a user or a fragment.",
        zh="url 应为 https 地址，至多 500 字符，不含用户名与 #。",
    )
