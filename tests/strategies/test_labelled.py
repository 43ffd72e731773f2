"""Strategies whose memories carry metadata of their events, and are kept apart by it: through a real engine."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from duramen import Item, Memory, MemoryEngine
from duramen.errors import StrategyError
from duramen.strategies.definitions import build, check, define
from duramen.strategies.labelled import LabelledStrategy
from duramen.strategies.semantic import SemanticStrategy
from duramen.strategies.summary import SummaryStrategy
from duramen.strategy import Trigger
from tests.conftest import engine

BANK = "user:ada"


@pytest.fixture(params=["in memory", "sqlite"])
async def memory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[MemoryEngine]:
    place = ":memory:" if request.param == "in memory" else tmp_path / "memory"
    strategies = [
        LabelledStrategy(SemanticStrategy(), keeps=["tenant", "place"], apart=["tenant"]),
        LabelledStrategy(SummaryStrategy(trigger=Trigger(messages=1)), keeps=["tenant"], apart=["tenant"]),
    ]
    async with engine(place, strategies=strategies) as one:
        yield one


async def told(memory: MemoryEngine, text: str, **metadata: str) -> None:
    item = Item(
        content=[{"role": "user", "content": text}],
        key=uuid.uuid4().hex,
        actor="ada",
        session="s1",
        metadata=metadata,
    )
    await memory.retain(BANK, [item])


async def made(memory: MemoryEngine, strategy: str = "semantic") -> Sequence[Memory]:
    await memory.wait_idle(BANK, finish=True)
    return [one for one in (await memory.memories(BANK, limit=1000)).items if one.strategy == strategy]


async def test_a_memory_has_the_labels_of_its_events_and_no_others(memory: MemoryEngine) -> None:
    await told(memory, "I live in Lisbon.", tenant="acme", place="office", secret="x")

    (one,) = await made(memory)

    assert dict(one.metadata) == {"place": "office", "tenant": "acme"}


async def test_what_is_said_again_in_another_tenant_is_another_memory(memory: MemoryEngine) -> None:
    for tenant in ("acme", "globex", "acme", "globex"):
        await told(memory, "I live in Lisbon.", tenant=tenant)

    found = await made(memory)

    assert sorted((one.text, one.metadata["tenant"]) for one in found) == [
        (found[0].text, "acme"),
        (found[0].text, "globex"),
    ]
    assert sorted(len(one.sources) for one in found) == [2, 2]


async def test_what_one_tenant_says_ends_nothing_that_another_said(memory: MemoryEngine) -> None:
    await told(memory, "I live in Lisbon.", tenant="acme")
    await told(memory, "I moved to Porto.", tenant="globex")
    await told(memory, "I live in Lisbon.")

    assert {one.superseded for one in await made(memory)} == {None}
    assert len(await made(memory)) == 3


async def test_a_summary_is_of_one_tenant(memory: MemoryEngine) -> None:
    await told(memory, "The reactor leaks at valve seven.", tenant="acme")
    await told(memory, "Our wedding is in the botanical garden.", tenant="globex")
    await told(memory, "The leak at valve seven was mended.", tenant="acme")

    summaries = await made(memory, "summary")

    assert {one.metadata["tenant"] for one in summaries} == {"acme", "globex"}
    for one in summaries:
        assert ("wedding" in one.text) == (one.metadata["tenant"] == "globex")
        assert ("valve" in one.text) == (one.metadata["tenant"] == "acme")


def test_it_is_written_down_and_read_again() -> None:
    definition = define(LabelledStrategy(SemanticStrategy(name="facts"), keeps=["tenant", "place"], apart=["tenant"]))

    again = build(definition)

    check(definition)
    assert (definition["keeps"], definition["apart"]) == (["tenant", "place"], ["tenant"])
    assert define(again) == definition
    assert again.name == "facts"


@pytest.mark.parametrize(
    ("keeps", "apart", "why"),
    [
        (["a"], ["b"], "'b', which `keeps` does not name"),
        ([f"k{number}" for number in range(21)], [], "21 keys in `keeps`"),
        (["a", "b", "c", "d"], ["a", "b", "c", "d"], "4 keys in `apart`"),
        ("tenant", [], "keeps='tenant'"),
        (["a"], [1], r"apart=\[1\]"),
    ],
)
def test_labels_that_cannot_be_are_refused(keeps: list[str], apart: list[str], why: str) -> None:
    with pytest.raises(StrategyError, match=why):
        LabelledStrategy(SemanticStrategy(), keeps=keeps, apart=apart)
