"""When a mental model is brought up to date, and how: its trigger, checked.

A trigger is a mapping, as JSON has it:

- `mode`: "full" works the content out anew; "delta" keeps every line of it that still holds as it is, and adds to it.
- `refresh_after_consolidation`: when observations were made; or `refresh_cron`: at times, five fields in UTC, and
  `full_refresh_cron`: in full at other times. `min_refresh_interval_seconds`: by itself no sooner after the last time.
- `fact_types`: "world", "experience", "observation": which memories are asked; all if left out. `tags_match`: how the
  tags of the model select them ("all_strict"), or `tag_groups` in their stead.
- `budget`, `recall_max_tokens`: how deep to look, and how much is read.
- `keep_trace`: keep how the last refresh went.

What else Hindsight knows is kept and has no effect: a refresh reads memories alone, never other mental models (so that
what is forgotten does not live on in them), and what was retained word for word is its own chunk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Any, get_args

from cronsim import CronSim, CronSimError

from duramen.errors import BadInputError
from duramen.profiles.checking import Schema, faults
from duramen.types import AllOf, AnyOf, Budget, Kind, NoneOf, Tagged, TagGroup, TagsMatch

CRONS = ("refresh_cron", "full_refresh_cron")

_KINDS: Mapping[str, Kind] = {"world": "fact", "experience": "experience", "observation": "observation"}
_MATCHES = list(get_args(TagsMatch))
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 1}
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
_TEXTS: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}

KNOWN: Mapping[str, Schema] = {
    "mode": {"type": "string", "enum": ["full", "delta"]},
    "budget": {"type": "string", "enum": list(get_args(Budget))},
    "refresh_after_consolidation": _FLAG,
    "refresh_cron": _TEXT,
    "full_refresh_cron": _TEXT,
    "min_refresh_interval_seconds": {"type": "integer", "minimum": 0},
    "fact_types": {"type": "array", "items": {"type": "string", "enum": list(_KINDS)}},
    "tags_match": {"type": "string", "enum": _MATCHES},
    "tag_groups": {"type": "array", "items": {"type": "object"}},
    "recall_max_tokens": _COUNT,
    "keep_trace": _FLAG,
    "exclude_mental_models": _FLAG,
    "exclude_mental_model_ids": _TEXTS,
    "include_chunks": _FLAG,
    "recall_chunks_max_tokens": _COUNT,
    "reflect_search_observations_max_tokens": _COUNT,
    "reflect_search_observations_include_entities": _FLAG,
    "response_schema": {"type": "object"},
}
"""What a trigger may have, as JSON schemas."""


def checked(trigger: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a trigger without what is None, if it is one.

    Raises:
        BadInputError: It has something unknown or unfit, or is both after consolidation and at times.
    """
    given: object = {} if trigger is None else trigger
    if not isinstance(given, Mapping):
        raise BadInputError(f"The trigger is {given!r}. Give a mapping, such as {{'mode': 'delta'}}.")
    told = {str(name): value for name, value in given.items() if value is not None}
    unknown = sorted(told.keys() - KNOWN.keys())
    if unknown:
        raise BadInputError(f"A trigger has no {unknown[0]!r}. Known are {', '.join(KNOWN)}.")
    for name, value in told.items():
        wrong = next(faults(value, KNOWN[name], f"`{name}`"), None)
        if wrong is not None:
            raise BadInputError(f"The trigger cannot be used: {wrong} Nothing was changed.")
    if told.get("refresh_after_consolidation") and "refresh_cron" in told:
        raise BadInputError(
            "The trigger has both `refresh_after_consolidation` and `refresh_cron`. Give one of them: the model is "
            "refreshed when something was observed, or at times."
        )
    for name in CRONS:
        if name in told:
            next_time(told[name], datetime(2026, 1, 1, tzinfo=timezone.utc))
    groups_in(told)
    return told


def next_time(cron: str, after: datetime) -> datetime:
    """Return the first moment behind `after` that `cron` names, in UTC.

    Raises:
        BadInputError: It is none of five fields, or names no moment in the next 50 years.

    >>> next_time("30 6 * * 1", datetime(2026, 3, 1, tzinfo=timezone.utc)).isoformat()
    '2026-03-02T06:30:00+00:00'
    """
    try:
        if len(cron.split()) != 5:
            raise CronSimError("Wrong number of fields")
        return next(CronSim(cron, after.astimezone(timezone.utc)))
    except (CronSimError, StopIteration) as error:
        raise BadInputError(
            f"{cron!r} names no times ({str(error) or 'none in 50 years'}). Give five fields: minute, hour, day, month and "
            f"day of the week, in UTC, such as '0 6 * * *'."
        ) from error


def kinds_in(trigger: Mapping[str, Any]) -> list[Kind] | None:
    """Return the kinds of memories that are asked; None for all."""
    types = trigger.get("fact_types")
    return [_KINDS[name] for name in types] if types else None


def groups_in(trigger: Mapping[str, Any]) -> tuple[TagGroup, ...]:
    """Return the groups by which memories are selected.

    Raises:
        BadInputError: One of them is none.
    """
    return tuple(_group(given, 1) for given in trigger.get("tag_groups") or ())


def is_automatic(trigger: Mapping[str, Any]) -> bool:
    """Tell whether the model is refreshed when observations were made."""
    return bool(trigger.get("refresh_after_consolidation"))


def _group(given: object, depth: int) -> TagGroup:
    if isinstance(given, Mapping) and depth <= 10:
        if isinstance(given.get("and"), list):
            return AllOf(tuple(_group(one, depth + 1) for one in given["and"]))
        if isinstance(given.get("or"), list):
            return AnyOf(tuple(_group(one, depth + 1) for one in given["or"]))
        if "not" in given:
            return NoneOf(_group(given["not"], depth + 1))
        match: Any = given.get("match") or "any_strict"
        if _are_tags(given.get("tags")) and match in _MATCHES:
            return Tagged(frozenset(given["tags"]), match)
    raise BadInputError(
        f"{given!r} is no tag group. Give {{'tags': […], 'match': 'any_strict'}}, or {{'and': […]}}, {{'or': […]}}, "
        f"{{'not': …}} of such, at most 10 deep."
    )


def _are_tags(given: object) -> bool:
    return isinstance(given, Collection) and not isinstance(given, str) and all(isinstance(tag, str) for tag in given)
