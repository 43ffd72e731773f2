"""Between rows and the types: the order of columns is that of the fragments in `queries.sql`."""

from __future__ import annotations

import functools
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from duramen.bulk import Rows
from duramen.stores.common import digest_of
from duramen.times import from_microseconds, microseconds
from duramen.types import Claim, Event, Indexed, Interval, Memory, Row, Selection

BITS = 32
"""A row number is the bank's number and, in this many low bits, the place in the bank."""

_CLAIM = struct.Struct("<II?B")


def span(bank: int, after: int = 0) -> dict[str, int]:
    """Return `:first` and `:last` for the rows of a bank behind the place `after`: above the one, up to the other."""
    last = (bank + 1 << BITS) - 1
    return {"first": min((bank << BITS) + max(0, after), last), "last": last}


def span_of(number: int) -> dict[str, int]:
    """Return `:first` and `:last` for the rows of the bank that a row number is of."""
    return span(number >> BITS)


def in_bank(number: int) -> int:
    """Return the place in its bank of a row number."""
    return number & (1 << BITS) - 1


def as_json(values: Iterable[str | int]) -> str:
    """Write a JSON list."""
    return json.dumps(list(values), ensure_ascii=False)


def event_parameters(event: Event) -> dict[str, Any]:
    """Return the columns of an event by name, without its bank and its state."""
    return {
        "id": event.id,
        "key": event.key,
        "position": event.position,
        "kind": event.kind,
        "actor": event.actor,
        "session": event.session,
        "speaker": event.speaker,
        "document": event.document,
        "mentioned": microseconds(event.mentioned),
        "occurred": _optional_microseconds(event.occurred),
        "stored": microseconds(event.stored),
        "tags": as_json(event.tags),
        "metadata": _mapping(event.metadata),
        "content": event.content,
        "digest": digest_of(event),
        "expires": _optional_microseconds(event.expires),
        "entities": as_json(event.entities),
    }


def event_of(bank: str, columns: tuple[Any, ...]) -> Event:
    """Read `event_columns`."""
    return Event(
        bank=bank,
        id=columns[0],
        key=columns[1],
        position=columns[2],
        kind=columns[3],
        actor=columns[4],
        session=columns[5],
        speaker=columns[6],
        document=columns[7],
        mentioned=from_microseconds(columns[8]),
        occurred=_optional_moment(columns[9]),
        stored=from_microseconds(columns[10]),
        tags=_texts(columns[11]),
        metadata=json.loads(columns[12]),
        content=columns[13],
        expires=_optional_moment(columns[14]),
        entities=_texts(columns[15]) if columns[15] != "[]" else (),
    )


def memory_parameters(number: int, memory: Memory) -> dict[str, Any]:
    """Return the columns of a memory by name."""
    return {
        "number": number,
        "id": memory.id,
        "event": memory.event,
        "key": memory.key,
        "position": memory.position,
        "kind": memory.kind,
        "actor": memory.actor,
        "session": memory.session,
        "speaker": memory.speaker,
        "document": memory.document,
        "mentioned": microseconds(memory.mentioned),
        "occurred_start": memory.occurred and microseconds(memory.occurred.start),
        "occurred_end": memory.occurred and microseconds(memory.occurred.end),
        "stored": microseconds(memory.stored),
        "superseded": _optional_microseconds(memory.superseded),
        "tags": as_json(memory.tags),
        "entities": as_json(memory.entities),
        "tokens": memory.tokens,
        "metadata": _mapping(memory.metadata),
        "text": memory.text,
        "strategy": memory.strategy,
        "namespace": memory.namespace,
        "details": json.dumps(dict(memory.details)) if memory.details else "{}",
    }


def vector_parameters(number: int, indexed: Indexed) -> dict[str, Any]:
    """Return what a memory is searched by, as bytes."""
    return {
        "number": number,
        "vector": np.asarray(indexed.vector, dtype="<f4").tobytes(),
        "terms": np.asarray(indexed.terms, dtype="<u4").tobytes(),
        "claims": _packed(indexed.claims),
    }


def late_parameters(number: int, indexed: Indexed) -> dict[str, Any]:
    """Return the columns of `late` by name."""
    return {"number": number, "codes": indexed.late}


def memory_of(bank: str, columns: tuple[Any, ...]) -> Memory:
    """Read `memory_columns`."""
    start, end = columns[12:14]
    return Memory(
        bank=bank,
        id=columns[1],
        text=columns[2],
        kind=columns[3],
        event=columns[4],
        key=columns[5],
        position=columns[6],
        actor=columns[7],
        session=columns[8],
        speaker=columns[9],
        document=columns[10],
        mentioned=from_microseconds(columns[11]),
        occurred=None if start is None else Interval(from_microseconds(start), from_microseconds(end)),
        stored=from_microseconds(columns[14]),
        superseded=_optional_moment(columns[15]),
        tags=_texts(columns[16]),
        metadata=json.loads(columns[17]) if columns[17] != "{}" else {},
        entities=_texts(columns[18]),
        tokens=columns[19],
        strategy=columns[20],
        namespace=columns[21],
        details=json.loads(columns[22]) if columns[22] != "{}" else {},
        sources=tuple(json.loads(columns[23])) if columns[23] is not None else (),
    )


def row_of(columns: tuple[Any, ...]) -> Row:
    """Read what `read_rows` gives."""
    start, end = columns[9:11]
    return Row(
        number=in_bank(columns[0]),
        id=columns[1],
        kind=columns[2],
        event=columns[3],
        position=columns[4],
        actor=columns[5],
        session=columns[6],
        speaker=columns[7],
        mentioned=columns[8],
        occurred=None if start is None else (start, end),
        superseded=columns[11],
        tags=_texts(columns[12]),
        entities=_texts(columns[13]),
        tokens=columns[14],
        vector=np.frombuffer(columns[15], dtype="<f4"),
        terms=np.frombuffer(columns[16], dtype="<u4"),
        claims=claims_of(columns[17]) if columns[17] else (),
        namespace=columns[18],
    )


def rows_of(found: Sequence[tuple[Any, ...]]) -> Rows:
    """Read what `read_rows` gives, field by field, which takes a third of the time."""
    columns: Sequence[Sequence[Any]] = list(zip(*found, strict=True)) or [()] * 19
    lengths = np.fromiter(map(len, columns[16]), dtype=np.int32, count=len(found)) // 4
    vectors = np.frombuffer(b"".join(columns[15]), dtype="<f4")
    return Rows(
        numbers=np.array([in_bank(number) for number in columns[0]], dtype=np.int64),
        ids=columns[1],
        kinds=columns[2],
        events=columns[3],
        positions=columns[4],
        actors=columns[5],
        sessions=columns[6],
        speakers=columns[7],
        mentioned=columns[8],
        start=columns[9],
        end=columns[10],
        superseded=columns[11],
        tags=list(map(_texts, columns[12])),
        entities=list(map(_texts, columns[13])),
        tokens=columns[14],
        vectors=vectors.reshape(len(found), len(vectors) // max(1, len(found))),
        terms=np.frombuffer(b"".join(columns[16]), dtype="<u4"),
        lengths=lengths,
        claims=[claims_of(packed) if packed else () for packed in columns[17]],
        namespaces=columns[18],
    )


def selection_parameters(selection: Selection) -> dict[str, Any]:
    """Return the conditions of `event_fits` and `memory_fits`; None lets everything through."""
    return {
        "memory": selection.memory,
        "key": selection.key,
        "document": selection.document,
        "session": selection.session,
        "actor": selection.actor,
        "kinds": None if selection.kinds is None else list(selection.kinds),
        "tags": None if selection.tags is None else list(selection.tags),
        "since": _optional_microseconds(selection.since),
        "before": _optional_microseconds(selection.before),
        "strategy": selection.strategy,
        "namespace": selection.namespace,
        "behind": None if selection.namespace is None else _behind(selection.namespace),
    }


def _behind(prefix: str) -> str:
    """Return what is behind all texts that begin with `prefix`, which is not empty, and before all others."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _optional_microseconds(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _optional_moment(value: int | None) -> datetime | None:
    return None if value is None else from_microseconds(value)


def _packed(claims: Sequence[Claim]) -> bytes:
    return b"".join(_CLAIM.pack(claim.slot, claim.value, claim.ends, claim.statement) for claim in claims)


def claims_of(packed: bytes) -> tuple[Claim, ...]:
    """Read the claims of a memory."""
    return tuple(Claim(*fields) for fields in _CLAIM.iter_unpack(packed))


def _mapping(mapping: Mapping[str, str]) -> str:
    return json.dumps(dict(mapping), ensure_ascii=False)


@functools.lru_cache(4096)
def _texts(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
