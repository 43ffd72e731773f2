"""What a batch comes to, before anything is read or written: all that can be refused is refused here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from langgraph.store.base import (
    GetOp,
    ListNamespacesOp,
    Op,
    PutOp,
    SearchOp,
    get_text_at_path,
    tokenize_path,
)

from duramen.errors import BadInputError
from duramen_langgraph._embedding import Texts
from duramen_langgraph._filters import check_filter
from duramen_langgraph._items import loaded, packed, seconds_of
from duramen_langgraph._namespaces import check_namespaces

Home: TypeAlias = tuple[tuple[str, ...], str]
"""The namespace and the key of an item."""

WHOLE = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What becomes of one item.

    Attributes:
        value: As it will stand on the shelf; None to delete it.
        lifetime: In seconds.
        rows: Which of the batch's documents are its own.
    """

    home: Home
    value: bytes | None = None
    lifetime: float | None = None
    rows: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A batch that can be carried out: its ops in order, its last write of each item, and what is to be embedded."""

    ops: Sequence[Op] = ()
    writes: Sequence[Write] = ()
    texts: Texts = field(default_factory=Texts)


class Planner:
    """Plans batches for a store that indexes `fields`; none at all with None.

    Raises:
        BadInputError: A field is no text.
    """

    def __init__(self, fields: Sequence[str] | None) -> None:
        self._paths = None if fields is None else _paths(fields)

    def plan(self, ops: Iterable[Op]) -> Plan:
        """Return what `ops` come to.

        Raises:
            InvalidNamespaceError: A namespace cannot be used.
            BadInputError: Something else in one of them cannot. It is a `ValueError`, as with langgraph's stores.
        """
        listed = list(ops)
        puts: dict[Home, PutOp] = {}
        queries: dict[str, None] = {}
        for op in listed:
            _check(op)
            if isinstance(op, PutOp):
                puts[(tuple(op.namespace), op.key)] = op
            elif isinstance(op, SearchOp) and op.query and self._paths is not None:
                queries[op.query] = None
        documents: dict[str, int] = {}
        writes = [self._write(home, op, documents) for home, op in puts.items()]
        return Plan(listed, writes, Texts(list(documents), list(queries)))

    def _write(self, home: Home, op: PutOp, documents: dict[str, int]) -> Write:
        if op.value is None:
            return Write(home=home)
        value = packed(op.value, op.key)
        lifetime = seconds_of(op.ttl)
        rows = [documents.setdefault(text, len(documents)) for text in self._texts(value, op)]
        return Write(home=home, value=value, lifetime=lifetime, rows=rows)

    def _texts(self, value: bytes, op: PutOp) -> Iterable[str]:
        given: object = op.index
        paths = self._paths if given is None else _paths(given) if given is not False else None
        if self._paths is None or not paths:
            return ()
        kept = loaded(value)
        texts = (text for path in paths for text in get_text_at_path(kept, path))
        return dict.fromkeys(text for text in texts if text.strip())


def _paths(fields: object) -> list[Any]:
    if isinstance(fields, str) or not isinstance(fields, Sequence) or not all(isinstance(name, str) for name in fields):
        raise BadInputError(f"The fields to index are {fields!r}. Give a list of paths, such as ['text', 'tags[*]'].")
    return [WHOLE if name == WHOLE else tokenize_path(name) for name in fields]


def _check(op: Op) -> None:
    if not isinstance(op, GetOp | SearchOp | PutOp | ListNamespacesOp):
        raise BadInputError(f"{op!r} is no operation of a store. Give GetOp, SearchOp, PutOp or ListNamespacesOp.")
    check_namespaces(op)
    if isinstance(op, SearchOp | ListNamespacesOp):
        bounds: dict[str, object] = {"limit": op.limit, "offset": op.offset}
        for name, number in bounds.items():
            if not isinstance(number, int) or number < 0:
                raise BadInputError(f"`{name}` is {number!r}. Give a number from 0.")
    if isinstance(op, SearchOp):
        if op.filter is not None and not isinstance(op.filter, Mapping):
            raise BadInputError(f"The filter is {op.filter!r}. Give a dictionary of conditions by field.")
        check_filter(op.filter)
