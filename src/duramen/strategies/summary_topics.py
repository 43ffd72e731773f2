"""The topics of a session: which turn belongs to which, and what they are called. No language model is asked.

Source:
    Hearst, TextTiling: Segmenting Text into Multi-paragraph Subtopic Passages, 1997, https://aclanthology.org/J97-1003/:
    a topic ends where the words before and after a gap have nothing in common.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from duramen.language.sentences import is_question
from duramen.language.terms import terms
from duramen.strategies.summary_names import names_of, telling
from duramen.strategies.summary_plain import LEAST, Said, names_in, of_event, worths
from duramen.types import Event

OTHER = "Other matters"
"""The topic of what begins when there is room for one topic only."""

_PAUSE = timedelta(hours=3)
_LIKE = 0.3
_RELATED = 0.1
_CLEARLY = 0.15
_NEW_TERMS = 3
_MOST_WEIGHT = 12.0

_TURNS_AWAY = re.compile(
    r"(?:\w+,? )?(?:by the way|btw|another thing|one more thing|on another note|changing (?:the )?(?:subject|topic)"
    r"|something else|different (?:question|topic)|unrelated|next (?:question|topic|thing)|moving on|switching)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"(?:and|but|so|or|then|because|also|it|its|it's|that|that's|this|those|these|they|them|he|she|his|her|which|what about"
    r"|how about|yes|yeah|no|ok|okay|sure|the (?:first|second|last|other|same) one)\b",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class Topic:
    """A topic as it grows.

    Attributes:
        memory: The id of the memory that it is kept in; None if it is new.
        said: Its sentences, oldest first.
        sources: The ids of the events that it was made from, in order.
        turns: How many turns it was made from.
        mentioned: When the last of them was said.
        grown: Whether anything was added to it.
    """

    name: str = ""
    memory: str | None = None
    said: list[Said] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    turns: int = 0
    mentioned: datetime
    grown: bool = False

    def words(self) -> set[str]:
        """Return the terms that tell what it is about, those of its name included."""
        return telling("\n".join((self.name, *(said.text for said in self.said))))

    def add(self, event: Event, said: Iterable[Said]) -> None:
        """Let it go on with the sentences of a turn that it does not have yet."""
        known = set(self.said)
        fresh = [each for each in dict.fromkeys(said) if each not in known]
        if fresh:
            self.said += fresh
            self.take(event)

    def take(self, event: Event) -> None:
        """Let it be made from a turn too."""
        self.grown = True
        self.mentioned = max(self.mentioned, event.mentioned)
        if event.id not in self.sources:
            self.sources.append(event.id)
            self.turns += 1


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn as it is compared.

    Attributes:
        said: What is worth keeping of it.
        words: The terms that tell what it is about; `names` are those of names, `following` those of the turn after it.
        asks: Whether it ends with a question, so that the next turn is the answer.
    """

    event: Event
    said: Sequence[Said]
    words: frozenset[str]
    names: frozenset[str]
    following: frozenset[str]
    asks: bool


def assign(events: Sequence[Event], history: Sequence[Event], topics: list[Topic], *, most: int) -> None:
    """Give each turn that says anything to one of `topics`, or to a new one, which is added to them and named.

    Args:
        events: By time. Those that a topic was made from already are passed over.
        history: The turns before them.
        topics: Those that there are.
        most: At most so many topics are there afterwards; if there are more already, none is added.
    """
    done = {id for topic in topics for id in topic.sources}
    current = _current(history, topics)
    turns = _turns([*history[-1:], *events])
    before = turns.pop(0) if history else None
    for turn in turns:
        if turn.said and turn.event.id not in done:
            current = _chosen(turn, before, current, topics)
            if current is None:
                current = room_for(topics, most, at=turn.event.mentioned)
                if len(topics) == most and not current.name:
                    current.name = OTHER
            current.add(turn.event, turn.said)
        before = turn
    _name(topics, {event.speaker or "" for event in (*history, *events)})


def _turns(events: Sequence[Event]) -> list[_Turn]:
    said = [of_event(event) for event in events]
    worth: list[list[float]] = []
    before: list[Said] = []
    for each in said:
        worth.append(worths([*before, *each])[len(before) :])  # "Yes, please." is worth what it answers
        before = each[-1:]
    worthy = [[one for one, much in zip(*each, strict=True) if much >= LEAST] for each in zip(said, worth, strict=True)]
    texts = ["\n".join(one.text for one in each) for each in worthy]
    words = [frozenset(telling(text)) for text in texts]
    return [
        _Turn(
            event=event,
            said=worthy[place],
            words=words[place],
            names=frozenset(term for name in names_in(texts[place]) for term in terms(name)),
            asks=bool(said[place]) and worth[place][-1] > 0 and is_question(said[place][-1].text),
            following=words[place + 1] if place + 1 < len(words) else frozenset(),
        )
        for place, event in enumerate(events)
    ]


def _current(history: Sequence[Event], topics: Sequence[Topic]) -> Topic | None:
    for event in reversed(history):
        for topic in topics:
            if event.id in topic.sources:
                return topic
    return max(topics, key=lambda topic: topic.mentioned, default=None)


def _chosen(turn: _Turn, before: _Turn | None, current: Topic | None, topics: Sequence[Topic]) -> Topic | None:
    """Return the topic that a turn belongs to, or None if it begins one."""
    likenesses = _likenesses(turn.words, turn.names, topics)
    likeness = {id(topic): much for topic, much in zip(topics, likenesses, strict=True)}
    best = max(topics, key=lambda topic: likeness[id(topic)], default=None)
    fits = best if best is not None and likeness[id(best)] >= _LIKE else None
    if current is None or (before is not None and turn.event.mentioned - before.event.mentioned > _PAUSE):
        return fits
    here = likeness[id(current)]
    if fits is not None and fits is not current and likeness[id(fits)] >= here + _CLEARLY:
        return fits
    if _TURNS_AWAY.match(turn.event.content):
        return None
    answers = turn.event.kind == "experience" or (before is not None and before.asks)
    leans = answers or len(turn.words) < _NEW_TERMS or bool(_LEANS.match(turn.said[0].text))
    (around,) = _likenesses(turn.words | turn.following, turn.names, [current])
    return current if leans or max(here, around) >= _RELATED else None


def _likenesses(words: Collection[str], names: Collection[str], topics: Sequence[Topic]) -> list[float]:
    """Tell how much of `words` is each topic's, in [0, 1]: names count twice, words of several topics less."""
    of_topics = [topic.words() for topic in topics]
    weights = {term: 2.0 if term in names else 1.0 for term in words}
    whole = max(1.0, min(sum(weights.values()), _MOST_WEIGHT))
    shared = Counter(term for each in of_topics for term in each & weights.keys())
    return [min(1.0, sum(weights[term] / shared[term] for term in each & weights.keys()) / whole) for each in of_topics]


def room_for(topics: list[Topic], most: int, *, at: datetime) -> Topic:
    """Return a topic, without a name yet, for what is about none of `topics`; if they are `most`, one of them."""
    if len(topics) >= most:
        other = next((topic for topic in topics if topic.name == OTHER), None)
        return other or max(topics, key=lambda topic: topic.mentioned)
    topics.append(Topic(mentioned=at))
    return topics[-1]


def _name(topics: Sequence[Topic], speakers: Collection[str]) -> None:
    """Give those a name that have none, each another."""
    without = {name.casefold() for name in speakers}
    without |= {each.speaker.casefold() for topic in topics for each in topic.said}
    for topic in topics:
        if not topic.name:
            taken = {other.name.casefold() for other in topics}
            names = names_of([each.text for each in topic.said], without) or ["Matter"]
            topic.name = next((name for name in names if name.casefold() not in taken), f"{names[0]} ({len(topics)})")
