"""Names that the caller gives, from what is retained to what is recalled."""

from typing import Any

from duramen import Item, MemoryEngine
from duramen.types import Memory


async def only(memory: MemoryEngine, bank: str = "b") -> Memory:
    (found,) = (await memory.memories(bank)).items
    return found


async def test_given_names_come_before_those_that_are_found(memory: MemoryEngine) -> None:
    await memory.retain("b", [Item(content="Yesterday we met Ada Byron in Lisbon.", entities=["Augusta", "LISBON"])])
    await memory.flush()

    assert (await only(memory)).entities == ("Augusta", "LISBON", "Ada Byron")


async def test_every_memory_of_an_event_has_them(memory: MemoryEngine) -> None:
    long = " ".join(f"Sentence {n} says that it rained all day long on the hills." for n in range(200))

    await memory.retain("b", [Item(content=long, entities=["Weather"])], wait=True)

    made = (await memory.memories("b")).items
    assert len(made) > 1
    assert {one.entities[0] for one in made} == {"Weather"}


async def test_what_names_nothing_in_its_words_is_found_by_a_given_name(memory: MemoryEngine) -> None:
    said = [Item(content="She fixed the pump.", entities=["Zeynep"]), Item(content="He painted a wall.")]
    await memory.retain("b", said, wait=True)

    recall = await memory.recall("b", "What did Zeynep do?")

    assert recall.trace.entities == ("zeynep",)
    assert recall.hits[0].memory.text == "She fixed the pump."
    assert "graph" in recall.trace.arms[recall.hits[0].memory.id]


async def test_retaining_with_other_names_replaces(memory: MemoryEngine) -> None:
    async def retain(*names: str, **options: Any) -> tuple[int, int]:
        kept = await memory.retain("b", [Item(content="She fixed the pump.", entities=names)], wait=True, **options)
        return kept.replaced, kept.repeated

    outcomes = [
        await retain(),
        await retain("Zeynep"),
        await retain("Zeynep"),
        await retain("Zeynep", replayed=True),
        await retain("Mara", replayed=True),
    ]

    assert outcomes == [(0, 0), (1, 0), (0, 1), (0, 1), (1, 0)]
    assert (await only(memory)).entities == ("Mara",)
    (event,) = (await memory.events("b")).items
    assert event.entities == ("Mara",)


async def test_names_go_with_what_is_forgotten(memory: MemoryEngine) -> None:
    await memory.retain("b", [Item(content="She fixed the pump.", entities=["Zeynep"], key="k")], wait=True)
    await memory.retain("b", "He painted a wall.", wait=True)

    await memory.forget("b", key="k")

    assert (await memory.recall("b", "What did Zeynep do?")).trace.entities == ()
