"""Cutting what was ranked to the budget of the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from duramen.block import frame_tokens, line_tokens
from duramen.types import Hit, Memory, Query

Dropped = Literal["limit", "max_tokens", "min_score", "without", "repeats"]
"""Why a memory that was ranked is not a hit."""

_QUESTION_MARKS = ("?", "\uff1f", "\u061f", "\u037e")


def fit(
    scored: Sequence[tuple[str, float]], memories: Mapping[str, Memory], query: Query
) -> tuple[list[Hit], int, dict[str, Dropped]]:
    """Take memories, best first, while they fit; one that is too long is passed over, not an end.

    Args:
        scored: Ids of memories with their scores, best first.
        memories: Those of them that are still there, by id.
        query: What limits them.

    Returns:
        The hits, the tokens that their block takes, and by memory id why others were dropped (see `Trace.dropped`).
    """
    hits: list[Hit] = []
    tokens = frame_tokens()
    dropped: dict[str, Dropped] = {}
    asked = {_question(query.text)}
    for id, score in scored:
        memory = memories.get(id)
        if score <= 0.0 or score < query.min_score:
            reason: Dropped = "min_score"
        elif len(hits) == query.limit:
            reason = "limit"
        elif memory is None:
            continue
        elif memory.key in query.without:
            reason = "without"
        elif memory.text.strip() in asked:
            reason = "repeats"
        elif tokens + (cost := line_tokens(memory)) > query.max_tokens:
            reason = "max_tokens"
        else:
            hits.append(Hit(memory, score))
            tokens += cost
            asked.add(_question(memory.text))
            continue
        dropped[id] = reason
    return hits, tokens if hits else 0, dropped


def _question(text: str) -> str | None:
    """Return `text` if it asks. A question does not answer itself, and says nothing more the second time."""
    text = text.strip()
    return text if text.endswith(_QUESTION_MARKS) else None
