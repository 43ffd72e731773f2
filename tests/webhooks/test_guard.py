from __future__ import annotations

import ipaddress
import socket
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from duramen.errors import BadInputError
from duramen.webhooks.guard import Guard, is_public, parsed

NOT_PUBLIC = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(BadInputError, match="public"):
        await Guard().check(f"https://{host}/hook")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "2606:4700::1111"])
async def test_public_addresses_are_let_through(address: str) -> None:
    host = f"[{address}]" if ":" in address else address

    url = await Guard().check(f"https://{host}:8443/hook")

    assert await Guard().addresses(url) == [address]


@given(st.ip_addresses(v=4))
def test_an_address_within_ipv6_is_never_public(inner: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
        assert not is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(inner)))
    assert not is_public(ipaddress.IPv6Address((0x2002 << 112) + (int(inner) << 80)))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "2130706433", "0x7f.1", "127.1"])
async def test_other_ways_to_write_this_machine_are_refused(host: str) -> None:
    with pytest.raises(BadInputError, match="public"):
        await Guard().check(f"http://{host}:8080/hook")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.com/",
        "http://",
        "http:///path",
        "http://:80/",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://exa mple.com/",
        "https://example.com/\r\nX: y",
        "https://example.com:0/",
        "https://[::1/",
        "http://0177.0.0.1/",
        7,
        None,
    ],
)
def test_only_plain_web_addresses_are_urls_of_webhooks(url: Any) -> None:
    with pytest.raises(BadInputError, match="URL"):
        parsed(url)


async def test_a_name_that_cannot_be_resolved_is_let_through_until_delivery() -> None:
    url = await Guard().check("https://nowhere.invalid/hook")

    with pytest.raises(socket.gaierror):
        await Guard().addresses(url)


async def test_a_label_that_is_too_long_is_no_crash() -> None:
    url = httpx.URL("http://" + "a" * 70 + ".invalid/")

    with pytest.raises(OSError, match="no name"):
        await Guard().addresses(url)


@pytest.mark.parametrize("allowed", ["127.0.0.0/8", "127.0.0.1", "127.0.0.1/32"])
async def test_networks_may_be_allowed(allowed: str) -> None:
    guard = Guard(allowed=[allowed])

    await guard.check("http://127.0.0.1/")

    with pytest.raises(BadInputError, match="public"):
        await guard.check("http://10.0.0.1/")
    with pytest.raises(BadInputError, match="public"):
        await guard.check("http://[::ffff:127.0.0.1]/")


async def test_hosts_may_be_allowed_by_name() -> None:
    guard = Guard(allowed=["Hooks.Internal"])

    url = await guard.check("http://hooks.internal:9000/")

    assert await guard.addresses(url) == ["hooks.internal"]
    with pytest.raises(BadInputError, match="public"):
        await guard.check("http://localhost/")


async def test_everything_may_be_allowed() -> None:
    assert (await Guard(allow_private=True).check("http://localhost/")).host == "localhost"
    with pytest.raises(BadInputError, match="URL"):
        await Guard(allow_private=True).check("file:///etc/passwd")
