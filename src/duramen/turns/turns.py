"""Recall before a turn and retain after it, for adapters: bounded in time, counted, logged, and never raising."""

from __future__ import annotations

import concurrent.futures
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from typing_extensions import Unpack

from duramen.errors import BadInputError, BankResolutionError, DuramenError, StoreUnavailableError
from duramen.identity import user_of
from duramen.recall.asking import Asked, query_of
from duramen.status import Counter, Stats, Tally
from duramen.turns.conversation import Retention, keys_of, question_of
from duramen.turns.keeper import Keeper
from duramen.turns.memo import Memo
from duramen.turns.outage import Outage
from duramen.turns.source import AnyMemory, engine_of
from duramen.turns.waiting import all_done
from duramen.turns.whose import bank_in
from duramen.types import Item, Message, Recall

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine

T = TypeVar("T")

Counts = Literal["recall", "retain"]

_SUCCESSES: dict[str, Counter] = {"recall": "recalls", "retain": "retains"}
_FAILURES: dict[str, Counter] = {"recall": "recall_failures", "retain": "retain_failures"}

TIMEOUT = 5.0
"""Seconds that a turn waits for its memory, unless told otherwise."""

REST_SECONDS = 10.0
"""How long nothing is waited for after a turn waited in vain, so that it is not let wait at every step."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a turn recalled or would retain: whose it is, and where."""

    bank: str
    session: str | None = None
    actor: str | None = None


class Turns:
    """The memory of one adapter. Safe to use from any thread and event loop, with `await` and without.

    An outage costs a turn its memory, never its life: a recall that fails or takes longer than `timeout` is empty, a
    retain that fails is tried again later, both are counted and logged. Without a bank nothing is recalled or retained.
    Making one begins to load the models of the memory, which the first turn would wait for otherwise.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        name: Names the logger, `duramen.{name}`.
        timeout: Seconds that a turn waits for its memory.
        strict: Raise where no bank can be named, instead of going on without memory.
        retention: What is retained.
        asked: Options of every recall; see `MemoryEngine.recall`.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
    """

    def __init__(
        self,
        memory: AnyMemory,
        *,
        name: str,
        timeout: float = TIMEOUT,
        strict: bool = False,
        retention: Retention | None = None,
        **asked: Unpack[Asked],
    ) -> None:
        query_of("?", **asked)
        if timeout <= 0:
            raise BadInputError(f"`timeout` is {timeout!r}. Give the seconds that a turn may wait for its memory.")
        self.engine = engine_of(memory)
        self.log = logging.getLogger(f"duramen.{name}")
        self.retention = retention or Retention()
        self._asked = asked
        self._timeout = timeout
        self._strict = strict
        self._tally = Tally(self.engine.tally)
        self._memo = Memo()
        self._outage = Outage(self.log)
        self._keeper = Keeper(self.engine, self._tally, self.log, self._outage)
        self.engine.before_close(self._keeper)
        self._warm_up()

    def stats(self) -> Stats:
        """Return what this adapter did so far."""
        return self._tally.stats()

    def whose(self, sources: Callable[[], Iterable[object]]) -> str | None:
        """Return the bank that the first telling one of `sources` names (see `bank_in`); None, with a warning, if none.

        Raises:
            BankResolutionError: With `strict`, if no bank can be named.
        """
        try:
            bank = bank_in(sources())
            if bank is None:
                raise BankResolutionError(
                    "This turn does not say whose it is, so nothing is recalled or retained. Give the adapter a bank "
                    "or an identity, or pass a `user_id` with the turn. A session or thread id is not an identity."
                )
        except DuramenError as error:
            self._tally.count("refused")
            if self._strict:
                raise
            self._outage.warn("whose", "no memory for this turn: %s", error)
            return None
        except Exception as error:
            self._tally.count("refused")
            if self._strict:
                raise BankResolutionError(f"Naming the bank failed ({type(error).__name__}): {error}") from error
            self._outage.warn("whose", "no memory for this turn: naming its bank failed", error=error)
            return None
        self._outage.over("whose")
        return bank

    async def recall(self, around: Around, messages: Sequence[Message]) -> Recall | None:
        """Return what the bank knows about what the newest message of the user asks.

        Messages that are in `messages` themselves are not recalled. One and the same question is looked up once,
        however often it is asked for. None if there is no question, or no answer in time.
        """
        future = self._asked_for(around, messages)
        if future is None:
            return None
        await all_done([future], self._timeout)
        return self._answer(future)

    def recall_sync(self, around: Around, messages: Sequence[Message]) -> Recall | None:
        """Do what `recall` does, for code without `await`."""
        future = self._asked_for(around, messages)
        if future is None:
            return None
        concurrent.futures.wait([future], self._timeout)
        return self._answer(future)

    async def retain(self, around: Around, messages: Sequence[Message]) -> None:
        """Retain those of `messages` that are worth it and were not retained before.

        Returns when they are on disk, or after the time-out; they are retained all the same then, and also if the
        caller is cancelled. What cannot be retained now is tried again until the memory is closed.
        """
        future = self._begin(around, messages)
        if future is not None and not self._outage.resting:
            await all_done([future], self._timeout)
            self._told(future)

    def retain_sync(self, around: Around, messages: Sequence[Message]) -> None:
        """Do what `retain` does, for code without `await`."""
        future = self._begin(around, messages)
        if future is not None and not self._outage.resting:
            concurrent.futures.wait([future], self._timeout)
            self._told(future)

    async def attempt(
        self,
        verb: Callable[[MemoryEngine], Coroutine[Any, Any, T]],
        counts: Counts | None = "recall",
    ) -> T:
        """Return what `verb` does with the engine, for callers who are told when it fails: tools and retrievers.

        Args:
            verb: Runs on the engine's loop.
            counts: What it counts as; None is neither.

        Raises:
            BadInputError: What was asked or given makes no sense.
            DuramenError: The memory failed, or did not answer in time; counted and logged.
        """
        with self._counted(counts):
            future = self.engine.portal.submit(verb(self.engine))
            await all_done([future], self._timeout)
            return self._outcome(future)

    def attempt_sync(
        self,
        verb: Callable[[MemoryEngine], Coroutine[Any, Any, T]],
        counts: Counts | None = "recall",
    ) -> T:
        """Do what `attempt` does, for code without `await`."""
        with self._counted(counts):
            future = self.engine.portal.submit(verb(self.engine))
            concurrent.futures.wait([future], self._timeout)
            return self._outcome(future)

    def retain_later(self, around: Around, messages: Sequence[Message]) -> None:
        """Do what `retain` does without waiting for it, for code that is being cancelled."""
        self._begin(around, messages)

    async def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what was retained is on disk, for at most `seconds`; return how many messages are not."""
        future = self._submit(self._keeper.send_all())
        if future is not None:
            await all_done([future], seconds)
        return self._keeper.waiting

    def flush_sync(self, *, seconds: float | None = None) -> int:
        """Do what `flush` does, for code without `await`."""
        future = self._submit(self._keeper.send_all())
        if future is not None:
            concurrent.futures.wait([future], seconds)
        return self._keeper.waiting

    def _asked_for(
        self, around: Around, messages: Sequence[Message]
    ) -> concurrent.futures.Future[Recall | None] | None:
        asked = question_of(messages)
        if asked is None:
            return None
        if self._outage.resting:
            self._failed("recall", "memory took too long just now, so this turn goes on without it", None)
            return None
        question, turn = asked
        here = frozenset(keys_of(messages, around.session))
        return self._submit(self._recalled(around, question, turn, here))

    async def _recalled(self, around: Around, question: str, turn: str, here: frozenset[str]) -> Recall | None:
        async def ask() -> Recall | None:
            try:
                asked = self._asked.copy()
                asked["without"] = here.union(self._asked.get("without", ()))
                recall = await self.engine.recall(around.bank, question, **asked)
            except Exception as error:  # noqa: BLE001  whatever a part of the memory raises, the turn goes on
                self._failed("recall", "memory unavailable, so this turn goes on without it", error)
                return None
            self._tally.count("recalls")
            self._outage.over("recall")
            return recall

        removals = await self._removals(around.bank)
        return await self._memo.get((around.bank, around.session, turn, question), removals, ask)

    async def _removals(self, bank: str) -> tuple[int, int] | None:
        try:
            version = await self.engine.version(bank)
        except Exception as error:  # noqa: BLE001  the recall itself will say what is wrong
            self.log.debug("no version of %s: %s", bank, error)
            return None
        return None if version is None else (version.number, version.removals)

    def _answer(self, future: concurrent.futures.Future[Recall | None]) -> Recall | None:
        if not future.done():
            future.cancel()
            self._failed("recall", "memory took too long, so this turn goes on without it", None)
            self._outage.rest(REST_SECONDS)
            return None
        return None if future.cancelled() else future.result()

    @contextlib.contextmanager
    def _counted(self, counts: Counts | None) -> Iterator[None]:
        try:
            yield
        except BadInputError:
            raise
        except Exception as error:
            self._failed(counts, "memory unavailable", error)
            if isinstance(error, DuramenError):
                raise
            raise StoreUnavailableError(f"The memory failed ({type(error).__name__}): {error}") from error
        if counts is not None:
            self._tally.count(_SUCCESSES[counts])
            self._outage.over(counts)

    def _outcome(self, future: concurrent.futures.Future[T]) -> T:
        if not future.done():
            future.cancel()
            raise StoreUnavailableError(f"The memory did not answer within {self._timeout:g} seconds.")
        return future.result()

    def _begin(self, around: Around, messages: Sequence[Message]) -> concurrent.futures.Future[None] | None:
        try:
            actor = around.actor or user_of(around.bank)
            items = self.retention.items(messages, session=around.session, actor=actor)
        except Exception as error:  # noqa: BLE001  whatever the caller's own filter raises, the turn goes on
            self._failed("retain", "the turn was not retained", error)
            return None
        return self._submit(self._kept(around.bank, items)) if items else None

    async def _kept(self, bank: str, items: Sequence[Item]) -> None:
        try:
            await self._keeper.keep(bank, items)
        except Exception as error:  # noqa: BLE001  whatever a part of the memory raises, the turn goes on
            self._failed("retain", "the turn was not retained", error)

    def _told(self, future: concurrent.futures.Future[None]) -> None:
        if not future.done():
            self._outage.warn("slow", "a retain takes longer than %g s and goes on in the background", self._timeout)
            self._outage.rest(REST_SECONDS)

    def _submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T] | None:
        try:
            return self.engine.portal.submit(work)
        except (DuramenError, RuntimeError) as error:  # forked, or at the very end of the process
            self._failed("recall", "memory unavailable, so this turn goes on without it", error)
            return None

    def _failed(self, counts: Counts | None, what: str, error: BaseException | None) -> None:
        if counts is not None:
            self._tally.count(_FAILURES[counts])
        expected = error is None or isinstance(error, DuramenError | OSError)
        trouble = counts or "tool"
        self._outage.warn(trouble, "%s: %s", what, error or "no answer", error=None if expected else error)

    def _warm_up(self) -> None:
        if not self.engine.closed:
            with contextlib.suppress(DuramenError, RuntimeError):  # the first turn will say what is wrong
                self.engine.portal.submit(self.engine.warm_up())
