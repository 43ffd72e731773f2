"""What a strategy proposes, checked before anything is done with it: strategies may be anybody's code."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from duramen.errors import NamespaceError, StrategyError
from duramen.namespaces import normal
from duramen.strategy import Candidate
from duramen.times import aware
from duramen.types import KINDS, Interval


def checked(candidate: Candidate, strategy: str, given: Collection[str]) -> Candidate:
    """Return `candidate` as it can be filed: its times aware, its namespace with a slash at both ends.

    Args:
        candidate: What the strategy of this name proposes.
        strategy: See above.
        given: The ids of the events that it was given, those of the history included.

    Raises:
        StrategyError: It cannot be filed: an unknown kind, a time that is none, a namespace that is no path, tags that are no
            texts, details that JSON cannot hold, or no source among the events given, so that forgetting would not reach
            it.
    """

    def refuse(what: str) -> StrategyError:
        return StrategyError(f"The strategy {strategy!r} proposes a memory {what}. Nothing was filed.")

    sources: object = candidate.sources
    if not isinstance(sources, tuple | list) or not any(source in given for source in sources):
        raise refuse(f"with sources={sources!r}, none of which is the id of an event that it was given")
    tags: object = candidate.tags
    if tags is not None and not (isinstance(tags, tuple | list) and all(isinstance(tag, str) for tag in tags)):
        raise refuse(f"with tags={tags!r}; give a tuple of texts")
    if candidate.kind not in KINDS:
        raise refuse(f"of the kind {candidate.kind!r}; the kinds are {', '.join(KINDS)}")
    moments = [candidate.mentioned, *((candidate.occurred.start, candidate.occurred.end) if candidate.occurred else ())]
    if not all(isinstance(moment, datetime) for moment in moments):
        raise refuse(
            f"that was mentioned at {candidate.mentioned!r} and occurred {candidate.occurred!r}; give datetimes"
        )
    try:
        json.dumps(dict(candidate.details))
        namespace = None if candidate.namespace is None else normal(candidate.namespace)
    except (TypeError, ValueError) as error:
        if isinstance(error, NamespaceError):
            raise refuse(f"that cannot be filed: {error}") from error
        raise refuse(f"with details that JSON cannot hold: {error}") from error
    return replace(
        candidate,
        sources=tuple(sources),
        mentioned=aware(candidate.mentioned),
        occurred=candidate.occurred and Interval(aware(candidate.occurred.start), aware(candidate.occurred.end)),
        namespace=namespace,
    )
