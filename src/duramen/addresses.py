"""What an address names, and how it may be shown."""

from __future__ import annotations

import os
import re
from os import PathLike
from typing import TypeGuard

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
_PASSWORD = re.compile(r"(?<=://)([^:/@?]*):.*@", re.DOTALL)
"""Up to the last `@`, since a password may hold anything when nobody escaped it."""
_OPTION = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)


def scheme_of(address: str | PathLike[str]) -> tuple[str, str] | None:
    """Return the scheme of an address, in small letters, and what follows it; None for a plain path.

    >>> scheme_of("Sqlite:///var/lib/memory")
    ('sqlite', '/var/lib/memory')
    """
    found = _SCHEME.fullmatch(os.fsdecode(address).strip())
    return None if found is None else (found[1].casefold(), found[2])


def is_remote(address: object) -> TypeGuard[str | PathLike[str]]:
    """Tell whether `address` is that of a server."""
    return _has_scheme(address, "http", "https")


def is_database(address: object) -> TypeGuard[str | PathLike[str]]:
    """Tell whether `address` is that of a PostgreSQL.

    >>> is_database("postgres://db/memory"), is_database("./memory")
    (True, False)
    """
    return _has_scheme(address, "postgresql", "postgres")


def shown(address: str | PathLike[str]) -> str:
    """Return an address as it may be shown, without the passwords that it may hold.

    >>> shown("postgresql://duramen:b%40rk@db:5432/memory?sslmode=require&sslpassword=wood")
    'postgresql://duramen:…@db:5432/memory?sslmode=require&sslpassword=…'
    >>> shown("./memory")
    './memory'
    """
    return _OPTION.sub(r"\1…", _PASSWORD.sub(r"\1:…@", os.fsdecode(address)))


def _has_scheme(address: object, *schemes: str) -> bool:
    found = scheme_of(address) if isinstance(address, str | PathLike) else None
    return found is not None and found[0] in schemes
