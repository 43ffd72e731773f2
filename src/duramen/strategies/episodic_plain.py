"""Episodes without a language model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from duramen.strategies.episodic_assessing import judged
from duramen.strategies.episodic_spans import Span, spans
from duramen.strategies.episodic_turns import turns
from duramen.strategies.episodic_writing import episode
from duramen.strategy import Candidate, Work
from duramen.types import Memory


@dataclass(frozen=True, slots=True)
class Told:
    """The episodes of some work that have ended, and the ids of the events of one that has not."""

    episodes: tuple[Candidate, ...] = ()
    left: tuple[str, ...] = ()


def told(work: Work, *, idle_seconds: float | None) -> Told:
    """Find the episodes in `work.events`.

    Args:
        work: Events from the beginning of an episode, or outside of any.
        idle_seconds: After how long without an event an episode has ended; None for never.
    """
    idle = None if idle_seconds is None else timedelta(seconds=idle_seconds)
    earlier = turns(work.history[-1:])
    found = spans(turns(work.events), idle=idle, now=work.now, before=earlier[0] if earlier else None)
    ended = [span for span in found if span.ending is not None]
    going_on = [span for span in found if span.ending is None]
    return Told(
        tuple(episode(span, judged(span)) for span in ended),
        tuple(turn.event.id for span in going_on for turn in span.turns),
    )


async def known_again(work: Work, episodes: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Let episodes take the place of what was made of the same events before, as when those are worked through anew."""
    if not episodes:
        return ()
    filed = [one for one in await work.known.filed(work.namespace) if one.kind == "episode" and one.superseded is None]
    return tuple(_in_place(one, filed) for one in episodes)


def _in_place(made: Candidate, filed: list[Memory]) -> Candidate:
    for number, memory in enumerate(filed):
        shared = set(made.sources) & set(memory.sources)
        if 2 * len(shared) > min(len(made.sources), len(memory.sources)):
            return replace(made, replaces=filed.pop(number).id)
    return made


__all__ = ["Span", "Told", "known_again", "told"]
