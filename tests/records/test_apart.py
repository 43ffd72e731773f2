"""What is filed at one namespace is found there and nowhere else, whatever actors and namespaces are called."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from duramen.namespaces import within
from duramen.records import Draft, Where
from duramen.records.homes import known
from duramen.strategies.resources import Resource, bank_of_resource, save_resource
from tests.conftest import engine
from tests.records.test_made import MARCH, R
from tests.simple_strategies import notes

TEMPLATES = [
    ["/facts/{actorId}/"],
    ["/facts/{actorId}/", "/facts/{actorId}/{sessionId}/"],
    ["/{actorId}/", "/facts/"],
    ["/users/u-{actorId}/", "/users/{actorId}/"],
    ["/s/{memoryStrategyId}/{actorId}/{sessionId}/", "/{tenant}/{actorId}/"],
    [],
]
segments = st.sampled_from(["a", "al", "a1", "a-", "-", "a:b", "u-a", "facts", "users", "s", "1"])
namespaces = st.lists(segments, min_size=1, max_size=4).map(lambda parts: f"/{'/'.join(parts)}/")
actors = st.from_regex(r"[a-bA1][a-b1_/-]{0,4}(:[a-b/-]{1,2})?", fullmatch=True)
sometimes = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@sometimes
@given(
    st.sampled_from(TEMPLATES),
    st.lists(namespaces, min_size=1, max_size=8, unique=True),
    st.lists(segments),
    namespaces,
)
def test_a_record_is_where_it_was_filed_and_below_what_is_above_that(
    templates: list[str], filed: list[str], met: list[str], asked: str
) -> None:
    async def check() -> None:
        async with engine(":memory:") as memory:
            for actor in met:
                await known(memory.shelf, R, actor)
            drafts = [Draft(text=f"A kite at {one}", at=MARCH, namespace=one) for one in filed]
            assert all(done.error is None for done in await memory.records.create(R, templates, drafts))
            for path in (asked, *filed, "/facts/", "/"):
                there = {one for one in filed if one == path}
                below = {one for one in filed if within(one, path)}
                for where, expected in ((Where(namespace=path), there), (Where(path=path), below)):
                    page = await memory.records.list(R, templates, where, limit=100)
                    assert sorted(str(one.namespace) for one in page.items) == sorted(expected), where
                    hits = await memory.records.retrieve(R, templates, "Who has a kite?", where, limit=100)
                    assert {one.namespace for one, _ in hits} == expected, where

    asyncio.run(check())


@sometimes
@given(st.sampled_from(TEMPLATES[:5]), st.lists(actors, min_size=2, max_size=4, unique=True))
def test_nothing_of_one_actor_is_at_the_namespaces_of_another(templates: list[str], names: list[str]) -> None:
    asyncio.run(_said_apart([one for one in templates if "{actorId}" in one and "{tenant}" not in one], names))


async def _said_apart(templates: Sequence[str], names: Sequence[str]) -> None:
    by_name = {f"s{number}": template for number, template in enumerate(templates)}
    strategies = [notes(name=name, namespace=template) for name, template in by_name.items()]
    async with engine(":memory:", strategies=strategies) as memory:
        definitions = [{"type": "code", "name": name, "namespace": template} for name, template in by_name.items()]
        await save_resource(memory.shelf, Resource(name=R, strategies=definitions))
        for number, actor in enumerate(names):
            await known(memory.shelf, R, actor)
            bank = bank_of_resource(R, actor)
            await memory.sessions.append(bank, f"Secret {number} of a kite.", actor=actor, session="s9")
        await memory.wait_idle(finish=True)

        for number, actor in enumerate(names):
            for name, template in by_name.items():
                path = template.replace("{actorId}", actor).replace("{memoryStrategyId}", name)
                path = path.replace("{sessionId}", "s9")
                if "//" in path:
                    continue  # of an id that begins or ends with a slash, which is no path
                for where in (Where(namespace=path), Where(path=path)):
                    page = await memory.records.list(R, templates, where, limit=100)
                    hits = await memory.records.retrieve(R, templates, "Whose secret kite?", where, limit=100)
                    for record in (*page.items, *(one for one, _ in hits)):
                        assert (record.actor, record.text) == (actor, f"Secret {number} of a kite."), where
