"""Why a filter holds a memory back, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from duramen.explained.account import day
from duramen.explained.tags import grouped, wanted
from duramen.namespaces import within
from duramen.recall.search import FilterName
from duramen.types import Memory, Query


def refusals(names: Iterable[FilterName], memory: Memory, query: Query) -> dict[str, str]:
    """Say in words why each of the filters `names` of `query` holds back `memory`.

    Args:
        names: The filters that do.
        memory: What they hold back, with `superseded` as it is now.
        query: What asks for them.
    """
    return {name: _SAID[name](memory, query) for name in names}


def _kinds(memory: Memory, query: Query) -> str:
    return f"of the kind {memory.kind}, and `kinds` asks for {', '.join(sorted(query.kinds or ()))}"


def _actor(memory: Memory, query: Query) -> str:
    return f"of another actor: {_named(memory.actor)}, and `actor` asks for {_named(query.actor)}"


def _session(memory: Memory, query: Query) -> str:
    return f"of another session: {_named(memory.session)}, and `session` asks for {_named(query.session)}"


def _tags(memory: Memory, query: Query) -> str:
    return f"its tags ({_carried(memory)}) do not fit: `tags` asks for {wanted(query.tags or set(), query.tags_match)}"


def _tag_groups(memory: Memory, query: Query) -> str:
    return f"its tags ({_carried(memory)}) do not fit: `tag_groups` asks for {grouped(query.tag_groups)}"


def _carried(memory: Memory) -> str:
    return ", ".join(memory.tags) or "none"


def _dates(memory: Memory, query: Query) -> str:
    since, until = query.since, query.until
    if since is not None and until is not None:
        asked = f"{day(since)} to {day(until)} that `since` and `until` ask for"
    elif since is not None:
        asked = f"from {day(since)} on that `since` asks for"
    else:
        asked = f"up to {day(until or query.at)} that `until` asks for"
    return f"outside the range of dates {asked} (it was said {day(memory.mentioned)}{_told(memory)})"


def _told(memory: Memory) -> str:
    told = memory.occurred
    if told is None or told.start == memory.mentioned:
        return ""
    return f", and tells of {day(told.start)}" + (f" to {day(told.end)}" if told.end > told.start else "")


def _as_of(memory: Memory, query: Query) -> str:
    return f"said {day(memory.mentioned)}, and `as_of` asks for what was known at {_then(query.as_of)}"


def _superseded(memory: Memory, query: Query) -> str:
    since = f"superseded since {day(memory.superseded)}" if memory.superseded is not None else "superseded"
    return f"{since}, and `as_of`, {_then(query.as_of)}, is later"


def _named(name: str | None) -> str:
    return "none" if name is None else repr(name)


def _then(moment: datetime | None) -> str:
    return "now" if moment is None else day(moment)


def _namespaces(memory: Memory, query: Query) -> str:
    filed = memory.namespace or ""
    if any(within(filed, path) for path in query.namespaces or ()):
        since = f" since {day(memory.superseded)}" if memory.superseded is not None else ""
        return f"superseded{since}, and `namespaces` without `as_of` asks for what still holds"
    return f"filed at {memory.namespace}, and `namespaces` asks for {', '.join(sorted(query.namespaces or ()))}"


def _ids(memory: Memory, query: Query) -> str:
    return f"not one of the {len(query.ids or ())} memories that `ids` asks for: {memory.id}"


_SAID: Mapping[FilterName, Callable[[Memory, Query], str]] = {
    "kinds": _kinds,
    "actor": _actor,
    "session": _session,
    "tags": _tags,
    "tag_groups": _tag_groups,
    "dates": _dates,
    "namespaces": _namespaces,
    "ids": _ids,
    "as_of": _as_of,
    "superseded": _superseded,
}
