"""Where episodes begin and end in a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from duramen.language.sentences import is_small_talk
from duramen.language.terms import terms
from duramen.strategies.episodic_reports import Report, outcome
from duramen.strategies.episodic_results import came_off
from duramen.strategies.episodic_turns import Turn
from duramen.strategies.episodic_words import CHAT, NOTED, REMEMBERED

LONGEST_EPISODE = 200
"""Events after which an episode is written as it stands."""

Ending = Literal["said", "given up", "another task", "idle", "too long"]


@dataclass(slots=True)
class Span:
    """An episode, or what may become one.

    Attributes:
        turns: All its turns, from what was said before the request that belongs to it.
        request: The turn that asks.
        acted: An agent has done something about it.
        stated: Nobody asked for anything: it takes the word of the user that something was solved or not.
        ending: How it ended; None while it goes on.
    """

    request: Turn
    turns: list[Turn] = field(default_factory=list)
    acted: bool = False
    stated: bool = False
    ending: Ending | None = None

    @property
    def before_last(self) -> Turn | None:
        """The last turn of the agent's, if the user has not spoken since, before the turn at hand."""
        return self.turns[-1] if self.turns and self.turns[-1].by == "agent" else None


def spans(said: Iterable[Turn], *, idle: timedelta | None, now: datetime, before: Turn | None = None) -> list[Span]:
    """Find the episodes in a conversation, those that never came to anything left out.

    Args:
        said: Turns in order, from the beginning of an episode or outside of any.
        idle: After how long without an event an episode has ended; None for never.
        before: What was said just before them; it may be what they are about.
        now: The time that `idle` is counted to.

    Returns:
        Episodes in order; only the last may be without an ending, and may be a mere request.
    """
    finder = _Finder(idle, before)
    for turn in said:
        finder.take(turn)
    if finder.open is not None and idle is not None and now - finder.open.turns[-1].event.mentioned > idle:
        finder.close("idle")
    if finder.open is not None:
        finder.found.append(finder.open)
    return finder.found


class _Finder:
    """Goes through a conversation turn by turn."""

    def __init__(self, idle: timedelta | None, before: Turn | None) -> None:
        self.idle = idle
        self.found: list[Span] = []
        self.open: Span | None = None
        self._preamble = before if before is not None and _states(before) else None

    def take(self, turn: Turn) -> None:
        if self.open is not None and len(self.open.turns) >= LONGEST_EPISODE:
            self.close("too long")
        if turn.by == "user":
            self._take_user(turn)
        elif self.open is not None:
            self.open.turns.append(turn)
            asked = bool(self.open.request.wants)
            self.open.acted |= turn.report.acts if asked else turn.report.concretely
        else:
            self._take_unasked(turn)

    def _take_unasked(self, turn: Turn) -> None:
        """Open an episode where the agent sees a task in what was merely stated: "flight to Porto on Friday"."""
        stated, self._preamble = self._preamble, None
        if stated is None or NOTED.search(turn.text) or _is_chat(stated):
            return
        done = bool(outcome(turn.report.signs))
        if done or turn.report.needs or turn.report.concretely:
            self.open = Span(stated, [stated, turn], acted=turn.report.acts, stated=not done)

    def close(self, ending: Ending) -> None:
        if self.open is not None and self.open.acted and not (self.open.stated and _is_unclear(self.open)):
            self.open.ending = ending
            self.found.append(self.open)
        self.open = None

    def _take_user(self, turn: Turn) -> None:
        if self.open is None:
            self._begin(turn)
        elif self._is_another(self.open, turn):
            ended = self.open
            if (turn.thanks or turn.feeling.good) and not turn.feeling.bad:
                ended.turns.append(turn)
            self.close("another task")
            self._begin(turn)
        else:
            self.open.acted |= _shows_help(self.open, turn)
            ending = _ending(self.open, turn)
            self.open.turns.append(turn)
            if ending is not None:
                self.close(ending)
                self._preamble = None

    def _begin(self, turn: Turn) -> None:
        if turn.wants or turn.troubles:
            before = [self._preamble] if self._preamble is not None else []
            self.open = Span(turn, [*before, turn], stated=turn.may_only_tell)
            self._preamble = None
        else:
            self._preamble = turn if _states(turn) else None

    def _is_another(self, span: Span, turn: Turn) -> bool:
        """Say whether the user turns to another task."""
        if not (turn.wants or turn.troubles) or not span.acted:
            return False
        if turn.switches:
            return True
        asked = span.before_last
        if asked is not None and asked.report.asks == "to go on":
            return False
        if asked is not None and _takes_up_the_offer(asked, turn):
            return True
        shared = len(_asked_terms(turn) & _terms(span.turns))
        fresh = not shared and not turn.points_back and len(_asked_terms(turn)) >= 2
        pleased = (turn.thanks or turn.feeling.solved or _has_what_was_done(span, turn)) and not turn.feeling.bad
        if pleased or turn.adds or self._paused(span, turn):
            return (fresh or (pleased and turn.adds)) and not turn.feeling.bad
        return fresh and len(_asked_terms(turn)) >= 4 and asked is not None and not (turn.feeling.bad or turn.refines)

    def _paused(self, span: Span, turn: Turn) -> bool:
        return self.idle is not None and turn.event.mentioned - span.turns[-1].event.mentioned > self.idle


def _is_unclear(span: Span) -> bool:
    """Say whether nobody has said of what was merely stated that it is solved, or is not, or asked further."""
    after = span.turns[span.turns.index(span.request) + 1 :]
    users = [turn for turn in after if turn.by == "user"]
    if any(turn.feeling.solved or turn.feeling.bad or turn.gives_up or turn.wants or _is_told(turn) for turn in users):
        return False
    if users and any(turn.is_glad for turn in after[after.index(users[0]) :]):
        return False
    return not any(outcome(turn.report.signs) for turn in after if turn.by != "user")


def _is_told(turn: Turn) -> bool:
    """Say whether the user tells how it came out in other words than praise or complaint."""
    return turn.feeling.settles or turn.came_off or turn.does_the_rest


def _is_by_the_way(span: Span, turn: Turn) -> bool:
    """Say whether somebody else than the one who asked only puts in a word."""
    return turn.event.speaker != span.request.event.speaker and not (turn.thanks or turn.feeling.solved)


def _shows_help(span: Span, turn: Turn) -> bool:
    """Say whether what the agent said must have helped, whatever it was: the user leaves content."""
    answered = any(one.by != "user" for one in span.turns)
    content = turn.feeling.solved and not turn.feeling.bad and (turn.leaves or turn.thanks)
    return answered and content and not (turn.wants or turn.picks or turn.waits)


def _takes_up_the_offer(asked: Turn, turn: Turn) -> bool:
    """Say whether the user names another task where the agent asked if there was one."""
    offered = asked.report.asks == "anything else"
    return offered and not turn.feeling.bad and not turn.refines and len(_asked_terms(turn)) >= 2


def _has_what_was_done(span: Span, turn: Turn) -> bool:
    """Say whether the user is content with what the agent did last, or the agent was glad of what they said of it."""
    asked = span.before_last
    if asked is None:
        return False
    if asked.is_glad:
        return True
    content = turn.feeling.good or came_off(turn.sentences)
    return outcome(asked.report.signs) == 2 and content and turn.adds and not (turn.refines or turn.wants_the_same)


def _states(turn: Turn) -> bool:
    """Say whether a turn of the user's tells something that a task may follow from, rather than ends one."""
    ends = turn.thanks or turn.leaves or turn.gives_up or turn.feeling.good
    return turn.by == "user" and not ends and not all(map(is_small_talk, turn.sentences))


def _is_chat(turn: Turn) -> bool:
    return any(CHAT.search(one) or REMEMBERED.match(one) for one in turn.sentences)


def _terms(said: Sequence[Turn]) -> set[str]:
    return {term for turn in said for term in turn.terms}


def _asked_terms(turn: Turn) -> frozenset[str]:
    return frozenset(terms(" ".join([*turn.wants, *turn.troubles])))


def _ending(span: Span, turn: Turn) -> Ending | None:
    """Say whether this turn of the user's ends the episode."""
    asked = span.before_last
    open_ = asked is not None and asked.report.asks == "to go on"
    if turn.gives_up or ((turn.goes_elsewhere or turn.does_otherwise) and not (open_ or turn.does_the_rest)):
        return "given up"
    if not span.acted:
        return "given up" if turn.leaves and not turn.wants else None
    if turn.wants or (turn.troubles and turn.feeling.bad):
        return "given up" if turn.thanks_in_vain or (turn.leaves and turn.feeling.bad) else None
    if turn.leaves:
        return "said"
    if turn.thanks_in_vain:
        return "given up"
    return "said" if _is_content(span, turn) else None


def _is_content(span: Span, turn: Turn) -> bool:
    """Say whether the user has what they wanted, by thanks or praise that is no mere leave to go on."""
    asked = span.before_last
    if turn.only_tried or _is_by_the_way(span, turn):
        return False
    if asked is not None and outcome(asked.report.signs) < 0 and asked.report.asks != "to go on":
        return (not turn.feeling.bad and not turn.picks and not turn.lets_go_on) or turn.thanks_at_last
    if turn.feeling.settles and not (turn.waits or turn.lets_go_on):
        return True
    if turn.waits or (turn.picks and not turn.thanks) or (turn.feeling.last < 0 and not turn.thanks_at_last):
        return False
    answered = None if asked is None else _answered(asked.report, turn)
    if answered is not None:
        return answered
    return turn.thanks or turn.feeling.good or (not turn.consents and all(map(is_small_talk, turn.sentences)))


def _answered(asked: Report, turn: Turn) -> bool | None:
    """Say what a reply means by what the agent asked; None if it means what it says."""
    if asked.promises:
        return turn.feeling.solved
    if asked.asks == "to go on":
        return turn.feeling.solved and not (turn.consents or asked.needs)
    if asked.asks == "anything else" and (turn.consents or turn.refuses):
        return turn.refuses or (turn.feeling.solved and not turn.agrees)
    accepted = turn.accepts and asked.asks == "nothing" and outcome(asked.signs) == 2
    return True if accepted or (asked.asks == "all right" and turn.agrees) else None
