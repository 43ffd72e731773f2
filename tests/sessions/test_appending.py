"""What an append says beside the words: variables of namespaces, and changes of the shelf in the same transaction."""

from __future__ import annotations

import pytest

from duramen import MemoryEngine
from duramen.errors import BadContentError, BadQueryError, ChangedError
from duramen.protocols import Storage
from duramen.sessions.events import Blob, Json, Payload, Said
from duramen.sessions.sessions import Sessions
from duramen.sessions.spoken import spoken_places
from duramen.sessions.writing import TakenError
from duramen.shelf import Change, Expect, Put
from duramen.strategies.resources import Resource, bank_of_resource, save_resource
from tests.sessions.parts import retained, texts

BY_TENANT = {"type": "semantic", "name": "facts", "namespace": "/{tenant}/facts/{actorId}/", "variables": ["tenant"]}


async def test_variables_are_kept_and_are_no_metadata(sessions: Sessions, storage: Storage) -> None:
    event = await sessions.append(
        "b", "I live in Rome.", actor="ada", session="s1", metadata={"a": "1"}, variables={"tenant": "acme"}
    )

    assert await sessions.get("b", "ada", "s1", event.id) == event
    assert (event.metadata, event.variables) == ({"a": "1"}, {"tenant": "acme"})
    assert (await sessions.events("b", "ada", "s1", metadata={"tenant": "acme"})).items == ()
    assert [kept.metadata for kept in await retained(storage)] == [{"a": "1", "tenant": "acme"}]


async def test_variables_go_before_metadata_of_their_name(sessions: Sessions, storage: Storage) -> None:
    await sessions.append(
        "b", "I live in Rome.", actor="ada", session="s1", metadata={"tenant": "x"}, variables={"tenant": "acme"}
    )

    assert [kept.metadata for kept in await retained(storage)] == [{"tenant": "acme"}]


async def test_other_variables_are_something_else(sessions: Sessions) -> None:
    first = await sessions.append("b", "x", actor="ada", session="s1", key="k", variables={"tenant": "acme"})

    again = await sessions.append("b", "x", actor="ada", session="s1", key="k", variables={"tenant": "acme"})
    with pytest.raises(TakenError) as raised:
        await sessions.append("b", "x", actor="ada", session="s1", key="k", variables={"tenant": "umbrella"})

    assert again == first
    assert raised.value.about == "key"


@pytest.mark.parametrize("variables", [{"tenant": 1}, {1: "acme"}, {f"k{number}": "x" for number in range(16)}])
async def test_variables_are_text_by_name(sessions: Sessions, variables: dict[str, str]) -> None:
    with pytest.raises(BadContentError):
        await sessions.append("b", "x", actor="ada", session="s1", variables=variables)

    assert (await sessions.sessions("b", "ada")).items == ()


async def test_strategies_file_by_variables(memory: MemoryEngine) -> None:
    await save_resource(memory.shelf, Resource(name="notes", strategies=[BY_TENANT]))
    bank = bank_of_resource("notes", "ada")

    await memory.sessions.append(bank, "I live in Rome.", actor="ada", session="s1", variables={"tenant": "acme"})
    with pytest.raises(BadContentError, match="'tenant'"):
        await memory.sessions.append(bank, "I live in Oslo.", actor="ada", session="s1")

    await memory.wait_idle(bank, seconds=20)
    made = [one for one in (await memory.memories(bank)).items if one.strategy is not None]
    assert {one.namespace for one in made} == {"/acme/facts/ada/"}


async def test_a_branch_that_begins_elsewhere_is_told_apart_from_a_key(sessions: Sessions) -> None:
    first = await sessions.append("b", "1", actor="ada", session="s1")
    second = await sessions.append("b", "2", actor="ada", session="s1")
    await sessions.append("b", "3", actor="ada", session="s1", branch="north", root=first.id)

    with pytest.raises(TakenError) as raised:
        await sessions.append("b", "4", actor="ada", session="s1", branch="north", root=second.id)

    assert raised.value.about == "branch"


@pytest.mark.parametrize("said", ["words", Blob({"state": 1})])
async def test_an_event_is_appended_in_one_transaction_with_changes_of_the_shelf(
    sessions: Sessions, storage: Storage, said: str | Payload
) -> None:
    note, taken = ("notes",), Put(path=("notes",), key="n", value=b"1")
    await sessions.append("b", said, actor="ada", session="s1", key="k", shelved=[taken])
    (entry,) = await storage.shelf.get([(note, "n")])
    assert entry is not None

    changed: list[Change] = [Expect(path=note, key="n", value=b"2"), Put(path=note, key="m", value=b"1")]
    with pytest.raises(ChangedError):
        await sessions.append("b", said, actor="ada", session="s1", key="k2", shelved=changed)
    await sessions.append("b", said, actor="ada", session="s1", key="k", shelved=changed)

    assert len((await sessions.events("b", "ada", "s1")).items) == 1
    assert len(await retained(storage)) == (1 if said == "words" else 0)
    assert await storage.shelf.get([(note, "m")]) == [None]
    await sessions.append("b", said, actor="ada", session="s1", key="k2")
    assert len((await sessions.events("b", "ada", "s1")).items) == 2


async def test_the_session_of_an_event_is_found_with_its_actor(sessions: Sessions) -> None:
    events = [
        await sessions.append("b", session, actor=actor, session=session)
        for actor, session in (("ada", "s1"), ("ada", "s10"), ("bea", "s2"))
    ]

    assert [await sessions.session_of("b", "ada", event.id) for event in events] == ["s1", "s10", None]
    assert await sessions.session_of("c", "ada", events[0].id) is None
    assert await sessions.session_of("b", "ada", "no id") is None
    with pytest.raises(BadQueryError):
        await sessions.session_of("b", "", events[0].id)
    await sessions.delete("b", "ada", "s1", events[0].id)
    assert await sessions.session_of("b", "ada", events[0].id) is None
    assert texts(await sessions.events("b", "ada", "s10")) == ["s10"]


def test_the_places_of_what_is_remembered_are_known() -> None:
    payload: list[Payload] = [
        Said("tool", "22 °C"),
        Said("user", "Warm!"),
        Blob({"message": {"role": "user", "content": "no"}}),
        Json({"pet": "cat"}),
        Json({}),
        Said("assistant", " "),
        Said("other", "Hello"),
    ]

    assert spoken_places(payload) == [1, 3, 6]
