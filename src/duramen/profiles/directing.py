"""The directives of banks, as verbs: the half of `Profiles` that is about them."""

from __future__ import annotations

from collections.abc import Collection

from typing_extensions import Unpack

from duramen.desk import Desk
from duramen.errors import BadInputError, NotFoundError
from duramen.identity import Bank, bank_name
from duramen.portal import on_own_loop
from duramen.profiles.catalogue import span
from duramen.profiles.directives import (
    DirectiveChanges,
    changed,
    directives_of,
    new_directive,
    read_entry,
    selects,
)
from duramen.profiles.profile import Directive
from duramen.profiles.records import Kept, directives_path, put_directive, put_profile, settled
from duramen.shelf import Entry, Expect, Remove, Shelf
from duramen.types import TagsMatch


class Directing:
    """Adds, changes, lists and deletes directives. They stand on the shelf, so every process sees the same.

    Args:
        desk: Of the engine whose banks these are.
    """

    def __init__(self, desk: Desk) -> None:
        self.portal = desk.portal
        self._desk = desk

    @on_own_loop
    async def directives(
        self,
        bank: Bank,
        *,
        tags: Collection[str] | None = None,
        tags_match: TagsMatch = "any",
        active_only: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[list[Directive], int]:
        """Return directives of `bank` and how many there are in all, those of higher priority and then older ones first.

        Args:
            bank: Whose directives they are.
            tags: Only those that these select, in the way of `tags_match`; see `TagsMatch`.
            tags_match: See `tags`.
            active_only: Leave out those that do not hold at present.
            limit: Length of a page, 1 to 1000; it begins at `offset`.
            offset: See `limit`.

        Raises:
            BadInputError: The tags, the way to match them or the page make no sense.
        """
        page = span(limit, offset)
        name = bank_name(bank)
        if isinstance(tags, str):
            raise BadInputError(f"`tags` is {tags!r}. Give a list of texts.")
        selects(tags, tags_match, ())  # so that a way to match that there is not is told of an empty bank, too
        known = await directives_of(await self._desk.shelf(), name)
        found = [one for one in known if (one.active or not active_only) and selects(tags, tags_match, one.tags)]
        return found[page], len(found)

    @on_own_loop
    async def directive(self, bank: Bank, id: str) -> Directive | None:
        """Return the directive of that id, or None."""
        name = bank_name(bank)
        entry = await _entry(await self._desk.shelf(), name, id)
        return None if entry is None else read_entry(name, entry)

    @on_own_loop
    async def add_directive(
        self,
        bank: Bank,
        name: str,
        content: str,
        *,
        priority: int = 0,
        active: bool = True,
        tags: Collection[str] = (),
    ) -> Directive:
        """Add a directive to `bank`, which is there from now on.

        Args:
            bank: Whose directive it is.
            name: What people call it, 1 to 200 characters; several may have the same.
            content: The rule, 1 to 10 000 characters.
            priority: Higher comes first.
            active: Whether it holds at present.
            tags: It holds only where one of these is asked about; everywhere if there are none.

        Raises:
            BadInputError: It cannot be kept as it is.
        """
        of = bank_name(bank)
        given = {"name": name, "content": content, "priority": priority, "active": active, "tags": tags}
        directive = new_directive(of, given)
        begun = Kept(created=directive.created, updated=directive.created)
        shelf = await self._desk.shelf()
        await shelf.write([put_directive(directive), put_profile(of, begun, keep=True)])
        return directive

    @on_own_loop
    async def update_directive(self, bank: Bank, id: str, **changes: Unpack[DirectiveChanges]) -> Directive:
        """Change parts of a directive, `name`, `content`, `priority`, `active` or `tags`, and return it. None: it stays.

        Raises:
            NotFoundError: There is none of that id.
            BadInputError: It cannot be kept as it would be. Nothing was changed.
        """
        of = bank_name(bank)
        shelf = await self._desk.shelf()

        async def attempt() -> Directive:
            entry = _found(await _entry(shelf, of, id), of, id)
            before = read_entry(of, entry)
            after = changed(before, changes)
            if after is not before:
                await shelf.write([Expect(path=entry.path, key=id, value=entry.value), put_directive(after)])
            return after

        return await settled(attempt)

    @on_own_loop
    async def delete_directive(self, bank: Bank, id: str) -> None:
        """Let go of a directive.

        Raises:
            NotFoundError: There is none of that id.
        """
        of = bank_name(bank)
        shelf = await self._desk.shelf()

        async def attempt() -> None:
            entry = _found(await _entry(shelf, of, id), of, id)
            await shelf.write(
                [Expect(path=entry.path, key=id, value=entry.value), Remove(path=directives_path(of), key=id)]
            )

        await settled(attempt)


async def _entry(shelf: Shelf, bank: str, id: str) -> Entry | None:
    (entry,) = await shelf.get([(directives_path(bank), id)])
    return entry


def _found(entry: Entry | None, bank: str, id: str) -> Entry:
    if entry is None:
        raise NotFoundError(
            f"There is no directive {id!r} in the bank {bank!r}. `directives` lists them. Nothing was changed."
        )
    return entry
