"""From what a caller appends to the event that it would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from typing_extensions import TypedDict

from duramen.errors import BadContentError
from duramen.sessions.events import MAIN, MAX_METADATA, SessionEvent
from duramen.sessions.payloads import GivenPayload, payload_of
from duramen.sessions.places import Arrivals, check_metadata, checked_id, digest, is_id, keys_path, written
from duramen.sessions.places import to_millisecond as kept_time
from duramen.shelf import Change, Path, Place, Put
from duramen.times import EPOCH, parse_time


class Options(TypedDict):
    """What `Sessions.append` was told about the event."""

    at: datetime | None
    metadata: Mapping[str, str] | None
    branch: str | None
    root: str | None
    key: str | None
    expires_in: timedelta | None
    extract: bool
    variables: Mapping[str, str] | None
    shelved: Sequence[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event that is to be appended.

    Attributes:
        path: Of the events of its session.
        now: When it arrived; `given_at` is when it happened, if the caller said so.
        lifetime: Seconds until it expires; None for never.
        shelved: Changes of the shelf to make in the same transaction.
    """

    event: SessionEvent
    path: Path
    value: bytes
    now: datetime
    given_at: datetime | None
    lifetime: float | None
    shelved: Sequence[Change] = ()

    @property
    def key_place(self) -> Place | None:
        """Where it stands that the event was appended; None if it has no key."""
        return None if self.event.key is None else (keys_path(self.path), digest(self.event.key))

    def put(self, path: Path, key: str, value: bytes, *, keep: bool = False) -> Put:
        """Return the change that puts something on the shelf for as long as the event."""
        return Put(path=path, key=key, value=value, lifetime=self.lifetime, keep=keep)


def draft_of(path: Path, payload: GivenPayload, options: Options, *, now: datetime, arrivals: Arrivals) -> Draft:
    """Check what is to be appended to the session at `path`, and return the event that it is.

    Raises:
        BadContentError: It cannot be kept as it is.
    """
    _, bank, actor, session = path
    given_at = None if options["at"] is None else parse_time(options["at"], BadContentError, "at")
    at = kept_time(given_at or now)
    if at < EPOCH:
        raise BadContentError(f"`at` is {at.isoformat()}; the time of an event is in 1970 or later. Nothing was kept.")
    branch, root = _branch(options["branch"], options["root"])
    expires, lifetime = _expiry(now, options["expires_in"])
    event = SessionEvent(
        id=arrivals.id_at(at),
        bank=bank,
        actor=actor,
        session=session,
        at=at,
        payload=payload_of(payload),
        metadata=check_metadata(options["metadata"], MAX_METADATA),
        branch=branch,
        root=root,
        expires=expires,
        extract=bool(options["extract"]),
        key=_key(options["key"]),
        variables=check_metadata(options["variables"], MAX_METADATA),
    )
    return Draft(
        event=event,
        path=path,
        value=written(event),
        now=now,
        given_at=given_at,
        lifetime=lifetime,
        shelved=options["shelved"],
    )


def _branch(branch: str | None, root: str | None) -> tuple[str | None, str | None]:
    name = None if branch is None or branch == MAIN else checked_id(branch, "branch", BadContentError)
    if root is None:
        return name, None
    if name is None:
        raise BadContentError(
            f"`root` is {root!r}, but no branch begins there: name one with `branch`; {MAIN!r} begins with the session. "
            f"Nothing was kept."
        )
    if not is_id(root):
        raise BadContentError(
            f"`root` is {root!r}, which is no id of an event. Give `SessionEvent.id`. Nothing was kept."
        )
    return name, root


def _key(key: object) -> str | None:
    if key is None:
        return None
    if not isinstance(key, str) or not key.strip():
        raise BadContentError(f"`key` is {key!r}. Give text, or leave it out. Nothing was kept.")
    return key


def _expiry(now: datetime, expires_in: timedelta | None) -> tuple[datetime | None, float | None]:
    if expires_in is None:
        return None, None
    given: object = expires_in
    if not isinstance(given, timedelta):
        raise BadContentError(
            f"`expires_in` is {given!r}. Give a `datetime.timedelta`, such as `timedelta(days=30)`, or None for never. "
            f"Nothing was kept."
        )
    seconds = expires_in.total_seconds()
    if seconds <= 0:
        raise BadContentError(
            f"`expires_in` is {expires_in}. Give a time above 0, or None for never. Nothing was kept."
        )
    try:
        return now + expires_in, seconds
    except OverflowError:
        return None, None
