"""From an answer to the content of a mental model: whole, or as a change of what it says already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from duramen.language.tokens import count_tokens
from duramen.mental_models.model import Sentence, Source, source_ids
from duramen.naming import digest
from duramen.types import Reflection


@dataclass(frozen=True, slots=True)
class Content:
    """What a mental model is to say; `fallback` is why it was worked out in full, if it was not to be."""

    sentences: tuple[Sentence, ...]
    mode: str
    fallback: str = ""
    left_out: int = 0


def sentences_of(reflection: Reflection) -> tuple[Sentence, ...]:
    """Return the statements of an answer, each with the memories that it rests on."""
    return tuple(
        Sentence(
            " ".join(one.text.split()),
            tuple(
                source_of(reflection.sources[place - 1].memory.id, reflection.sources[place - 1].memory.text)
                for place in one.sources
            ),
        )
        for one in reflection.statements
    )


def source_of(id: str, text: str) -> Source:
    """Return what tells whether a memory is still there and says the same."""
    return Source(id, digest(text)[:16])


def full(answer: Sequence[Sentence], max_tokens: int, fallback: str = "") -> Content:
    """Return as much of an answer as there is room for: what does not fit is passed over."""
    chosen: list[Sentence] = []
    room = max_tokens
    for one in answer:
        cost = count_tokens(one.text) + 1
        if cost <= room:
            chosen.append(one)
            room -= cost
    return Content(tuple(chosen), "full", fallback, len(answer) - len(chosen))


def delta(before: Sequence[Sentence], answer: Sequence[Sentence], *, over: Collection[str], max_tokens: int) -> Content:
    """Return `before` as it is, without what is no longer so, and with what an answer adds.

    A sentence of the answer adds something if it rests on a memory that no sentence before it rests on.

    Args:
        before: What the model says now.
        answer: What it would say if it were worked out anew.
        over: The ids of memories that are gone, say something else now, or are no longer so.
        max_tokens: When there is no room for both, the answer alone is the content.
    """
    kept = [one for one in before if not any(source.id in over for source in one.sources)]
    known = set(source_ids(kept))
    added = [one for one in answer if not known.issuperset(source.id for source in one.sources)]
    both = full([*kept, *added], max_tokens)
    if both.left_out:
        return full(answer, max_tokens, "there is no room for what is new beside what is there")
    return Content(both.sentences, "delta")
