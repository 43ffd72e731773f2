"""What other memories write, as values of ours: leniently, since it is theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from duramen.documents.reserved import plain
from duramen.documents.source import Source
from duramen.errors import BadInputError
from duramen.times import parse_time
from duramen.types import Interval

_WHEN = ("event_date", "timestamp", "occurred")
"""Where it stands when a document was said, the last on servers of ours."""


def moment_in(value: object) -> datetime | None:
    """Return the moment that a text says, or None if it says none."""
    try:
        return parse_time(value, BadInputError, "a time") if value else None
    except BadInputError:
        return None


def occurred_in(row: Mapping[str, Any]) -> Interval | None:
    """Return from when until when something was true, by `occurred_start` and `occurred_end`, of which one is enough."""
    start, end = moment_in(row.get("occurred_start")), moment_in(row.get("occurred_end"))
    first, last = start or end, end or start
    return None if first is None or last is None else Interval(min(first, last), max(first, last))


def texts_in(value: object) -> list[str]:
    """Return the texts in a list that can be seen.

    >>> texts_in(["home", " ", 7, None]), texts_in(None)
    (['home'], [])
    """
    return [one for one in value if isinstance(one, str) and one.strip()] if isinstance(value, list) else []


def entities_in(value: object) -> list[str]:
    """Return names: of a list of texts or of objects with a `text`, or of one text with commas.

    >>> entities_in("Ada, Lisbon"), entities_in([{"text": "Ada", "type": "PERSON"}, "Lisbon"])
    (['Ada', 'Lisbon'], ['Ada', 'Lisbon'])
    """
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return []
    names = [one.get("text", one.get("canonical_name")) if isinstance(one, Mapping) else one for one in value]
    return [name.strip() for name in texts_in(names)]


def metadata_in(value: object) -> dict[str, str]:
    """Return metadata as text by name: what is no text as JSON, and what is null not at all.

    >>> metadata_in({"channel": "mail", "n": 3, "to": None, "duramen:x": "y"})
    {'channel': 'mail', 'n': '3'}
    """
    given = value if isinstance(value, Mapping) else {}
    return plain(
        {
            str(name): one if isinstance(one, str) else json.dumps(one, ensure_ascii=False, default=str)
            for name, one in given.items()
            if one is not None
        }
    )


def source_of(document: Mapping[str, Any]) -> Source:
    """Return what makes a document of Hindsight here: `original_text`, which is not blank, and what it was given with.

    A document is as old as it was said to be, or as it is there. One that was given without any time dates nothing.
    """
    params = document.get("retain_params")
    given: Mapping[str, Any] = params if isinstance(params, Mapping) else {}
    occurred = next((found for name in _WHEN if (found := moment_in(given.get(name))) is not None), None)
    timeless = bool(given.get("timeless")) or ("event_date" in given and occurred is None)
    metadata = {**metadata_in(given.get("metadata")), **metadata_in(document.get("document_metadata"))}
    return Source(
        content=str(document["original_text"]),
        document=str(document["id"]),
        occurred=occurred or moment_in(document.get("created_at")),
        timeless=timeless,
        context=str(given.get("context") or "") or None,
        tags=texts_in(document.get("tags")),
        metadata=metadata,
        entities=entities_in(given.get("entities")),
    )
