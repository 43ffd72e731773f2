"""Conversations for the tests of summaries, and a session in which a strategy works as a worker lets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from duramen.language_model import LanguageModel
from duramen.strategy import Candidate, Made, Strategy, Work
from duramen.types import Event, Memory

MONDAY = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
NAMESPACE = "/strategies/summary/actors/ada/sessions/monday/"

TRIP = [
    ("user", "Hi there! How are you today?"),
    ("assistant", "Hello! I'm doing well, thanks for asking. How can I help you?"),
    ("user", "I want to fly to Porto next Friday. Can you find a flight in the morning?"),
    ("assistant", "I found two flights to Porto:\n- TAP 1023 at 07:45 for 89 euros\n- Ryanair at 09:10 for 49 euros"),
    ("user", "Great, let's take the TAP one."),
    ("assistant", "Done, I booked TAP 1023 for you. Is there anything else?"),
]
GUITAR = [
    ("user", "By the way, my daughter starts guitar lessons tomorrow. We need a small guitar."),
    ("assistant", "How exciting! A 3/4 size guitar suits most children between 8 and 11."),
    ("user", "She is nine, so that guitar fits. Thanks so much!"),
    ("assistant", "You're welcome!"),
]
HOTEL = [
    ("user", "Back to the flight to Porto: does TAP 1023 include luggage?"),
    ("assistant", "TAP 1023 to Porto includes one bag of 23 kg."),
]


def turns(said: Sequence[tuple[str, str]], *, first: int = 0, at: datetime = MONDAY) -> list[Event]:
    """Return what was said as events, a minute apart, numbered from `first`."""
    return [
        Event(
            id=f"e{number}",
            bank="user:ada",
            key=f"k{number}",
            content=content,
            kind="experience" if speaker == "assistant" else "fact",
            actor="ada",
            session="monday",
            speaker=speaker,
            mentioned=at + timedelta(minutes=number),
            stored=at,
        )
        for number, (speaker, content) in enumerate(said, start=first)
    ]


@dataclass
class Filed:
    """A bank in a list: what a strategy looks up, and where its candidates are filed."""

    memories: list[Memory] = field(default_factory=list)
    numbers: int = 0

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        return []

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        return [memory for memory in self.memories if memory.namespace == namespace][:limit]

    def file(self, candidate: Candidate, namespace: str) -> None:
        self.numbers += 1
        self.memories = [memory for memory in self.memories if memory.id != candidate.replaces]
        self.memories.append(
            Memory(
                id=f"m{self.numbers}",
                bank="user:ada",
                text=candidate.text,
                kind=candidate.kind,
                event=candidate.sources[0],
                key=f"summary:{self.numbers}",
                mentioned=candidate.mentioned,
                stored=MONDAY,
                strategy="summary",
                namespace=namespace,
                sources=candidate.sources,
                details=candidate.details,
            )
        )

    @property
    def topics(self) -> dict[str, str]:
        return {memory.details["topic"]: memory.details["summary"] for memory in self.memories}


def work(
    events: Sequence[Event],
    known: Filed | None = None,
    *,
    history: Sequence[Event] = (),
    model: LanguageModel | None = None,
) -> Work:
    """Return the work of a session of Ada's."""
    return Work(
        bank="user:ada",
        strategy="summary",
        events=events,
        history=history,
        namespace=NAMESPACE,
        variables={},
        known=known or Filed(),
        model=model,
        now=events[-1].mentioned,
        actor="ada",
        session="monday",
    )


async def follow(
    strategy: Strategy, events: Sequence[Event], *, known: Filed | None = None, at_once: int = 4
) -> tuple[Filed, list[Made]]:
    """Give a strategy the events so many at once, and file what it makes."""
    known = known or Filed()
    made = []
    for place in range(0, len(events), at_once):
        before = events[max(0, place - strategy.trigger.history) : place]
        made.append(await strategy(work(events[place : place + at_once], known, history=before)))
        for candidate in made[-1].candidates:
            known.file(candidate, NAMESPACE)
    return known, made


def later(events: Sequence[Event], hours: float) -> list[Event]:
    """Return events so many hours later."""
    return [replace(event, mentioned=event.mentioned + timedelta(hours=hours)) for event in events]
