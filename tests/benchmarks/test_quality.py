"""The benchmark of quality on the conversation that ships with Duramen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duramen
from duramen.conversations import Conversation, load
from tests.benchmarks.quality import CATEGORIES, Tally, measure, table

SHIPPED = Path(duramen.__file__).parent / "demo" / "conversation.json"


def beginning(conversation: Conversation, *, sessions: int) -> Conversation:
    """Cut a conversation to its first sessions, and to two questions of each category that they answer."""
    kept = conversation.sessions[:sessions]
    turns = {turn.id for session in kept for turn in session.turns}
    answered = [question for question in conversation.questions if turns.issuperset(question.evidence)]
    questions = [q for category in CATEGORIES for q in [q for q in answered if q.category == category][:2]]
    return replace(conversation, sessions=kept, questions=tuple(questions))


async def test_the_shipped_conversation_is_measured_beside_bm25_and_dense_retrieval(tmp_path: Path) -> None:
    conversation = beginning(load(SHIPPED)[0], sessions=2)
    tallies = {name: Tally() for name in ("BM25", "dense", "Duramen")}

    tokens = await measure(conversation, tallies, tmp_path)

    drawn = table(tallies)
    assert tokens > 0
    assert [str(cell) for cell in drawn.columns[0].cells] == ["BM25", "dense", "Duramen"]
    assert tallies["Duramen"].mean(tuple(CATEGORIES), 10)[0] > 0.5
    assert len(tallies["BM25"].shares) == len(tallies["dense"].shares) == len(tallies["Duramen"].shares)


def test_a_tally_is_the_mean_share_of_evidence_among_the_first_hits() -> None:
    tally = Tally()

    tally.add(1, ["a", "b"], ["x", "a", "b", *"cdefg"])
    tally.add(1, ["z"], list("abcdefgz"))

    assert tally.mean((1,), 5)[0] == 0.5
    assert tally.mean((1,), 10)[0] == 1.0
