"""Templates: how a bank is set up, taken from one and applied to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from duramen.desk import Desk
from duramen.errors import BadInputError
from duramen.identity import Bank, bank_name
from duramen.portal import on_own_loop
from duramen.profiles.config import check_together
from duramen.profiles.directives import changed, directives_of, in_order, new_directive, read_entry
from duramen.profiles.manifest import VERSION, Manifest, read_manifest
from duramen.profiles.profile import Directive
from duramen.profiles.profiles import merged, updates_of
from duramen.profiles.records import (
    Kept,
    directives_path,
    kept_in,
    profile_place,
    put_directive,
    put_profile,
    read_profile,
    settled,
)
from duramen.shelf import Change, Expect, Shelf
from duramen.times import utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedModels:
    """What becomes of the mental models of a template.

    Attributes:
        changes: What makes and changes them, each behind an `Expect`, and submits the tasks that work them out.
        created: Ids of those that are new; `updated` are those that are changed. What stays as it is is in neither.
        operations: Ids of the tasks.
    """

    changes: Sequence[Change] = ()
    created: Sequence[str] = ()
    updated: Sequence[str] = ()
    operations: Sequence[str] = ()


class ModelTemplates(Protocol):
    """Knows the mental models of banks."""

    async def exported(self, bank: str) -> Sequence[Mapping[str, Any]]:
        """Return those of `bank` as a manifest has them: id, name, source_query, tags, max_tokens, trigger."""

    async def planned(self, bank: str, entries: Sequence[Mapping[str, Any]]) -> PlannedModels:
        """Return what it takes that `bank` has those of a manifest, by their ids. Changes nothing.

        An entry has an id, a name and a source_query, and the rest where it is given.

        Raises:
            BadInputError: One of them cannot be made; the message names its id.
        """


class Templates:
    """Takes templates from banks, and applies them. What is applied is one write: all of it or nothing.

    Args:
        desk: Of the engine whose banks these are.
        models: Knows their mental models; without, a template has none, and one with some cannot be applied.
    """

    def __init__(self, desk: Desk, models: ModelTemplates | None = None) -> None:
        self.portal = desk.portal
        self._desk = desk
        self._models = models

    @on_own_loop
    async def export(self, bank: Bank) -> dict[str, Any]:
        """Return the manifest of `bank`: what is set up in it, its mental models and directives, but not its name.

        Of several directives of one name it has the one that comes first, since a manifest tells them apart by it; see
        `duramen.profiles.manifest.SCHEMA`.
        """
        name = bank_name(bank)
        shelf = await self._desk.shelf()
        kept = await kept_in(shelf, name)
        told = {**kept.config, **({"background": kept.background} if kept.background else {})}
        models = [] if self._models is None else await self._models.exported(name)
        directives = await directives_of(shelf, name)
        manifest: dict[str, Any] = {"version": VERSION}
        parts = {"bank": told, "mental_models": [dict(one) for one in models]}
        parts["directives"] = list(_first_of_each(directives).values())
        return manifest | {what: part for what, part in parts.items() if part}

    @on_own_loop
    async def apply(self, bank: Bank, manifest: Mapping[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        """Let `bank` be set up as `manifest` says, and have its mental models and directives; what else it has stays.

        Directives are matched by name, mental models by id. Applying the same again changes nothing.

        Args:
            bank: What to set up; it is there from now on.
            manifest: As `export` gives it; what is null in it is as good as not there.
            dry_run: Only tell what would be done.

        Returns:
            `bank_id`, `config_applied`, `directives_created` and `directives_updated` (names),
            `mental_models_created` and `mental_models_updated` (ids), `operation_ids` (tasks) and `dry_run`.

        Raises:
            BadInputError: Something of the manifest cannot be applied; the message names its place.
        """
        of = bank_name(bank)
        read = read_manifest(manifest)
        if read.models and self._models is None:
            raise BadInputError("manifest.mental_models: this memory has no mental models. Nothing was changed.")
        shelf = await self._desk.shelf()

        async def attempt() -> dict[str, Any]:
            plan = await self._plan(shelf, of, read)
            if not dry_run:
                await shelf.write(plan.changes)
            return plan.told(of, read, dry_run=dry_run)

        return await settled(attempt)

    async def _plan(self, shelf: Shelf, bank: str, manifest: Manifest) -> _Plan:
        path, key = profile_place(bank)
        (entry,) = await shelf.get([(path, key)])
        now = utc_now()
        before = Kept(created=now) if entry is None else read_profile(entry.value)
        # It is written in any case, so that of two that are applied at once the later one sees what the earlier one made.
        after = replace(_set_up(before, manifest), updated=now)
        expected = Expect(path=path, key=key, value=None if entry is None else entry.value)
        rules, created, updated = await _directives(shelf, bank, manifest)
        models = PlannedModels()
        if self._models is not None and manifest.models:
            models = await self._models.planned(bank, manifest.models)
        changes = (expected, put_profile(bank, after), *rules, *models.changes)
        return _Plan(changes=changes, created=created, updated=updated, models=models)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    changes: Sequence[Change]
    created: Sequence[str]
    updated: Sequence[str]
    models: PlannedModels

    def told(self, bank: str, manifest: Manifest, *, dry_run: bool) -> dict[str, Any]:
        return {
            "bank_id": bank,
            "config_applied": bool(manifest.config or manifest.profile),
            "directives_created": list(self.created),
            "directives_updated": list(self.updated),
            "mental_models_created": list(self.models.created),
            "mental_models_updated": list(self.models.updated),
            "operation_ids": [] if dry_run else list(self.models.operations),
            "dry_run": dry_run,
        }


def _set_up(kept: Kept, manifest: Manifest) -> Kept:
    given = manifest.profile
    config = merged(kept.config, updates_of(given.get("mission"), None, manifest.config))
    check_together(config)
    return replace(
        kept,
        name=given.get("name", "").strip() or kept.name,
        background=given.get("background", kept.background).strip(),
        config=config,
    )


async def _directives(shelf: Shelf, bank: str, manifest: Manifest) -> tuple[list[Change], list[str], list[str]]:
    """Return what it takes that `bank` has the directives of `manifest`, and the names of those created and updated."""
    if not manifest.directives:
        return [], [], []
    entries = {entry.key: entry for entry in await shelf.scan(directives_path(bank))}
    known: dict[str, Directive] = {}
    for one in in_order(read_entry(bank, entry) for entry in entries.values()):
        known.setdefault(one.name, one)
    changes: list[Change] = []
    created: list[str] = []
    updated: list[str] = []
    for name, parts in manifest.directives.items():
        before = known.get(name)
        after = new_directive(bank, parts) if before is None else changed(before, parts)
        if before is None:
            created.append(name)
        elif after is not before:
            updated.append(name)
            changes.append(Expect(path=directives_path(bank), key=before.id, value=entries[before.id].value))
        if after is not before:
            changes.append(put_directive(after))
    return changes, created, updated


def _first_of_each(directives: Sequence[Directive]) -> dict[str, dict[str, Any]]:
    """Return the directives as a manifest has them, by name; of several of one name the one that comes first."""
    found: dict[str, dict[str, Any]] = {}
    for one in directives:
        entry = {"name": one.name, "content": one.content, "priority": one.priority, "is_active": one.active}
        found.setdefault(one.name, {**entry, "tags": list(one.tags)})
    return found
