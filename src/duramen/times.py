"""Time as Duramen reads and writes it: aware datetimes at the edges, microseconds since 1970 UTC inside."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from dateutil import parser

from duramen.errors import BadInputError

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    """Return the time, aware."""
    return datetime.now(timezone.utc)


def aware(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one is read as UTC.

    Moments so near the ends of the calendar that their UTC time has no date are moved to the end.
    """
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    try:
        return moment.astimezone(timezone.utc)
    except OverflowError:
        return moment.replace(tzinfo=timezone.utc)


def later(moment: datetime, by: timedelta) -> datetime:
    """Return `moment` moved by `by`, or as it is at the end of the calendar."""
    try:
        return moment + by
    except OverflowError:
        return moment


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 UTC; negative before."""
    return (aware(moment) - EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the aware moment that many microseconds after 1970 UTC."""
    return EPOCH + value * _MICROSECOND


def parse_time(value: object, error: type[BadInputError], name: str) -> datetime:
    """Read a datetime, or ISO 8601 text, as an aware datetime; raise `error` naming `name` for anything else.

    >>> parse_time("2026-03-01T10:00:00+02:00", BadInputError, "since")
    datetime.datetime(2026, 3, 1, 8, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, datetime):
        return aware(value)
    if isinstance(value, str):
        try:
            return aware(parser.isoparse(value.strip()))
        except (ValueError, OverflowError):
            pass
    raise error(f"`{name}` is {value!r}. Give a datetime (a naive one is read as UTC) or ISO 8601 text.")
