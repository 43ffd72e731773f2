"""Which store a bank is kept in changes nothing of what is recalled: the same hits, in one order, with one score.

With the default model, on the first sessions of a conversation that ships with Duramen, and, where `DURAMEN_DATA` names
the folder with it, of the first of `locomo/dev.json`: about 50 turns and 12 questions each.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import duramen
from duramen import CapitalsEntityFinder, MemoryEngine, MiniLMEmbedder
from duramen.conversations import Conversation, load
from duramen.evaluation import Case
from duramen.evaluation.locomo import items, of
from duramen.protocols import TokenVectors
from duramen.types import Budget, Item

SHIPPED = Path(duramen.__file__).parent / "demo" / "conversation.json"
TURNS, QUESTIONS = 48, 12
"""Of a conversation, at least and at most."""

CLOSE = 1e-6


class Remembering:
    """An embedder that embeds each text once: in another batch, the int8 model gives it another vector."""

    def __init__(self) -> None:
        self._model = MiniLMEmbedder()
        self.name, self.dimensions = self._model.name, self._model.dimensions
        self.token_dimensions = self._model.token_dimensions
        self._known: dict[str, tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Sequence[str]]] = {}

    async def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return (await self.embed_tokens(texts)).vectors

    async def embed_tokens(self, texts: Sequence[str], *, queries: bool = False) -> TokenVectors:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        made = await self._model.embed_tokens(new)
        self._known.update(zip(new, zip(made.vectors, made.tokens, made.words, strict=True), strict=True))
        found = [self._known[text] for text in texts]
        vectors = np.array([vector for vector, _, _ in found], dtype=np.float32).reshape(-1, self.dimensions)
        return TokenVectors(vectors, [tokens for _, tokens, _ in found], [words for _, _, words in found])

    async def aclose(self) -> None:
        await self._model.aclose()


def beginning(conversation: Conversation) -> Conversation:
    """Cut a conversation to its first sessions, and to questions that those answer, of all categories."""
    sessions, turns = [], 0
    for session in conversation.sessions:
        if turns < TURNS:
            sessions.append(session)
            turns += len(session.turns)
    there = {turn.id for session in sessions for turn in session.turns}
    answered = [question for question in conversation.questions if there.issuperset(question.evidence)]
    step = max(1, len(answered) // QUESTIONS)
    return replace(conversation, sessions=tuple(sessions), questions=tuple(answered[::step][:QUESTIONS]))


def conversations(source: str) -> list[Conversation]:
    if source == "shipped":
        return [beginning(load(SHIPPED)[0])]
    path = Path(os.environ.get("DURAMEN_DATA", "nowhere")) / "locomo" / "dev.json"
    if not path.exists():
        pytest.skip("DURAMEN_DATA names no folder with locomo/dev.json")
    return [beginning(one) for one in load(path)[:1]]


@pytest.fixture
async def memories(database: str, tmp_path: Path) -> AsyncIterator[tuple[MemoryEngine, MemoryEngine]]:
    """The same engine over SQLite and over PostgreSQL."""
    embedder = Remembering()
    async with AsyncExitStack() as stack:
        yield tuple(  # type: ignore[misc]  # of two
            [
                await stack.enter_async_context(
                    duramen.open(address, embedder=embedder, entities=CapitalsEntityFinder(), catch_up_seconds=60)
                )
                for address in (tmp_path / "memory", database)
            ]
        )


async def hits(memory: MemoryEngine, case: Case, budget: Budget) -> list[tuple[str, float]]:
    assert case.bank is not None
    found = await memory.recall(case.bank, case.question, at=case.at, budget=budget, limit=20, max_tokens=100_000)
    assert found.pending == 0
    return [(hit.memory.id, hit.score) for hit in found.hits]


async def assert_alike(memories: Sequence[MemoryEngine], cases: Sequence[Case], budget: Budget) -> None:
    some = 0
    for case in cases:
        sqlite, postgres = [await hits(memory, case, budget) for memory in memories]
        some += len(sqlite)
        assert [id for id, _ in postgres] == [id for id, _ in sqlite], case.question
        assert [score for _, score in postgres] == pytest.approx([score for _, score in sqlite], abs=CLOSE)
    assert some > 10 * len(cases)


@pytest.mark.parametrize("source", ["shipped", "locomo"])
async def test_what_is_recalled_is_the_same(source: str, memories: tuple[MemoryEngine, MemoryEngine]) -> None:
    told = conversations(source)
    cases = [case for material in list(of(told).materials)[: len(told)] for case in material.cases]
    for memory in memories:
        for conversation in told:
            await memory.retain(conversation.name, items(conversation))
        await memory.wait_idle()

    await assert_alike(memories, cases, "mid")

    for memory in memories:  # the same of banks that were changed, whose indexes follow
        for conversation in told:
            turns = items(conversation)
            await memory.forget(conversation.name, key=turns[3].key)
            await memory.forget(conversation.name, session="2")
            await memory.retain(conversation.name, [*corrected(turns[5:8]), *turns[3:4]])
        await memory.wait_idle()

    await assert_alike(memories, cases, "low")
    await assert_alike(memories, cases, "high")


def corrected(turns: Sequence[Item]) -> list[Item]:
    """Return the same items, which say more."""
    return [replace(turn, content=f"{turn.content} I went to Lyon with Grace.") for turn in turns]
