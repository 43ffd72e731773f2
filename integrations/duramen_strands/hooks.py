"""Memory for agents, graphs and swarms of Strands: as hooks, and as a plugin."""

from __future__ import annotations

from typing import Any

from strands.hooks import AgentInitializedEvent, BeforeInvocationEvent, HookRegistry
from strands.plugins import MultiAgentPlugin, Plugin
from typing_extensions import Unpack

from duramen.recall.asking import Asked
from duramen.status import Stats
from duramen.turns import AnyMemory, Retention, Turns, Whose
from duramen.turns.turns import TIMEOUT
from duramen_strands.injection import Found, Injection, Trigger
from duramen_strands.messages import Placement
from duramen_strands.watch import Agents, Watch


class MemoryHooks(Plugin, MultiAgentPlugin):
    """Gives agents of Strands a memory: `Agent(hooks=[MemoryHooks(memory)])`, or `plugins=[…]`.

    Before each call of the model the memory is asked what it knows about the newest message of the user, and the answer
    goes into what this call is given: into no message of the agent, no session and no stream. What user and agent say
    is retained as it is added to the conversation, once, whatever a conversation manager removes later. A memory that
    does not answer costs a turn its memory and never the turn.

    One object serves any number of agents and users at once. Whose memory it is, each run tells: see `bank`. What
    graphs, swarms, agents and hooks write in the user's place neither asks nor is retained. Give the same object to a
    graph or a swarm as well (`GraphBuilder.set_hook_providers`, `Swarm(hooks=…)`, or their plugins): then the task is
    retained as the user's words, what its last nodes say as the answer, and its nodes recall about the task.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the event with which the run began. Else the `user_id`
            (and `agent_id`, `tenant_id`) of the `invocation_state`, that of the run around this one, or that of the
            agent's state, in this order.
        placement: Where recalled text goes; see `Placement`.
        trigger: Which calls of the model get recalled text; see `Trigger`.
        timeout: Seconds that a step waits for the memory.
        strict: Raise `BankResolutionError` where no bank can be named, instead of going on without memory.
        retention: What is retained.
        agents: Whose runs have a memory; see `Agents`.
        asked: Options of every recall, such as `max_tokens`, `limit` and `min_score`; see `MemoryEngine.recall`.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
    """

    name = "duramen-memory"

    def __init__(  # noqa: PLR0913  the options of the adapter, by name
        self,
        memory: AnyMemory,
        *,
        bank: Whose | None = None,
        placement: Placement = "user",
        trigger: Trigger = "turn",
        timeout: float = TIMEOUT,
        strict: bool = False,
        retention: Retention | None = None,
        agents: Agents = "root",
        **asked: Unpack[Asked],
    ) -> None:
        super().__init__()
        self._turns = Turns(memory, name="strands", timeout=timeout, strict=strict, retention=retention, **asked)
        self._watch = Watch(self._turns, bank=bank, agents=agents, recalls=True)
        self._injection = Injection(self._ask, placement=placement, trigger=trigger)

    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        """Register with an agent, a graph or a swarm; once, however often this is called."""
        if self._watch.register(registry):
            registry.add_callback(AgentInitializedEvent, self._on_ready)
            registry.add_callback(BeforeInvocationEvent, self._on_ready)  # added to an agent that is long there
            self._injection.register(registry)

    def init_agent(self, agent: Any) -> None:
        """Begin to serve `agent`, as its plugin."""
        self.register_hooks(agent.hooks)
        self._injection.install(agent)

    def init_multi_agent(self, orchestrator: Any) -> None:
        """Begin to serve a graph or a swarm, as its plugin."""
        self.register_hooks(orchestrator.hooks)

    def stats(self) -> Stats:
        """Return what these hooks did so far."""
        return self._turns.stats()

    async def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what was said is on disk, for at most `seconds`; return how many messages are not.

        Without an outage there is nothing to wait for: a run waits for its own messages.
        """
        return await self._turns.flush(seconds=seconds)

    def flush_sync(self, *, seconds: float | None = None) -> int:
        """Do what `flush` does, for code without `await`."""
        return self._turns.flush_sync(seconds=seconds)

    def _on_ready(self, event: AgentInitializedEvent | BeforeInvocationEvent) -> None:
        self._injection.install(event.agent)

    async def _ask(self, agent: Any, state: object, wanted: bool) -> Found | None:
        asking = self._watch.asking(agent, state) if wanted else None
        recall = await self._turns.recall(*asking[:2]) if asking is not None else None
        await self._watch.keep(agent, state)
        return Found(recall.text, asking[2]) if asking is not None and recall is not None and recall.text else None
