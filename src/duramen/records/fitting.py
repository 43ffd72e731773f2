"""How a namespace can be read by a template: which segment is whose value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from duramen.namespaces import ABSENT, ACTOR, STRATEGY, resolve, variables_of

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_OLD = "{strategyId}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a path by a template.

    Attributes:
        path: The path as the strategies of the bank write it, with the values percent-encoded.
        values: By the names of the variables that the path reaches. An actor's id may have slashes.
        whole: The path ends where the template does.
        above: It ends there, or before, so that what the template stands for is filed at it or below.
        slashes: How many segments beyond the first the actor's id takes.
    """

    path: str
    values: Mapping[str, str]
    whole: bool
    above: bool
    slashes: int = 0

    @property
    def actor(self) -> str | None:
        """Whom the path names, if anybody."""
        return self.values.get(ACTOR)


def readings(template: str, path: str) -> Iterator[Reading]:
    """Go through the ways in which `path` can be read by `template`; none if it does not fit.

    Whoever asks may write an actor's id as it is, with slashes of its own, or percent-encoded as `namespaces.resolve`
    does it.

    Args:
        template: As a strategy has it.
        path: With a slash at both ends; it may end before the template does, and go on behind it.
    """
    parts = _segments(template.replace(_OLD, f"{{{STRATEGY}}}"))
    given = _segments(path)
    place = next((at for at, part in enumerate(parts) if ACTOR in variables_of(part)), None)
    if place is None or len(given) <= place:
        yield from _read(parts, given)
        return
    for taken in range(1, len(given) - place + 1):
        joined = "/".join(given[place : place + taken])
        yield from _read(parts, [*given[:place], joined, *given[place + taken :]], slashes=taken - 1)


def _read(parts: Sequence[str], given: Sequence[str], slashes: int = 0) -> Iterator[Reading]:
    """Read segments one by one: once as plain text, and once as percent-encoded if that is something else."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    for decoded in (False, True):
        values = _values(parts, given, decoded=decoded)
        if values is None or tuple(values.items()) in seen:
            continue
        seen.add(tuple(values.items()))
        reached = [_written(part, values) for part in parts[: len(given)]]
        path = f"/{'/'.join([*reached, *given[len(parts) :]])}/" if given else "/"
        yield Reading(path, values, len(given) == len(parts), len(given) <= len(parts), slashes)


def _values(parts: Sequence[str], given: Sequence[str], *, decoded: bool) -> dict[str, str] | None:
    """Return the values of the variables that `given` reaches; None if it does not fit."""
    values: dict[str, str] = {}
    for part, segment in zip(parts, given, strict=False):
        found = _VARIABLE.search(part)
        if found is None:
            if part != segment:
                return None
            continue
        before, behind = part[: found.start()], part[found.end() :]
        if len(segment) <= len(before) + len(behind):
            return None
        if not (segment.startswith(before) and segment.endswith(behind)):
            return None
        value = segment[len(before) : len(segment) - len(behind)]
        value = unquote(value, errors="strict") if decoded and _decodes(value) else value
        if not value.strip() or values.setdefault(found[1], value) != value:
            return None
    return values


def _decodes(value: str) -> bool:
    try:
        unquote(value, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _written(part: str, values: Mapping[str, str]) -> str:
    """Return a segment of the template with its value, as strategies write it; what is absent stays so."""
    found = _VARIABLE.search(part)
    if found is None:
        return part
    value = values[found[1]]
    return part.replace(found[0], value) if value == ABSENT else resolve(part, {found[1]: value})


def _segments(path: str) -> list[str]:
    inner = path.strip("/")
    return inner.split("/") if inner else []
