"""Names of banks and documents in URLs, so that each reaches its own and none another."""

from __future__ import annotations

import re
from urllib.parse import quote

from duramen.naming import digest

_LONGEST = 500  # characters; servers take ids of some length only

_UNSAFE = re.compile(r"[/#]|%(?:25)*(?:2F|23)", re.IGNORECASE)
_WRITTEN = re.compile("%(2F|23|25)")
_MEANT = {"2F": "/", "23": "#", "25": "%"}


def safe(name: str) -> str:
    """Return `name` without slashes and `#`, which many servers cannot tell from a path; no two names become alike.

    Most names are returned as they are.

    >>> safe("tenant:acme:user:ada"), safe("arn:user/ada"), safe("arn:user%2Fada")
    ('tenant:acme:user:ada', 'arn:user%2Fada', 'arn:user%252Fada')
    """
    if not _UNSAFE.search(name):
        return name
    return name.replace("%", "%25").replace("/", "%2F").replace("#", "%23")


def meant(name: str) -> str:
    """Return what `safe` was given.

    >>> meant("arn:user%2Fada"), meant("100%25")
    ('arn:user/ada', '100%25')
    """
    return _WRITTEN.sub(lambda found: _MEANT[found[1]], name) if _UNSAFE.search(name) else name


def document_of(key: str, position: int) -> str:
    """Return the id of the document that holds the event at `position` of the item of this key."""
    name = safe(key)
    if len(name) > _LONGEST:
        name = digest(key)
    return name if position == 0 else f"{name}#{position}"


def position_in(document: str) -> int:
    """Return the position of which `document_of` made this id."""
    _, _, number = document.partition("#")
    return int(number) if number.isdecimal() else 0


def segment(name: str) -> str:
    """Return `name` as one segment of a URL, which no proxy takes for a step up."""
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E")
