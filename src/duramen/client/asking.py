"""From a query of ours to the requests of Hindsight's API, and what is left to be filtered here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from duramen.client.wire import TYPES
from duramen.errors import UnsupportedError
from duramen.language.tokens import count_tokens
from duramen.recall.asking import Asked
from duramen.types import AllOf, Kind, NoneOf, Query, Tagged, TagGroup

MOST_TOKENS = 400
"""Tokens of a query that are sent, its last; Hindsight refuses more than 500 by its own count."""

_WIDER = 4  # times as much is asked for when a part of it is filtered out here
_MOST_WANTED = 65_536
_EARLIEST, _LATEST = "1970-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"
_SEMANTICS = ("semantic", "keyword")


def recall_body(query: Query, *, ours: bool, asked: Asked) -> dict[str, Any]:
    """Return the request of a recall.

    Args:
        query: What is asked.
        ours: Whether the server is one of ours, whose scores are calibrated.
        asked: The options as they were given.

    Raises:
        UnsupportedError: The API has nothing for it.
    """
    _refuse(query, ("namespaces", "ids", "as_of"))
    wanted = min(_MOST_WANTED, query.max_tokens * (_WIDER if filtered_here(query) else 1))
    body: dict[str, Any] = {
        "query": shortened(query.text),
        "budget": query.budget,
        "max_tokens": max(wanted, query.max_tokens),
        "include": {"entities": None},
        **_selection(query, "types", ours=ours),
    }
    if asked.get("at") is not None:
        body["query_timestamp"] = query.at.isoformat()
    if query.since is not None or query.until is not None:
        start, end = (None if moment is None else moment.isoformat() for moment in (query.since, query.until))
        body["temporal_window"] = {"start": start or _EARLIEST, "end": end or _LATEST}
    scores = _min_scores(query, ours=ours)
    if scores:
        body["min_scores"] = scores
    return body


def reflect_body(query: Query, shape: Mapping[str, Any] | None, *, ours: bool, asked: Asked) -> dict[str, Any]:
    """Return the request of a reflection; see `recall_body`."""
    _refuse(query, ("namespaces", "ids", "as_of", "actor", "session", "since", "until", "without"))
    body: dict[str, Any] = {
        "query": shortened(query.text),
        "budget": query.budget,
        "max_tokens": query.max_tokens,
        "include": {"facts": {}},
        **_selection(query, "fact_types", ours=ours),
    }
    if asked.get("at") is not None:
        body["context"] = f"It is {query.at.isoformat()} now."
    if shape is not None:
        body["response_schema"] = shape
    return body


def filtered_here(query: Query) -> bool:
    """Tell whether a part of what the server finds may have to be left out here."""
    named = query.actor, query.session, query.since, query.until, query.kinds
    return any(one is not None for one in named) or bool(query.without)


def shortened(text: str) -> str:
    """Return the end of `text`, as much of it as servers take; what a person asks is at the end of a longer one."""
    length = len(text)
    while count_tokens(text) > MOST_TOKENS:
        length = min(length * MOST_TOKENS // count_tokens(text), length - 1)
        text = text[-length:]
    return text


def group(tags: TagGroup) -> dict[str, Any]:
    """Return a selection by tags as the API has it."""
    if isinstance(tags, Tagged):
        return {"tags": sorted(tags.tags), "match": tags.match}
    if isinstance(tags, NoneOf):
        return {"not": group(tags.group)}
    return {"and" if isinstance(tags, AllOf) else "or": [group(one) for one in tags.groups]}


def types_of(kinds: frozenset[Kind], *, ours: bool) -> list[str]:
    """Return what the API calls these kinds, and those that it may hide among.

    What the agent said is a fact to a server that does not know who spoke; it is told apart by the metadata. To a server
    of ours, what strategies make is an observation.

    Raises:
        UnsupportedError: It has no name for one of them.
    """
    unknown = sorted(kinds - set(TYPES.values()))
    if unknown and not ours:
        raise UnsupportedError(
            f"The kind {unknown[0]!r}", "The kinds of this server are 'fact', 'experience' and 'observation'."
        )
    said = ["experience", "world"] if kinds & {"fact", "experience"} else []
    return [*said, *(["observation"] if kinds - {"fact", "experience"} else [])]


def _selection(query: Query, types: str, *, ours: bool) -> dict[str, Any]:
    selection: dict[str, Any] = {}
    if query.kinds is not None:
        selection[types] = types_of(query.kinds, ours=ours)
    groups = [group(one) for one in query.tag_groups]
    if groups and query.tags is not None:  # the API takes one or the other
        groups.insert(0, group(Tagged(query.tags, query.tags_match)))
    if groups:
        selection["tag_groups"] = groups
    elif query.tags is not None:
        selection |= {"tags": sorted(query.tags), "tags_match": query.tags_match}
    return selection


def _min_scores(query: Query, *, ours: bool) -> dict[str, float]:
    unknown = sorted(set(query.min_arm_scores) - set(_SEMANTICS))
    if unknown:
        raise UnsupportedError(f"A least score of the arm {unknown[0]!r}", "Give one for 'semantic' or 'keyword'.")
    scores = {str(arm): float(score) for arm, score in query.min_arm_scores.items()}
    return {**scores, "final": query.min_score} if ours and query.min_score > 0 else scores


def _refuse(query: Query, names: Sequence[str]) -> None:
    given = [name for name in names if _is_given(name, getattr(query, name))]
    if given:
        raise UnsupportedError(f"`{given[0]}`", "Leave it out, or open the memory where it lives.")
    off = sorted(arm for arm, on in query.arms.items() if not on)
    if off:
        raise UnsupportedError(f"Switching off the arm {off[0]!r}", "Set it in the configuration of the bank.")


def _is_given(name: str, value: object) -> bool:
    """Tell whether an option asks for anything; no namespaces and no ids at all ask for nothing that is there."""
    return bool(value) if name == "without" else value is not None
