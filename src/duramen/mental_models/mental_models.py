"""The verbs about mental models."""

from __future__ import annotations

import builtins
import difflib
import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from typing_extensions import Unpack

from duramen.desk import Desk
from duramen.errors import BadInputError, ConflictError
from duramen.identity import Bank, bank_name
from duramen.mental_models.checking import Changes, checked_id, checked_parts
from duramen.mental_models.drafting import tags_match
from duramen.mental_models.keeping import Keeping, removal, rewritten
from duramen.mental_models.model import Kept, MentalModel, content_of
from duramen.mental_models.refreshing import Refreshing
from duramen.mental_models.tree import Node, Tree
from duramen.mental_models.triggers import checked
from duramen.portal import on_own_loop
from duramen.profiles import Profiles
from duramen.profiles.directives import selects
from duramen.profiles.records import settled
from duramen.recall.asking import page_size
from duramen.reflect.guidance import Prepared
from duramen.shelf import Change
from duramen.tasks.task import Task
from duramen.tasks.tasks import Tasks
from duramen.times import from_microseconds, utc_now
from duramen.types import TagsMatch

_Page: TypeAlias = tuple[list[MentalModel], int]


class MentalModels:
    """Questions whose answers are kept, in the banks of an engine.

    An answer is worked out by a reflect over the bank, with a language model or without, and every sentence of it is kept
    with the memories that it rests on. What is forgotten is gone from it, and from what it said before, at once.

    Args:
        desk: Of the engine.
        tasks: Its tasks, of which refreshes are some.
        profiles: Say what answers are to keep to.
    """

    def __init__(self, desk: Desk, tasks: Tasks, profiles: Profiles) -> None:
        self.portal = desk.portal
        self.keeping = Keeping(desk, tasks)
        self.refreshing = Refreshing(self.keeping, tasks, profiles)
        self._desk = desk
        self._tasks = tasks

    @on_own_loop
    async def create(  # noqa: PLR0913  each is one part of it
        self,
        bank: Bank,
        name: str,
        query: str,
        *,
        id: str | None = None,
        tags: Collection[str] = (),
        max_tokens: int = 2048,
        trigger: Mapping[str, Any] | None = None,
        parent: str | None = None,
        page: bool = False,
    ) -> tuple[MentalModel, Task]:
        """Keep a question, and submit the task that works out its answer.

        Args:
            bank: Whose it is.
            name: What people call it.
            query: The question.
            id: Lower case letters and digits, with single hyphens between them; a new one if left out.
            tags: Only memories with all of them are asked, unless the trigger says otherwise.
            max_tokens: The longest content, 256 to 8192.
            trigger: When and how it is refreshed; see `duramen.mental_models.triggers`.
            parent: The folder in which it is a page.
            page: It is a page also without a folder.

        Raises:
            BadInputError: Something of it makes no sense.
            ConflictError: There is one of that id, or in that folder one of that name.
            NotFoundError: There is no such folder.
        """
        of, task = bank_name(bank), str(uuid.uuid4())
        id = str(uuid.uuid4()) if id is None else checked_id(id)
        now = utc_now()
        parts = checked_parts(
            {"name": name, "query": query, "tags": tags, "max_tokens": max_tokens, "trigger": trigger}
        )
        kept = Kept(**{"trigger": {}, **parts}, created=now, updated=now)
        shelf = await self._desk.shelf()

        async def attempt() -> Tree:
            kepts = await self.keeping.all(of)
            if id in kepts.by_id or id in kepts.tree.nodes:
                raise ConflictError(
                    f"Bank {of!r} has a mental model {id!r} already. Give another id, or change that one."
                )
            changes: list[Change] = [kept.expected(of, id), kept.put(of, id)]
            tree = kepts.tree
            if page or parent is not None:
                tree = tree.with_node(id, Node("page", kept.name, parent))
                changes += tree.written(of)
            changes += await self.refreshing.times(of, id, kept.trigger)
            await shelf.write([*changes, *self.refreshing.submission(of, id, task=task)])
            return tree

        tree = await settled(attempt)
        self._tasks.wake()
        submitted = await self._tasks.get(of, task)
        assert submitted is not None  # it was written with the model
        return await self.keeping.shown(of, id, kept, tree), submitted

    @on_own_loop
    async def get(self, bank: Bank, id: str) -> MentalModel:
        """Return a mental model.

        Raises:
            NotFoundError: There is none of that id.
        """
        name = bank_name(bank)
        kept, tree = await self.keeping.one(name, id)
        return await self.keeping.shown(name, id, kept, tree)

    @on_own_loop
    async def list(
        self,
        bank: Bank,
        *,
        tags: Collection[str] | None = None,
        tags_match: TagsMatch = "any",
        pages: bool = True,
        limit: int = 100,
        offset: int = 0,
    ) -> _Page:
        """Return mental models of `bank`, oldest first, and how many there are in all.

        Args:
            bank: Whose.
            tags: Only those that these select, in the way of `tags_match`; see `TagsMatch`.
            tags_match: See `tags`.
            pages: Pages of the tree, too.
            limit: Length of a page of this listing, 1 to 1000; it begins at `offset`.
            offset: See `limit`.
        """
        name = bank_name(bank)
        if offset < 0:
            raise BadInputError(f"`offset` is {offset}. Give 0 or more.")
        kepts = await self.keeping.all(name)
        chosen = [
            (id, kept)
            for id, kept in sorted(kepts.by_id.items(), key=lambda pair: (pair[1].created, pair[0]))
            if selects(tags, tags_match, kept.tags) and (pages or id not in kepts.tree.nodes)
        ]
        page = chosen[offset : offset + page_size(limit)]
        return [await self.keeping.shown(name, id, kept, kepts.tree) for id, kept in page], len(chosen)

    @on_own_loop
    async def update(self, bank: Bank, id: str, **changes: Unpack[Changes]) -> MentalModel:
        """Change parts of a mental model. Its content stays until it is refreshed.

        Raises:
            NotFoundError: There is none of that id.
            BadInputError: Something of it makes no sense.
            ConflictError: Another one in its folder has the name.
        """
        name = bank_name(bank)
        parts = checked_parts(changes)
        shelf = await self._desk.shelf()

        async def attempt() -> tuple[Kept, Tree]:
            kept, tree = await self.keeping.one(name, id)
            after = replace(kept.stored(), **parts, updated=utc_now())
            written: builtins.list[Change] = [kept.expected(name, id), after.put(name, id)]
            node = tree.nodes.get(id)
            if node is not None and node.name != after.name:
                tree = tree.with_node(id, replace(node, name=after.name))
                written += tree.written(name)
            if after.trigger != kept.trigger:
                written += await self.refreshing.times(name, id, after.trigger)
            await shelf.write(written)
            return replace(after, sentences=kept.sentences), tree

        kept, tree = await settled(attempt)
        return await self.keeping.shown(name, id, kept, tree)

    @on_own_loop
    async def delete(self, bank: Bank, id: str) -> None:
        """Delete a mental model, with what it said before, and its place in the tree.

        Raises:
            NotFoundError: There is none of that id.
        """
        name = bank_name(bank)
        shelf = await self._desk.shelf()

        async def attempt() -> None:
            kept, tree = await self.keeping.one(name, id)
            changes = [kept.expected(name, id), *removal(name, id)]
            if id in tree.nodes:
                changes += tree.without([id]).written(name)
            await shelf.write(changes)

        await settled(attempt)

    @on_own_loop
    async def clear(self, bank: Bank, id: str) -> MentalModel:
        """Empty the content of a mental model; what it said is in its history, and its next refresh is in full.

        Raises:
            NotFoundError: There is none of that id.
        """
        name = bank_name(bank)
        shelf = await self._desk.shelf()

        async def attempt() -> tuple[Kept, Tree]:
            kept, tree = await self.keeping.one(name, id)
            after, changes = rewritten(name, id, kept, ())
            after = replace(after, seen=None, notes=(), trace=None)
            await shelf.write([*changes, after.put(name, id)])
            return after, tree

        kept, tree = await settled(attempt)
        return await self.keeping.shown(name, id, kept, tree)

    @on_own_loop
    async def refresh(self, bank: Bank, id: str, *, mode: str | None = None) -> Task:
        """Submit the task that works out a mental model anew, and return it.

        Args:
            bank: Whose it is.
            id: Which.
            mode: "full" for this once, whatever its trigger says.

        Raises:
            NotFoundError: There is none of that id.
            BadInputError: There is no such mode.
        """
        name = bank_name(bank)
        checked({"mode": mode})
        await self.keeping.one(name, id)
        task = str(uuid.uuid4())
        await (await self._desk.shelf()).write(self.refreshing.submission(name, id, task=task, mode=mode))
        self._tasks.wake()
        submitted = await self._tasks.get(name, task)
        assert submitted is not None  # it was written just now
        return submitted

    @on_own_loop
    async def dry_run(self, bank: Bank, id: str) -> dict[str, Any]:
        """Tell what a refresh would do, without doing it: the content as it is and as it would be, and how they differ.

        Raises:
            NotFoundError: There is none of that id.
        """
        name = bank_name(bank)
        kept, _ = await self.keeping.one(name, id)
        made = await self.refreshing.draft(name, kept)
        preview = content_of(made.content.sentences)
        lines = difflib.unified_diff(
            kept.content.splitlines(), preview.splitlines(), "current", "preview", lineterm="", n=3
        )
        return {
            "mental_model_id": id,
            "name": kept.name,
            "requested_mode": kept.trigger.get("mode", "full"),
            "effective_mode": made.content.mode,
            "mode_fallback_reason": made.content.fallback or None,
            "outcome": made.outcome(kept),
            "would_persist": made.outcome(kept) != "unchanged",
            "scope": {
                "tags": [*kept.tags],
                "tags_match": tags_match(kept),
                "tag_groups": kept.trigger.get("tag_groups"),
                "fact_types": kept.trigger.get("fact_types"),
            },
            "used": dict(made.used),
            "sources": [source.id for one in made.content.sentences for source in one.sources],
            "over": [*made.over],
            "current_content": kept.content,
            "candidate_content": content_of(made.answer),
            "preview_content": preview,
            "diff": "\n".join(lines),
            "trace": dict(made.trace),
            "notes": [*made.notes],
        }

    @on_own_loop
    async def history(self, bank: Bank, id: str) -> builtins.list[dict[str, Any]]:
        """Return what a mental model said before, the latest first: `content`, its `digest`, and `at`, until when.

        The digest is the SHA-256 in hexadecimal digits. The last 50 are kept. What was forgotten is gone from all.

        Raises:
            NotFoundError: There is none of that id.
        """
        name = bank_name(bank)
        await self.keeping.one(name, id)
        found = []
        for before in await self.keeping.history(name, id):
            content = content_of(before.sentences)
            digest = hashlib.sha256(content.encode()).hexdigest()
            found.append({"at": from_microseconds(before.at), "content": content, "digest": digest})
        return found

    @on_own_loop
    async def forgotten(self, bank: Bank) -> int:
        """Take out of all mental models of `bank` what rests on memories that are gone, from their history too.

        What lost something of its content is worked out anew by a task. To be called after something was forgotten, so that
        nothing of it stays on disk; no mental model is shown before it was checked in any case.

        Returns:
            How many mental models the bank has.
        """
        return await self.keeping.clean(bank_name(bank))

    @on_own_loop
    async def after_consolidation(self, bank: Bank) -> builtins.list[Task]:
        """Submit refreshes of the mental models that want one when something was observed; return the tasks."""
        return await self.refreshing.after_consolidation(bank_name(bank))

    @on_own_loop
    async def soon(self, bank: Bank) -> None:
        """Do `after_consolidation` in a few seconds, once for all that is observed until then."""
        await self.refreshing.soon(bank_name(bank))

    @on_own_loop
    async def prepared(
        self,
        bank: Bank,
        *,
        tags: Collection[str] | None = None,
        tags_match: TagsMatch = "any",
        without: Collection[str] = (),
    ) -> builtins.list[Prepared]:
        """Return the mental models of `bank` that say something, as `Guidance.models` takes them.

        Args:
            bank: Whose.
            tags: Only those that these select; see `list`.
            tags_match: See `tags`.
            without: Ids of those that are not wanted.
        """
        kepts = await self.keeping.all(bank_name(bank))
        return [
            Prepared(id=id, name=kept.name, content=kept.content, query=kept.query)
            for id, kept in kepts.by_id.items()
            if kept.sentences and id not in without and selects(tags, tags_match, kept.tags)
        ]
