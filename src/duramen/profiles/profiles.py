"""What every bank is told to be, how it is set up, and which directives it has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeAlias

from duramen.errors import BadInputError
from duramen.identity import Bank, bank_name
from duramen.portal import on_own_loop
from duramen.profiles.catalogue import all_profiles, span
from duramen.profiles.checking import faults
from duramen.profiles.config import ARMS, LONGEST_TEXT, check, check_together
from duramen.profiles.directing import Directing
from duramen.profiles.directives import directives_of, holding
from duramen.profiles.profile import Disposition, Profile
from duramen.profiles.records import (
    TRAITS,
    Kept,
    kept_in,
    profile_place,
    put_profile,
    read_profile,
    resolved_in,
    settled,
)
from duramen.reflect.guidance import Guidance
from duramen.shelf import Expect
from duramen.times import utc_now

LONGEST_NAME = 500
"""Characters of what people call a bank."""

_Page: TypeAlias = "tuple[list[Profile], int]"


class Profiles(Directing):
    """The profiles and directives of all banks. A bank that has none has what is usual.

    They stand on the shelf, so that every process sees the same, and go when all of the bank is forgotten.

    Args:
        desk: Of the engine whose banks these are.
    """

    @on_own_loop
    async def get(self, bank: Bank) -> Profile:
        """Return the profile of `bank`; the usual one, created in 1970, if none was ever saved."""
        name = bank_name(bank)
        return (await kept_in(await self._desk.shelf(), name)).profile(name)

    @on_own_loop
    async def exists(self, bank: Bank) -> bool:
        """Tell whether `bank` has a profile, or anything was ever retained in it."""
        name = bank_name(bank)
        (entry,) = await (await self._desk.shelf()).get([profile_place(name)])
        return entry is not None or await self._desk.parts.store.version(name) is not None

    @on_own_loop
    async def save(
        self,
        bank: Bank,
        *,
        name: str | None = None,
        mission: str | None = None,
        background: str | None = None,
        disposition: Disposition | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> Profile:
        """Change what is given of the profile of `bank`, which is there from now on, and return it.

        Args:
            bank: Whose profile it is.
            name: What people call it, up to 500 characters; "" for the name of the bank.
            mission: What it is for; "" for nothing. The same as `reflect_mission` in `config`, which counts if both are
                given.
            background: Who it speaks for.
            disposition: How answers are thought over. The same as `disposition_…` in `config`, which count if both are
                given.
            config: What is to be set up, by the names in `duramen.profiles.config.KNOWN`; what is None is as usual
                again, and what is not named stays.

        Raises:
            BadInputError: Something of it makes no sense. Nothing was changed.
        """
        of = bank_name(bank)
        called = _text("name", name, LONGEST_NAME)
        behind = _text("background", background, LONGEST_TEXT)
        updates = updates_of(mission, disposition, config)

        def decided(kept: Kept) -> Kept:
            return replace(
                kept,
                name=kept.name if called is None else called or None,
                background=kept.background if behind is None else behind,
                config=merged(kept.config, updates),
            )

        return await self._changed(of, decided)

    @on_own_loop
    async def reset_config(self, bank: Bank) -> Profile:
        """Let all that can be set up in `bank` be as usual again, its mission and disposition too; return its profile."""
        return await self._changed(bank_name(bank), lambda kept: replace(kept, config={}))

    @on_own_loop
    async def resolved(self, bank: Bank) -> Mapping[str, Any]:
        """Return how `bank` is set up: every name in `KNOWN`, with what holds. What is in it must not be changed."""
        return await resolved_in(await self._desk.shelf(), bank_name(bank))

    @on_own_loop
    async def asking(self, bank: Bank) -> dict[str, Any]:
        """Return what of the set-up of `bank` are options of a recall: `arms` and `rerank`, where they are not as usual."""
        holds = await resolved_in(await self._desk.shelf(), bank_name(bank))
        arms = {arm: False for option, arm in ARMS.items() if not holds[option]}
        options: dict[str, Any] = {"arms": arms} if arms else {}
        return options if holds["enable_reranking"] else {**options, "rerank": False}

    @on_own_loop
    async def guidance(
        self, bank: Bank, *, tags: Collection[str] | None = None, all_directives: bool = False
    ) -> Guidance:
        """Return what a reflect on `bank` is to keep to.

        Args:
            bank: What is reflected on.
            tags: Those of the reflect: a directive with tags holds if it has one of them, one without always.
            all_directives: All active directives hold, whatever their tags.
        """
        name = bank_name(bank)
        shelf = await self._desk.shelf()
        profile = (await kept_in(shelf, name)).profile(name)
        known = await directives_of(shelf, name)
        return Guidance(
            mission=profile.mission,
            background=profile.background,
            disposition=profile.disposition,
            directives=tuple(holding(known, tags or (), everywhere=all_directives)),
        )

    @on_own_loop
    async def list(self, *, q: str | None = None, limit: int = 100, offset: int = 0, prefix: str = "") -> _Page:
        """Return the profiles of banks, by the name of the bank, and how many there are in all.

        They are those of all banks that have one or in which anything was retained.

        Args:
            q: Only those with this in the name of the bank or in what people call it, in small letters or capitals.
            limit: Length of a page, 1 to 1000; it begins at `offset`.
            offset: See `limit`.
            prefix: Only banks whose names begin with this, such as those of a tenant.

        Raises:
            BadQueryError: There is no such page.
        """
        page = span(limit, offset)
        await self._desk.shelf()
        wanted = (q or "").casefold()
        found = [
            one
            for one in await all_profiles(self._desk.parts.store, prefix)
            if wanted in one.bank.casefold() or wanted in one.name.casefold()
        ]
        return found[page], len(found)

    async def _changed(self, bank: str, decided: Callable[[Kept], Kept]) -> Profile:
        shelf = await self._desk.shelf()
        path, key = profile_place(bank)

        async def attempt() -> Profile:
            now = utc_now()
            (entry,) = await shelf.get([(path, key)])
            before = Kept(created=now) if entry is None else read_profile(entry.value)
            after = decided(before)
            check_together(after.config)
            if entry is not None and after == before:
                return before.profile(bank)
            after = replace(after, updated=now)
            expected = Expect(path=path, key=key, value=None if entry is None else entry.value)
            await shelf.write([expected, put_profile(bank, after)])
            return after.profile(bank)

        return await settled(attempt)


def updates_of(
    mission: str | None, disposition: Disposition | None, config: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return as checked parts of a configuration what is given of them, `config` before the others.

    Raises:
        BadInputError: Something of it makes no sense.
    """
    given: dict[str, Any] = {}
    if mission is not None:
        given["reflect_mission"] = mission
    if disposition is not None:
        given.update((TRAITS[name], value) for name, value in asdict(disposition).items())
    # A trait of None would be as usual again, which is not what an object with a hole in it means.
    hole = next((name for name, value in given.items() if value is None), None)
    if hole is not None:
        raise BadInputError(f"`{hole}` is None. Give a whole number from 1 to 5. Nothing was changed.")
    return {**check(given), **check(config or {})}


def merged(config: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Return `config` with `updates`, without what is None there, and without a mission that says nothing."""
    both = {name: value for name, value in {**config, **updates}.items() if value is not None}
    if not str(both.get("reflect_mission", "-")).strip():
        del both["reflect_mission"]
    return both


def _text(what: str, text: str | None, longest: int) -> str | None:
    if text is None:
        return None
    wrong = next(faults(text, {"type": "string", "maxLength": longest}, f"`{what}` of a profile"), None)
    if wrong is not None:
        raise BadInputError(f"{wrong} Nothing was changed.")
    return text.strip()
