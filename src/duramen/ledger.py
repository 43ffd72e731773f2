"""What strategies still have to do in a bank, and what they did to it: jobs, and revisions.

A *job* is one event that one strategy has to work through. A *revision* is what comes of it: a memory added, or one that
takes the place of another, contradicts it, or says it again. Both are kept in one transaction, so that every event is
worked through exactly once in effect, and every revision is known by what it came from and can be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from duramen.shelf import Change, Entry
from duramen.types import Event, Indexed, Memory, Page

JobState = Literal["pending", "done", "failed"]

Decision = Literal["add", "update", "supersede", "skip"]
"""What a candidate does to the bank.

`add`: it is new, or already over when it comes. `update`: it says better what the other memory said, and takes its place. `supersede`: the other is no
longer so, since a moment, and is kept with that. `skip`: the other says it already, and has one more event to show for it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One event that one strategy has to work through, or did.

    Attributes:
        event: The id of the event; `key` is that of its item.
        version: Of the strategy that worked it through; empty until then.
        attempts: How often it was tried.
        reason: Why it failed, or what was unusual about how it was done; else empty.
        due: When it may be worked through next; `finished` is when that was done or given up.
    """

    bank: str
    strategy: str
    event: str
    key: str
    actor: str | None = None
    session: str | None = None
    document: str | None = None
    state: JobState = "pending"
    version: str = ""
    attempts: int = 0
    reason: str = ""
    created: datetime
    due: datetime
    finished: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The right to work jobs of one strategy through until it runs out. Nobody else has one in this bank meanwhile.

    Attributes:
        events: Those of the jobs, all of one actor, session and document, by time mentioned and then as appended.
        attempt: How often the job tried most often has been leased, this time included, from 1.
        token: Proves the right.
    """

    bank: str
    strategy: str
    events: tuple[Event, ...]
    attempt: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Revision:
    """What is to be done to a bank.

    Attributes:
        made: The memory that says it. It has `strategy`, `namespace` and `sources`. With `skip` it is not kept, unless
            the other memory is gone: then it is added.
        other: The id of the memory that is updated, superseded or repeated. With `add`: of a newer one that supersedes
            the one that is made, which comes late. One that is gone counts as None.
        since: With `supersede`, and with `add` and `other`: since when the older of the two is no longer so.
        reason: Why, in a few words.
        undoable: With `update`: keep the other as it was, to be had back. A running summary does without.
    """

    decision: Decision
    made: Indexed
    other: str | None = None
    since: datetime | None = None
    reason: str = ""
    undoable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A revision that was done.

    Attributes:
        number: Names it in its bank, rising.
        memory: The id of the memory that says it now: the new one, or with `skip` the other.
        text: What the candidate said.
        other: The id of the other memory, `before` it as it was if it was replaced (with `update`) and is kept.
        undone: It was taken back.
    """

    number: int
    bank: str
    strategy: str
    version: str
    decision: Decision
    memory: str
    text: str
    other: str | None = None
    before: Memory | None = None
    reason: str = ""
    at: datetime
    undone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A revision as it is kept: what is told of it, and what it takes to undo it.

    Attributes:
        told: Its `number` is 0 until it is kept.
        since: With `supersede`: since when the other is no longer so.
        sources: The events that the candidate came from.
        added: Those of them that a repetition added to the sources of the memory.
    """

    told: Revised
    since: datetime | None = None
    sources: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def keeps_other(self) -> bool:
        """Whether the other memory was replaced, and is kept here."""
        return self.told.decision == "update" and not self.told.undone


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What a bank is given as it was elsewhere.

    Attributes:
        memories: What strategies made, each with its `sources`, in the order in which it came.
        records: What strategies did, in order; they get new numbers.
        sources: By its id, what a memory was made from that is not there any more, but that records name.
        jobs: What strategies have to do, or did, with events of the bank.
        entries: What stands on the shelf, with its times.
    """

    memories: Sequence[Indexed] = ()
    records: Sequence[Record] = ()
    sources: Mapping[str, Sequence[str]] = field(default_factory=dict)
    jobs: Sequence[Job] = ()
    entries: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """What became of memories that were put by hand: the ids of those `put` and of those `removed`."""

    put: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an assignment ended.

    Attributes:
        done: The ids of the events that were worked through; the other events of the assignment are pending again,
            `due` then.
        version: Of the strategy.
        note: What was unusual about it, such as that a model did not answer; else empty.
        embedder: The name of what made the vectors of the revisions.
    """

    done: Sequence[str]
    version: str
    embedder: str
    note: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobBacklog:
    """What strategies still have to do.

    Attributes:
        pending: Jobs waiting or leased. `waiting` are those of them that wait for a moment to come.
        failed: Jobs given up.
    """

    pending: int = 0
    waiting: int = 0
    failed: int = 0


class Ledger(Protocol):
    """The part of a store that keeps jobs and revisions. It shares its transactions with the journal.

    A memory that comes late, after what supersedes it, is added with two records: one that adds it, and one in which the
    other supersedes it, as if that had come last.

    A memory that a strategy made stands with its `sources`: when one of them is forgotten, replaced or cut, by whatever
    method, so is the memory (with the record of its revisions, and whatever was kept of what it replaced), what it
    superseded holds again, and the jobs of its other sources, by the same strategy, are pending again: what is left is
    thought over anew. When an event merely expires, what strategies made of it stays.

    A memory that was put there *by hand* rests on no event: its `event` is not among its `sources`, which are those that
    say it again. When they are forgotten it stays, and when what replaced it goes with them it is there again, without
    vectors at first. It is forgotten by what it says of itself: its actor, its session, its namespace.
    """

    async def lease_jobs(self, *, seconds: float, limit: int, bank: str | None = None) -> Assignment | None:
        """Take the pending jobs of one bank, strategy, actor, session and document for `seconds`: at most `limit`.

        Those are the jobs beside the oldest due one, in a bank and of a strategy of which nobody has an assignment,
        whose events are not pending in the journal themselves. Jobs beside it are taken whether they are due or not.
        None if nothing is due.
        """

    async def renew_assignment(self, assignment: Assignment, seconds: float) -> bool:
        """Prolong an assignment; False if it no longer holds."""

    async def release(self, assignment: Assignment, *, due: datetime) -> None:
        """End an assignment that was not worked on: its jobs are pending, due then, and this was no attempt."""

    async def fail_jobs(self, assignment: Assignment, reason: str, *, retry_at: datetime | None) -> None:
        """End an assignment that failed: its jobs are due again at `retry_at`, or given up if None."""

    async def revise(self, assignment: Assignment, revisions: Sequence[Revision], outcome: Outcome) -> bool:
        """Do `revisions`, in order, and mark the jobs of `outcome.done` done, in one transaction.

        False, and nothing is done, if the assignment no longer holds, if one of its events is gone, or if one of the
        sources of a memory was forgotten since. A memory whose id is there already is a repetition of it. Memories get
        new numbers, so that indexes notice them; so does one that is superseded.

        Raises `EmbedderMismatchError` if the bank has another embedder, and keeps nothing.
        """

    async def undo(self, bank: str, number: int, restored: Indexed | None, *, embedder: str) -> bool:
        """Take a revision back, in one transaction; False if there is none of that number, or it is undone already.

        What was added goes; what was replaced comes back, as `restored`, and what replaced it goes; what was superseded
        holds again, and what superseded it stays; what is superseded by a memory that goes holds again; of a repetition its events are taken off the other's sources. If the
        memory that a revision made was itself replaced since, that is undone first: False, with nothing done.
        """

    async def jobs(
        self,
        bank: str,
        *,
        strategy: str | None = None,
        state: JobState | None = None,
        event: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
    ) -> Page[Job]:
        """Page through jobs in the order in which they were made."""

    async def revisions(
        self, bank: str, *, memory: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[Revised]:
        """Page through revisions, oldest first: of all the bank, or those that name `memory` on either side."""

    async def made(self, bank: str, *, cursor: str | None, limit: int) -> Page[Memory]:
        """Page through what strategies made in the bank and is there, in the order in which it came."""

    async def records(self, bank: str, *, cursor: str | None = None, limit: int = 100) -> Page[Record]:
        """Page through revisions as `revisions` does, each with all that is kept of it."""

    async def sources(self, bank: str, memories: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return what memories were made from, by their ids, also of those replaced or undone; without those unknown."""

    async def adopt(self, bank: str, adopted: Adopted, *, embedder: str, shelved: Sequence[Change] = ()) -> int:
        """Keep what was made elsewhere as it was, in one transaction with the changes `shelved`; return how many memories.

        The bank is created, unless nothing but entries is given. A memory that is there, or that strategies replaced or
        undid here since, stays as it is; so does a job that is there. A record that is there already is not kept again.
        Jobs of events that are not there are left out; of those that are pending, workers are told. Entries take the
        place of what stands where they do, with their own times; those that expired are left out. So the same thing
        twice is one.

        Raises `EmbedderMismatchError` if the bank has another embedder, and `ChangedError`; then nothing was kept.
        """

    async def file(
        self,
        bank: str,
        filed: Sequence[Indexed],
        removed: Sequence[str] = (),
        *,
        embedder: str,
        shelved: Sequence[Change] = (),
        there: Sequence[Memory] = (),
    ) -> Filing:
        """Put memories at their namespaces by hand, and take made ones away, in one transaction with `shelved`.

        Of `removed`, those that are not there are passed over. The others go for good, with what they replaced; what they
        superseded holds again. Their events and jobs stay as they are, so that they are not made again. That is done
        first.

        Each of `filed` has `strategy` and `namespace`; the bank is created for it. One whose id is there takes its place
        and keeps its sources. One that names `sources` itself takes a place only: it is left out if the memory is gone, or
        does not rest on all of them any more, since something of it was forgotten. The others need an `event` of their
        own, such as their id. Of several with one id the last counts. They get new numbers, so that indexes notice them.

        Whoever revises what a strategy made while one of its memories is put or taken away begins anew.

        With `there`, memories of the bank as they were read, nothing is done unless each is still there exactly so: what
        was changed or forgotten meanwhile is neither overwritten nor brought back.

        Raises `BadInputError` for one without strategy or namespace, `EmbedderMismatchError` if the bank has another
        embedder, and `ChangedError`; then nothing was done.
        """

    async def job_backlog(self, bank: str | None = None) -> JobBacklog:
        """Count what is still to do, in one bank or in all."""

    async def next_job_due(self) -> datetime | None:
        """Return when to look for an assignment again, or None if nothing is pending that nobody has.

        Until then none is to be had, unless jobs are made, end or are made due, or the journal is done with their events
        meanwhile. Jobs that wait for the journal may be left out.
        """

    async def retry_jobs(self, bank: str | None = None, *, strategy: str | None = None) -> int:
        """Make jobs given up, or waiting after a failure, due now, their attempts counted from 0; return how many."""

    async def hurry(self, bank: str | None = None) -> int:
        """Make all pending jobs due now, whatever they wait for; return how many were not."""

    async def backfill(self, bank: str, strategy: str, *, version: str) -> int:
        """Make jobs for the events of the bank that `strategy` has not worked through in this `version`; return how many.

        Jobs that were done by another version, or failed, are pending again; those pending stay as they are. What was
        made of the events before stays until it is revised.
        """

    async def rethink(self, bank: str, strategy: str, events: Sequence[str]) -> int:
        """Take away what `strategy` made of any of `events`, and let it think those over anew; return how many memories.

        With a memory goes what it replaced and what replaced it, and the record of that, and its other sources are
        thought over anew as well; see above. What others made of the events stays.
        """

    async def unembedded(self, bank: str | None = None, *, limit: int = 100) -> Sequence[Memory]:
        """Return memories of strategies that `Journal.requeue` left without vectors."""

    async def embed_again(self, bank: str, memories: Sequence[Indexed], *, embedder: str) -> int:
        """Give memories that are `unembedded` still their vectors; return how many. They get new numbers."""

    async def expire(self, now: datetime) -> int:
        """Delete the events whose `expires` has come, with the memories of them that no strategy made; return how many.

        Events with a pending job stay until that is done. They are not marked as forgotten. What has expired on the
        shelf is deleted as well, and does not count.
        """
