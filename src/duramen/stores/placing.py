"""What every shelf does alike: checking what is asked before anything is done, and reckoning when an entry expires."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timezone
from typing import TypeAlias

from duramen.errors import BadInputError, ChangedError
from duramen.shelf import Change, Expect, Path, Place, Put, Remove, Touch
from duramen.times import microseconds

Clock: TypeAlias = Callable[[], datetime]
"""Tells the time, aware."""

LAST_MOMENT = microseconds(datetime.max.replace(tzinfo=timezone.utc))
"""The end of the calendar: what would expire later expires then."""

SWEPT = 32
"""Expired entries that a write looks for and deletes in passing, beyond one for each of its changes."""


def check_path(path: Path) -> Path:
    """Return `path` as a tuple.

    Raises:
        BadInputError: It is empty, a text instead of a tuple of texts, or a segment cannot be stored.
    """
    given: object = path
    if isinstance(given, str) or not path:
        raise BadInputError(f"The path is {path!r}. Give a tuple of one or more texts, such as `('sessions', 'ada')`.")
    for segment in path:
        _check_text(segment, "segment")
    return tuple(path)


def check_across(path: Path, segments: Collection[str], rest: Path) -> list[Path]:
    """Return the paths that lead from `path` by any of `segments` to `rest`, in order; raises `BadInputError` likewise."""
    first, last = check_path(path), check_path(rest) if rest else ()
    return sorted({check_path((*first, segment, *last)) for segment in segments})


def check_place(place: Place) -> Place:
    """Return `place` with its path as a tuple; raises `BadInputError` like `check_path`."""
    path, key = place
    _check_text(key, "key")
    return check_path(path), key


def check_prefix(prefix: str) -> str:
    """Return what a segment may begin with; raises `BadInputError` like `check_path`."""
    _check_text(prefix, "prefix")
    return prefix


def check_changes(changes: Sequence[Change]) -> None:
    """Raise `BadInputError` unless every one of `changes` can be made."""
    for change in changes:
        given: object = change
        if not isinstance(given, Put | Touch | Remove | Expect):
            raise BadInputError(
                f"{change!r} is no change. Give `Put`, `Touch`, `Remove` or `Expect`; nothing was written."
            )
        check_path(change.path)
        if change.key is not None or not isinstance(change, Remove):
            _check_text(change.key, "key")
        if isinstance(change, Put):
            _check_put(change)


def check_expected(expected: Expect, found: bytes | None) -> None:
    """Raise `ChangedError` unless `found` is what stands where it is expected."""
    if found != expected.value:
        raise ChangedError(
            f"What stands at {expected.path!r} under {expected.key!r} is not what was read before: somebody changed it "
            f"meanwhile. Nothing was changed. Read it again, and decide anew."
        )


def erases(changes: Sequence[Change]) -> bool:
    """Tell whether `changes` take anything away."""
    return any(isinstance(change, Remove) for change in changes)


def expiry(now: int, lifetime: float | None) -> int | None:
    """Return when what is put or touched at `now` expires, in microseconds like `now`; None for never."""
    return None if lifetime is None else min(now + round(lifetime * 1e6), LAST_MOMENT)


def _check_put(put: Put) -> None:
    value: object = put.value
    if not isinstance(value, bytes | bytearray | memoryview):
        raise BadInputError(f"The value for {put.key!r} is of type {type(value).__name__}. Give bytes.")
    if put.lifetime is not None and not (put.lifetime > 0 and math.isfinite(put.lifetime)):
        raise BadInputError(f"`lifetime` is {put.lifetime!r}. Give seconds above 0, or None for never expiring.")


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        raise BadInputError(f"The {name} {text!r} is of type {type(text).__name__}. Give text.")
    if "\0" in text:
        raise BadInputError(f"The {name} {text!r} holds a NUL character. Leave it out.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInputError(f"The {name} {text!r} is not valid Unicode (a lone surrogate).") from error
