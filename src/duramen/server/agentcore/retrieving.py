"""Memory records as they are found: listed, newest first, and retrieved by meaning, each with its score."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from duramen.errors import BadQueryError
from duramen.records import Filed
from duramen.server.agentcore.contents import content_of
from duramen.server.agentcore.failing import Field, WireError, invalid
from duramen.server.agentcore.filters import BY_HAND, where_of
from duramen.server.agentcore.kept import called
from duramen.server.agentcore.metadata import written_metadata
from duramen.server.agentcore.serving import Call, serves

PAGE, TOP = 20, 10
"""How many records a page has, and how many are retrieved at all, if nothing is said."""

_MARK = 12


@serves("ListMemoryRecords", "read")
async def list_records(call: Call) -> Mapping[str, Any]:
    """List the records at a namespace, or below a path."""
    kept = await called(call)
    params = call.params
    where = where_of(kept, params, strategy=params.get("memoryStrategyId"), filters=params.get("metadataFilters", ()))
    try:
        page = await call.engine.records.list(
            call.resource, kept.templates(), where, cursor=params.get("nextToken"), limit=params.get("maxResults", PAGE)
        )
    except BadQueryError:
        raise _strange_token("listing") from None
    return {"memoryRecordSummaries": [output(one) for one in page.items], "nextToken": page.next}


@serves("RetrieveMemoryRecords", "recall")
async def retrieve(call: Call) -> Mapping[str, Any]:
    """Retrieve the `topK` records that answer best. A page behind the first has those of them that none had before."""
    kept = await called(call)
    params, criteria = call.params, call.params["searchCriteria"]
    where = where_of(
        kept,
        params,
        strategy=criteria.get("memoryStrategyId"),
        filters=criteria.get("metadataFilters", ()),
        below="searchCriteria.",
    )
    if not criteria["searchQuery"].strip():
        told = "Must not be blank. Ask for something in words; ListMemoryRecords lists without a query."
        raise invalid(f"searchCriteria.searchQuery: {told}", Field("searchCriteria.searchQuery", told))
    listing = _listing(params)
    shown = _shown(params.get("nextToken"), listing)
    top = criteria.get("topK", TOP)
    found = await call.engine.records.retrieve(
        call.resource, kept.templates(), criteria["searchQuery"], where, limit=top
    )
    left = [(one, score) for one, score in found if _mark(one.id) not in shown][: max(0, top - len(shown))]
    page = left[: params.get("maxResults", PAGE)]
    behind = [*shown, *(_mark(one.id) for one, _ in page)]
    return {
        "memoryRecordSummaries": [{**output(one), "score": score} for one, score in page],
        "nextToken": _token(listing, behind) if len(page) < len(left) else None,
    }


def output(found: Filed) -> dict[str, Any]:
    """Return a record as the wire has it, without its score and its expiry."""
    return {
        "memoryRecordId": found.id,
        "content": {"text": content_of(found)},
        "memoryStrategyId": found.strategy or BY_HAND,
        "namespaces": [found.namespace] if found.namespace else [],
        "createdAt": found.created,
        "timestamp": found.at,
        "metadata": written_metadata(found.metadata),
    }


def _listing(params: Mapping[str, Any]) -> str:
    """Return what names a retrieval: all that decides what is found, so that a token is of no use for another."""
    asked = {name: value for name, value in params.items() if name not in ("maxResults", "nextToken")}
    return _digest(json.dumps(asked, sort_keys=True, default=str))[:_MARK]


def _token(listing: str, shown: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps([listing, *shown]).encode()).decode()


def _shown(token: str | None, listing: str) -> list[str]:
    """Return the marks of the records that the pages before had."""
    if token is None:
        return []
    marks: list[str]
    try:
        name, *marks = json.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        name, marks = None, []
    if name != listing or not all(isinstance(mark, str) for mark in marks):
        raise _strange_token("retrieval")
    return marks


def _strange_token(of: str) -> WireError:
    told = f"The token belongs to another {of}, or to none. Leave it out for the first page, and pass it on as it is."
    return invalid(told, Field("nextToken", told))


def _mark(record: str) -> str:
    return _digest(record)[:_MARK]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
