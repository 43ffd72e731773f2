"""Addresses as they may be shown, and which of them are databases."""

from __future__ import annotations

import re

from duramen.plain import plain

_PASSWORD = re.compile(r"(?<=://)([^:/@?]*):.*@", re.DOTALL)
_OPTION = re.compile(r"([?&](?:ssl)?password=)[^&]*", re.IGNORECASE)
_DATABASE = re.compile(r"postgres(ql)?://", re.IGNORECASE)


def shown_place(address: str) -> str:
    """Return an address without its passwords, fit for a terminal.

    >>> shown_place("postgresql://duramen:b%40rk@db:5432/memory?sslmode=require&sslpassword=wood")
    'postgresql://duramen:…@db:5432/memory?sslmode=require&sslpassword=…'
    >>> shown_place("./memory")
    './memory'
    """
    return plain(_OPTION.sub(r"\1…", _PASSWORD.sub(r"\1:…@", address)))


def is_database(address: str) -> bool:
    """Tell whether an address is that of a PostgreSQL.

    >>> is_database("postgres://db/memory"), is_database("./memory")
    (True, False)
    """
    return _DATABASE.match(address.strip()) is not None
