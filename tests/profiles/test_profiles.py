"""Profiles through the engine's desk: kept, merged, listed, gone with their bank, and right when many write at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from duramen import MemoryEngine
from duramen.desk import BANKS, place_of
from duramen.errors import BadInputError, StoreError
from duramen.profiles import Disposition, Profiles
from duramen.profiles.config import DEFAULTS, KNOWN
from duramen.shelf import Put
from tests.conftest import engine

ADA = "user:ada"


@pytest.fixture
def profiles(memory: MemoryEngine) -> Profiles:
    return Profiles(memory._desk)


async def test_a_bank_that_was_never_set_up_is_as_usual(profiles: Profiles) -> None:
    profile = await profiles.get(ADA)

    assert (profile.bank, profile.name, profile.mission, profile.background) == (ADA, ADA, "", "")
    assert profile.disposition == Disposition(skepticism=3, literalism=3, empathy=3)
    assert dict(profile.config) == {}
    assert await profiles.exists(ADA) is False
    assert dict(await profiles.resolved(ADA)) == dict(DEFAULTS)


async def test_what_was_saved_is_there_for_whoever_opens_the_store_next(tmp_path: Path) -> None:
    async with engine(tmp_path / "m") as first:
        saved = await Profiles(first._desk).save(
            ADA, name="Ada", mission="Help Ada.", background="A sailor.", config={"retain_chunk_size": 500}
        )

    async with engine(tmp_path / "m") as second:
        profile = await Profiles(second._desk).get(ADA)

    assert profile == saved
    assert (profile.name, profile.mission, profile.background) == ("Ada", "Help Ada.", "A sailor.")
    assert profile.config["retain_chunk_size"] == 500


async def test_what_is_not_given_stays(profiles: Profiles) -> None:
    first = await profiles.save(ADA, name="Ada", mission="Help.", disposition=Disposition(empathy=5))

    second = await profiles.save(ADA, background="A sailor.", config={"enable_observations": False})

    assert (second.name, second.mission, second.background) == ("Ada", "Help.", "A sailor.")
    assert second.disposition.empathy == 5
    assert second.created == first.created
    assert second.updated > first.updated


async def test_saving_nothing_makes_a_bank_and_changes_none(profiles: Profiles) -> None:
    made = await profiles.save(ADA)

    assert await profiles.exists(ADA)
    assert await profiles.save(ADA) == made


async def test_an_empty_name_is_the_name_of_the_bank_and_an_empty_mission_none(profiles: Profiles) -> None:
    await profiles.save(ADA, name="Ada", mission="Help.", background="A sailor.")

    profile = await profiles.save(ADA, name="", mission=" ", background="")

    assert (profile.name, profile.mission, profile.background) == (ADA, "", "")
    assert "reflect_mission" not in profile.config


async def test_mission_and_disposition_are_part_of_the_configuration(profiles: Profiles) -> None:
    await profiles.save(ADA, mission="Help.", disposition=Disposition(skepticism=5))
    resolved = await profiles.resolved(ADA)

    profile = await profiles.save(ADA, config={"reflect_mission": "Guard.", "disposition_literalism": 1})

    assert (resolved["reflect_mission"], resolved["disposition_skepticism"]) == ("Help.", 5)
    assert profile.mission == "Guard."
    assert profile.disposition == Disposition(skepticism=5, literalism=1, empathy=3)


async def test_the_configuration_counts_where_both_are_given(profiles: Profiles) -> None:
    profile = await profiles.save(
        ADA, mission="Old.", disposition=Disposition(empathy=1), config={"reflect_mission": "New."}
    )

    assert (profile.mission, profile.disposition.empathy) == ("New.", 1)


async def test_none_in_a_configuration_is_as_usual_again(profiles: Profiles) -> None:
    await profiles.save(ADA, config={"retain_chunk_size": 500, "enable_observations": False})

    profile = await profiles.save(ADA, config={"retain_chunk_size": None, "observations_mission": None})

    assert dict(profile.config) == {"enable_observations": False}
    assert (await profiles.resolved(ADA))["retain_chunk_size"] == 3000


async def test_a_configuration_can_be_reset(profiles: Profiles) -> None:
    await profiles.save(ADA, name="Ada", mission="Help.", background="A sailor.", config={"retain_chunk_size": 500})

    profile = await profiles.reset_config(ADA)

    assert dict(profile.config) == {}
    assert (profile.name, profile.mission, profile.background) == ("Ada", "", "A sailor.")


async def test_all_names_have_a_value_when_resolved(profiles: Profiles) -> None:
    await profiles.save(ADA, config={"enable_observations": False})

    resolved = await profiles.resolved(ADA)

    assert resolved.keys() == KNOWN.keys()
    assert resolved["enable_observations"] is False
    with pytest.raises(TypeError):
        resolved["enable_observations"] = True  # type: ignore[index]  # that it cannot be is what is tested


async def test_what_another_process_sets_up_holds_at_once(tmp_path: Path) -> None:
    async with engine(tmp_path / "m") as one, engine(tmp_path / "m") as other:
        before = (await Profiles(one._desk).resolved(ADA))["retain_chunk_size"]
        await Profiles(other._desk).save(ADA, config={"retain_chunk_size": 700})

        after = (await Profiles(one._desk).resolved(ADA))["retain_chunk_size"]

    assert (before, after) == (3000, 700)


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({}, {}),
        ({"enable_graph_retrieval": True}, {}),
        ({"enable_temporal_retrieval": False}, {"arms": {"temporal": False}}),
        (
            {"enable_graph_retrieval": False, "enable_text_search": False},
            {"arms": {"graph": False, "keyword": False}},
        ),
        ({"enable_reranking": False}, {"rerank": False}),
    ],
)
async def test_what_is_switched_off_is_an_option_of_a_recall(
    profiles: Profiles, config: dict[str, Any], options: dict[str, Any]
) -> None:
    await profiles.save(ADA, config=config)

    assert await profiles.asking(ADA) == options


async def test_a_recall_takes_the_options_of_its_bank(memory: MemoryEngine) -> None:
    profiles = Profiles(memory._desk)
    await memory.retain(ADA, "Grace keeps goats.", wait=True)
    await profiles.save(ADA, config={"enable_text_search": False, "enable_reranking": False})

    recall = await memory.recall(ADA, "Grace keeps goats.", **await profiles.asking(ADA))

    assert recall.hits
    assert all("keyword" not in arms for arms in recall.trace.arms.values())


@pytest.mark.parametrize("value", [0, 6, 3.0, True, "3", None])
async def test_a_trait_is_a_whole_number_from_one_to_five(profiles: Profiles, value: object) -> None:
    with pytest.raises(BadInputError, match=r"disposition_empathy.*from 1 to 5"):
        await profiles.save(ADA, disposition=Disposition(empathy=value))  # type: ignore[arg-type]  # what is tested

    assert await profiles.exists(ADA) is False


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": "x" * 501}, "name"),
        ({"name": 3}, "name"),
        ({"background": "a\0b"}, "NUL"),
        ({"mission": "\ud800"}, "surrogate"),
        ({"config": ["a"]}, "configuration"),
        ({"config": {"retain_chunk_size": 50}}, "retain_chunk_size"),
        ({"config": {"recall_budget_min": 900, "recall_budget_max": 800}}, "recall_budget_min"),
        ({"config": {"memory_defense": {"x": "y" * 200_000}}}, "Shorten"),
    ],
)
async def test_what_makes_no_sense_is_refused_whole(profiles: Profiles, given: dict[str, Any], told: str) -> None:
    before = await profiles.save(ADA, name="Ada")

    with pytest.raises(BadInputError, match=told):
        await profiles.save(ADA, **{"mission": "New.", **given})

    assert await profiles.get(ADA) == before


async def test_two_values_contradict_each_other_also_when_given_one_after_the_other(profiles: Profiles) -> None:
    await profiles.save(ADA, config={"recall_budget_min": 900})

    with pytest.raises(BadInputError, match="recall_budget_max"):
        await profiles.save(ADA, config={"recall_budget_max": 800})


async def test_a_bank_that_is_forgotten_has_no_profile_and_no_directives_any_more(memory: MemoryEngine) -> None:
    profiles = Profiles(memory._desk)
    await memory.retain(ADA, "Grace keeps goats.")
    await profiles.save(ADA, mission="Help.")
    await profiles.add_directive(ADA, "Tone", "Be brief.")

    await memory.forget(ADA, everything=True)

    assert (await profiles.get(ADA)).mission == ""
    assert await profiles.directives(ADA) == ([], 0)
    assert await memory.shelf.scan((BANKS, ADA), below=True) == []


async def test_savings_at_once_all_count(tmp_path: Path) -> None:
    names = [name for name, setting in KNOWN.items() if setting.schema == {"type": "boolean"}]
    async with engine(tmp_path / "m") as one, engine(tmp_path / "m") as other:
        both = [Profiles(one._desk), Profiles(other._desk)]
        await asyncio.gather(*(both[place % 2].save(ADA, config={name: False}) for place, name in enumerate(names * 2)))

        config = (await both[0].get(ADA)).config

    assert dict(config) == dict.fromkeys(names, False)


@pytest.mark.parametrize("value", [b'{"shape": 9}', b"[]", b"{"])
async def test_what_a_newer_version_kept_says_what_to_do(memory: MemoryEngine, value: bytes) -> None:
    profiles = Profiles(memory._desk)
    await memory.shelf.write([Put(path=place_of(ADA, "profile"), key="profile", value=value)])
    await memory.shelf.write([Put(path=place_of(ADA, "directives"), key="1", value=value)])

    with pytest.raises(StoreError, match="newer Duramen"):
        await profiles.get(ADA)
    with pytest.raises(StoreError, match="newer Duramen"):
        await profiles.directives(ADA)


async def test_banks_with_memories_and_banks_with_a_profile_are_listed(memory: MemoryEngine) -> None:
    profiles = Profiles(memory._desk)
    await memory.retain("b", "Grace keeps goats.")
    await profiles.save("a", name="First")
    await profiles.save("b\x01", mission="Between.")
    await memory.retain("c", "Ada sails.")
    await profiles.save("c", mission="Sail.")
    await memory.shelf.write([Put(path=place_of("d", "documents"), key="x", value=b"1")])

    found, total = await profiles.list()

    assert [(one.bank, one.name, one.mission) for one in found] == [
        ("a", "First", ""),
        ("b", "b", ""),
        ("b\x01", "b\x01", "Between."),
        ("c", "c", "Sail."),
    ]
    assert total == 4
    assert found[1].created.year > 2000


async def test_a_listing_comes_in_pages(profiles: Profiles) -> None:
    for number in range(5):
        await profiles.save(f"bank{number}")

    pages = [await profiles.list(limit=2, offset=offset) for offset in (0, 2, 4, 6)]

    assert [[one.bank for one in found] for found, _ in pages] == [
        ["bank0", "bank1"],
        ["bank2", "bank3"],
        ["bank4"],
        [],
    ]
    assert {total for _, total in pages} == {5}


async def test_a_listing_finds_by_name_and_by_what_people_call_it(profiles: Profiles) -> None:
    await profiles.save("support-1", name="Ada")
    await profiles.save("sales", name="Support of Grace")
    await profiles.save("other")

    found, total = await profiles.list(q="SUPPORT")

    assert [one.bank for one in found] == ["sales", "support-1"]
    assert total == 2


async def test_a_listing_of_a_tenant_has_no_others(memory: MemoryEngine) -> None:
    profiles = Profiles(memory._desk)
    for bank in ("tenant:a", "tenant:a:user:x", "tenant:a:user:y", "tenant:ab:user:z", "a"):
        await profiles.save(bank)
    await memory.retain("tenant:a:user:w", "Grace keeps goats.")
    await memory.retain("tenant:b:user:w", "Grace keeps goats.")

    found, total = await profiles.list(prefix="tenant:a:")

    assert [one.bank for one in found] == ["tenant:a:user:w", "tenant:a:user:x", "tenant:a:user:y"]
    assert total == 3


async def test_many_banks_are_all_listed(profiles: Profiles) -> None:
    banks = [f"bank{number:04}" for number in range(510)]
    await asyncio.gather(*(profiles.save(bank) for bank in banks))

    found, total = await profiles.list(limit=1000)

    assert [one.bank for one in found] == banks
    assert total == 510


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 1001}, {"offset": -1}, {"offset": True}])
async def test_a_page_that_there_is_not_is_refused(profiles: Profiles, page: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        await profiles.list(**page)


async def test_a_bank_without_a_name_is_refused(profiles: Profiles) -> None:
    with pytest.raises(BadInputError, match="Name one"):
        await profiles.save(" ", name="x")


async def test_guidance_is_what_a_bank_is_told_to_be(profiles: Profiles) -> None:
    await profiles.save(ADA, mission="Help.", background="A sailor.", disposition=Disposition(empathy=5))
    await profiles.add_directive(ADA, "Later", "Be kind.")
    await profiles.add_directive(ADA, "Tone", "Be brief.", priority=5)
    await profiles.add_directive(ADA, "Off", "Shout.", active=False)
    await profiles.add_directive(ADA, "Work", "No names.", tags=["work", "law"])

    guidance = await profiles.guidance(ADA)
    at_work = await profiles.guidance(ADA, tags=["work", "home"])
    everywhere = await profiles.guidance(ADA, all_directives=True)

    assert (guidance.mission, guidance.background) == ("Help.", "A sailor.")
    assert guidance.disposition == Disposition(empathy=5)
    assert [one.name for one in guidance.directives] == ["Tone", "Later"]
    assert [one.name for one in at_work.directives] == ["Tone", "Later", "Work"]
    assert [one.name for one in everywhere.directives] == ["Tone", "Later", "Work"]
    assert [one.name for one in (await profiles.guidance(ADA, tags=["home"])).directives] == ["Tone", "Later"]
