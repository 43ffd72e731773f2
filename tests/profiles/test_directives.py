"""Directives: kept, changed, in order, and selected by tags."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, get_args

import pytest

from duramen import MemoryEngine
from duramen.errors import BadInputError, NotFoundError
from duramen.profiles import Directive, Profiles
from duramen.profiles.directives import selects
from duramen.types import TagsMatch
from tests.conftest import engine

ADA = "user:ada"


@pytest.fixture
def profiles(memory: MemoryEngine) -> Profiles:
    return Profiles(memory._desk)


def names(page: tuple[list[Directive], int]) -> list[str]:
    return [one.name for one in page[0]]


async def test_a_directive_is_kept_as_it_was_given(profiles: Profiles) -> None:
    made = await profiles.add_directive(
        ADA, " Tone ", "Be brief.\nBe kind.", priority=-3, active=False, tags=["b", "a", "b"]
    )

    found = await profiles.directive(ADA, made.id)

    assert found == made
    assert (made.bank, made.name, made.content) == (ADA, "Tone", "Be brief.\nBe kind.")
    assert (made.priority, made.active, made.tags) == (-3, False, ("b", "a"))
    assert made.created == made.updated


async def test_a_directive_makes_the_bank_and_leaves_a_profile_as_it_is(profiles: Profiles) -> None:
    await profiles.save("b", mission="Help.")

    await profiles.add_directive(ADA, "Tone", "Be brief.")
    await profiles.add_directive("b", "Tone", "Be brief.")

    assert await profiles.exists(ADA)
    assert (await profiles.get("b")).mission == "Help."


async def test_directives_come_by_priority_and_then_as_they_were_added(profiles: Profiles) -> None:
    for name, priority in (("a", 0), ("b", 2), ("c", 0), ("d", 2), ("e", -1)):
        await profiles.add_directive(ADA, name, "x", priority=priority)

    assert names(await profiles.directives(ADA)) == ["b", "d", "a", "c", "e"]
    assert await profiles.directives("other") == ([], 0)


async def test_several_directives_may_have_one_name(profiles: Profiles) -> None:
    first = await profiles.add_directive(ADA, "Tone", "Be brief.")
    second = await profiles.add_directive(ADA, "Tone", "Be kind.")

    assert first.id != second.id
    assert names(await profiles.directives(ADA)) == ["Tone", "Tone"]


async def test_a_listing_comes_in_pages_and_may_leave_out_what_does_not_hold(profiles: Profiles) -> None:
    for name in "abcd":
        await profiles.add_directive(ADA, name, "x", active=name != "b")

    page = await profiles.directives(ADA, limit=2, offset=1)
    active = await profiles.directives(ADA, active_only=True, limit=2)

    assert (names(page), page[1]) == (["b", "c"], 4)
    assert (names(active), active[1]) == (["a", "c"], 3)


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ("any", ["none", "a", "b", "both", "more"]),
        ("all", ["none", "both", "more"]),
        ("any_strict", ["a", "b", "both", "more"]),
        ("all_strict", ["both", "more"]),
        ("exact", ["both"]),
    ],
)
async def test_tags_select_directives(profiles: Profiles, match: TagsMatch, found: list[str]) -> None:
    tagged = {"none": "", "a": "a", "b": "b", "both": "ba", "more": "abc", "other": "c"}
    for name, tags in tagged.items():
        await profiles.add_directive(ADA, name, "x", tags=list(tags))

    assert names(await profiles.directives(ADA, tags=["a", "b"], tags_match=match)) == found


@pytest.mark.parametrize("match", get_args(TagsMatch))
def test_no_tags_select_everything_but_exactly_none_only_the_untagged(match: TagsMatch) -> None:
    assert selects(None, match, ["a"])
    assert selects([], match, [])
    assert selects([], match, ["a"]) == (match != "exact")


async def test_changes_leave_the_rest(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.", tags=["a"])

    after = await profiles.update_directive(ADA, made.id, content="Be kind.", priority=4, name=None)

    assert (after.name, after.content, after.priority, after.tags) == ("Tone", "Be kind.", 4, ("a",))
    assert after.created == made.created
    assert after.updated > made.updated
    assert await profiles.directive(ADA, made.id) == after


async def test_tags_can_be_taken_away_and_a_directive_switched_off(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.", tags=["a"])

    after = await profiles.update_directive(ADA, made.id, tags=[], active=False)

    assert (after.tags, after.active) == ((), False)


async def test_a_change_to_what_it_is_already_is_none(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.")

    assert await profiles.update_directive(ADA, made.id, name="Tone", active=True) == made


async def test_changes_at_once_all_count(tmp_path: Path) -> None:
    async with engine(tmp_path / "m") as one, engine(tmp_path / "m") as other:
        both = [Profiles(one._desk), Profiles(other._desk)]
        made = await both[0].add_directive(ADA, "Tone", "Be brief.")
        changes: list[dict[str, Any]] = [{"name": "N"}, {"content": "C"}, {"priority": 7}, {"tags": ["t"]}]
        await asyncio.gather(
            *(both[place % 2].update_directive(ADA, made.id, **change) for place, change in enumerate(changes))
        )

        after = await both[0].directive(ADA, made.id)

    assert after is not None
    assert (after.name, after.content, after.priority, after.tags) == ("N", "C", 7, ("t",))


async def test_what_is_deleted_is_gone(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.")

    await profiles.delete_directive(ADA, made.id)

    assert await profiles.directive(ADA, made.id) is None
    with pytest.raises(NotFoundError, match=made.id):
        await profiles.delete_directive(ADA, made.id)
    with pytest.raises(NotFoundError, match=made.id):
        await profiles.update_directive(ADA, made.id, name="x")


async def test_a_directive_is_found_in_its_own_bank_only(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.")

    assert await profiles.directive("other", made.id) is None
    with pytest.raises(NotFoundError):
        await profiles.delete_directive("other", made.id)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "blank"),
        ({"name": "x" * 201}, "200"),
        ({"name": None}, "name"),
        ({"content": ""}, "content"),
        ({"content": "x" * 10_001}, "10000"),
        ({"content": "a\0"}, "NUL"),
        ({"priority": 1.5}, "priority"),
        ({"priority": True}, "priority"),
        ({"active": "yes"}, "active"),
        ({"tags": "work"}, "tags"),
        ({"tags": [1]}, r"tags.*\[0\]"),
        ({"tags": [""]}, r"tags.*\[0\]"),
    ],
)
async def test_what_cannot_be_a_directive_is_refused(profiles: Profiles, given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadInputError, match=told):
        await profiles.add_directive(ADA, **{"name": "Tone", "content": "Be brief.", **given})

    assert await profiles.directives(ADA) == ([], 0)


async def test_a_part_that_there_is_not_is_refused(profiles: Profiles) -> None:
    made = await profiles.add_directive(ADA, "Tone", "Be brief.")
    wrong: dict[str, Any] = {"is_active": False}

    with pytest.raises(BadInputError, match=r"no 'is_active'.*active"):
        await profiles.update_directive(ADA, made.id, **wrong)


@pytest.mark.parametrize("wrong", [{"tags": "a"}, {"tags_match": "some"}, {"limit": 0}, {"offset": -1}])
async def test_a_listing_that_makes_no_sense_is_refused(profiles: Profiles, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        await profiles.directives(ADA, **wrong)
