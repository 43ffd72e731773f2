"""From what a caller gives to `recall` to a query: checked and complete."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict, get_args

from typing_extensions import Unpack

from duramen.errors import BadQueryError
from duramen.namespaces import normal
from duramen.recall.grouping import groups_of
from duramen.times import parse_time, utc_now
from duramen.types import KINDS, ArmName, ArmSwitch, Budget, Kind, Query, TagGroup, TagsMatch

MAX_QUERY = 10_000
"""Characters of a query that are read; what a person asks is at the end of a longer one, so its end is kept."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Asked(TypedDict, total=False):
    """The options of a recall as they were given; `Query` says what they do."""

    budget: Budget
    max_tokens: int
    limit: int
    kinds: Collection[Kind] | None
    tags: Collection[str] | None
    tags_match: TagsMatch
    tag_groups: Collection[TagGroup] | TagGroup | None
    actor: str | None
    session: str | None
    since: datetime | None
    until: datetime | None
    namespaces: Collection[str] | str | None
    ids: Collection[str] | None
    made: int
    without: Collection[str]
    as_of: datetime | None
    at: datetime | None
    min_score: float
    arms: ArmSwitch | None
    min_arm_scores: Mapping[ArmName, float] | None
    rerank: bool


def query_of(text: str, **asked: Unpack[Asked]) -> Query:
    """Check and complete a query.

    Raises:
        BadQueryError: Something about it makes no sense; the message says what and what would.
    """
    unknown = sorted(asked.keys() - Asked.__annotations__.keys())
    if unknown:
        raise BadQueryError(
            f"There is no option {unknown[0]!r}. The options are {', '.join(sorted(Asked.__annotations__))}."
        )
    words = _words(text)
    since, until = _time(asked, "since"), _time(asked, "until")
    if since is not None and until is not None and since >= until:
        raise BadQueryError(f"`since` ({since}) is not before `until` ({until}), so nothing can lie between them.")
    as_of = _time(asked, "as_of")
    arms = _arms(asked.get("arms"))
    return Query(
        text=words,
        at=_time(asked, "at") or as_of or utc_now(),
        budget=_one_of("budget", asked.get("budget", "mid"), get_args(Budget)),
        max_tokens=_positive("max_tokens", asked.get("max_tokens", 1500)),
        limit=_positive("limit", asked.get("limit", 20)),
        kinds=_kinds(asked.get("kinds")),
        tags=_tags(asked),
        tags_match=_one_of("tags_match", asked.get("tags_match", "any"), get_args(TagsMatch)),
        tag_groups=groups_of(asked.get("tag_groups")),
        actor=asked.get("actor"),
        session=asked.get("session"),
        since=since,
        until=until,
        namespaces=_namespaces(asked.get("namespaces")),
        ids=_ids(asked.get("ids")),
        made=_count("made", asked.get("made", 5)),
        without=_keys(asked.get("without", ())),
        as_of=as_of,
        min_score=_share("min_score", asked.get("min_score", 0.0)),
        arms=arms,
        min_arm_scores=_least(asked.get("min_arm_scores"), arms),
        rerank=_switch("rerank", asked.get("rerank", True)),
    )


def kinds_of(kinds: Iterable[Kind] | None) -> frozenset[Kind] | None:
    """Check a filter by kind."""
    return _kinds(kinds)


def page_size(limit: int) -> int:
    """Check the length of a page: from 1 to 1 000."""
    if _positive("limit", limit) > 1000:
        raise BadQueryError(f"`limit` is {limit!r}. Give at most 1000 and page on with `cursor`.")
    return limit


def _words(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise BadQueryError(f"The query is {text!r}. Ask for something in words; `memories()` lists without a query.")
    return _UNSTORABLE.sub("\ufffd", text)[-MAX_QUERY:]


def _time(asked: Asked, name: str) -> datetime | None:
    value: object = asked.get(name)
    return None if value is None else parse_time(value, BadQueryError, name)


def _positive(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadQueryError(f"`{name}` is {value!r}. Give a whole number of 1 or more.")
    return value


def _count(name: str, value: Any) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else _positive(name, value)


def _keys(keys: Any) -> frozenset[str]:
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
        raise BadQueryError(f"`without` is {keys!r}. Give a list of keys.")
    return frozenset(keys)


def _namespaces(namespaces: Collection[str] | str | None) -> frozenset[str] | None:
    if namespaces is None:
        return None
    return frozenset(map(normal, [namespaces] if isinstance(namespaces, str) else namespaces))


def _ids(ids: Any) -> frozenset[str] | None:
    if ids is None:
        return None
    if isinstance(ids, str) or not isinstance(ids, Collection) or not all(isinstance(id, str) for id in ids):
        raise BadQueryError(f"`ids` is {ids!r}. Give a list of the ids of memories.")
    return frozenset(ids)


def _share(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise BadQueryError(f"`{name}` is {value!r}. Scores lie in [0, 1]; give a number there.")
    return float(value)


def _one_of(name: str, value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise BadQueryError(f"`{name}` is {value!r}. Give one of {', '.join(map(repr, known))}.")
    return value


def _kinds(kinds: Iterable[Kind] | None) -> frozenset[Kind] | None:
    if kinds is None:
        return None
    given: frozenset[Kind] = frozenset(kinds)
    unknown = sorted(map(str, given - set(KINDS)))
    if unknown:
        raise BadQueryError(f"There is no kind {unknown[0]!r}. The kinds are {', '.join(KINDS)}.")
    return given


def _tags(asked: Asked) -> frozenset[str] | None:
    tags: Any = asked.get("tags")
    if tags is None or (not tags and asked.get("tags_match") != "exact"):
        return None
    if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
        raise BadQueryError(f"`tags` is {tags!r}. Give a list of texts.")
    return frozenset(tags)


def _arms(given: Any) -> ArmSwitch:
    arms = _by_arm("arms", given, "{'graph': False}")
    switched = {name: _switch(f"arms[{name!r}]", is_on) for name, is_on in arms.items()}
    if not any(switched.get(name, True) for name in get_args(ArmName)):
        raise BadQueryError("`arms` switches every arm off, so nothing would look. Leave one on.")
    return switched


def _least(given: Any, arms: ArmSwitch) -> dict[ArmName, float]:
    least = _by_arm("min_arm_scores", given, "{'semantic': 0.3}")
    for name, score in least.items():
        is_number = isinstance(score, int | float) and not isinstance(score, bool)
        if not is_number or not math.isfinite(score) or score < 0:
            raise BadQueryError(f"`min_arm_scores` asks {name} for {score!r}. Give a number of 0 or more.")
        if not arms.get(name, True):
            raise BadQueryError(f"`min_arm_scores` asks for scores of {name}, which `arms` switches off. Leave it on.")
    return {name: float(score) for name, score in least.items()}


def _by_arm(option: str, given: Any, example: str) -> dict[ArmName, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise BadQueryError(f"`{option}` is {given!r}. Give a mapping by arm, such as {example}.")
    unknown = sorted(map(repr, given.keys() - set(get_args(ArmName))))
    if unknown:
        raise BadQueryError(f"`{option}`: there is no arm {unknown[0]}. The arms are {', '.join(get_args(ArmName))}.")
    return dict(given)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadQueryError(f"`{name}` is {value!r}. Give True or False.")
    return value
