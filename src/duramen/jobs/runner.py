"""One assignment, from its events to the revisions of the bank: prepare > strategy > index > consolidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from duramen.index.cache import IndexCache
from duramen.jobs.checking import checked
from duramen.jobs.consolidation import Compared, Verdict, Verdicts, consolidate
from duramen.jobs.known import KnownInBank
from duramen.jobs.revising import Revising, memory_of, named
from duramen.language.tokens import count_tokens
from duramen.language_model import LanguageModel, Models
from duramen.ledger import Assignment, Outcome, Revision
from duramen.namespaces import own_variables, resolve, variables
from duramen.protocols import Storage
from duramen.retain.pipeline import RetainPipeline
from duramen.stages import stage
from duramen.strategies.labelled import apart_by
from duramen.strategy import Made, Strategy, Work
from duramen.times import utc_now
from duramen.types import Event, Indexed, Selection

FAR = timedelta(days=36_500)
"""How long a strategy waits that only more events can wake."""


LONGEST_NOTE = 2_000

AMONG = 20
"""Events of other actors in the same session that are passed over, looking for those without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of an assignment: what to do to the bank, and how it ended."""

    revisions: Sequence[Revision]
    outcome: Outcome
    fallbacks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Lets strategies work. Changes nothing: what came of it is for `Ledger.revise`.

    Attributes:
        indexes: Those of what strategies made.
    """

    store: Storage
    indexes: IndexCache
    retain: RetainPipeline
    models: Models

    async def waits(self, strategy: Strategy, events: Sequence[Event]) -> datetime | None:
        """Return until when `events` are too few for `strategy` to begin; None if they are not."""
        trigger = strategy.trigger
        if len(events) >= trigger.messages:
            return None
        if trigger.tokens is not None and sum(count_tokens(event.content) for event in events) >= trigger.tokens:
            return None
        due = _idle_at(strategy, events)
        return None if due <= utc_now() else due

    async def run(self, strategy: Strategy, assignment: Assignment, *, finish: bool = False) -> Ran:
        """Let `strategy` work on the events of `assignment`.

        Args:
            strategy: The one that it names.
            assignment: What to work on: events that are filed alike.
            finish: Act as if nothing more came.
        """
        events = assignment.events
        apart = apart_by(strategy, events[0].metadata)
        known = KnownInBank(assignment.bank, strategy.name, self.store, self.indexes, self.retain.embedder, apart)
        work = await self._work(strategy, events, known, finish=finish)
        with stage("strategies", "work"):
            made = await (strategy(work) if strategy.unit != "event" else _one_by_one(strategy, work))
        with stage("strategies", "consolidate"):
            revisions, notes, fallbacks = await self._revisions(strategy, assignment, made, work, known)
        left = set(made.left)
        outcome = Outcome(
            done=[event.id for event in events if event.id not in left],
            version=strategy.version,
            embedder=self.retain.embedder.name,
            note="; ".join(dict.fromkeys((*made.notes, *notes)))[:LONGEST_NOTE],
            due=_again_at(strategy, events) if left else None,
        )
        return Ran(revisions=revisions, outcome=outcome, fallbacks=made.fallbacks + fallbacks)

    async def _work(self, strategy: Strategy, events: Sequence[Event], known: KnownInBank, *, finish: bool) -> Work:
        bank, first, last = known.bank, events[0], events[-1]
        values = variables(strategy.name, first.actor, first.session, _own(strategy, first))
        idle = utc_now() - max(event.stored for event in events)
        if finish:
            idle = max(idle, timedelta(seconds=(strategy.trigger.idle_seconds or 0) + 1))
        return Work(
            bank=bank,
            strategy=strategy.name,
            events=events,
            history=await self._history(strategy, bank, first),
            namespace=resolve(strategy.namespace, values),
            variables=values,
            known=known,
            model=self.models.for_bank(bank, getattr(strategy, "model", None)),
            now=last.mentioned + max(idle, timedelta(0)),  # imported conversations are as idle as they came in
            actor=first.actor,
            session=first.session,
            document=first.document,
        )

    async def _history(self, strategy: Strategy, bank: str, first: Event) -> Sequence[Event]:
        """Return the events before `first` in its session, oldest first; of those apart from it none."""
        many, apart = strategy.trigger.history, apart_by(strategy, first.metadata)
        if first.session is None or many == 0:
            return ()
        selection = Selection(session=first.session, actor=first.actor, before=first.mentioned)
        # A selection without an actor is of all; only those without one are of the same.
        most = many if first.actor is not None and not apart else many + AMONG
        page = await self.store.events(bank, selection, cursor=None, limit=most, newest=True)
        near = [
            event for event in page.items if event.actor == first.actor and apart_by(strategy, event.metadata) == apart
        ]
        return tuple(reversed(near[:many]))

    async def _revisions(
        self, strategy: Strategy, assignment: Assignment, made: Made, work: Work, known: KnownInBank
    ) -> tuple[Sequence[Revision], Sequence[str], int]:
        given = {event.id for event in (*work.history, *work.events)}
        founded = [
            checked(candidate, strategy.name, given)
            for candidate in made.candidates
            if candidate.sources and candidate.text.strip()
        ]
        lost = len(made.candidates) - len(founded)
        notes = [f"{lost} candidates without source or text"] if lost else []
        indexed = await self.retain.completed(
            [memory_of(one, strategy, assignment, one.namespace or work.namespace) for one in founded]
        )
        revising = Revising(known)
        asked = [
            (place, await revising.compared(one))
            for place, (candidate, one) in enumerate(zip(founded, indexed, strict=True))
            if strategy.merges and not candidate.settled and candidate.replaces is None
        ]
        prompt = getattr(strategy, "consolidation_prompt", None)
        decided = await _place_by_place([compared for _, compared in asked], work.model, prompt)
        verdicts = dict(zip([place for place, _ in asked], decided.verdicts, strict=True))
        for place, (candidate, one) in enumerate(zip(founded, indexed, strict=True)):
            if place in verdicts:
                revising.decide(*await self._worded(one, verdicts[place]))
            else:
                revising.replace(one, candidate.replaces)
        return revising.revisions, [*notes, *decided.notes], decided.fallbacks

    async def _worded(self, one: Indexed, verdict: Verdict) -> tuple[Indexed, Indexed, Verdict]:
        """Return a candidate twice, the second time in the words that the verdict gives it."""
        if verdict.decision != "update" or verdict.text is None or verdict.text == one.memory.text:
            return one, one, verdict
        (worded,) = await self.retain.completed([named(replace(one.memory, text=verdict.text), apart=True)])
        return one, worded, verdict


async def _place_by_place(candidates: Sequence[Compared], model: LanguageModel | None, prompt: str | None) -> Verdicts:
    """Consolidate what is filed at each place by itself: what a model merges there holds nothing of another place."""
    verdicts: dict[int, Verdict] = {}
    notes: list[str] = []
    fallbacks = 0
    for namespace in dict.fromkeys(one.made.namespace for one in candidates):
        places = [place for place, one in enumerate(candidates) if one.made.namespace == namespace]
        decided = await consolidate([candidates[place] for place in places], model, prompt=prompt)
        verdicts |= zip(places, decided.verdicts, strict=True)
        notes += decided.notes
        fallbacks += decided.fallbacks
    return Verdicts(verdicts=[verdicts[place] for place in range(len(candidates))], notes=notes, fallbacks=fallbacks)


async def _one_by_one(strategy: Strategy, work: Work) -> Made:
    """Give a strategy each of the events by itself, the earlier ones as history."""
    parts = []
    for place, event in enumerate(work.events):
        before = (*work.history, *work.events[:place])
        history = before[max(0, len(before) - strategy.trigger.history) :]
        parts.append(await strategy(replace(work, events=(event,), history=history)))
    return Made(
        candidates=[candidate for part in parts for candidate in part.candidates],
        left=[id for part in parts for id in part.left],
        notes=[note for part in parts for note in part.notes],
        fallbacks=sum(part.fallbacks for part in parts),
    )


def alike(events: Sequence[Event], strategy: Strategy) -> list[tuple[Event, ...]]:
    """Return `events` in parts: filed by the same values of the user's own variables, and not kept apart."""
    parts: dict[tuple[tuple[str, str | None], ...], list[Event]] = {}
    for event in events:
        key = (*_own(strategy, event).items(), *apart_by(strategy, event.metadata).items())
        parts.setdefault(key, []).append(event)
    return [tuple(part) for part in parts.values()]


def _own(strategy: Strategy, event: Event) -> dict[str, str]:
    """Return the values that the metadata of `event` give to the user's own variables."""
    wanted = own_variables(strategy.namespaces)
    return {name: event.metadata[name] for name in wanted if name in event.metadata}


def _idle_at(strategy: Strategy, events: Sequence[Event]) -> datetime:
    """Return when `strategy` begins if nothing more comes."""
    idle = strategy.trigger.idle_seconds
    return max(event.stored for event in events) + (FAR if idle is None else timedelta(seconds=idle))


def _again_at(strategy: Strategy, events: Sequence[Event]) -> datetime:
    """Return when `strategy` is given events again that it left, if nothing more comes before."""
    pause = timedelta(seconds=max(1.0, strategy.trigger.idle_seconds or 60.0))
    due = _idle_at(strategy, events)
    return due if due > utc_now() else utc_now() + pause
