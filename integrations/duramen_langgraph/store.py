"""A store for LangGraph on the directory of the memories: `builder.compile(store=DuramenStore(memory))`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from langgraph.store.base import (
    BaseStore,
    GetOp,
    IndexConfig,
    Item,
    ListNamespacesOp,
    Op,
    Result,
    SearchItem,
    SearchOp,
    TTLConfig,
)

from duramen.errors import BadInputError
from duramen.shelf import Change, Entry, Put, Remove, Touch
from duramen.times import utc_now
from duramen.turns.source import AnyMemory, engine_of
from duramen_langgraph._embedding import Embedded, embedding_of
from duramen_langgraph._items import found_item, item_of, seconds_of
from duramen_langgraph._namespaces import Shelving, common_prefix, listed
from duramen_langgraph._planning import Plan, Planner
from duramen_langgraph._searching import Found, Searcher
from duramen_langgraph._vectors import packed_rows

FRESH = 1.0
"""In seconds. When a lifetime began less than this, or a hundredth of it, ago, a read does not let it begin anew."""


class DuramenStore(BaseStore):
    """Keeps the items of graphs beside the memories: durable, shared by processes, searchable by meaning.

    Usable from any event loop and any thread, `get` and the rest without `await` also inside a running loop. A batch is
    read first, and then written in one transaction, on disk when it returns. Items are not memories: `recall` does not
    find them.

    Values are JSON. What is searched without a query comes newest first. What expired is gone at once, whatever
    `omit_expired` says, and `sweep_interval_minutes` is not needed: writes sweep in passing.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned. The store does not close it.
        index: True: items are found by the embedder of the memory, whole. False: they are not, and a query is ignored.
            Or langgraph's configuration: `embed`, and optionally `dims` and `fields`. Vectors of another embedder, told
            apart by the names of its model and class, are not compared.
        ttl: langgraph's configuration of lifetimes, in minutes.
        name: Stores of different names in one memory have nothing in common.

    Raises:
        BadInputError: An argument cannot be used.
    """

    supports_ttl = True

    def __init__(
        self,
        memory: AnyMemory,
        *,
        index: IndexConfig | bool = True,
        ttl: TTLConfig | None = None,
        name: str = "default",
    ) -> None:
        self._engine = engine_of(memory)
        self._shelving = Shelving(name)
        self._embedding = embedding_of(index, self._engine)
        self._planner = Planner(_fields_of(index))
        self._search = Searcher(self._engine.shelf, self._shelving)
        self.ttl_config = _checked_ttl(ttl)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Carry out `ops`: all reads as things stood before, then all writes in one transaction, or none.

        Of several writes of one item the last counts. Returns one result for each, in order.

        Raises:
            InvalidNamespaceError: A namespace cannot be used. Nothing was written; nor with the others.
            BadInputError: Something else in `ops` cannot.
            EmbedderError: What `embed` gave are no vectors.
            StoreError: It could not be read or written.
        """
        plan = self._planner.plan(ops)
        embedded = self._embedding.embed(plan.texts) if self._embedding and plan.texts else None
        return self._engine.portal.call(self._run(plan, embedded))

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """See `batch`. Cancelled, it has either written all or nothing."""
        plan = self._planner.plan(ops)
        embedded = await self._embedding.aembed(plan.texts) if self._embedding and plan.texts else None
        return await self._engine.portal.run(self._run(plan, embedded))

    async def _run(self, plan: Plan, embedded: Embedded | None) -> list[Result]:
        results: list[Result] = []
        changes: list[Change] = []
        got = await self._got([op for op in plan.ops if isinstance(op, GetOp)])
        for op in plan.ops:
            if isinstance(op, GetOp):
                entry = next(got)
                results.append(self._item(entry))
                changes += self._refreshing(op, [entry])
            elif isinstance(op, SearchOp):
                found = await self._found(op, plan, embedded)
                results.append([self._hit(hit) for hit in found])
                changes += self._refreshing(op, [entry for entry, _ in found])
            elif isinstance(op, ListNamespacesOp):
                results.append(await self._listed(op))
            else:
                results.append(None)
        changes += self._writing(plan, embedded)
        if changes:
            await self._engine.shelf.write(changes)
        return results

    async def _got(self, ops: Sequence[GetOp]) -> Iterator[Entry | None]:
        places = [(self._shelving.items(op.namespace), op.key) for op in ops]
        return iter(await self._engine.shelf.get(places) if places else [])

    async def _found(self, op: SearchOp, plan: Plan, embedded: Embedded | None) -> list[Found]:
        if embedded is None or not op.query:
            return await self._search.newest(op)
        query = embedded.queries[plan.texts.queries.index(op.query)]
        return await self._search.nearest(op, embedded.space, query)

    async def _listed(self, op: ListNamespacesOp) -> list[tuple[str, ...]]:
        paths = await self._engine.shelf.paths(self._shelving.items(common_prefix(op)))
        return listed([self._shelving.namespace(path) for path in paths], op)

    def _item(self, entry: Entry | None) -> Item | None:
        return None if entry is None else item_of(entry, self._shelving.namespace(entry.path))

    def _hit(self, found: Found) -> SearchItem:
        entry, score = found
        return found_item(entry, self._shelving.namespace(entry.path), score)

    def _refreshing(self, op: GetOp | SearchOp, entries: Iterable[Entry | None]) -> Iterator[Change]:
        for entry in entries:
            if entry is not None and op.refresh_ttl and _is_due(entry):
                yield Touch(path=entry.path, key=entry.key)
                yield Touch(path=self._shelving.vectors(self._shelving.namespace(entry.path)), key=entry.key)

    def _writing(self, plan: Plan, embedded: Embedded | None) -> Iterator[Change]:
        for write in plan.writes:
            namespace, key = write.home
            items, vectors = self._shelving.items(namespace), self._shelving.vectors(namespace)
            if write.value is None:
                yield Remove(path=items, key=key)
            else:
                yield Put(path=items, key=key, value=write.value, lifetime=write.lifetime)
            if embedded is not None and write.rows:
                rows = packed_rows(embedded.space, embedded.documents[list(write.rows)])
                yield Put(path=vectors, key=key, value=rows, lifetime=write.lifetime)
            else:
                yield Remove(path=vectors, key=key)


def _is_due(entry: Entry) -> bool:
    if entry.expires is None or entry.lifetime is None:
        return False
    left = (entry.expires - utc_now()).total_seconds()
    return entry.lifetime - left >= min(FRESH, entry.lifetime / 100)


def _fields_of(index: IndexConfig | bool) -> Sequence[str] | None:
    if isinstance(index, bool):
        return ["$"] if index else None
    return index.get("fields") or ["$"]


def _checked_ttl(ttl: TTLConfig | None) -> TTLConfig | None:
    given: object = ttl
    if given is not None and not isinstance(given, Mapping):
        raise BadInputError(f"`ttl` is {ttl!r}. Give a dictionary such as {{'default_ttl': 60}}, in minutes, or None.")
    if ttl is not None:
        seconds_of(ttl.get("default_ttl"), "default_ttl")
    return ttl
