"""Memory around the turns of an AgentCore Runtime agent: recall, let the agent answer, retain."""

from __future__ import annotations

import inspect
import logging
import os
import threading
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from duramen.errors import DuramenError, StoreUnavailableError
from duramen.status import Counter, Stats, Tally
from duramen.turns.keeper import Keeper
from duramen.turns.outage import Outage
from duramen.turns.waiting import all_done, within
from duramen.types import Item, Message
from duramen_agentcore.agents import Agent, call_agent
from duramen_agentcore.background import Background, Retain
from duramen_agentcore.banks import BankResolver, default_bank_resolver, resolve_bank
from duramen_agentcore.config import current_config, is_text
from duramen_agentcore.context import TurnContext
from duramen_agentcore.exchange import Exchange, messages
from duramen_agentcore.policies import RecallPolicy, RetentionPolicy
from duramen_agentcore.runtime import App, Tasks, drain_at_shutdown
from duramen_agentcore.source import AnyMemory, Source
from duramen_agentcore.streams import Stream
from duramen_agentcore.texts import reflection_block, spoken

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine

log = logging.getLogger("duramen.agentcore")

DRAIN_SECONDS = 10.0
"""How long closing waits for retains that are under way."""

CLOSE_SECONDS = 5.0
"""How long closing waits beyond that for the memory itself."""

SETTLE_SECONDS = 60.0
"""How long a retain counts as under way when it is on disk and does not become searchable."""


class RuntimeAdapter:
    """Recalls before a turn and retains after it, for an agent on AgentCore Runtime or anywhere else.

    Memory never breaks a turn: an outage is a warning and an empty text. It never guesses either: without a bank that
    is surely the user's nothing is recalled or retained. One adapter serves any number of users, loops and threads.

    Args:
        agent_name: The agent of turns that name none.
        memory: What `duramen.open` or `duramen.open_sync` gave, which stays the caller's to close; or an address.
        url: An address, when `memory` is not given; else as configured (see `configure`).
        hindsight_api_url: Another name for `url`, which goes before it.
        api_key: For a memory behind a server.
        bank_resolver: Names the bank of a turn; `default_bank_resolver` unless given.
        recall_policy: How to recall; as configured unless given.
        retention_policy: What to retain.
        require_tenant: Whether turns without a tenant are refused.
        verbose: Whether operations are logged, at INFO; as configured unless given.

    Raises:
        BadInputError: An argument makes no sense. An address that cannot be opened is an error in the log instead.
    """

    def __init__(  # noqa: PLR0913  the options of the adapter, by name
        self,
        agent_name: str | None = None,
        *,
        memory: AnyMemory | None = None,
        url: str | os.PathLike[str] | None = None,
        hindsight_api_url: str | None = None,
        api_key: str | None = None,
        bank_resolver: BankResolver | None = None,
        recall_policy: RecallPolicy | None = None,
        retention_policy: RetentionPolicy | None = None,
        require_tenant: bool = False,
        verbose: bool | None = None,
    ) -> None:
        config = current_config()
        address = next((one for one in (url, hindsight_api_url) if one is not None), config.url)
        self._config = replace(
            config,
            url=os.fspath(address),
            api_key=api_key or config.api_key,
            verbose=config.verbose if verbose is None else verbose,
        )
        self._agent_name = agent_name
        self._source = Source(self._config.url if memory is None else memory, self._config.server_options())
        self._resolver: BankResolver = bank_resolver or default_bank_resolver
        self._recalling = recall_policy or RecallPolicy()
        self._retaining = retention_policy or RetentionPolicy()
        self._require_tenant = require_tenant
        self._background = Background()
        self._apps: list[Tasks] = []
        self._streams: set[Stream] = set()
        self._held: tuple[MemoryEngine, Keeper] | None = None
        self._tally = Tally()
        self._lock = threading.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def before_turn(self, context: TurnContext, *, query: object) -> str:
        """Return what the user's bank knows about `query`, ready for a prompt.

        A turn that was retained just before, by this adapter, is found already.

        Returns:
            The block of `Recall.text`, or with mode "reflect" an answer with its sources. "" when nothing is known,
            when `query` is blank, when no bank can be named, and when the memory does not answer within the time-out.
        """
        return await self._look_up(context, query)

    async def after_turn(self, context: TurnContext, *, result: object, query: object = None) -> None:
        """Retain what the user asked and what the agent answered; nothing if `result` is blank.

        With a request id in `context`, a later context with the same one replaces what this one retained. Calls with
        different words on one and the same context are steps of one request, such as the start and the end of a long
        job, and are all kept. Never raises: what cannot be retained is a warning.
        """
        await self._retain(context, Exchange(query=query, result=result))

    async def run_turn(
        self,
        context: TurnContext,
        payload: Any,
        *,
        agent_callable: Agent,
        query_key: str = "prompt",
        result_key: str = "output",
    ) -> Any:
        """Recall, call the agent with the payload and the recalled text, and retain what was said.

        Args:
            context: Whose turn it is.
            payload: Handed to the agent; the user's words are at `query_key`, or it is those words.
            agent_callable: Async, plain (then run in a thread) or a generator of either sort. Takes the payload and
                the recalled text, as its second argument or as `memory_context`, or the payload alone.
            query_key: See `payload`.
            result_key: Where the answer is in what the agent returns or yields. Text is an answer itself; of anything
                else that has no such key, the whole is retained as text or JSON.

        Returns:
            What the agent returned, untouched. For a generator: an async generator of the same chunks, which retains
            the turn at its end, or what was said up to then when it is left before its end.

        What the agent raises is raised unchanged, and nothing is retained of that turn: it will be tried again.
        """
        context = self._named(context)
        memory_context = await self._look_up(context, payload, query_key)
        result: Any = await call_agent(agent_callable, payload, memory_context)
        exchange = Exchange(
            query=payload, query_key=query_key, result=result, result_key=result_key, key=context.turn_key()
        )
        streams = inspect.isasyncgen(result)
        if streams:
            return self._streamed(context, exchange, result)
        await self._retain(context, exchange)
        return result

    def bind(self, app: App, *, drain_seconds: float = DRAIN_SECONDS) -> App:
        """Tie this adapter to the life of a `BedrockAgentCoreApp`, and return the app.

        The memory is opened when the app starts. While a retain is not searchable yet `/ping` answers HealthyBusy, so
        that the Runtime keeps the session alive. When the app shuts down, retains under way are waited for, for at
        most `drain_seconds`.

        Raises:
            BadInputError: `app` is no such app.
        """
        if not any(app is known for known in self._apps):
            drain_at_shutdown(app, self._source.prepare, partial(self.aclose, drain_seconds=drain_seconds))
            self._apps.append(app)
        return app

    async def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what this adapter retained is searchable, for at most `seconds`; return how many turns are not.

        What an outage kept from the disk is tried again.
        """
        left = await self._background.drain(seconds)
        if self._held is None:
            return left
        engine, keeper = self._held
        if keeper.waiting and not engine.closed:
            await all_done([engine.portal.submit(keeper.send_all())], seconds)
        return left + keeper.waiting

    async def aclose(self, *, drain_seconds: float = DRAIN_SECONDS) -> None:
        """Wait for retains under way, for at most `drain_seconds`, and close the memory if this adapter opened it.

        The adapter can be used again, and then opens its memory anew. Never raises: the end of a process is no time
        for that, and what is on disk is safe.
        """
        deadline = time.monotonic() + drain_seconds
        with self._lock:
            unfinished = list(self._streams)
        for stream in unfinished:
            await stream.keep_so_far()
        left = await self.flush(seconds=max(0.0, deadline - time.monotonic()))
        if left:
            log.warning("%d retained turns are not searchable yet; those on disk become so at the next start", left)
        try:
            closing = self._source.aclose(drain_seconds=max(0.0, deadline - time.monotonic()))
            await within(drain_seconds + CLOSE_SECONDS, closing)
        except (DuramenError, OSError) as error:
            _warn("the memory could not be closed; what is on disk is safe", error)

    def stats(self) -> Stats:
        """Return what was done so far."""
        return self._tally.stats()

    async def _look_up(self, context: TurnContext, query: object, key: str | None = None) -> str:
        deadline = time.monotonic() + self._config.timeout
        try:
            question = spoken(query, key)
            if not question.strip():
                return ""
            bank = await self._bank(context)
            if bank is None:
                return ""
            text = await within(max(0.0, deadline - time.monotonic()), self._found(bank, question, context))
        except Exception as error:  # noqa: BLE001  whatever a part of the memory raises, the user's turn goes on
            self._count("recall_failures")
            _warn("memory unavailable, so this turn goes on without it", error)
            return ""
        self._count("recalls")
        return text

    async def _found(self, bank: str, question: str, context: TurnContext) -> str:
        started = time.monotonic()
        await self._background.acknowledged(bank)
        engine = await self._source.engine()
        self._tally.parent = engine.tally
        asked = self._recalling.asked(self._config, context)
        if self._recalling.mode == "reflect":
            reflection = await engine.reflect(bank, question, **asked)
            text, hits = reflection_block(reflection), reflection.sources
        else:
            recall = await engine.recall(bank, question, **asked)
            text, hits = recall.text, recall.hits
        self._tell("recalled %d memories from %s in %.0f ms", len(hits), bank, (time.monotonic() - started) * 1000)
        return text

    async def _streamed(
        self, context: TurnContext, exchange: Exchange, chunks: AsyncGenerator[Any, None]
    ) -> AsyncGenerator[Any, None]:
        spoken_so_far = replace(exchange, result=None)

        async def keep(heard: Sequence[object], complete: bool) -> Retain | None:
            return await self._retain(context, replace(spoken_so_far, chunks=heard, complete=complete))

        stream = Stream(chunks, keep, self._config.timeout)
        with self._lock:
            self._streams.add(stream)
        passed = stream.pass_through()
        try:
            async for chunk in passed:
                yield chunk
        finally:
            await passed.aclose()
            with self._lock:
                self._streams.discard(stream)

    async def _retain(self, context: TurnContext, exchange: Exchange) -> Retain | None:
        try:
            query, answer = exchange.said()
            if not answer:
                return None
            bank = await self._bank(context)
            if bank is None:
                return None
            engine = await within(self._config.timeout, self._source.engine())
            self._tally.parent = engine.tally
            retain = self._begin(engine, bank, context, exchange, (query, answer))
            # Whoever left before the end does not want to wait either.
            waits = exchange.complete and not self._config.retain_async
            if waits and not await all_done([retain.settled], self._config.timeout):
                log.warning("a retain takes longer than %g s and goes on in the background", self._config.timeout)
        except Exception as error:  # noqa: BLE001  whatever the agent returned or a part raises, the user's turn goes on
            self._count("retain_failures")
            _warn("the turn was not retained", error)
            return None
        return retain

    def _begin(
        self, engine: MemoryEngine, bank: str, context: TurnContext, exchange: Exchange, said: tuple[str, str]
    ) -> Retain:
        query, answer = said
        key = exchange.key or context.step_key(query, answer)
        named = self._named(context)
        retain = Retain(bank)
        metadata = self._retaining.metadata(named)
        options: dict[str, Any] = {
            "key": key,
            "occurred": context.at,
            "actor": named.user_id if is_text(named.user_id) else None,
            "session": named.runtime_session_id if is_text(named.runtime_session_id) else None,
            "tags": self._retaining.tags(self._config, named),
            "metadata": metadata if exchange.complete else {**metadata, "complete": "false"},
        }
        tasks = [(app, app.add_async_task("duramen.retain")) for app in self._apps]

        def ended(error: BaseException | None) -> None:
            for app, task in tasks:
                app.complete_async_task(task)
            if error is not None:
                self._count("retain_failures")
                _warn("the turn was not retained", error)

        content = messages(query if self._retaining.include_user_message else "", answer)
        self._background.start(engine.portal, retain, self._kept(engine, retain, content, options), ended)
        return retain

    async def _kept(
        self, engine: MemoryEngine, retain: Retain, content: list[Message], options: dict[str, Any]
    ) -> None:
        item = Item(content=content, **options)
        keeper = self._keeper(engine)
        try:
            retained = await engine.retain(retain.bank, [item])
        except StoreUnavailableError:
            keeper.hold(retain.bank, item)
            raise
        keeper.drop(retain.bank, str(item.key))
        self._count("retains")
        retain.acknowledged.set_result(None)
        self._tell("retained %d events of %s in %s", len(retained.events), options["session"], retain.bank)
        await engine.flush(retain.bank, seconds=SETTLE_SECONDS)

    def _keeper(self, engine: MemoryEngine) -> Keeper:
        """Return what holds the turns that an outage of `engine` kept from the disk; on the engine's own loop."""
        if self._held is None or self._held[0] is not engine:
            self._held = (engine, Keeper(engine, self._tally, log, Outage(log)))
            engine.before_close(self._held[1])
        return self._held[1]

    async def _bank(self, context: TurnContext) -> str | None:
        resolving = resolve_bank(self._resolver, self._named(context), require_tenant=self._require_tenant)
        try:
            return await within(self._config.timeout, resolving)
        except Exception as error:  # noqa: BLE001  whatever a resolver raises, nothing may be recalled or retained
            self._count("refused")
            _warn("no bank for this turn, so nothing is recalled or retained", error)
            return None

    def _named(self, context: TurnContext) -> TurnContext:
        if context.agent_name or self._agent_name is None:
            return context
        return replace(context, agent_name=self._agent_name)

    def _count(self, name: Counter) -> None:
        self._tally.count(name)

    def _tell(self, message: str, *values: object) -> None:
        if self._config.verbose:
            log.info(message, *values)


def _warn(what: str, error: BaseException) -> None:
    expected = isinstance(error, DuramenError | OSError)
    log.warning("%s (%s): %s", what, type(error).__name__, error, exc_info=None if expected else error)
