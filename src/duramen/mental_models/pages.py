"""The verbs about pages: mental models in a tree of folders."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import Unpack

from duramen.desk import Desk
from duramen.errors import BadInputError
from duramen.identity import Bank, bank_name
from duramen.language.terms import terms
from duramen.mental_models.checking import Changes
from duramen.mental_models.keeping import Keeping, removal
from duramen.mental_models.mental_models import MentalModels
from duramen.mental_models.model import Kept, MentalModel
from duramen.mental_models.tree import Node, NodeKind, Tree
from duramen.naming import digest
from duramen.portal import on_own_loop
from duramen.profiles import Profiles
from duramen.profiles.records import settled
from duramen.shelf import Change
from duramen.tasks.task import Task

USUAL = {"mode": "delta", "refresh_after_consolidation": True}
"""The trigger of a page that is given none, in a bank that has set up none."""

SHOWN = 300
"""Characters of a page that a search shows."""

_LEAST = 0.3
"""Cosine below which a page without a word of the search is not like it."""

_REMEMBERED = 2_000
_READ = 2_000
"""Characters of a page that are embedded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A folder or a page with all that stands in it; folders first, then by name."""

    id: str
    kind: NodeKind
    name: str
    parent: str | None
    page: MentalModel | None
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page that a search found, with its score in [0, 1], for the order of one search only."""

    page: MentalModel
    score: float
    snippet: str


class NodeChanges(Changes, total=False):
    """What to change of a folder or a page. What is not given stays; `parent` None moves it to the top."""

    parent: str | None


class Pages:
    """Pages in folders, in the banks of an engine. A page is a mental model of the same id.

    Args:
        models: The mental models of the engine.
        desk: Of the same engine.
        profiles: Say what is usual for a new page.
    """

    def __init__(self, models: MentalModels, desk: Desk, profiles: Profiles) -> None:
        self.portal = desk.portal
        self._models = models
        self._keeping: Keeping = models.keeping
        self._desk = desk
        self._profiles = profiles
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    @on_own_loop
    async def tree(self, bank: Bank) -> list[Branch]:
        """Return all folders and pages of `bank`, those at the top with what stands in them."""
        name = bank_name(bank)
        kepts = await self._keeping.all(name)
        shown = {
            id: await self._keeping.shown(name, id, kept, kepts.tree)
            for id, kept in kepts.by_id.items()
            if id in kepts.tree.nodes
        }
        return list(_branches(kepts.tree, None, shown))

    @on_own_loop
    async def create_folder(self, bank: Bank, name: str, *, parent: str | None = None) -> Branch:
        """Make a folder, at the top or in another.

        Raises:
            BadInputError: The name cannot be used.
            ConflictError: There is something of that name.
            NotFoundError: There is no folder `parent`.
        """
        of, id = bank_name(bank), str(uuid.uuid4())
        shelf = await self._desk.shelf()

        async def attempt() -> None:
            tree = (await self._keeping.all(of)).tree.with_node(id, Node("folder", name, parent))
            await shelf.write(tree.written(of))

        await settled(attempt)
        return Branch(id=id, kind="folder", name=name, parent=parent, page=None)

    @on_own_loop
    async def create_page(  # noqa: PLR0913  each is one part of it
        self,
        bank: Bank,
        name: str,
        query: str,
        *,
        parent: str | None = None,
        tags: Collection[str] = (),
        max_tokens: int = 2048,
        trigger: Mapping[str, Any] | None = None,
    ) -> tuple[MentalModel, Task]:
        """Make a page, and submit the task that works out what stands on it; see `MentalModels.create`.

        Without a trigger it has the `knowledge_page_default_trigger` of the bank, or `USUAL`.
        """
        if trigger is None:
            trigger = (await self._profiles.resolved(bank))["knowledge_page_default_trigger"] or USUAL
        return await self._models.create(
            bank, name, query, parent=parent, tags=tags, max_tokens=max_tokens, trigger=trigger, page=True
        )

    @on_own_loop
    async def get_page(self, bank: Bank, id: str) -> MentalModel:
        """Return a page.

        Raises:
            NotFoundError: There is no page of that id.
        """
        name = bank_name(bank)
        kept, tree = await self._keeping.one(name, id)
        tree.node(id, "page")
        return await self._keeping.shown(name, id, kept, tree)

    @on_own_loop
    async def search(self, bank: Bank, q: str, *, limit: int = 10) -> list[Found]:
        """Return the pages whose names and contents have words of `q`, or are like it, best first.

        Raises:
            BadInputError: `q` is blank, or `limit` below 1.
        """
        if not q.strip() or limit < 1:
            raise BadInputError(f"`q` is {q!r} and `limit` {limit}. Search for words, and for 1 page or more.")
        name = bank_name(bank)
        kepts = await self._keeping.all(name)
        pages = [(id, kept) for id, kept in kepts.by_id.items() if id in kepts.tree.nodes]
        asked = (await self._desk.parts.retain.embedder.ask(q)).vector if pages else None
        wanted = set(terms(q))
        found: list[Found] = []
        for (id, kept), vector in zip(pages, await self._embedded([kept for _, kept in pages]), strict=True):
            said = set(terms(f"{kept.name} {kept.query} {kept.content}"))
            words = len(wanted & said) / len(wanted) if wanted else 0.0
            alike = 0.0 if asked is None else min(1.0, max(0.0, float(vector @ asked)))
            if words or alike >= _LEAST:
                page = await self._keeping.shown(name, id, kept, kepts.tree)
                found.append(Found(page=page, score=(words + alike) / 2, snippet=kept.content[:SHOWN]))
        return sorted(found, key=lambda one: -one.score)[:limit]

    @on_own_loop
    async def update_node(self, bank: Bank, id: str, **changes: Unpack[NodeChanges]) -> Branch:
        """Rename or move a folder or a page, or change what `MentalModels.update` changes of a page.

        Raises:
            NotFoundError: There is nothing of that id, or no such folder.
            ConflictError: There is something of that name in the folder, or a folder would stand in itself.
            BadInputError: Something of it makes no sense, or is not for a folder.
        """
        name = bank_name(bank)
        moved = {"parent": changes["parent"]} if "parent" in changes else {}
        parts: Changes = {key: value for key, value in changes.items() if key != "parent"}  # type: ignore[assignment]
        tree = (await self._keeping.all(name)).tree
        node = tree.node(id)
        if node.kind == "folder" and any(value is not None for key, value in parts.items() if key != "name"):
            raise BadInputError("A folder has a name and a place, and nothing else. Nothing was changed.")
        await self._placed(name, id, {**moved, **({"name": parts["name"]} if parts.get("name") else {})})
        if node.kind == "page":
            await self._models.update(name, id, **parts)
        return await self._branch(name, id)

    @on_own_loop
    async def delete_node(self, bank: Bank, id: str) -> int:
        """Delete a page, or a folder with all that stands in it; return how many pages that are.

        Raises:
            NotFoundError: There is nothing of that id.
        """
        name = bank_name(bank)
        shelf = await self._desk.shelf()

        async def attempt() -> int:
            tree = (await self._keeping.all(name)).tree
            tree.node(id)
            gone = [id, *tree.below(id)]
            pages = [one for one in gone if tree.nodes[one].kind == "page"]
            changes: list[Change] = [change for page in pages for change in removal(name, page)]
            await shelf.write([*tree.without(gone).written(name), *changes])
            return len(pages)

        return await settled(attempt)

    @on_own_loop
    async def export(self, bank: Bank) -> dict[str, str]:
        """Return every page of `bank` as Markdown by its path, such as `work/plans.md`; no two have one path."""
        name = bank_name(bank)
        kepts = await self._keeping.all(name)
        found: dict[str, str] = {}
        for id, node in sorted(kepts.tree.nodes.items(), key=lambda pair: (kepts.tree.path(pair[0]), pair[0])):
            if node.kind == "page" and id in kepts.by_id:
                path = "/".join(_file_name(part) for part in kepts.tree.path(id))
                path = f"{path}.md" if f"{path}.md".casefold() not in map(str.casefold, found) else f"{path}.{id}.md"
                found[path] = markdown(await self._keeping.shown(name, id, kepts.by_id[id], kepts.tree))
        return found

    async def _placed(self, bank: str, id: str, changes: Mapping[str, Any]) -> None:
        shelf = await self._desk.shelf()

        async def attempt() -> None:
            kepts = await self._keeping.all(bank)
            tree = kepts.tree.with_node(id, replace(kepts.tree.node(id), **changes))
            written = tree.written(bank)
            if "name" in changes and id in kepts.by_id:
                kept = kepts.by_id[id]
                written += [kept.expected(bank, id), replace(kept.stored(), name=changes["name"]).put(bank, id)]
            await shelf.write(written)

        if changes:
            await settled(attempt)

    async def _branch(self, bank: str, id: str) -> Branch:
        kepts = await self._keeping.all(bank)
        shown = {
            one: await self._keeping.shown(bank, one, kept, kepts.tree)
            for one, kept in kepts.by_id.items()
            if one in {id, *kepts.tree.below(id)}
        }
        return _branch(kepts.tree, id, shown)

    async def _embedded(self, pages: Sequence[Kept]) -> list[npt.NDArray[np.float32]]:
        """Return a unit vector for each page; those of the last contents are at hand, by what they were made from."""
        texts = [f"{kept.name}. {kept.content[:_READ]}" for kept in pages]
        keys = [digest(text) for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        if fresh:
            made = await self._desk.parts.embedder.embed(list(fresh.values()))
            self._vectors |= dict(zip(fresh, made, strict=True))
        vectors = [self._vectors[key] for key in keys]
        for key in list(self._vectors)[: max(0, len(self._vectors) - _REMEMBERED)]:
            del self._vectors[key]
        return vectors


def markdown(page: MentalModel) -> str:
    """Return a page as Markdown, with what it is in front matter (YAML whose values are JSON)."""
    told: dict[str, Any] = {"id": page.id, "name": page.name, "description": page.query, "tags": list(page.tags)}
    told["timestamp"] = None if page.refreshed is None else page.refreshed.isoformat()
    front = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in told.items())
    return f"---\n{front}\n---\n\n# {page.name}\n\n{page.content}\n"


def _branches(tree: Tree, parent: str | None, shown: Mapping[str, MentalModel]) -> tuple[Branch, ...]:
    ids = [id for id, node in tree.nodes.items() if node.parent == parent]
    ids.sort(key=lambda id: (tree.nodes[id].kind, tree.nodes[id].name, id))
    return tuple(_branch(tree, id, shown) for id in ids)


def _branch(tree: Tree, id: str, shown: Mapping[str, MentalModel]) -> Branch:
    node = tree.nodes[id]
    children = _branches(tree, id, shown) if node.kind == "folder" else ()
    return Branch(id=id, kind=node.kind, name=node.name, parent=node.parent, page=shown.get(id), children=children)


def _file_name(name: str) -> str:
    """Return a name that is one segment of a path everywhere."""
    safe = "".join("-" if character in '/\\:*?"<>|' else character for character in name).strip(". ")
    return safe or "-"
