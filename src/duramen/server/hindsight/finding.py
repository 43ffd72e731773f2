"""From a question over HTTP to a recall, and from its hits to what fits."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from duramen.documents.reading import cleaned
from duramen.engine import MemoryEngine
from duramen.errors import BadQueryError
from duramen.language.tokens import count_tokens
from duramen.profiles.config import ARMS
from duramen.server.banks import Refused
from duramen.server.hindsight.tag_groups import groups_of
from duramen.server.hindsight.wire import FactType, kinds_of_types, types_of
from duramen.times import parse_time
from duramen.trace import ArmName, Trace
from duramen.types import Budget, Hit, Memory, Recall, TagGroup, TagsMatch

if TYPE_CHECKING:
    from duramen.recall.asking import Asked
    from duramen.server.hindsight.recall import MinScores, RecallRequest, Window

LONGEST_QUERY = 500
"""Tokens of a query."""

_SURELY_LONGER = 20_000  # characters of a query that need no counting, which would take seconds

LIMITS: Mapping[Budget, int] = {"low": 50, "mid": 100, "high": 200}
"""How many results there may be, by budget."""

MADE = 10
"""How many of them may be what strategies made, when all types are asked for."""

PREFERRED = 0.15
"""What a memory of the wanted time gains, in the order of results only."""

_WORD = re.compile(r"\w")
_ROOM = 1_000_000  # tokens; the texts of results are counted here, and not the lines of a block
_TRACE = TypeAdapter(Trace)


async def found(memory: MemoryEngine, bank: str, asked: RecallRequest) -> tuple[Recall, list[Hit]]:
    """Return what is recalled for a request, and all of it best first.

    Raises:
        BadQueryError: An option makes no sense.
        Refused: 400 for a query that is too long, or a time that is none.
    """
    check_query(asked.query)
    types = types_of(asked.types)
    config = await memory.profiles.resolved(bank)
    options: Asked = {
        **filters_of(asked.tags, asked.tags_match, asked.tag_groups),
        "budget": asked.budget or "mid",
        "limit": LIMITS[asked.budget or "mid"],
        "max_tokens": _ROOM,
        "kinds": kinds_of_types(types),
        **set_up(config),
        **_least(asked.min_scores),
        **_place_of(types),
    }
    if asked.query_timestamp:
        options["at"] = moment(asked.query_timestamp, "query_timestamp")
    if not types:
        options["kinds"] = ()
        return await memory.recall(bank, asked.query, **options), []
    recalled = await memory.recall(bank, asked.query, **options)
    hits = _by_score(recalled)
    if asked.temporal_window is not None:
        hits = await _of_time(memory, bank, asked, options, hits)
    hits = _good_enough(hits, recalled, asked.min_scores)
    prefers = asked.prefer_observations
    if (bool(config.get("recall_prefer_observations")) if prefers is None else prefers) and len(types) > 1:
        hits = without_covered(hits)
    return recalled, hits


def check_query(query: str) -> None:
    """Refuse a query without words, or with too many.

    Raises:
        BadQueryError: There is no word in it.
        Refused: 400: it is too long.
    """
    if not _WORD.search(query):
        raise BadQueryError("`query` has no word in it. Ask for something in words.")
    if len(query) > _SURELY_LONGER:
        raise Refused(
            400, f"`query` has {len(query):,} characters; it may have {LONGEST_QUERY} tokens. Ask for less at once."
        )
    # a token has at least one byte, so that what is short needs no counting
    if len(query.encode("utf-8", "replace")) > LONGEST_QUERY and (length := count_tokens(query)) > LONGEST_QUERY:
        raise Refused(400, f"`query` has {length:,} tokens; it may have {LONGEST_QUERY}. Ask for less at once.")


def filters_of(tags: Sequence[str] | None, match: TagsMatch | None, groups: Sequence[Any] | None) -> Asked:
    """Return the options of a recall that select by tags.

    Raises:
        BadQueryError: There are tags and groups, or a group is none.
    """
    if tags is not None and groups is not None and (tags or groups):
        raise BadQueryError("There are `tags` and `tag_groups`. Give one of them; a group can hold the tags.")
    selected: tuple[TagGroup, ...] = groups_of(groups)
    kept = None if tags is None else [cleaned(tag) for tag in tags]  # as they were when they were retained
    return {"tags": kept, "tags_match": match or "any", "tag_groups": selected}


def set_up(config: Mapping[str, Any]) -> Asked:
    """Return the options of a recall that a bank is set up with: what it does without."""
    arms: dict[Any, bool] = {arm: False for name, arm in ARMS.items() if config.get(name) is False}
    return {"arms": arms, "rerank": config.get("enable_reranking") is not False}


def moment(text: str, name: str) -> datetime:
    """Return the time that `text` is.

    Raises:
        Refused: 400: it is none.
    """
    try:
        return parse_time(text, BadQueryError, name)
    except BadQueryError as error:
        raise Refused(400, str(error)) from error


def packed(hits: Sequence[Hit], max_tokens: int) -> list[Hit]:
    """Return the hits whose texts have at most `max_tokens` together, passing over what does not fit.

    If none fits, that is the best one: a budget that is too small should not read as if nothing were known.
    """
    taken: list[Hit] = []
    left = max_tokens
    for hit in hits:
        if hit.memory.tokens <= left:
            taken.append(hit)
            left -= hit.memory.tokens
    return taken or list(hits[:1])


def without_covered(hits: Sequence[Hit]) -> list[Hit]:
    """Return `hits` without what was retained word for word and is told by an observation among them."""
    covered = {source for hit in hits if hit.memory.kind == "observation" for source in hit.memory.sources}
    return [hit for hit in hits if hit.memory.strategy is not None or hit.memory.event not in covered]


def traced(recalled: Recall) -> dict[str, Any]:
    """Return how a recall came about, of what JSON can hold."""
    trace: dict[str, Any] = _TRACE.dump_python(recalled.trace, mode="json")
    return {
        "query": {"text": recalled.query.text, "budget": recalled.query.budget, "at": recalled.query.at.isoformat()},
        **trace,
        "pending": recalled.pending,
        "confident": recalled.confident,
        "notes": list(recalled.notes),
    }


def _place_of(types: Collection[FactType]) -> Asked:
    """Return where to look: only among what strategies made if nothing else is wanted."""
    if set(types) == {"observation"}:
        return {"namespaces": ("/",)}
    return {"made": MADE if "observation" in types else 5}


def _least(least: MinScores | None) -> Asked:
    if least is None:
        return {}
    named: Mapping[ArmName, float | None] = {"semantic": least.semantic, "keyword": least.keyword}
    return {"min_arm_scores": {arm: score for arm, score in named.items() if score is not None}}


def _by_score(recalled: Recall) -> list[Hit]:
    return sorted((*recalled.hits, *recalled.made), key=lambda hit: -hit.score)


def _good_enough(hits: Sequence[Hit], recalled: Recall, least: MinScores | None) -> list[Hit]:
    """Return the hits that score high enough; where no reranker read them, it sets no bar."""
    if least is None:
        return list(hits)
    opinions = recalled.trace.reranked
    return [
        hit
        for hit in hits
        if (least.final is None or hit.score >= least.final)
        and (least.reranker is None or not opinions or opinions.get(hit.memory.id, -1e9) >= least.reranker)
    ]


async def _of_time(
    memory: MemoryEngine, bank: str, asked: RecallRequest, options: Asked, hits: Sequence[Hit]
) -> list[Hit]:
    """Return `hits` and what else there is of the wanted time, that first where it answers about as well."""
    since, until = _window(asked.temporal_window)
    within: Asked = {**options, "since": since, "until": until}
    inside = _by_score(await memory.recall(bank, asked.query, **within))
    wanted = {hit.memory.id: hit for hit in inside}
    others = [hit for hit in hits if hit.memory.id not in wanted]
    gain = {id: hit.score + PREFERRED for id, hit in wanted.items()}
    ordered = sorted((*wanted.values(), *others), key=lambda hit: -gain.get(hit.memory.id, hit.score))
    return [replace(hit) for hit in ordered]


def _window(window: Window | None) -> tuple[datetime, datetime]:
    assert window is not None
    since = parse_time(window.start, BadQueryError, "temporal_window.start")
    until = parse_time(window.end, BadQueryError, "temporal_window.end")
    if since >= until:
        raise BadQueryError("`temporal_window.start` is not before its `end`.")
    return since, until


def observations_of(hits: Sequence[Hit]) -> list[Memory]:
    """Return what strategies made among `hits`."""
    return [hit.memory for hit in hits if hit.memory.strategy is not None]
