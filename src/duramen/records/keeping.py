"""How a record is kept: as a memory of a bank, with what only records have among its details."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from duramen.errors import BadContentError, BadInputError
from duramen.records.conditions import CREATED, ORIGIN, UPDATED
from duramen.records.homes import Place, mark
from duramen.records.record import KEEP, Change, Draft, Filed
from duramen.records.values import Value, checked, read, written
from duramen.strategies.labelled import LABELS
from duramen.strategies.lasting import RECORD
from duramen.times import aware, later, parse_time
from duramen.types import Memory

BY_HAND = "duramen.records"
"""Stands for the strategy of records that count as those of none."""

_PREFIX = "mem-"
_MARK = 8


@dataclass(frozen=True, slots=True)
class Own:
    """What only records have, as it stands in the details of a memory.

    Attributes:
        mark: Of the bank that it was created in, which its id ends with; None for the bank that it is in.
        lifetime: Seconds from the last change until it expires.
        given: It was put there by hand. `loose`: it is filed nowhere.
    """

    created: datetime
    updated: datetime
    metadata: Mapping[str, Value]
    expires: datetime | None = None
    lifetime: float | None = None
    mark: str | None = None
    given: bool = False
    loose: bool = False


def id_of(memory: str, bank_mark: str) -> str:
    """Return the id of the record that a memory is.

    >>> id_of("0" * 32, "89abcdef")
    'mem-00000000000000000000000000000000-89abcdef'
    """
    return f"{_PREFIX}{memory}-{bank_mark}"


def parts_of(id: str) -> tuple[str, str] | None:
    """Return the id of the memory that a record is, and the mark of its bank; None if it is the id of none."""
    given: object = id
    if not isinstance(given, str) or not id.startswith(_PREFIX) or "\0" in id or not id.isprintable():
        return None
    memory, _, bank_mark = id.removeprefix(_PREFIX).rpartition("-")
    return (memory, bank_mark) if memory and len(bank_mark) == _MARK else None


def own_of(memory: Memory) -> Own:
    """Return what only records have of a memory; what a strategy made has less of it."""
    kept = memory.details.get(RECORD)
    kept = kept if isinstance(kept, Mapping) else {}
    made = memory.details.get(LABELS)
    metadata = read(
        kept["metadata"] if "metadata" in kept else {**memory.metadata, **(made if isinstance(made, Mapping) else {})}
    )
    created = _time(kept.get("created")) or memory.stored
    return Own(
        created=created,
        updated=_time(kept.get("updated")) or memory.stored,
        metadata=metadata,
        expires=_time(kept.get("expires")),
        lifetime=kept.get("lifetime"),
        mark=kept.get("mark"),
        given=bool(kept.get("given")),
        loose=bool(kept.get("loose")),
    )


def filed_of(memory: Memory) -> Filed:
    """Return the record that a memory is."""
    own = own_of(memory)
    return Filed(
        id=id_of(memory.id, own.mark or mark(memory.bank)),
        text=memory.text,
        namespace=None if own.loose else unquote(memory.namespace or "/"),
        strategy=None if memory.strategy == BY_HAND else memory.strategy,
        created=own.created,
        updated=own.updated,
        at=memory.mentioned,
        metadata=own.metadata,
        expires=own.expires,
        actor=memory.actor,
        session=memory.session,
        kind=memory.kind,
        given=own.given,
        details={name: value for name, value in memory.details.items() if name not in (RECORD, LABELS)},
    )


def is_shown(memory: Memory, now: datetime) -> bool:
    """Tell whether a record is to be seen: nothing newer holds, and its time is not over."""
    expires = own_of(memory).expires
    return memory.superseded is None and (expires is None or expires > now)


def searched(own: Own) -> dict[str, Value]:
    """Return what conditions are about: the metadata, and what every record has."""
    origin = "GIVEN" if own.given else "EXTRACTED"
    return {**own.metadata, CREATED: own.created, UPDATED: own.updated, ORIGIN: origin}


def drafted(draft: Draft, place: Place, now: datetime) -> Memory:
    """Return the memory that a new record is, without what it is searched by.

    Raises:
        BadContentError: It cannot be kept.
    """
    id = uuid4().hex
    own = Own(
        created=now,
        updated=now,
        metadata=draft.metadata,
        expires=_end(now, draft.lifetime),
        lifetime=None if draft.lifetime is None else draft.lifetime.total_seconds(),
        given=True,
        loose=draft.namespace is None,
    )
    return Memory(
        id=id,
        bank=place.bank,
        text=_said(draft.text),
        kind=draft.kind,
        event=id,
        key=f"{BY_HAND}:{id}",
        actor=place.actor,
        session=place.session,
        mentioned=_moment(draft.at),
        stored=now,
        strategy=_strategy(draft.strategy),
        namespace=place.namespace,
        details={RECORD: _details(own)},
    )


def changed(memory: Memory, change: Change, place: Place | None, now: datetime) -> Memory:
    """Return what a memory becomes by `change`; `place` is where it is filed from now on, None if it stays.

    Raises:
        BadContentError: It cannot be kept.
    """
    before = own_of(memory)
    lifetime = _lifetime(before, change, now)
    own = replace(
        before,
        updated=now,
        metadata=before.metadata if change.metadata is None else change.metadata,
        expires=_end(now, lifetime),
        lifetime=None if lifetime is None else lifetime.total_seconds(),
        loose=before.loose and place is None,
    )
    made = replace(
        memory,
        text=memory.text if change.text is None else _said(change.text),
        mentioned=_moment(change.at),
        strategy=memory.strategy if change.strategy is None else _strategy(change.strategy),
    )
    if place is not None:
        moves = place.bank != memory.bank
        own = replace(own, mark=(before.mark or mark(memory.bank)) if moves else before.mark)
        made = replace(made, namespace=place.namespace)
        if moves:
            _check_can_move(memory)
            made = replace(made, bank=place.bank, actor=place.actor, session=place.session, event=made.id, sources=())
    details = memory.details if change.text is None else _labels(memory)
    return replace(made, details={**details, RECORD: _details(own)})


def _labels(memory: Memory) -> Mapping[str, Any]:
    """Return what is left of the details of a memory that says something else now."""
    return {LABELS: memory.details[LABELS]} if LABELS in memory.details else {}


def _check_can_move(memory: Memory) -> None:
    """Raise `BadContentError` if a memory rests on events: in another bank it would outlive them when they are forgotten."""
    if memory.event in memory.sources:
        raise BadContentError(
            f"The strategy {memory.strategy!r} made the record of what was said in its own namespace, and it goes when that "
            f"is forgotten, so that it cannot be filed with another actor. Create a record there, and delete this one. "
            f"Nothing was changed."
        )


def _lifetime(before: Own, change: Change, now: datetime) -> timedelta | None:
    if change.lifetime is not KEEP:
        return change.lifetime
    if before.lifetime is not None:
        return timedelta(seconds=before.lifetime)
    return None if before.expires is None else max(before.expires - before.created, timedelta())


def _details(own: Own) -> dict[str, Any]:
    kept = {
        "created": own.created.isoformat(),
        "updated": own.updated.isoformat(),
        "metadata": written(own.metadata),
        "expires": None if own.expires is None else own.expires.isoformat(),
        "lifetime": own.lifetime,
        "mark": own.mark,
        "given": own.given,
        "loose": own.loose,
    }
    return {name: value for name, value in kept.items() if value or name == "metadata"}


def _end(now: datetime, lifetime: timedelta | None) -> datetime | None:
    return None if lifetime is None else later(now, lifetime)


def _said(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise BadContentError(f"The text is {text!r}. Give text that is not blank. Nothing was kept.")
    return checked(text, "text")


def _strategy(name: str | None) -> str:
    if name is None:
        return BY_HAND
    if not name.strip():
        raise BadContentError("The name of the strategy is blank. Leave it out for none. Nothing was kept.")
    return checked(name, "name of the strategy")


def _moment(at: object) -> datetime:
    if not isinstance(at, datetime):
        raise BadContentError(f"`at` is {at!r}. Give a datetime. Nothing was kept.")
    return aware(at)


def _time(kept: object) -> datetime | None:
    try:
        return parse_time(kept, BadInputError, "time")
    except BadInputError:
        return None
