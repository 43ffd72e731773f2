"""For which tenant something is done just now: what a store may take as a second wall, behind the checks of a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

TENANT: ContextVar[str | None] = ContextVar("duramen.tenant", default=None)
"""The tenant, encoded as in the names of its banks (`tenant:{tenant}:…`); None for all banks, whosesoever they are.

It goes with the caller: into tasks, onto the engine's own loop and into `asyncio.to_thread`, but into no other thread.
A store over PostgreSQL shows and changes banks of this tenant alone; other stores do not look at it.
"""


@contextmanager
def of_tenant(tenant: str | None) -> Iterator[None]:
    """Do what is in the block for `tenant`, encoded as in the names of its banks, or with None for all.

    Work that outlives its caller, or that is shared by several, is begun with None.

    >>> with of_tenant("acme"):
    ...     TENANT.get()
    'acme'
    """
    before = TENANT.set(tenant)
    try:
        yield
    finally:
        TENANT.reset(before)
