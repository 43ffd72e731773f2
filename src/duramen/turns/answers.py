"""The verbs as tools for a model: what it asks for, and a sentence for whatever comes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from duramen.block import fence, render
from duramen.engine import MemoryEngine
from duramen.recall.asking import Asked
from duramen.turns.conversation import key_of
from duramen.turns.turns import Around, Counts
from duramen.types import Forgotten, Item, Recall, Reflection, Retained

T = TypeVar("T")

NOT_KNOWN_WHOSE = "There is no memory in this conversation, because it is not known whose it is. Go on without it."
NO_ANSWER = (
    "The memory does not answer just now. Go on without it, and do not say that anything was remembered, noted or "
    "forgotten."
)
NOTHING_FOUND = "Nothing is known about this."

MOST_FORGOTTEN = 20
"""Memories that one call may forget, so that one mistaken step of a model does not empty a bank."""


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One verb that a model asked for.

    Attributes:
        verb: Does it.
        say: What to tell the model about what `verb` returned.
        counts: What it counts as; see `Turns.attempt`.
    """

    verb: Callable[[MemoryEngine], Coroutine[Any, Any, T]]
    say: Callable[[T], str]
    counts: Counts | None = "recall"


def recalling(bank: str, query: str, asked: Asked, *, ids: bool, here: Collection[str] = ()) -> Request[Recall] | str:
    """Ask for what `bank` knows about `query`.

    Args:
        bank: Where to look.
        query: What to look for, in words.
        asked: Options of the recall.
        ids: Show the id of each memory, for `forgetting`.
        here: Keys of what the model has before it anyway, which is left out.
    """
    if not query.strip():
        return "Say in words what to look for, such as 'food the user does not eat'."
    options = asked.copy()
    options["without"] = frozenset(here).union(asked.get("without", ()))
    return Request(
        lambda engine: engine.recall(bank, query, **options),
        lambda recall: render(recall.hits, ids=ids) or NOTHING_FOUND,
    )


def noting(
    around: Around, text: str, call: str | None = None, metadata: Mapping[str, str] | None = None
) -> Request[Retained] | str:
    """Ask to retain `text` as a note by the agent: an experience of its own, with the metadata `noted_by`.

    Args:
        around: Whose it is, and where it was noted.
        text: The note.
        call: The id of the call by which the model did so. Done twice (a retry, a resume) it is one note.
        metadata: Text by name, kept with it.
    """
    if not text.strip():
        return "Say what to note, as a sentence that can be understood on its own."
    item = Item(
        content=[{"role": "assistant", "content": text}],
        key=None if call is None else key_of(f"note-{_digest(call, text)}", around.session),
        actor=around.actor,
        session=around.session,
        metadata={**(metadata or {}), "noted_by": "agent"},
    )
    return Request(
        lambda engine: engine.retain(around.bank, [item]),
        lambda retained: "This was noted before." if retained.repeated else "Noted.",
        "retain",
    )


def reflecting(bank: str, question: str, asked: Asked) -> Request[Reflection] | str:
    """Ask for an answer to `question` from what `bank` knows."""
    if not question.strip():
        return "Ask a question in words, such as 'What does the user like to eat, and why?'."
    return Request(
        lambda engine: engine.reflect(bank, question, **asked),
        lambda reflection: fence(reflection.text) if reflection.sources else NOTHING_FOUND,
    )


def forgetting(bank: str, memories: Sequence[str]) -> Request[list[Forgotten]] | str:
    """Ask to forget memories by their ids, and nothing else."""
    ids = list(dict.fromkeys(id.strip() for id in memories if id.strip()))
    if not ids:
        return "Give the ids of the memories to forget, as recall shows them."
    if len(ids) > MOST_FORGOTTEN:
        return f"Give at most {MOST_FORGOTTEN} ids at a time. Nothing was forgotten."

    async def forget(engine: MemoryEngine) -> list[Forgotten]:
        return [await engine.forget(bank, memory=id) for id in ids]

    return Request(forget, lambda results: _forgotten(ids, results), None)


def _forgotten(ids: Sequence[str], results: Sequence[Forgotten]) -> str:
    unknown = [id for id, result in zip(ids, results, strict=True) if not result.memories]
    known = len(ids) - len(unknown)
    told = [f"Forgot {known} {'memory' if known == 1 else 'memories'}."] if known else []
    if unknown:
        told.append(f"No memory has the id {', '.join(unknown)}. Use the ids that recall shows.")
    return " ".join(told)


def _digest(call: str, text: str) -> str:
    return hashlib.blake2b(f"{call}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
