"""From a store of LangGraph: its items into a `DuramenStore`, as memories, or both. Needs the extra `langgraph`."""

from __future__ import annotations

import asyncio
import json
import re
import string
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from langgraph.store.base import BaseStore, Item, PutOp

from duramen import types
from duramen.errors import BadInputError, BankResolutionError
from duramen.following import Progress
from duramen.identity import bank_name, bank_of
from duramen.ledger import Adopted
from duramen.moving.reaching import desk_of
from duramen.moving.taking import Taken
from duramen.turns.source import AnyMemory, engine_of
from duramen.types import Identity
from duramen_langgraph import DuramenStore
from duramen_langgraph._namespaces import Shelving

_PAGE = 100
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_ENCODED = "user:"


async def import_langgraph(  # noqa: PLR0913  each says what becomes of the items
    memory: AnyMemory,
    store: str | BaseStore,
    *,
    keep: bool = True,
    bank: str | None = None,
    fields: Sequence[str] = ("text",),
    name: str = "default",
    progress: Progress | None = None,
) -> Taken:
    """Take in the items of a store: as items, with their times, and as memories if a bank is named.

    Args:
        memory: Where to.
        store: The path of a file of `SqliteStore`, an object as `module:name`, or any `BaseStore`.
        keep: Put the items into `DuramenStore(memory, name=name)`, where they can be got and searched as before.
        bank: A template of banks such as `user:{1}`, in which `{0}` is the first label of a namespace: the text of each
            item is retained there, its namespace and key being its key. An item whose namespace has no such label is not
            retained, and is counted: nothing stands in for it. A label is percent-encoded as `duramen.bank_of` does it.
        fields: Where in an item its text is: the first of these that is text; `a.b` is `b` in `a`.
        name: Of the `DuramenStore`.
        progress: Called with how many items are done, and how many were found so far.

    Raises:
        BadInputError: There is no such store, or the template is none. Nothing was changed.
    """
    template = None if bank is None else _template(bank)
    mover = _Mover(memory, template, fields, name, keep=keep)
    source = store if isinstance(store, BaseStore) else await asyncio.to_thread(opened, store)
    done = 0
    async for items in _items(source):
        await mover.take(items)
        done += len(items)
        if progress is not None:
            progress(done, done)
    return mover.taken()


def opened(where: str) -> BaseStore:
    """Return the store in a file of `SqliteStore`, or that `module:name` names, an object or what makes one.

    Raises:
        BadInputError: There is none.
    """
    if Path(where).expanduser().is_file():
        return _of_file(where)
    if not _NAMED.fullmatch(where):
        raise BadInputError(f"{where!r} is neither a file nor `module:name`. Nothing was changed.")
    module, _, attribute = where.partition(":")
    try:
        found: object = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise BadInputError(f"{where!r} cannot be imported: {error}. Nothing was changed.") from error
    store = found() if callable(found) and not isinstance(found, BaseStore) else found
    if not isinstance(store, BaseStore):
        raise BadInputError(f"{where!r} is a {type(store).__name__}, not a store of LangGraph. Nothing was changed.")
    return store


def _of_file(path: str) -> BaseStore:
    try:
        sqlite = import_module("langgraph.store.sqlite")
    except ModuleNotFoundError as error:
        raise BadInputError(
            f"{path} is read by langgraph's own `SqliteStore`, which is not installed: "
            f"pip install langgraph-checkpoint-sqlite. Nothing was changed."
        ) from error
    connection = import_module("sqlite3").connect(
        Path(path).expanduser(), check_same_thread=False, isolation_level=None
    )
    store: BaseStore = sqlite.SqliteStore(connection)
    return store


class _Mover:
    def __init__(
        self, memory: AnyMemory, template: str | None, fields: Sequence[str], name: str, *, keep: bool
    ) -> None:
        self._memory = engine_of(memory)
        self._desk = desk_of(memory)
        self._template = template
        self._fields = fields
        self._shelving = Shelving(name)
        self._store = DuramenStore(memory, name=name) if keep else None
        self._counts: dict[str, Counter[str]] = {}
        self._kept = 0
        self._left_out: Counter[str] = Counter()

    async def take(self, items: Sequence[Item]) -> None:
        if self._store is not None:
            await self._store.abatch([PutOp(one.namespace, one.key, one.value) for one in items])
            await self._desk.portal.run(self._dated(items))
            self._kept += len(items)
        if self._template is not None:
            await self._retained(self._template, items)

    def taken(self) -> Taken:
        notes = [f"{count} items were not retained: {why}" for why, count in self._left_out.items()]
        stored = [f"{self._kept} items are in the store"] if self._store is not None else []
        return Taken(banks={bank: dict(counts) for bank, counts in self._counts.items()}, notes=(*stored, *notes))

    async def _dated(self, items: Sequence[Item]) -> None:
        """Give items that were put the times that they had."""
        shelf = await self._desk.shelf()
        found = await shelf.get([(self._shelving.items(one.namespace), one.key) for one in items])
        entries = [
            replace(entry, created=item.created_at, updated=item.updated_at)
            for entry, item in zip(found, items, strict=True)
            if entry is not None
        ]
        parts = self._desk.parts
        await parts.store.adopt("-", Adopted(entries=entries), embedder=parts.embedder.name)

    async def _retained(self, template: str, items: Sequence[Item]) -> None:
        by_bank: dict[str, list[types.Item]] = {}
        for one in items:
            text, bank = _text_in(one.value, self._fields), _bank(template, one.namespace)
            if bank is None:
                self._left_out[f"their namespaces have not all that {template!r} names"] += 1
            elif not text:
                self._left_out[f"they have no text at {', '.join(self._fields)}"] += 1
            else:
                by_bank.setdefault(bank, []).append(_item(one, text))
        for bank, some in by_bank.items():
            await self._memory.retain(bank, some)
            self._counts.setdefault(bank, Counter())["memories"] += len(some)


async def _items(store: BaseStore) -> AsyncIterator[list[Item]]:
    """Yield the items of each namespace. Not all stores can be awaited, but all can be asked from a thread."""
    for namespace in await asyncio.to_thread(_namespaces, store):
        offset, found = 0, _PAGE
        while found == _PAGE:
            page = await asyncio.to_thread(store.search, namespace, limit=_PAGE, offset=offset, refresh_ttl=False)
            found = len(page)
            offset += found
            own = [one for one in page if one.namespace == namespace]
            if own:
                yield list(own)


def _namespaces(store: BaseStore) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    while True:
        page = store.list_namespaces(limit=_PAGE, offset=len(found))
        found += page
        if len(page) < _PAGE:
            return found


def _template(bank: str) -> str:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(bank) if name is not None]
    except ValueError as error:
        raise BadInputError(f"The template {bank!r} is none: {error}. Nothing was changed.") from error
    if any(not name.isdecimal() for name in names):
        raise BadInputError(
            f"The template {bank!r} names {names!r}. Name labels by their place, from 0: 'user:{{1}}'. Nothing was changed."
        )
    return bank


def _bank(template: str, namespace: Sequence[str]) -> str | None:
    try:
        labels = [bank_of(Identity(user=label)).removeprefix(_ENCODED) for label in namespace]
        return bank_name(template.format(*labels))
    except (IndexError, BankResolutionError):
        return None


def _text_in(value: Any, fields: Sequence[str]) -> str:
    for field in fields:
        found = value
        for name in field.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, str) and found.strip():
            return found
    return ""


def _item(item: Item, text: str) -> types.Item:
    return types.Item(
        content=text,
        key=json.dumps([*item.namespace, item.key], ensure_ascii=False),
        occurred=item.created_at,
        metadata={"namespace": "/".join(item.namespace), "key": item.key},
    )
