"""Records that strategies made, beside those that were put there by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import pytest

from duramen import MemoryEngine
from duramen.records import ORIGIN, Change, Condition, Draft, Filed, Where
from duramen.records.homes import known
from duramen.records.table import Tables
from duramen.strategies import Candidate, Work
from duramen.strategies.labelled import LabelledStrategy
from duramen.strategies.resources import Resource, bank_of_resource, save_resource
from tests.conftest import engine
from tests.simple_strategies import notes

R = "notes-0123456789"
FACTS, TEAM = "/facts/{actorId}/", "/team/"
MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)
ALL = Where(path="/")


def labelled(work: Work) -> list[Candidate]:
    """Make one fact of each event, with metadata."""
    return [
        Candidate(
            text=event.content,
            kind="fact",
            sources=(event.id,),
            mentioned=event.mentioned,
            details={"metadata": {"length": len(event.content), "words": event.content.split()[:2]}},
        )
        for event in work.events
    ]


async def opened(address: str, **templates: str) -> MemoryEngine:
    """Open a memory whose resource has a strategy for each of `templates`, which makes a fact of each event."""
    strategies = [notes(labelled, name, namespace=template, merges=False) for name, template in templates.items()]
    memory = engine(address, strategies=strategies)
    definitions = [{"type": "code", "name": name, "namespace": template} for name, template in templates.items()]
    await save_resource(memory.shelf, Resource(name=R, strategies=definitions))
    return memory


async def said(memory: MemoryEngine, actor: str, *texts: str) -> None:
    await known(memory.shelf, R, actor)
    for text in texts:
        await memory.sessions.append(bank_of_resource(R, actor), text, actor=actor, session="s1")
        await memory.wait_idle(finish=True)


async def listed(memory: MemoryEngine, where: Where = ALL, templates: Sequence[str] = (FACTS,)) -> list[Filed]:
    return [*(await memory.records.list(R, templates, where)).items]


async def test_what_a_strategy_made_is_a_record(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.", "Ada lives in Porto.")
        first, second = await listed(memory, Where(namespace="/facts/ada"))
        assert (first.text, second.text) == ("Ada lives in Porto.", "Ada plays chess.")
        assert (second.strategy, second.namespace, second.actor, second.session) == (
            "facts",
            "/facts/ada/",
            "ada",
            "s1",
        )
        assert second.metadata == {"length": 16.0, "words": ("Ada", "plays")}
        assert (second.given, second.expires) == (False, None)
        assert await memory.records.get(R, second.id) == second
        ((hit, _), *_) = await memory.records.retrieve(R, [FACTS], "Where does Ada live?", ALL)
        assert hit == first
        long = Where(path="/", conditions=(Condition("length", "GREATER_THAN", 16),))
        assert await listed(memory, long) == [first]
        assert (
            len(await listed(memory, Where(path="/", conditions=(Condition(ORIGIN, "EQUALS_TO", "EXTRACTED"),)))) == 2
        )


async def test_actors_do_not_see_what_others_said(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        for actor in ("a1", "a10", "a1/x"):
            await said(memory, actor, f"The secret of {actor} is tea.")
        for namespace, actor in (("/facts/a1/", "a1"), ("/facts/a10", "a10"), ("/facts/a1/x/", "a1/x")):
            for where in (Where(namespace=namespace), Where(path=namespace)):
                mine = [f"The secret of {actor} is tea."]
                assert [one.text for one in await listed(memory, where)] == mine
                hits = await memory.records.retrieve(R, [FACTS], "What is the secret?", where)
                assert [one.text for one, _ in hits] == mine
        assert {one.namespace for one in await listed(memory)} == {"/facts/a1/", "/facts/a10/", "/facts/a1/x/"}


async def test_what_is_filed_without_an_actor_is_found_in_the_banks_of_all(address: str) -> None:
    async with await opened(address, team=TEAM) as memory:
        await said(memory, "ada", "The team meets on Monday.")
        await said(memory, "bob", "The team drinks tea.")
        await memory.records.create(R, [TEAM], [Draft(text="The team is small.", at=MARCH, namespace="/team/")])
        for where in (Where(namespace="/team/"), Where(path="/team")):
            assert len(await listed(memory, where, [TEAM])) == 3
            hits = await memory.records.retrieve(R, [TEAM], "When does the team meet?", where)
            assert hits[0][0].text == "The team meets on Monday."


async def test_deleting_a_record_leaves_the_event_and_does_not_make_it_again(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.", "Ada lives in Porto.")
        chess = (await listed(memory))[1]
        (done,) = await memory.records.delete(R, [chess.id])
        assert done.error is None
        await memory.wait_idle(finish=True)
        assert [one.text for one in await listed(memory)] == ["Ada lives in Porto."]
        bank = bank_of_resource(R, "ada")
        assert len((await memory.sessions.events(bank, "ada", "s1")).items) == 2
        assert len((await memory.events(bank)).items) == 2


async def test_what_a_strategy_made_can_be_changed_and_keeps_its_sources(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.")
        (record,) = await listed(memory)
        change = Change(id=record.id, at=MARCH, text="Ada plays go.", metadata={"color": "green"})
        assert [one.error for one in await memory.records.update(R, [FACTS], [change])] == [None]
        (after,) = await listed(memory)
        assert (after.id, after.text, after.metadata) == (record.id, "Ada plays go.", {"color": "green"})
        assert (after.created, after.strategy) == (record.created, "facts")
        (kept,) = (await memory.memories(bank_of_resource(R, "ada"), namespace="/facts/ada/")).items
        (event,) = (await memory.events(kept.bank)).items
        assert kept.sources == (event.id,)
        await memory.forget(kept.bank, session="s1", actor="ada")
        assert await listed(memory) == [], "it goes with what it was made of"


@pytest.mark.parametrize("elsewhere", ["/facts/bob/", "/policies/"])
async def test_what_a_strategy_made_cannot_be_filed_where_it_would_outlive_what_was_said(
    address: str, elsewhere: str
) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.")
        (record,) = await listed(memory)
        moves = [Change(id=record.id, at=MARCH, text="Ada plays go.", namespace=elsewhere)]
        (done,) = await memory.records.update(R, [FACTS], moves)
        assert done.error is not None
        assert "another actor" in done.error
        assert await listed(memory) == [record]
        stays = [Change(id=record.id, at=MARCH, text="Ada plays go.", namespace="/facts/ada/games/")]
        assert [one.error for one in await memory.records.update(R, [FACTS], stays)] == [None]
        await memory.forget(bank_of_resource(R, "ada"), session="s1", actor="ada")
        assert await listed(memory) == []


async def test_what_a_strategy_makes_lasts_as_long_as_it_says(address: str) -> None:
    facts = notes(labelled, "facts", namespace=FACTS)
    async with engine(address, strategies=[LabelledStrategy(facts, record_days=31)]) as memory:
        definition = {"type": "code", "name": "facts", "namespace": FACTS}
        await save_resource(memory.shelf, Resource(name=R, strategies=[definition]))
        await said(memory, "ada", "Ada plays chess.")
        (record,) = await listed(memory)
        assert record.expires == record.created + timedelta(days=31)
        assert record.metadata == {"length": 16.0, "words": ("Ada", "plays")}

        await memory.records.update(R, [FACTS], [Change(id=record.id, at=MARCH)])
        (again,) = await listed(memory)
        assert again.expires == again.updated + timedelta(days=31)

        soon = timedelta(microseconds=1)
        await memory.records.update(R, [FACTS], [Change(id=record.id, at=MARCH, lifetime=soon)])
        await said(memory, "ada", "Ada plays chess.")
        (new,) = await listed(memory)
        assert (new.text, new.id == record.id) == (record.text, False), (
            "what expired does not swallow what is said anew"
        )
        assert new.expires == new.created + timedelta(days=31)


async def test_forgetting_all_that_an_actor_said_is_seen_at_once(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.", "Ada lives in Porto.")
        given = Draft(text="Ada is tall.", at=MARCH, namespace="/facts/ada/")
        await memory.records.create(R, [FACTS], [given])
        assert len(await listed(memory)) == 3
        await memory.sessions.delete_session(bank_of_resource(R, "ada"), "ada", "s1")
        assert [one.text for one in await listed(memory)] == ["Ada is tall."]
        await memory.forget(bank_of_resource(R, "ada"), everything=True)
        assert await listed(memory) == []


async def test_what_was_superseded_is_not_shown(address: str) -> None:
    async with engine(address, strategies=["semantic"]) as memory:
        definition = {"type": "semantic", "name": "facts", "namespace": FACTS}
        await save_resource(memory.shelf, Resource(name=R, strategies=[definition]))
        await said(
            memory, "ada", "My name is Ada and I live in Lisbon.", "I moved to Porto yesterday. I live in Porto now."
        )
        bank = bank_of_resource(R, "ada")
        made = (await memory.memories(bank, namespace="/facts/ada/")).items
        over = {one.text for one in made if one.superseded is not None}
        assert over, [one.text for one in made]
        shown = await listed(memory)
        assert not over & {one.text for one in shown}
        assert len(shown) == len(made) - len(over)
        hits = await memory.records.retrieve(R, [FACTS], "Where does Ada live?", ALL)
        assert not over & {one.text for one, _ in hits}
        for one in made:
            if one.superseded is not None:
                id = f"mem-{one.id}-{shown[0].id[-8:]}"
                assert await memory.records.get(R, id) is None


async def test_records_stay_when_vectors_are_made_anew(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        await said(memory, "ada", "Ada plays chess.")
        await memory.records.create(R, [FACTS], [Draft(text="Ada is tall.", at=MARCH, namespace="/facts/ada/")])
        before = await listed(memory)
        await memory.reembed(bank_of_resource(R, "ada"))
        assert await listed(memory) == before
        assert len(await memory.records.retrieve(R, [FACTS], "Who is tall?", ALL)) == 2


async def test_the_tables_held_are_bounded_and_in_step(address: str) -> None:
    async with await opened(address, facts=FACTS) as memory:
        drafts = [Draft(text=f"Note {n}.", at=MARCH, namespace=f"/facts/a{n % 4}/") for n in range(40)]
        await memory.records.create(R, [FACTS], drafts)
        tables = Tables(memory._parts.store, most_rows=25)
        banks = [bank_of_resource(R, f"a{n}") for n in range(4)]
        for bank in [*banks, *banks]:
            assert len(await tables.rows(bank)) == 10
            assert tables.held <= 25
        (gone,) = (await memory.records.list(R, [FACTS], Where(path="/facts/a0/"), limit=1)).items
        await memory.records.delete(R, [gone.id])
        assert len(await tables.rows(banks[0])) == 9
        await memory.forget(banks[0], everything=True)
        assert await tables.rows(banks[0]) == ()
        assert await tables.rows("nobody's") == ()
