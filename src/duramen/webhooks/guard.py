"""Where a webhook may go: to public addresses, and not into the network that this process stands in.

A name is resolved once for each delivery, every address it has is checked, and the connection goes to a checked address:
a name that is resolved differently a moment later leads nowhere else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from typing import TypeAlias

import httpx

from duramen.errors import BadInputError

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

RESOLVING_SECONDS = 10.0

_PORTS = {"http": 80, "https": 443}
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class Guard:
    """Tells where webhooks may go.

    Args:
        allow_private: They may go anywhere.
        allowed: Names of hosts, addresses and networks (`10.1.0.0/16`) where they may go besides public ones.
    """

    def __init__(self, *, allow_private: bool = False, allowed: Collection[str] = ()) -> None:
        self._anywhere = allow_private
        self._hosts = {one.strip().lower().rstrip(".") for one in allowed}
        networks = (_network(one) for one in self._hosts)
        self._networks = [network for network in networks if network is not None]

    async def check(self, text: str) -> httpx.URL:
        """Return the URL, having made sure that a webhook may go there as things are now.

        A host that cannot be resolved just now is let through: at delivery it has to be.

        Raises:
            BadInputError: It may not.
        """
        url = parsed(text)
        try:
            await self.addresses(url)
        except OSError:
            return url
        return url

    async def addresses(self, url: httpx.URL) -> list[str]:
        """Return the addresses to connect to for `url`, each of which is allowed; the host itself if it is.

        Raises:
            BadInputError: One of them is not allowed.
            OSError: The host cannot be resolved.
        """
        host = url.host.lower().rstrip(".")
        if self._anywhere or host in self._hosts:
            return [url.host]
        found = await _resolved(host, url.port or _PORTS[url.scheme])
        for address in found:
            if not is_public(address) and not any(address in network for network in self._networks):
                raise BadInputError(
                    f"The webhook's host {url.host!r} is, or stands for, an address that is not public. Webhooks go to "
                    f"public addresses only, unless the operator of this server allows the host."
                )
        return [str(address) for address in found]


def parsed(text: str) -> httpx.URL:
    """Return the URL of a webhook.

    Raises:
        BadInputError: It is none: not http or https, without a host, or with a name or password in it.
    """
    try:
        url = httpx.URL(text)
        fine = url.scheme in _PORTS and bool(url.host) and not url.userinfo and url.port != 0
    except (httpx.InvalidURL, TypeError, ValueError, UnicodeError) as error:
        raise BadInputError(f"The webhook's URL is not valid: {error}.") from error
    if not fine or any(character.isspace() for character in text):
        raise BadInputError(
            "The webhook's URL is not valid. Give one that begins with http:// or https://, with a host, and without a "
            "user name or password; what a server must know to trust it goes into the headers."
        )
    return url


def is_public(address: Address) -> bool:
    """Tell whether an address stands for one machine on the public internet, and hides no other address."""
    if isinstance(address, ipaddress.IPv6Address):
        hides = address.ipv4_mapped or address.sixtofour or address.teredo
        if hides or address.is_site_local or any(address in network for network in _TRANSLATED):
            return False
        if int(address) < 2**32:  # ::a.b.c.d, the old way to write IPv4
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not special and not address.is_loopback and not address.is_private


async def _resolved(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, each once, in the order to try them; raises `OSError` if there are none."""
    loop = asyncio.get_running_loop()
    try:
        found = await asyncio.wait_for(
            loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP), RESOLVING_SECONDS
        )
    except asyncio.TimeoutError as error:
        raise OSError(f"{host} was not resolved in {RESOLVING_SECONDS:.0f} s") from error
    except UnicodeError as error:  # a label that is empty or too long for DNS
        raise OSError(f"{host} is no name that can be resolved") from error
    return list(dict.fromkeys(ipaddress.ip_address(str(place[0])) for *_, place in found))


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
