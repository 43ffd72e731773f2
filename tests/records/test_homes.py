"""From a namespace to the banks that can hold it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from duramen import MemoryEngine
from duramen.errors import BadQueryError, NamespaceError
from duramen.records import Where
from duramen.records.homes import actors, all_banks, banks, forget_all, known, mark, marked, nobody, place_for
from duramen.strategies.resources import bank_of_resource

R = "notes-0123456789"
FACTS = "/facts/{actorId}/"
SUMMARIES = "/summaries/{actorId}/{sessionId}/"


def bank(actor: str) -> str:
    return bank_of_resource(R, actor)


async def homes(
    memory: MemoryEngine, templates: Sequence[str], *, namespace: str | None = None, path: str | None = None
) -> dict[str | None, list[str]]:
    found = [home async for home in banks(memory.shelf, R, templates, Where(namespace=namespace, path=path))]
    assert all(home.bank == (nobody(R) if home.actor is None else bank(home.actor)) for home in found)
    return {home.actor: sorted(home.paths) for home in found}


async def test_actors_are_listed_in_order_once_each_and_by_memory(memory: MemoryEngine) -> None:
    for actor in ("bob", "ada", "ada", "a:b/c"):
        await known(memory.shelf, R, actor)
    await known(memory.shelf, "other-0123456789", "eve")
    assert await actors(memory.shelf, R, limit=10) == ["a:b/c", "ada", "bob"]
    assert await actors(memory.shelf, R, after="ada", limit=10) == ["bob"]
    assert await actors(memory.shelf, R, limit=1) == ["a:b/c"]
    assert [one async for one in all_banks(memory.shelf, R)] == [nobody(R), bank("a:b/c"), bank("ada"), bank("bob")]


async def test_actors_that_are_forgotten_can_be_known_again(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "ada")
    await forget_all(memory.shelf, R)
    assert await actors(memory.shelf, R, limit=10) == []
    assert await marked(memory.shelf, R, mark(bank("ada"))) == []
    await known(memory.shelf, R, "ada")
    assert await actors(memory.shelf, R, limit=10) == ["ada"]


async def test_a_mark_leads_to_the_banks_of_its_own_memory_alone(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "ada")
    assert await marked(memory.shelf, R, mark(bank("ada"))) == [bank("ada")]
    assert await marked(memory.shelf, R, mark(nobody(R))) == [nobody(R)]
    assert await marked(memory.shelf, "other-0123456789", mark(bank("ada"))) == []


async def test_a_namespace_that_names_an_actor_is_looked_for_with_them_and_with_nobody(memory: MemoryEngine) -> None:
    for actor in ("a1", "a10", "eve"):
        await known(memory.shelf, R, actor)
    only = {None: ["/facts/a1/"], "a1": ["/facts/a1/"]}
    assert await homes(memory, [FACTS], namespace="/facts/a1/") == only
    assert await homes(memory, [FACTS], path="/facts/a1") == only
    assert await homes(memory, [FACTS], path="facts/a1/") == only


async def test_a_path_above_the_actors_is_looked_for_with_all_who_are_known(memory: MemoryEngine) -> None:
    for actor in ("ada", "bob"):
        await known(memory.shelf, R, actor)
    for path in ("/facts/", "/"):
        assert await homes(memory, [FACTS], path=path) == {None: [path], "ada": [path], "bob": [path]}
    assert await homes(memory, [FACTS], namespace="/facts/") == {None: ["/facts/"]}
    assert await homes(memory, [FACTS], path="/other/") == {None: ["/other/"]}
    assert await homes(memory, [], path="/") == {None: ["/"]}


async def test_a_template_without_an_actor_is_filed_at_in_the_banks_of_all(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "ada")
    everybody = {None: ["/team/"], "ada": ["/team/"]}
    assert await homes(memory, ["/team/"], namespace="/team/") == everybody
    assert await homes(memory, ["/team/"], path="/team/") == everybody
    assert await homes(memory, ["/team/"], path="/team/x/") == {None: ["/team/x/"]}
    assert await homes(memory, ["/team/{memoryStrategyId}/"], namespace="/team/") == {None: ["/team/"]}


async def test_an_id_with_slashes_is_read_as_plain_text_and_percent_encoded(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "a/b")
    filed = "/facts/a%2Fb/"
    plain = await homes(memory, [FACTS], namespace="/facts/a/b/")
    assert plain == {None: ["/facts/a/b/"], "a": ["/facts/a/b/"], "a/b": [filed]}
    assert (await homes(memory, [FACTS], namespace=filed))["a/b"] == [filed]
    assert "a/b" not in await homes(memory, [FACTS], path="/facts/a/")
    assert "x/y" not in await homes(memory, [FACTS], path="/facts/x/y/"), "nobody knows them"


async def test_a_session_is_not_read_as_a_part_of_somebody_elses_id(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "a")
    await known(memory.shelf, R, "a/b")
    assert set(await homes(memory, [SUMMARIES], path="/summaries/a/b/")) == {None, "a"}
    assert (await homes(memory, [SUMMARIES], path="/summaries/a/b/c/"))["a/b"] == ["/summaries/a%2Fb/c/"]


async def test_one_segment_may_be_partly_a_variable(memory: MemoryEngine) -> None:
    assert set(await homes(memory, ["/u/user-{actorId}-x/"], path="/u/user-ada-x/")) == {None, "ada"}
    assert set(await homes(memory, ["/u/user-{actorId}-x/"], path="/u/user-ada/")) == {None}
    assert set(await homes(memory, ["/u/user-{actorId}-x/"], path="/u/user--x/")) == {None}


async def test_the_old_name_of_a_strategy_is_a_variable_too(memory: MemoryEngine) -> None:
    found = await homes(memory, ["/s/{strategyId}/{actorId}/"], path="/s/facts-0123456789/ada/")
    assert found["ada"] == ["/s/facts-0123456789/ada/"]


async def test_a_record_is_filed_with_the_actor_and_session_that_its_namespace_names(memory: MemoryEngine) -> None:
    place = await place_for(memory.shelf, R, [FACTS, SUMMARIES], "/summaries/ada/s1")
    assert (place.bank, place.namespace) == (bank("ada"), "/summaries/ada/s1/")
    assert (place.actor, place.session) == ("ada", "s1")
    below = await place_for(memory.shelf, R, [FACTS], "/facts/ada/notes/")
    assert (below.bank, below.namespace, below.session) == (bank("ada"), "/facts/ada/notes/", None)
    loose = await place_for(memory.shelf, R, [FACTS], None)
    assert (loose.bank, loose.namespace, loose.actor) == (nobody(R), "/", None)
    assert (await place_for(memory.shelf, R, [FACTS], "/other/ada/")).bank == nobody(R)


async def test_a_record_goes_to_a_known_actor_with_slashes_whom_the_whole_template_names(memory: MemoryEngine) -> None:
    await known(memory.shelf, R, "ada/notes")
    place = await place_for(memory.shelf, R, [FACTS], "/facts/ada/notes/")
    assert (place.bank, place.namespace) == (bank("ada/notes"), "/facts/ada%2Fnotes/")


async def test_where_takes_one_namespace_or_one_path(memory: MemoryEngine) -> None:
    with pytest.raises(BadQueryError, match="either"):
        await homes(memory, [FACTS])
    with pytest.raises(BadQueryError, match="either"):
        await homes(memory, [FACTS], namespace="/a/", path="/a/")
    for bad in ("/a//b/", " ", "/{actorId}/", "/a*/"):
        with pytest.raises(NamespaceError):
            await homes(memory, [FACTS], path=bad)
