"""A memory of this computer, served without keys, is for programs of this computer: not for pages that a browser shows."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from duramen.server.errors import Refused


class OwnHosts:
    """Answers only what is asked of this computer by its own name, and by pages of its own, if any.

    A page of elsewhere that a browser shows can have its name lead here (DNS rebinding); its requests then carry that name
    as their `Host`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host, origin = headers.get("host"), headers.get("origin")
            if host is not None and not is_own(f"//{host}"):
                raise Refused(403, "This server answers at localhost only. Start it with --auth on for other names.")
            if origin is not None and not is_own(origin):
                raise Refused(403, "A page of another place may not use the memory of this computer.")
        await self.app(scope, receive, send)


def is_own(url: str) -> bool:
    """Tell whether `url` leads to this computer.

    >>> [is_own(url) for url in ("//localhost:8888", "//[::1]:8888", "http://127.0.0.1", "https://example.com", "null")]
    [True, True, True, False, False]
    """
    try:
        name = urlsplit(url).hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
