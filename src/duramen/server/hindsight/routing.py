"""What all routes share: models that take also what they do not know, and the header that tells of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from duramen.server.banks import AskedBank, bank_for
from duramen.server.caller import Verb
from duramen.types import TagsMatch

PREFIX = "/v1/default"
BANK = "/banks/{bank_id}"

T = TypeVar("T")

_TOLD = 50  # names in the header; a header has no room for what somebody may send
_PAGE = 1000

_unknown: ContextVar[set[str] | None] = ContextVar("unknown", default=None)


class Body(BaseModel):
    """What a client sends. What it names beside the fields is no error, and is told in `X-Ignored-Params`."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)

    def model_post_init(self, context: Any, /) -> None:
        """Take note of what is not known."""
        seen = _unknown.get()
        if seen is not None and self.model_extra:
            seen.update(self.model_extra)

    def named(self, *fields: str) -> dict[str, Any]:
        """Return those of `fields` that the client named, null or not."""
        return {name: getattr(self, name) for name in fields if name in self.model_fields_set}


class Reply(BaseModel):
    """What a client is told. Null is told as null: some clients want every key."""

    model_config = ConfigDict(populate_by_name=True)


class Told(APIRoute):
    """A route that lists what it was sent and did not know in the header `X-Ignored-Params`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()
        known = set(_query_names(self.dependant))

        async def handler(request: Request) -> Response:
            seen = set(request.query_params) - known
            token = _unknown.set(seen)
            try:
                response = await handle(request)
            finally:
                _unknown.reset(token)
            if seen:
                response.headers["X-Ignored-Params"] = ", ".join(quote(one[:100]) for one in sorted(seen)[:_TOLD])
            return response

        return handler


def without_effect(**given: bool | None) -> None:
    """Tell in `X-Ignored-Params` of those options that were wanted and change nothing here."""
    seen = _unknown.get()
    if seen is not None:
        seen.update(name for name, wanted in given.items() if wanted)


def router(tag: str, prefix: str = PREFIX) -> APIRouter:
    """Return a router for the routes of one group."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=Told)


def asked(verb: Verb) -> Any:
    """Return what gives a route its bank, when the caller may `verb` there."""
    return Depends(bank_for(verb))


Recalled = Annotated[AskedBank, asked("recall")]
Retained = Annotated[AskedBank, asked("retain")]
Reflected = Annotated[AskedBank, asked("reflect")]
Read = Annotated[AskedBank, asked("read")]
Managed = Annotated[AskedBank, asked("manage")]
Forgets = Annotated[AskedBank, asked("forget")]

Limit = Annotated[int, Query(ge=0, le=100_000)]
Offset = Annotated[int, Query(ge=0, le=2**53)]
Tags = Annotated[list[str] | None, Query()]
Match = Annotated[TagsMatch, Query()]

Tokens = Annotated[int, Field(ge=0, le=10_000_000)]


async def paged(
    page: Callable[[int, int], Awaitable[tuple[Sequence[T], int]]], limit: int, offset: int = 0
) -> tuple[list[T], int]:
    """Return `limit` items from `offset` on, and how many there are, of what is given out in pages of up to 1000.

    Args:
        page: Returns a page by its length and offset, and how many items there are.
        limit: How many are wanted; also 0, when only their number is.
        offset: How many are passed over.
    """
    found: list[T] = []
    some, total = await page(min(max(limit, 1), _PAGE), offset)
    while some and len(found) < limit:
        found += some[: limit - len(found)]
        if len(found) < limit and offset + len(found) < total:
            some, total = await page(min(limit - len(found), _PAGE), offset + len(found))
        else:
            break
    return found, total


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for one in dependant.dependencies:
        yield from _query_names(one)
