"""Where sessions stand on the shelf, how their events are written there, and the cursors of their listings."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from duramen.errors import BadContentError, BadInputError, BadQueryError
from duramen.identity import Bank, bank_name
from duramen.sessions.events import MAX_BYTES, MAX_ID, Blob, Json, Payload, Said, SessionEvent
from duramen.shelf import OF_BANKS, Entry, Path, Remove
from duramen.times import EPOCH, from_microseconds, microseconds

EVENTS = OF_BANKS[1]
"""Begins the paths of events: bank, actor and session follow, and the key is the id of the event."""

KEYS = OF_BANKS[2]
"""Begins the paths of what tells that something was appended before, likewise; the key is a hash of the caller's."""

BRANCHES = OF_BANKS[3]
"""Begins the paths of branches, likewise; the key is the name of the branch."""

BEHIND_ALL = "\U0010ffff" * (MAX_ID + 1)
"""Behind every id there can be."""

_ID = re.compile(r"\d{19}#[0-9a-f]{24}")
_MILLISECOND = timedelta(milliseconds=1)
_BAD = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class BadCursorError(BadQueryError):
    """A cursor was given by another listing, or by none."""


class Arrivals:
    """Numbers events in the order of their arrival, across processes by the clock. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def id_at(self, at: datetime) -> str:
        """Return a new id for an event of that time."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return f"{milliseconds(at):019d}#{self._last:016x}{secrets.token_hex(4)}"


def milliseconds(moment: datetime) -> int:
    """Return the whole milliseconds since 1970 UTC, rounded down."""
    return microseconds(moment) // 1000


def to_millisecond(moment: datetime) -> datetime:
    """Return `moment` as it is kept."""
    return EPOCH + milliseconds(moment) * _MILLISECOND


def is_id(text: object) -> bool:
    """Tell whether `text` may be the id of an event."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def time_of(event: str) -> datetime:
    """Return the time that the id of an event begins with."""
    return EPOCH + int(event.partition("#")[0]) * _MILLISECOND


def before_time(moment: datetime) -> str:
    """Return what sorts behind the ids of all events before that millisecond, and before all others."""
    return f"{max(0, milliseconds(moment)):019d}"


def actor_path(bank: Bank, actor: str, error: type[BadInputError]) -> Path:
    """Return the path below which the sessions of an actor stand.

    Raises:
        BadInputError: The bank, or `error`: an id that is blank, too long or not text without control characters.
    """
    return EVENTS, bank_name(bank), checked_id(actor, "actor", error)


def session_path(bank: Bank, actor: str, session: str, error: type[BadInputError]) -> Path:
    """Return the path of the events of a session; raises what `actor_path` does."""
    return (*actor_path(bank, actor, error), checked_id(session, "session", error))


def checked_id(value: object, name: str, error: type[BadInputError]) -> str:
    """Return `value` if it may be the id of an actor, a session or a branch; raise `error` if not."""
    if not isinstance(value, str):
        why = f"is a {type(value).__name__}, not text" if value is not None else "is missing"
    elif not any(character.isprintable() and not character.isspace() for character in value):
        why = "is blank"
    elif _BAD.search(value):
        why = "holds control characters or a lone surrogate"
    elif len(value) > MAX_ID:
        why = f"has {len(value)} characters; it may have {MAX_ID}"
    else:
        return value
    shown = repr(value)[:80]
    raise error(f"The {name} {shown} {why}. Nothing stands in for it: give the id itself. Nothing was changed.")


def keys_path(path: Path) -> Path:
    """Return where the keys of a session stand, by the path of its events."""
    return (KEYS, *path[1:])


def branches_path(path: Path) -> Path:
    """Return where the branches of a session stand, by the path of its events."""
    return (BRANCHES, *path[1:])


def everything(path: Path) -> list[Remove]:
    """Return what removes all that stands at the path of events `path` and below it, and what belongs to it."""
    return [Remove(path=(first, *path[1:]), below=True) for first in (EVENTS, KEYS, BRANCHES)]


def everything_of(bank: Bank) -> list[Remove]:
    """Return what removes all sessions of a bank from the shelf."""
    return everything((EVENTS, bank_name(bank)))


def digest(*parts: object) -> str:
    """Return 32 hexadecimal digits that are the same for the same parts."""
    return hashlib.blake2b(dumped(parts, sort_keys=True), digest_size=16).hexdigest()


def body_of(event: SessionEvent) -> str:
    """Return what tells whether two events say the same: without their times, since a retry has another."""
    said = [_written(item) for item in event.payload]
    variables = [dict(event.variables)] if event.variables else []
    return digest(said, dict(event.metadata), event.branch, event.root, event.extract, *variables)


def written(event: SessionEvent) -> bytes:
    """Return what stands on the shelf for `event`; the rest is in its place.

    Raises:
        BadContentError: It is larger than `MAX_BYTES`, or has a number with more digits than Python writes.
    """
    kept: dict[str, Any] = {
        "payload": [_written(item) for item in event.payload],
        "metadata": dict(event.metadata),
        "branch": event.branch,
        "root": event.root,
        "expires": None if event.expires is None else microseconds(event.expires),
        "skip": not event.extract,
        "key": event.key,
        "variables": dict(event.variables),
    }
    try:
        value = dumped({name: value for name, value in kept.items() if value})
    except ValueError as error:
        raise BadContentError(f"The payload cannot be kept as JSON: {error}. Nothing was kept.") from error
    if len(value) > MAX_BYTES:
        raise BadContentError(
            f"The event takes {len(value):,} bytes as JSON; it may take {MAX_BYTES:,}. Keep large things elsewhere, or "
            f"append them in parts. Nothing was kept."
        )
    return value


def read(entry: Entry) -> SessionEvent:
    """Return the event that `entry` holds."""
    _, bank, actor, session = entry.path
    kept = loaded(entry.value)
    expires = kept.get("expires")
    return SessionEvent(
        id=entry.key,
        bank=bank,
        actor=actor,
        session=session,
        at=time_of(entry.key),
        payload=tuple(_read(item) for item in kept.get("payload", ())),
        metadata=kept.get("metadata", {}),
        branch=kept.get("branch"),
        root=kept.get("root"),
        expires=None if expires is None else from_microseconds(expires),
        extract=not kept.get("skip", False),
        key=kept.get("key"),
        variables=kept.get("variables", {}),
    )


def dumped(value: object, *, sort_keys: bool = False) -> bytes:
    """Write `value` as JSON, lone surrogates included."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys)
    return text.encode("utf-8", "surrogatepass")


def loaded(value: bytes) -> Any:
    """Read what `dumped` wrote."""
    return json.loads(value.decode("utf-8", "surrogatepass"))


def cursor_of(listing: str, last: str) -> str:
    """Return the cursor behind `last`, for the listing that `digest` names."""
    return base64.urlsafe_b64encode(dumped([listing, last])).decode()


def place_in(cursor: str | None, listing: str) -> str | None:
    """Return what the page before ended with, or None without a cursor.

    Raises:
        BadCursorError: The cursor was given by another listing, or by none.
    """
    if cursor is None:
        return None
    with _foreign(cursor):
        name, last = loaded(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        if name != listing or not isinstance(last, str):
            raise ValueError(name)
    return last


def check_limit(limit: object, name: str = "limit") -> None:
    """Raise `BadQueryError` unless so many can be returned."""
    if not isinstance(limit, int) or limit < 1:
        raise BadQueryError(f"`{name}` is {limit!r}. Give a whole number above 0.")


@contextmanager
def _foreign(cursor: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        shown = repr(cursor)[:60]
        raise BadCursorError(
            f"The cursor {shown} belongs to another listing, or to none. Leave it out for the first page, and pass on "
            f"`page.next` as it is, with the same filters, for the others."
        ) from error


def _written(item: Payload) -> list[Any]:
    if isinstance(item, Said):
        said: list[Any] = ["said", item.role, item.text]
        return said if item.message is None else [*said, item.message]
    return ["blob" if isinstance(item, Blob) else "json", item.value]


def _read(kept: list[Any]) -> Payload:
    kind, *values = kept
    if kind == "said":
        return Said(*values)
    return Blob(values[0]) if kind == "blob" else Json(values[0])


def check_metadata(metadata: Mapping[Any, Any] | None, most: int) -> dict[str, str]:
    """Return `metadata` as it is kept.

    Raises:
        BadContentError: More than `most` entries, or one that is not text by name.
    """
    given = dict(metadata or {})
    if len(given) > most:
        raise BadContentError(
            f"There are {len(given)} entries of metadata; an event may have {most}. Nothing was kept."
        )
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise BadContentError(
                f"The metadata {name!r} is a {type(value).__name__}. Metadata is text by name; convert it with `str` or "
                f"`json.dumps`. Nothing was kept."
            )
    return given
