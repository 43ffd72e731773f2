"""The questions of the demo in a process of their own: `python -m duramen.demo.asking JOB`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from duramen.conversations import Conversation, load
from duramen.demo.parts import Job, open_memory, report, run
from duramen.demo.script import Asking, askings, bank, exchanges, identity
from duramen.plain import plain
from duramen.types import Memory, Recall

HITS = 10
"""How many hits a question is given."""


@dataclass(frozen=True, slots=True)
class Line:
    """One hit, as the demo prints it.

    Attributes:
        date: The day on which it was said.
        arms: The rank that each arm gave it.
        turns: The recorded turns that it was made of.
        crossed: It is somebody else's memory.
    """

    score: float
    date: str
    speaker: str
    text: str
    arms: dict[str, int]
    turns: tuple[str, ...]
    crossed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What was recalled for the question at this place of `askings`, best first."""

    place: int
    lines: tuple[Line, ...]
    milliseconds: float


async def ask(given: Job) -> None:
    """Ask every question and tell the parent what was recalled."""
    conversations = load(given.data)
    async with open_memory(given.address, fast=given.fast) as memory:
        for place, asking in enumerate(askings(conversations, given.questions)):
            conversation = conversations[asking.conversation]
            recall = await memory.recall(
                bank(conversation), asking.text, limit=HITS, at=conversation.sessions[-1].at + timedelta(days=1)
            )
            report(asdict(_answer(place, asking, recall, conversations)))


def _answer(place: int, asking: Asking, recall: Recall, conversations: Sequence[Conversation]) -> Answer:
    own = conversations[asking.conversation]
    turns = _turns_by_request(own)
    said = [_said(conversation) for conversation in conversations]
    lines = tuple(
        Line(
            score=hit.score,
            date=f"{hit.memory.mentioned:%Y-%m-%d}",
            speaker=hit.memory.speaker or "",
            text=plain(hit.memory.text),
            arms={name: found.rank for name, found in recall.trace.arms.get(hit.memory.id, {}).items()},
            turns=turns.get((hit.memory.metadata.get("request_id", ""), hit.memory.kind == "experience"), ()),
            crossed=_crossed(hit.memory, own, said[asking.conversation], said),
        )
        for hit in recall.hits
    )
    return Answer(place, lines, sum(recall.trace.milliseconds.values()))


def _turns_by_request(conversation: Conversation) -> dict[tuple[str, bool], tuple[str, ...]]:
    """Map a request and whether the agent spoke to the ids of the recorded turns."""
    found: dict[tuple[str, bool], tuple[str, ...]] = {}
    for session in conversation.sessions:
        for exchange in exchanges(session, conversation.speakers[0]):
            found[exchange.id, False] = exchange.asked
            found[exchange.id, True] = exchange.answered
    return found


def _crossed(memory: Memory, own: Conversation, own_said: str, said: Sequence[str]) -> bool:
    """Say whether the memory is another user's, by its bank, by its label, or because only another user said it."""
    text = plain(memory.text)
    return (
        memory.bank != bank(own)
        or memory.metadata.get("user_id") != identity(own).user
        or (text not in own_said and any(text in other for other in said))
    )


def _said(conversation: Conversation) -> str:
    return " ".join(plain(turn.text) for session in conversation.sessions for turn in session.turns)


if __name__ == "__main__":
    run(ask)
