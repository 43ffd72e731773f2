from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from duramen import HashingEmbedder, MemoryEngine, Recall
from duramen.embedders.function import FunctionEmbedder
from duramen.index.token_codes import decode
from duramen.protocols import TokenVectors
from duramen.stores.sqlite import SQLiteStore
from tests.conftest import engine
from tests.embedders.words import WordsEmbedder

BANK = "b"
SAID = (
    "The harbour of Porto was loud.",
    "Grace plays the guitar.",
    "We ate by the harbour.",
    "Ben collects stamps.",
)
QUESTION = "Who plays the guitar?"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "memory"


def opened(directory: Path, **parts: object) -> MemoryEngine:
    return engine(directory, **{"embedder": WordsEmbedder(), **parts})


async def told(memory: MemoryEngine, *texts: str, session: str | None = None) -> None:
    for text in texts:
        await memory.retain(BANK, text, key=text, session=session, wait=True)


async def codes(directory: Path) -> dict[str, bytes]:
    """Return what the store holds of each memory's tokens, by text."""
    store = SQLiteStore(directory)
    await store.open()
    try:
        numbers = await store.numbers(BANK)
        texts = [memory.text for memory in await store.get(BANK, numbers)]
        return dict(zip(texts, await store.late(BANK, numbers), strict=True))
    finally:
        await store.aclose()


def found(recall: Recall) -> list[str]:
    return [hit.memory.text for hit in recall.hits]


async def test_tokens_are_kept_with_each_memory(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, *SAID)

    kept = await codes(directory)

    assert kept.keys() == set(SAID)
    assert decode([kept[text] for text in SAID], "hashing-256").counts.tolist() == [3, 3, 2, 3]


async def test_a_recall_takes_a_closer_look_at_them(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, *SAID)

        recall = await memory.recall(BANK, QUESTION)

    [best, *others] = recall.hits
    assert best.memory.text == SAID[1]
    assert recall.trace.closer[best.memory.id]["own"] > 0
    assert recall.trace.closer.keys() == {hit.memory.id for hit in recall.hits}
    assert all(best.score > other.score for other in others)
    assert recall.confident


async def test_what_was_said_around_lends_a_turn_its_words(directory: Path) -> None:
    turns = ("Do you play the guitar?", "Yes, since my tenth birthday!")
    async with opened(directory) as memory:
        await told(memory, *SAID[::2])
        await told(memory, *turns, session="s")

        recall = await memory.recall(BANK, "Who can play the guitar well?")

    assert found(recall)[:2] == list(turns)
    answer = recall.trace.closer[recall.hits[1].memory.id]
    assert answer["near"] > answer.get("own", 0.0)
    assert answer["session"] > answer.get("own", 0.0)


async def test_a_low_budget_takes_no_closer_look(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, *SAID)

        recall = await memory.recall(BANK, QUESTION, budget="low")

    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer == {}


async def test_several_questions_asked_at_once_are_each_looked_at(directory: Path) -> None:
    questions = [QUESTION, "What does Ben collect?"]
    async with opened(directory) as memory:
        await told(memory, *SAID)

        together = await memory.recall_many(BANK, questions)
        apart = [await memory.recall(BANK, question) for question in questions]

    assert [found(recall) for recall in together] == [found(recall) for recall in apart]
    assert [recall.trace.closer for recall in together] == [recall.trace.closer for recall in apart]
    assert [found(recall)[0] for recall in together] == [SAID[1], SAID[3]]


async def test_tokens_go_with_what_is_forgotten(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, *SAID)
        await memory.recall(BANK, QUESTION)

        await memory.forget(BANK, key=SAID[1])
        recall = await memory.recall(BANK, QUESTION)

    assert SAID[1] not in found(recall)
    assert (await codes(directory)).keys() == {*SAID} - {SAID[1]}


async def test_what_replaces_a_memory_brings_its_own_tokens(directory: Path) -> None:
    async with opened(directory) as memory:
        await memory.retain(BANK, "Grace plays the guitar.", key="k", wait=True)
        await memory.recall(BANK, QUESTION)

        await memory.retain(BANK, "Grace sings.", key="k", wait=True)
        sung = await memory.recall(BANK, "Who sings?")

    assert found(sung) == ["Grace sings."]
    assert sung.trace.closer[sung.hits[0].memory.id]["own"] > 0
    assert (await codes(directory)).keys() == {"Grace sings."}


async def test_a_bank_made_without_tokens_still_answers(directory: Path) -> None:
    async with opened(directory, embedder=HashingEmbedder()) as memory:
        await told(memory, *SAID)
        before = await memory.recall(BANK, QUESTION)
    assert set((await codes(directory)).values()) == {b""}

    async with opened(directory) as memory:
        after = await memory.recall(BANK, QUESTION)

    assert found(after) == found(before)
    assert found(after)[0] == SAID[1]
    assert [hit.score for hit in after.hits] == pytest.approx([hit.score for hit in before.hits])
    assert after.trace.closer == {}


async def test_memories_with_and_without_tokens_stand_side_by_side(directory: Path) -> None:
    async with opened(directory, embedder=HashingEmbedder()) as memory:
        await told(memory, *SAID[:2])

    async with opened(directory) as memory:
        await told(memory, *SAID[2:])
        old, new = [await memory.recall(BANK, question) for question in (QUESTION, "What does Ben collect?")]

    assert (found(old)[0], found(new)[0]) == (SAID[1], SAID[3])
    assert old.trace.closer.keys() == {hit.memory.id for hit in old.hits}


async def test_tokens_that_were_kept_do_no_harm_to_an_engine_without(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, *SAID)

    async with opened(directory, embedder=HashingEmbedder()) as memory:
        recall = await memory.recall(BANK, QUESTION)

    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer == {}


async def test_another_model_for_the_tokens_is_paired_with_the_embedder(directory: Path) -> None:
    tokens = WordsEmbedder(64)
    async with opened(directory, embedder=HashingEmbedder(), tokens=tokens) as memory:
        await told(memory, *SAID)

        recall = await memory.recall(BANK, QUESTION)
        embedder = memory.embedder

    assert embedder == "hashing-256"
    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer[recall.hits[0].memory.id]["own"] > 0
    assert decode([*(await codes(directory)).values()], "hashing-64").counts.tolist() == [3, 3, 2, 3]
    assert [QUESTION] in tokens.asked


async def test_a_function_can_be_paired_with_tokens_too(directory: Path) -> None:
    embedder = FunctionEmbedder(lambda texts: [[1.0, 1.0, 1.0]] * len(texts), "all-alike", 3)
    async with opened(directory, embedder=embedder, tokens=WordsEmbedder(64)) as memory:
        await told(memory, *SAID)

        recall = await memory.recall(BANK, QUESTION)

    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer.keys() == {hit.memory.id for hit in recall.hits}


async def test_tokens_of_another_model_are_not_compared(directory: Path) -> None:
    async with opened(directory, tokens=WordsEmbedder(64)) as memory:
        await told(memory, *SAID)

    async with opened(directory, tokens=WordsEmbedder(32)) as memory:
        recall = await memory.recall(BANK, QUESTION)

    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer == {}


async def test_embedding_anew_makes_the_tokens_anew(directory: Path) -> None:
    async with opened(directory, tokens=WordsEmbedder(64)) as memory:
        await told(memory, *SAID)

    async with opened(directory, tokens=WordsEmbedder(32)) as memory:
        await memory.reembed(BANK)
        recall = await memory.recall(BANK, QUESTION)

    assert recall.trace.closer.keys() == {hit.memory.id for hit in recall.hits}
    assert decode([*(await codes(directory)).values()], "hashing-32").counts.tolist() == [3, 3, 2, 3]


class Wordless(WordsEmbedder):
    """One that finds no token in a question."""

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        made = await super().embed_tokens(texts, queries=queries)
        if not queries:
            return made
        none = np.empty((0, self.token_dimensions), dtype=np.float32)
        return TokenVectors(made.vectors, [none] * len(texts), [()] * len(texts))


async def test_a_question_without_tokens_is_answered_without_a_closer_look(directory: Path) -> None:
    async with opened(directory, embedder=Wordless()) as memory:
        await told(memory, *SAID)

        recall = await memory.recall(BANK, QUESTION)
        without = await memory.recall(BANK, QUESTION, budget="low")

    assert found(recall)[0] == SAID[1]
    assert recall.trace.closer == {}
    assert [hit.score for hit in recall.hits] == [hit.score for hit in without.hits]


async def test_only_the_words_of_a_question_that_say_something_count(directory: Path) -> None:
    async with opened(directory) as memory:
        await told(memory, "It was by then.", SAID[1])

        recall = await memory.recall(BANK, "Was it by the guitar?")

    assert found(recall)[0] == SAID[1]
