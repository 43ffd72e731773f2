"""Conversations as work for the episodic strategy, and what it knows, in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from duramen.language.terms import terms
from duramen.language_model import LanguageModel
from duramen.namespaces import EPISODES, resolve, variables
from duramen.strategy import Candidate, Made, Work
from duramen.types import Event, Memory

BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=timezone.utc)
SILENCE = "…"
_SPEAKERS = {"U": "Ada", "A": "assistant", "T": "tool"}
_TURNS = re.compile(r"\n(?=[UAT]: )")


def talk(text: str, session: str = "s1", begin: datetime = BEGIN) -> list[Event]:
    """Read `U:`, `A:` and `T:` turns as events, twenty seconds apart."""
    events: list[Event] = []
    for number, turn in enumerate(_TURNS.split(text.strip().removesuffix(f"\n{SILENCE}"))):
        by, _, said = turn.partition(": ")
        at = begin + timedelta(seconds=20 * number)
        events.append(
            Event(
                id=f"{session}-{number}",
                bank="user:ada",
                key=f"{session}-{number}",
                content=said,
                kind="fact" if by == "U" else "experience",
                speaker=_SPEAKERS[by],
                actor="ada",
                session=session,
                mentioned=at,
                stored=at,
            )
        )
    return events


class Shelf:
    """What was filed, compared by the words that two texts share."""

    def __init__(self) -> None:
        self.memories: list[Memory] = []

    async def similar(self, text: str, *, namespace: str, limit: int = 10) -> Sequence[tuple[Memory, float]]:
        wanted = set(terms(text))
        near = [(one, len(wanted & set(terms(one.text))) / (len(wanted) or 1)) for one in await self.filed(namespace)]
        return sorted(near, key=lambda pair: -pair[1])[:limit]

    async def filed(self, namespace: str, *, limit: int = 1000) -> Sequence[Memory]:
        return [one for one in self.memories if one.namespace == namespace][:limit]

    def take(self, made: Made, work: Work) -> None:
        """File what was made, each in place of what it replaces."""
        for candidate in made.candidates:
            self.memories = [one for one in self.memories if one.id != candidate.replaces]
            self.memories.append(self._memory(candidate, work))

    def of(self, kind: str) -> list[Memory]:
        return [one for one in self.memories if one.kind == kind]

    def _memory(self, made: Candidate, work: Work) -> Memory:
        return Memory(
            id=f"memory-{made.kind}-{made.sources[0]}-{len(made.sources)}-{len(made.text)}",
            bank=work.bank,
            text=made.text,
            kind=made.kind,
            event=made.sources[0],
            key=made.sources[0],
            mentioned=made.mentioned,
            occurred=made.occurred,
            stored=work.now,
            strategy=work.strategy,
            namespace=made.namespace or work.namespace,
            sources=made.sources,
            details=made.details,
        )


def work(
    said: str | Sequence[Event],
    *,
    shelf: Shelf | None = None,
    model: LanguageModel | None = None,
    history: Iterable[Event] = (),
    seconds: float | None = None,
) -> Work:
    """Return a talk as work, `seconds` after its last event: five, or an hour if it ends in silence."""
    events = talk(said) if isinstance(said, str) else list(said)
    silent = isinstance(said, str) and said.rstrip().endswith(SILENCE)
    after = seconds if seconds is not None else 3600 if silent else 5
    values = variables("episodic", "ada", events[0].session)
    return Work(
        bank="user:ada",
        strategy="episodic",
        events=events,
        history=list(history),
        namespace=resolve(EPISODES, values),
        variables=values,
        known=shelf or Shelf(),
        model=model,
        now=events[-1].mentioned + timedelta(seconds=after),
        actor="ada",
        session=events[0].session,
    )
