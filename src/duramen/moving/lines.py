"""Events, memories, revisions, jobs and entries as lines of JSON, and back.

Fields that are as by default are left out. Text is written in ASCII, so that whatever a text holds, a lone surrogate too,
comes back as it was. Times are ISO 8601, in UTC.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from duramen.ledger import Job, Record, Revised
from duramen.shelf import Entry
from duramen.times import aware
from duramen.types import KINDS, Event, Interval, Memory

Line = dict[str, Any]

T = TypeVar("T")

_UNSAID = frozenset({"bank", "number"})
_OF_EVENT = frozenset({"key", "actor", "session", "document"})


def written(line: Mapping[str, Any]) -> bytes:
    """Return a line with its end."""
    return json.dumps(line, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def line_of_event(event: Event) -> Line:
    """Return an event as a line, without its bank."""
    return {"is": "event", **_fields(event)}


def line_of_memory(memory: Memory) -> Line:
    """Return what a strategy made as a line, without its bank."""
    return {"is": "memory", **_fields(memory)}


def line_of_record(record: Record, rests: Mapping[str, Any]) -> Line:
    """Return a revision as a line, without its bank and its number.

    Args:
        record: The revision.
        rests: The sources of those memories it names that are not there any more, by their ids.
    """
    told, own = _fields(record.told), _fields(record)
    del own["told"]
    if record.told.before is not None:
        told["before"] = _fields(record.told.before)
    more = {"rests": {memory: list(events) for memory, events in rests.items()}} if rests else {}
    return {"is": "revision", **told, **own, **more}


def line_of_job(job: Job) -> Line:
    """Return a job as a line. What it has from its event is left out."""
    return {"is": "job", **{name: value for name, value in _fields(job).items() if name not in _OF_EVENT}}


def line_of_entry(entry: Entry) -> Line:
    """Return an entry of the shelf as a line: its value as text if it is UTF-8, else in base64."""
    fields = _fields(entry)
    try:
        fields["value"] = entry.value.decode()
    except UnicodeDecodeError:
        fields["value"] = {"base64": base64.b64encode(entry.value).decode()}
    return {"is": "entry", **fields}


def event_in(line: Line, bank: str) -> Event:
    """Read an event. Raises `KeyError`, `TypeError` or `ValueError` if the line holds none, as do those below."""
    return _known_kind(_read(Event, line, bank=bank))


def memory_in(line: Line, bank: str) -> Memory:
    """Read what a strategy made."""
    memory = _known_kind(_read(Memory, line, bank=bank))
    if memory.strategy is None or memory.namespace is None:
        raise ValueError("a memory that no strategy made")
    return memory


def record_in(line: Line, bank: str) -> tuple[Record, Mapping[str, tuple[str, ...]]]:
    """Read a revision, and the sources beside it."""
    before = line.get("before")
    kept = None if before is None else _known_kind(_read(Memory, before, bank=bank))
    told = _read(Revised, line, bank=bank, number=0, before=kept)
    if told.decision not in ("add", "update", "supersede", "skip"):
        raise ValueError(f"a revision of the kind {told.decision!r}")
    rests = {memory: _texts(events) for memory, events in line.get("rests", {}).items()}
    return _read(Record, line, told=told), rests


def job_in(line: Line, bank: str) -> Job:
    """Read a job."""
    job = _read(Job, line, bank=bank, key="")
    if job.state not in ("pending", "done", "failed"):
        raise ValueError(f"a job in the state {job.state!r}")
    return job


def entry_in(line: Line) -> Entry:
    """Read an entry of the shelf."""
    value = line["value"]
    raw = value.encode() if isinstance(value, str) else base64.b64decode(value["base64"], validate=True)
    entry = _read(Entry, line, value=raw)
    if not entry.path:
        raise ValueError("an entry that stands nowhere")
    return entry


def _known_kind(one: T) -> T:
    kind = getattr(one, "kind", None)
    if kind not in KINDS:
        raise ValueError(f"an unknown kind {kind!r}")
    return one


def _fields(of: Any) -> Line:
    """Return the fields of a dataclass but its bank and its number, and those that are as by default."""
    told: Line = {}
    for field in dataclasses.fields(of):
        value = getattr(of, field.name)
        usual = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        if field.name not in _UNSAID and value != usual:
            told[field.name] = _told(value)
    return told


def _told(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Interval):
        return [value.start.isoformat(), value.end.isoformat()]
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def _read(make: Callable[..., T], line: Line, **given: Any) -> T:
    """Make something of the fields of a line; those that it does not have are passed over."""
    read = {}
    for field in dataclasses.fields(make):  # type: ignore[arg-type]  # a dataclass each time
        if field.name in line and field.name not in given:
            value = line[field.name]
            check = _CHECKS.get(str(field.type).removesuffix(" | None"), _as_it_is)
            optional = str(field.type).endswith(" | None")
            read[field.name] = None if value is None and optional else check(value)
    return make(**read, **given)


def _as_it_is(value: Any) -> Any:
    return value


def _a(kind: type[T] | tuple[type[T], ...]) -> Callable[[Any], T]:
    def checked(value: Any) -> T:
        if not isinstance(value, kind):
            raise TypeError(f"{str(value)[:60]!r} where something else is to be")
        return value

    return checked


def _moment(value: Any) -> datetime:
    return aware(datetime.fromisoformat(value))


def _interval(value: Any) -> Interval:
    start, end = map(_moment, value)
    return Interval(start, end)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_a(str)(one) for one in _a(list)(value))


def _names(value: Any) -> dict[str, str]:
    return {name: _a(str)(text) for name, text in _a(dict)(value).items()}


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "str": _a(str),
    "Kind": _a(str),
    "int": _a(int),
    "float": _a((int, float)),
    "bool": _a(bool),
    "datetime": _moment,
    "Interval": _interval,
    "tuple[str, ...]": _texts,
    "Path": _texts,
    "Mapping[str, str]": _names,
    "Mapping[str, Any]": _a(dict),
}
