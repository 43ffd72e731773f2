"""Listings of a server, and forgetting by what they tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from duramen.client.asking import types_of
from duramen.client.courier import BANKS, Courier
from duramen.client.names import meant
from duramen.client.wire import memory_of
from duramen.errors import BadQueryError, NotFoundError, UnsupportedError
from duramen.times import EPOCH, parse_time
from duramen.types import BankSummary, Forgotten, Memory, Page, Selection

_PAGE = 500


async def banks(courier: Courier, cursor: str | None, limit: int) -> Page[BankSummary]:
    """Return a page of the banks."""
    await courier.learn()
    offset = place_of(cursor)
    reply = await courier.transport.ask("GET", BANKS, params={"limit": limit, "offset": offset})
    rows: Sequence[Mapping[str, Any]] = reply.get("banks") or ()
    return Page(tuple(_summary(row, ours=courier.ours) for row in rows), _next(reply, offset, len(rows)))


async def memories(courier: Courier, bank: str, selection: Selection, cursor: str | None, limit: int) -> Page[Memory]:
    """Return those of a page of the server that are selected, which may be few or none; an unknown bank has none.

    Raises:
        UnsupportedError: The server has nothing to select by.
    """
    await courier.learn()
    if selection.namespace is not None or selection.strategy:
        raise UnsupportedError("A listing by namespace or strategy", "List by `kinds` instead.")
    offset = place_of(cursor)
    params: dict[str, Any] = {"limit": limit, "offset": offset}
    types = types_of(selection.kinds, ours=courier.ours) if selection.kinds is not None else []
    if len(types) == 1:
        params["type"] = types[0]
    if selection.tags:
        params |= {"tags": sorted(selection.tags), "tags_match": "all_strict"}
    try:
        reply = await courier.transport.ask("GET", await courier.path(bank, "memories", "list"), params=params)
    except NotFoundError:
        return Page(())
    rows: Sequence[Mapping[str, Any]] = reply.get("items") or ()
    listed = [memory_of(bank, row) for row in rows]
    return Page(tuple(one for one in listed if is_selected(one, selection)), _next(reply, offset, len(rows)))


async def memory(courier: Courier, bank: str, id: str) -> Memory | None:
    """Return the memory of this id, if the server has it."""
    try:
        row = await courier.transport.ask("GET", await courier.path(bank, "memories", id))
    except NotFoundError:
        return None
    return memory_of(bank, row) if isinstance(row, Mapping) and row.get("id") else None


async def forget(courier: Courier, bank: str, selection: Selection) -> Forgotten:
    """Delete what is selected. Servers delete whole documents; each event that was retained from here is one.

    Raises:
        UnsupportedError: A document would have to be deleted in part; nothing was deleted.
    """
    if selection.key is not None and selection == Selection(key=selection.key):
        documents, count = await courier.delete(bank, selection.key)
        return Forgotten(bank=bank, memories=count, events=documents, keys=(selection.key,) if documents else ())
    if selection.memory is not None:
        return await _forget_one(courier, bank, selection)
    found: dict[str, list[Memory]] = {}
    others: set[str] = set()
    async for document, one in _all(courier, bank):
        if not is_selected(one, selection):
            others.add(document)
        elif one.strategy is None:  # what was made of others goes with them
            found.setdefault(document, []).append(one)
    partly = sorted(others & found.keys())
    if partly:
        raise UnsupportedError(
            "Forgetting a part of a document",
            f"Document {partly[0]!r} also holds what was not to be forgotten. Forget it whole, by `document`.",
        )
    return await _deleted(courier, bank, found)


async def forget_bank(courier: Courier, bank: str) -> Forgotten:
    """Delete the bank, if there is one."""
    try:
        reply = await courier.transport.ask("DELETE", await courier.path(bank))
    except NotFoundError:
        return Forgotten(bank=bank)
    return Forgotten(bank=bank, memories=int((reply or {}).get("deleted_count") or 0))


def is_selected(memory: Memory, selection: Selection) -> bool:
    """Tell whether all conditions hold for `memory`."""
    wanted = (selection.key, selection.document, selection.session, selection.actor, selection.memory)
    has = (memory.key, memory.document, memory.session, memory.actor, memory.id)
    return (
        all(one is None or one == own for one, own in zip(wanted, has, strict=True))
        and (selection.kinds is None or memory.kind in selection.kinds)
        and (selection.tags is None or selection.tags <= set(memory.tags))
        and (selection.before is None or memory.mentioned < selection.before)
        and (selection.strategy != "" or memory.strategy is None)
    )


def place_of(cursor: str | None) -> int:
    """Return the offset that a cursor stands for.

    Raises:
        BadQueryError: It is no cursor of a listing.
    """
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise BadQueryError(f"`cursor` is {cursor!r}. Give `next` of the page before.")
    return int(cursor)


async def _forget_one(courier: Courier, bank: str, selection: Selection) -> Forgotten:
    path = await courier.path(bank, "memories", str(selection.memory))
    try:
        row = await courier.transport.ask("GET", path)
    except NotFoundError:
        return Forgotten(bank=bank)
    one = memory_of(bank, row)
    if not is_selected(one, selection):
        return Forgotten(bank=bank)
    document = str(row.get("document_id") or "")
    beside = [
        other async for _, other in _all(courier, bank, document) if other.id != one.id and other.strategy is None
    ]
    if not document or beside:
        raise UnsupportedError(
            "Forgetting one memory of several that a document holds",
            f"Memory {one.id!r} is of item {one.key!r}: forget that by `key`, or edit it at the server.",
        )
    return await _deleted(courier, bank, {document: [one]})


async def _deleted(courier: Courier, bank: str, found: Mapping[str, Sequence[Memory]]) -> Forgotten:
    documents = count = 0
    for document in found:
        try:
            count += await courier.delete_document(bank, document)
        except NotFoundError:
            continue  # somebody else was quicker
        documents += 1
    keys = dict.fromkeys(one.key for memories in found.values() for one in memories)
    return Forgotten(bank=bank, memories=count, events=documents, keys=tuple(keys))


async def _all(courier: Courier, bank: str, document: str | None = None) -> AsyncIterator[tuple[str, Memory]]:
    """Yield every memory, or those of one document, with the id of its document; "" for what is of none.

    Raises:
        UnsupportedError: The server does not list the metadata, without which nothing can be told apart.
    """
    offset = 0
    path = await courier.path(bank, "memories", "list")
    while True:
        try:
            reply = await courier.transport.ask(
                "GET", path, params={"limit": _PAGE, "offset": offset, "document_id": document}
            )
        except NotFoundError:
            return
        rows: Sequence[Mapping[str, Any]] = reply.get("items") or ()
        for row in rows:
            if "metadata" not in row:
                raise UnsupportedError("Forgetting by this on this server", "Forget by `key`, or everything.")
            yield str(row.get("document_id") or ""), memory_of(bank, row)
        offset += len(rows)
        if not rows or offset >= int(reply.get("total") or 0):
            return


def _summary(row: Mapping[str, Any], *, ours: bool) -> BankSummary:
    name = str(row.get("bank_id"))
    created = row.get("created_at")
    return BankSummary(
        name=name if ours else meant(name),
        memories=int(row.get("fact_count") or 0),
        events=0,
        pending=0,
        created=parse_time(created, BadQueryError, "created_at") if created else EPOCH,
        embedder=None,
    )


def _next(reply: Mapping[str, Any], offset: int, length: int) -> str | None:
    behind = offset + length
    return str(behind) if length and behind < int(reply.get("total") or 0) else None
