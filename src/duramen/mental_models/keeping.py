"""Mental models on the shelf: read, after what was forgotten is taken out of them, and written with their history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from duramen.desk import Desk
from duramen.errors import NotFoundError
from duramen.mental_models.forgetting import (
    Before,
    before_in,
    cleaned,
    forgotten_of,
    key_of,
    mark_of,
    without,
)
from duramen.mental_models.model import (
    Kept,
    MentalModel,
    Sentence,
    Source,
    history_of,
    models_of,
    read,
    source_ids,
)
from duramen.mental_models.tree import Tree, read_tree, tree_place
from duramen.profiles.records import settled
from duramen.shelf import Change, Entry, Remove, Shelf
from duramen.tasks.tasks import Tasks
from duramen.times import microseconds, utc_now

MOST_HISTORY = 50
"""What a mental model said before is kept so often."""

REFRESH = "refresh_mental_model"
"""The type of the task that brings a mental model up to date."""


@dataclass(frozen=True, slots=True)
class Kepts:
    """The mental models of a bank by id, and the tree of its pages."""

    by_id: Mapping[str, Kept]
    tree: Tree


class Keeping:
    """Reads and writes the mental models of all banks.

    Args:
        desk: Of the engine.
        tasks: Its tasks: what lost something of its content is worked out anew.
    """

    def __init__(self, desk: Desk, tasks: Tasks) -> None:
        self.desk = desk
        self._tasks = tasks

    async def one(self, bank: str, id: str) -> tuple[Kept, Tree]:
        """Return a mental model, and the tree.

        Raises:
            NotFoundError: There is no such model.
        """
        shelf = await self.desk.shelf()

        async def attempt() -> tuple[Kept, Tree]:
            mark = await self._mark(bank)
            entry, tree = await shelf.get([(models_of(bank), id), tree_place(bank)])
            if entry is None:
                raise NotFoundError(f"Bank {bank!r} has no mental model {id!r}. Nothing was changed.")
            checked = await self._checked(shelf, bank, {id: read(entry.value)}, mark)
            return checked[id], read_tree(tree)

        return await settled(attempt)

    async def all(self, bank: str) -> Kepts:
        """Return all mental models of a bank."""
        shelf = await self.desk.shelf()

        async def attempt() -> Kepts:
            mark = await self._mark(bank)
            (tree,) = await shelf.get([tree_place(bank)])
            found = {entry.key: read(entry.value) for entry in await shelf.scan(models_of(bank))}
            return Kepts(await self._checked(shelf, bank, found, mark), read_tree(tree))

        return await settled(attempt)

    async def clean(self, bank: str) -> int:
        """Take what was forgotten out of all mental models of a bank; return how many there are."""
        shelf = await self.desk.shelf()
        if not await shelf.scan(models_of(bank), limit=1):
            return 0
        worker = await self.desk.life.worker()  # what is made anew is not there for a moment
        await worker.catch_up(bank, self.desk.parts.catch_up_seconds)
        return len((await self.all(bank)).by_id)

    async def history(self, bank: str, id: str) -> list[Before]:
        """Return what a mental model said before, the latest first."""
        entries = await (await self.desk.shelf()).scan(history_of(bank, id))
        return [before_in(entry) for entry in reversed(entries)]

    async def shown(self, bank: str, id: str, kept: Kept, tree: Tree) -> MentalModel:
        """Return a mental model as it is shown."""
        version = await self.desk.parts.store.version(bank)
        node = tree.nodes.get(id)
        return MentalModel(
            id=id,
            bank=bank,
            name=kept.name,
            query=kept.query,
            content=kept.content,
            tags=kept.tags,
            max_tokens=kept.max_tokens,
            trigger=kept.trigger,
            sources=source_ids(kept.sentences),
            created=kept.created,
            updated=kept.updated,
            refreshed=kept.refreshed,
            stale=kept.is_stale(version),
            parent=None if node is None else node.parent,
            page=node is not None,
            notes=kept.notes,
            trace=kept.trace,
        )

    async def _mark(self, bank: str) -> str:
        return mark_of(await self.desk.parts.store.version(bank))

    async def _checked(self, shelf: Shelf, bank: str, found: Mapping[str, Kept], mark: str) -> dict[str, Kept]:
        """Return mental models without what was forgotten.

        While events are pending, it cannot be told whether what is not there was forgotten, or is just made anew: it is
        not shown then, and nothing is written.

        Raises:
            ChangedError: Somebody else changed one of them meanwhile.
        """
        open_to = [id for id, kept in found.items() if kept.checked != mark]
        histories = {id: await shelf.scan(history_of(bank, id)) for id in open_to}
        said = [one for entries in histories.values() for entry in entries for one in before_in(entry).sentences]
        said += [one for id in open_to for one in found[id].sentences]
        store = self.desk.parts.store
        gone = await forgotten_of(store, bank, {source for one in said for source in one.sources})
        if gone and (await store.backlog(bank)).pending:
            return {id: replace(kept, sentences=without(kept.sentences, gone)) for id, kept in found.items()}
        checked = dict(found)
        for id in open_to:
            checked[id] = await self._cleaned(shelf, bank, id, found[id], histories[id], gone, mark)
        return checked

    async def _cleaned(  # noqa: PLR0913  all that it takes
        self,
        shelf: Shelf,
        bank: str,
        id: str,
        kept: Kept,
        history: Sequence[Entry],
        gone: Collection[Source],
        mark: str,
    ) -> Kept:
        after, changes = cleaned(bank, id, kept, history, gone, mark)
        if after.sentences != kept.sentences:
            changes += self._tasks.submission(bank, REFRESH, {"mental_model": id, "mode": None})
        await shelf.write(changes)
        self._tasks.wake()
        return replace(after, raw=after.put(bank, id).value)


def rewritten(bank: str, id: str, kept: Kept, sentences: Sequence[Sentence]) -> tuple[Kept, list[Change]]:
    """Return a mental model that says something else, and what changes its history. It is to be put by the caller."""
    changes: list[Change] = [kept.expected(bank, id)]
    after = replace(kept, sentences=tuple(sentences), updated=utc_now())
    if after.sentences == kept.sentences or not kept.sentences:
        return after, changes
    number = kept.changes + 1
    before = Before(microseconds(after.updated), kept.sentences)
    changes.append(before.put(bank, id, number))
    changes.append(Remove(path=history_of(bank, id), key=key_of(number - MOST_HISTORY)))
    return replace(after, changes=number), changes


def removal(bank: str, id: str) -> list[Change]:
    """Return what takes a mental model and its history away."""
    return [Remove(path=models_of(bank), key=id), Remove(path=history_of(bank, id))]
