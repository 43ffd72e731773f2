"""A file in the format of LoCoMo as questions: a bank for each conversation, an item for each turn.

Source:
    Maharana et al., Evaluating Very Long-Term Conversational Memory of LLM Agents, ACL 2024.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from duramen.conversations import Conversation, load
from duramen.evaluation.cases import Case, Data, Material
from duramen.terminal import counted
from duramen.types import Item

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open", 4: "single-hop", 5: "adversarial"}
WRONG_BANK = "wrong bank"
"""The category of questions about one conversation that are asked to the bank of another."""

UNANSWERABLE = 5


def locomo(file: Path) -> Data:
    """Read a file in the LoCoMo format.

    Raises:
        BadInputError: The file cannot be read or has another shape.
    """
    return of(load(file))


def of(conversations: Sequence[Conversation]) -> Data:
    """Turn conversations into questions with the turns that are their evidence.

    When all are retained, every question is also asked to the bank of the next conversation, which cannot answer it.
    Questions of category 5 ask one speaker about what the other said: they cannot be answered either, and their
    evidence is what misleads.
    """
    repaired, dropped = sum(one.repaired for one in conversations), sum(one.dropped for one in conversations)
    notes = []
    if dropped:
        notes.append(
            f"{counted(dropped, 'question was', 'questions were')} left out: their evidence is empty or names no turn."
        )
    if repaired:
        notes.append(f"{counted(repaired, 'question has', 'questions have')} evidence that had to be mended.")
    materials = [Material(bank=one.name, items=items(one), cases=_cases(one)) for one in conversations]
    return Data(
        format="locomo",
        materials=[*materials, Material(cases=_strangers(conversations))],
        asked={"limit": 20, "max_tokens": 100_000},
        notes=tuple(notes),
    )


def items(conversation: Conversation) -> list[Item]:
    """Return what is retained of a conversation: a turn an item, its key the turn's id."""
    return [
        Item(content=turn.text, key=turn.id, occurred=turn.at, actor=turn.speaker, session=str(session.number))
        for session in conversation.sessions
        for turn in session.turns
    ]


def _cases(conversation: Conversation) -> list[Case]:
    return [
        Case(
            question=question.text,
            bank=conversation.name,
            keys=question.evidence,
            category=CATEGORIES.get(question.category, f"category {question.category}"),
            at=conversation.sessions[-1].at,
            nothing=question.category == UNANSWERABLE,
            answer=question.answer,
        )
        for question in sorted(conversation.questions, key=lambda one: one.category)
    ]


def _strangers(conversations: Sequence[Conversation]) -> list[Case]:
    others = [*conversations[1:], *conversations[:1]] if len(conversations) > 1 else []
    return [
        Case(
            question=question.text,
            bank=other.name,
            category=WRONG_BANK,
            at=other.sessions[-1].at,
            nothing=True,
        )
        for asked, other in zip(conversations, others, strict=False)
        for question in asked.questions
    ]
