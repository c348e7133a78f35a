"""Where a webhook may call: no private address, however it is written."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from channels.system.guard import AddressRefused, Guard, GuardedResolver
from kernel.errors import InvalidInput

OPEN = Guard((ip_network("127.0.0.0/8"), ip_network("10.20.0.0/16")))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::",
        "nonsense",
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check_address(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1", "::ffff:1.1.1.1"])
def test_public_addresses_pass(address: str) -> None:
    Guard().check_address(address)


def test_what_the_settings_name_passes_and_its_neighbours_do_not() -> None:
    OPEN.check_address("10.20.3.4")
    OPEN.check_address("::ffff:10.20.3.4")
    for address in ("10.21.0.1", "::1"):
        with pytest.raises(AddressRefused):
            OPEN.check_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "ftp://crm.example/x",
        "http://crm.example/x",
        "http://10.20.3.4/x",
        "https://user:word@crm.example/",
        "https://crm.example/#part",
        "https://crm.example:99999/",
        "https://crm.example/ x\n",
        "https://crm.example/" + "x" * 500,
        "//crm.example/x",
        "https://[::1",
    ],
)
def test_only_https_is_taken_and_nothing_odd(url: str) -> None:
    with pytest.raises(InvalidInput):
        OPEN.check_url(url)


def test_this_machine_may_be_called_by_http_where_the_settings_name_it() -> None:
    OPEN.check_url("http://127.0.0.1:8080/x")
    OPEN.check_url("https://crm.example/x?y=1")
    for url in ("http://127.0.0.1:8080/x", "https://169.254.169.254/latest", "https://[::1]/"):
        with pytest.raises(AddressRefused):
            Guard().check_url(url)


async def test_a_name_that_leads_inside_is_refused() -> None:
    with pytest.raises(AddressRefused):
        await GuardedResolver(Guard()).resolve("localhost", 80)
    assert await GuardedResolver(Guard((*OPEN.networks, ip_network("::1/128")))).resolve(
        "localhost", 80
    )
