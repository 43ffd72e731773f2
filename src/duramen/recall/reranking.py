"""A reranker's opinion, blended into the scores of a recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duramen.errors import RerankerError
from duramen.protocols import Reranker
from duramen.types import Budget, Memory, Query

READ: Mapping[Budget, int] = {"low": 0, "mid": 30, "high": 100}
"""How many of the best memories a reranker reads."""

SHARE = 0.6
"""What the reranker's opinion counts; the rest is our own."""


async def reranked(
    reranker: Reranker, query: Query, scored: Sequence[tuple[str, float]], memories: Mapping[str, Memory]
) -> tuple[list[tuple[str, float]], dict[str, float], str | None]:
    """Ask a reranker about the best of `scored`, and order those anew.

    Its numbers may be on any scale: they are stretched over the range that our own scores of the same memories span,
    and the two are averaged, so that scores still mean what they mean. If they are all alike, nothing changes.

    Returns:
        All of `scored` in their new order, the reranker's own numbers by memory id, and a note if it failed: then the
        order is the old one.
    """
    read = [(id, score) for id, score in scored[: READ[query.budget]] if id in memories]
    if len(read) < 2:
        return [*scored], {}, None
    try:
        given = await reranker.rerank(query.text, [memories[id].text for id, _ in read])
        if len(given) != len(read):
            raise RerankerError(f"The reranker {reranker.name!r} gave {len(given)} scores for {len(read)} texts.")
    except RerankerError as error:
        return [*scored], {}, f"{str(error).rstrip('.')}. The order is that without it."
    opinions = dict(zip([id for id, _ in read], given, strict=True))
    least, span = min(given), max(given) - min(given)
    if not span:
        return [*scored], opinions, None
    low, high = read[-1][1], read[0][1]
    blended = {
        id: (1 - SHARE) * score + SHARE * (low + (high - low) * (opinions[id] - least) / span) for id, score in read
    }
    rest = [(id, score) for id, score in scored if id not in blended]
    order = sorted(blended.items(), key=lambda pair: -pair[1])
    return order + rest, opinions, None
