"""The mental models of a template: taken from a bank, and what it takes that a bank has them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from duramen.errors import BadInputError
from duramen.mental_models.checking import checked_id, checked_parts
from duramen.mental_models.keeping import Keeping
from duramen.mental_models.mental_models import MentalModels
from duramen.mental_models.model import Kept
from duramen.mental_models.tree import Tree
from duramen.profiles import PlannedModels
from duramen.shelf import Change
from duramen.times import utc_now

_NAMES = {"name": "name", "source_query": "query", "tags": "tags", "max_tokens": "max_tokens", "trigger": "trigger"}


class TemplatedModels:
    """A `duramen.profiles.ModelTemplates`.

    Args:
        models: The mental models of the engine.
    """

    def __init__(self, models: MentalModels) -> None:
        self._models = models
        self._keeping: Keeping = models.keeping

    async def exported(self, bank: str) -> Sequence[Mapping[str, Any]]:
        """See `ModelTemplates.exported`. Pages belong to the tree, and are left out."""
        kepts = await self._keeping.all(bank)
        return [
            {"id": id, **{told: _plain(getattr(kept, own)) for told, own in _NAMES.items()}}
            for id, kept in sorted(kepts.by_id.items())
            if id not in kepts.tree.nodes
        ]

    async def planned(self, bank: str, entries: Sequence[Mapping[str, Any]]) -> PlannedModels:
        """See `ModelTemplates.planned`."""
        kepts = await self._keeping.all(bank)
        changes: list[Change] = []
        created: list[str] = []
        updated: list[str] = []
        operations: list[str] = []
        for entry in entries:
            id = str(entry.get("id"))
            before = kepts.by_id.get(id)
            after = _planned(id, entry, before)
            if before is not None and replace(after, updated=before.updated) == before:
                continue
            (created if before is None else updated).append(id)
            changes += [(before or after).expected(bank, id), after.put(bank, id)]
            changes += _renamed(kepts.tree, bank, id, after)
            changes += await self._models.refreshing.times(bank, id, after.trigger)
            operations.append(str(uuid.uuid4()))
            changes += self._models.refreshing.submission(bank, id, task=operations[-1])
        return PlannedModels(changes=changes, created=created, updated=updated, operations=operations)


def _planned(id: str, entry: Mapping[str, Any], before: Kept | None) -> Kept:
    try:
        checked_id(id)
        parts = checked_parts({own: entry.get(told) for told, own in _NAMES.items()})
    except BadInputError as error:
        raise BadInputError(f"mental model {id!r}: {error}") from error
    now = utc_now()
    if before is not None:
        return replace(before, **parts, updated=now)
    usual: dict[str, Any] = {"tags": (), "max_tokens": 2048, "trigger": {}}
    return Kept(**{**usual, **parts}, created=now, updated=now)


def _renamed(tree: Tree, bank: str, id: str, after: Kept) -> Sequence[Change]:
    node = tree.nodes.get(id)
    if node is None or node.name == after.name:
        return ()
    return tree.with_node(id, replace(node, name=after.name)).written(bank)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
