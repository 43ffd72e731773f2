"""What a user says of an episode after silence had ended it: "works now, thanks"."""

from __future__ import annotations

from collections.abc import Sequence

from duramen.strategies.episodic_assessing import judged
from duramen.strategies.episodic_spans import Span
from duramen.strategies.episodic_turns import Turn, turns
from duramen.strategies.episodic_words import ANAPHORA
from duramen.strategies.episodic_writing import revised
from duramen.strategy import Candidate, Work

_SHORT = 60
"""Characters of a text in which "it" is what was done before."""


async def amended(work: Work) -> tuple[Candidate, ...]:
    """Bring the episode before `work.events` up to date, if they begin with a word of the user's on how it came out.

    What is filed is looked at only if there is such a word. Nothing is made where it says no more than is known.
    """
    said, before = turns(work.events[:1]), turns(work.history)
    if not said or not before or not _tells(said[0], before):
        return ()
    last = before[-1].event.id
    filed = [one for one in await work.known.filed(work.namespace) if one.kind == "episode" and last in one.sources]
    current = [one for one in filed if one.superseded is None]
    if not current:
        return ()
    own = [turn for turn in before if turn.event.id in current[-1].sources]
    how = judged(Span(own[0], [*own, said[0]], acted=True, ending="said"))
    if how.assessment in (current[-1].details.get("assessment"), "unknown"):
        return ()
    return (revised(current[-1], said[0], how),)


def _tells(turn: Turn, before: Sequence[Turn]) -> bool:
    if turn.by != "user" or turn.wants or turn.troubles or turn.waits:
        return False
    if turn.thanks or turn.feeling.solved or turn.came_off:
        return True
    # "It was lovely" may be of anything; it is of this if it is short, or has its words.
    shares = any(turn.terms & one.terms for one in before)
    pointed = len(turn.text) <= _SHORT and bool(ANAPHORA.search(turn.text))
    return bool(turn.feeling.signs) and (shares or pointed)
