"""How an episode came out: by what the user said last, else by what the agent and its tools report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from duramen.strategies.episodic_feeling import Feeling
from duramen.strategies.episodic_reports import outcome
from duramen.strategies.episodic_spans import Span
from duramen.strategies.episodic_turns import Turn

Assessment = Literal["success", "failure", "partial", "unknown"]

SHORT = 200
"""Characters of a quotation."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How it came out, and why that is thought: a sentence that quotes what shows it."""

    assessment: Assessment
    justification: str


def judged(span: Span) -> Judged:
    """Assess an episode that has ended.

    What the user says of it counts before what the agent says, and the later before the earlier. Mere thanks do not
    turn a failure that was reported into a success.
    """
    at, said = _last_word(span)
    last = span.turns[-1]
    if last.by == "user" and _has_a_part(span, last):
        return Judged("partial", f"The user said: “{quoted(last.text).rstrip('.')}”.")
    if said is not None and at == len(span.turns) - 1:
        found = _by_user(span, last, said)
        if found is not None:
            return found
    if span.ending == "given up" and last.by == "user":
        if not last.gives_up and outcome(_reports(span, _last_user_but(span))) == 1:
            return Judged("partial", _because(span, "did a part of it"))
        return Judged("failure", f"The user gave up: “{quoted(last.text).rstrip('.')}”.")
    return _by_reports(span, at, said)


def quoted(text: str, limit: int = SHORT) -> str:
    """Return a text on one line, cut between words at `limit` characters."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return flat
    cut = flat[:limit].rpartition(" ")[0] or flat[:limit]
    return f"{cut.rstrip(',;:-')} …"


def _last_word(span: Span) -> tuple[int, Feeling | None]:
    """Find the last turn in which the user says how it is, after something was done."""
    begun = False
    found: tuple[int, Feeling | None] = (-1, None)
    for at, turn in enumerate(span.turns):
        if turn.by != "user":
            begun = begun or turn.report.acts
        elif begun:
            feeling = _feeling(span, at)
            if feeling.signs:
                found = (at, feeling)
    return found


def _feeling(span: Span, at: int) -> Feeling:
    turn, before = span.turns[at], span.turns[at - 1]
    said = turn.feeling
    if not said.signs and (turn.came_off or _is_good_news(span, at)):
        return Feeling((2,), said.hedged)
    if not said.signs and turn.resigned:
        return Feeling((-1,))
    if not said.signs and before.by == "agent" and before.report.asks == "all right":
        if turn.agrees:
            return Feeling((2,), said.hedged)
        if turn.refuses:
            return Feeling((-1,))
    return said


def _is_good_news(span: Span, at: int) -> bool:
    """Say whether the agent was glad of what the user stated."""
    turn, after = span.turns[at], span.turns[at + 1 : at + 2]
    return not (turn.wants or turn.troubles or turn.waits) and bool(after) and after[0].is_glad


def _has_a_part(span: Span, last: Turn) -> bool:
    """Say whether the user takes a part for the whole, or sees to the rest of it."""
    if span.ending == "given up":
        return False
    if last.takes_a_part and outcome(_reports(span, -1)) != 2 and any(sign < 0 for sign in _reports(span, -1)):
        return True
    return last.feeling.settles or last.does_the_rest


def _by_user(span: Span, last: Turn, said: Feeling) -> Judged | None:
    quote = f"The user said: “{quoted(last.text).rstrip('.')}”."
    if said.good and not said.solved and said.last < 0 and not said.hedged:
        return Judged("failure", quote)
    if said.good and (said.bad or said.hedged):
        whole = said.bad and said.last > 0 and not said.hedged
        return Judged("success" if whole else "partial", quote)
    if said.bad:
        return Judged("failure", quote)
    if said.solved:
        return Judged("success", quote)
    if span.ending == "given up":
        return None
    # Praise alone is politeness where the agent had to say that it could not.
    reported = outcome(_reports(span, _last_user_but(span)))
    if reported < 0:
        return None
    return Judged("partial" if reported == 1 else "success", quote)


def _by_reports(span: Span, at: int, said: Feeling | None) -> Judged:
    last = span.turns[-1]
    signs = _reports(span, at)
    reported = outcome(signs)
    if reported < 0:
        return Judged("failure", _because(span, "could not do it"))
    if reported == 1:
        return Judged("partial", _because(span, "did a part of it"))
    if not signs and at >= 0 and said is not None and said.last < 0 and not _acted_after(span, at):
        return Judged("failure", f"The last that the user said of it: “{quoted(span.turns[at].text).rstrip('.')}”.")
    if last.by == "user" and (last.thanks or last.leaves):
        return Judged("success", f"The user said: “{quoted(last.text).rstrip('.')}”.")
    if reported == 2:
        return Judged("success", _because(span, "reported success"))
    if at >= 0 and said is not None and said.last > 0 and not _acted_after(span, at):
        return Judged("success", f"The user said: “{quoted(span.turns[at].text).rstrip('.')}”.")
    return Judged("unknown", "Nobody said how it came out.")


def _reports(span: Span, after: int) -> tuple[int, ...]:
    return tuple(sign for turn in span.turns[after + 1 :] if turn.by != "user" for sign in _signs(span, turn))


def _signs(span: Span, turn: Turn) -> tuple[int, ...]:
    """What a turn reports of the work, and not of what the work is about: errors that were to be counted, a text to be written."""
    signs = turn.report.signs
    if span.request.asks_of_failures:
        return tuple(sign for sign in signs if sign != -1)
    if span.request.asks_for_a_text and turn.is_a_text:
        return tuple(sign for sign in signs if sign >= 0)
    return signs


def _last_user_but(span: Span) -> int:
    """The last turn of the user's before the one that ends the episode and the work done for it."""
    places = [at for at, turn in enumerate(span.turns[:-1]) if turn.by == "user"]
    return places[-1] if places else -1


def _acted_after(span: Span, at: int) -> bool:
    return any(turn.by != "user" and turn.report.acts for turn in span.turns[at + 1 :])


def _because(span: Span, what: str) -> str:
    telling = [turn for turn in span.turns if turn.by != "user" and turn.report.gist and turn.report.signs]
    who = "A tool" if telling and telling[-1].by == "tool" else "The agent"
    return f"{who} {what}: “{quoted(telling[-1].report.gist).rstrip('.')}”." if telling else f"{who} {what}."
