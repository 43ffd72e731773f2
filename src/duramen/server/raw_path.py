"""Paths as they were sent: split at "/" first and decoded then, so that an id may hold any character.

A server usually decodes the whole path before it looks for a route, and `%2F` within an id becomes one more "/". Here
each segment is decoded by itself, and what a route would trip over in it is put behind a NUL, which no path may hold.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from duramen.server.errors import Refused

_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A line break, too: `$` in the pattern of a route would match before it.
_KEPT = {"/": "\0s", "\n": "\0n"}
_BACK = {kept: mark for mark, kept in _KEPT.items()}


class RawPath:
    """Routes what is inside by the raw path, below `base`; refuses paths that are no sound text; answers HEAD as GET."""

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Changed in place: what is around it reads from the scope which route it was.
        scope["path"] = below(scope.get("raw_path") or quote(scope["path"]).encode(), self.base)
        scope["path"] = _segments(scope["path"])
        scope["root_path"] = ""
        if scope["method"] == "HEAD":
            scope["method"] = "GET"
            send = _without_body(send)
        await self.app(scope, receive, send)


def routed(raw: bytes, base: str = "") -> str:
    r"""Return the path by which a route is found: "/" only between segments.

    Raises:
        Refused: 400 for what is no percent-encoded UTF-8, or holds a NUL; 404 for an empty segment, or outside `base`.

    >>> routed(b"/banks/tenant:a/stats"), routed(b"/banks/%41%3A/stats")
    ('/banks/tenant:a/stats', '/banks/A:/stats')
    >>> routed(b"/banks/a%2Fb/stats").split("/")
    ['', 'banks', 'a\x00sb', 'stats']
    """
    return _segments(below(raw, base))


def below(raw: bytes, base: str = "") -> str:
    """Return the path below `base`, still as it was sent.

    Raises:
        Refused: 400 for what is no path; 404 outside `base`.
    """
    text = raw.decode("latin-1")
    if not text.startswith("/"):
        raise Refused(400, "The path must begin with a slash.")
    if base:
        if text != base and not text.startswith(base + "/"):
            raise Refused(404, "Not Found")
        text = text.removeprefix(base) or "/"
    return text


def _segments(text: str) -> str:
    if text.startswith("/mcp/") or text == "/memories/":  # clients have such addresses with a slash at the end
        text = text.removesuffix("/")
    return "/" + "/".join(_segment(one) for one in text[1:].split("/")) if text != "/" else "/"


async def restored(request: Request) -> None:
    """Restore the path parameters of this request, before anything reads them."""
    restore(request.scope["path_params"])


def restore(parameters: MutableMapping[str, Any]) -> None:
    """Give path parameters the characters back that were kept out of the way of routing."""
    for name, value in parameters.items():
        if isinstance(value, str):
            for kept, mark in _BACK.items():
                value = value.replace(kept, mark)
            parameters[name] = value


def _segment(raw: str) -> str:
    if not raw:
        raise Refused(404, "Not Found")
    if _BROKEN.search(raw):
        raise Refused(400, "The path holds a % that encodes nothing. Write it as %25.")
    try:
        text = unquote_to_bytes(raw.encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise Refused(400, "The path is not UTF-8.") from None
    if "\0" in text:
        raise Refused(400, "The path holds a NUL character. Leave it out.")
    for mark, kept in _KEPT.items():
        text = text.replace(mark, kept)
    return text


def _without_body(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
