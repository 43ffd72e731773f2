"""Watches the runs of agents, graphs and swarms, and retains what is said in them."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

from strands.hooks import (
    AfterInvocationEvent,
    AfterModelCallEvent,
    AfterMultiAgentInvocationEvent,
    AfterNodeCallEvent,
    AfterToolCallEvent,
    BeforeInvocationEvent,
    BeforeModelCallEvent,
    BeforeMultiAgentInvocationEvent,
    BeforeNodeCallEvent,
    BeforeToolCallEvent,
    HookOrder,
    HookRegistry,
    MessageAddedEvent,
)

from duramen.errors import BadInputError, BankResolutionError
from duramen.turns import Around, Turns, Whose
from duramen.turns.conversation import question_of
from duramen.types import Message as Said
from duramen_strands.guard import fail_open
from duramen_strands.messages import Message, is_composed, said_in, words_of
from duramen_strands.orchestrators import answers_of, has_begun, task_of
from duramen_strands.runs import Conversation, Run, Runs
from duramen_strands.whose import session_of, sources

Agents: TypeAlias = "Literal['root', 'all'] | Collection[str]"
"""Whose runs have a memory: of the agents that your code calls itself; of all, also those that other agents call; or of
those with these names or ids, whoever calls them."""

_BY_AGENT, _BY_ORCHESTRATOR, _BY_HARNESS, _NOTICE = "agent", "orchestrator", "harness", "notice"


class Watch:
    """Knows for each run whose it is and which of its messages are whose, and retains them by the rules of `turns`.

    Args:
        turns: The memory.
        bank: See `MemoryHooks`.
        agents: Whose runs have a memory.
        recalls: Whether something is recalled before each call of a model, and `keep` is called after it: a recall need
            not wait then until the question can be found itself.

    Raises:
        BadInputError: `agents` is neither a known word nor a collection.
    """

    def __init__(self, turns: Turns, *, bank: Whose | None, agents: Agents = "root", recalls: bool = False) -> None:
        if isinstance(agents, str) and agents not in ("root", "all"):
            raise BadInputError(f"`agents` is {agents!r}. Give 'root', 'all', or a list of names.")
        self.runs = Runs()
        self._turns = turns
        self._bank = bank
        self._agents = agents
        self._recalls = recalls
        self._registries: weakref.WeakSet[HookRegistry] = weakref.WeakSet()

    def register(self, registry: HookRegistry) -> bool:
        """Watch what `registry` belongs to; tell whether that is new."""
        if registry in self._registries:
            return False
        self._registries.add(registry)
        last = HookOrder.SDK_LAST  # what other hooks change or deny is settled by then
        registry.add_callback(BeforeInvocationEvent, self._on_begin, order=last)
        registry.add_callback(MessageAddedEvent, self._on_message)
        registry.add_callback(BeforeModelCallEvent, self._on_call, order=last)
        registry.add_callback(AfterModelCallEvent, self._on_answer)
        registry.add_callback(BeforeToolCallEvent, self._on_tool, order=last)
        registry.add_callback(AfterToolCallEvent, self._on_tool_end)
        registry.add_callback(AfterInvocationEvent, self._on_end, order=last)
        registry.add_callback(BeforeMultiAgentInvocationEvent, self._on_task_begin, order=last)
        registry.add_callback(BeforeNodeCallEvent, self._on_node, order=last)
        registry.add_callback(AfterNodeCallEvent, self._on_node_end)
        registry.add_callback(AfterMultiAgentInvocationEvent, self._on_task_end, order=last)
        return True

    def asking(self, agent: Any, state: object) -> tuple[Around, list[Said], Message | None] | None:
        """Return what a call of the model of `agent` may recall: whose, the conversation, and which message asks.

        None if it recalls nothing. The message is None if what asks is not in the conversation of this agent.
        """
        run = self.runs.of(agent, state)
        if run is None or run.around is None:
            return None
        said = self.said(agent)
        if run.question is not None:
            return run.around, [*said, run.question], None
        asking = [_asking(one) for one in said]
        return run.around, asking, _asked(agent.messages, asking)

    async def keep(self, agent: Any, state: object) -> None:
        """Retain what was said in the run of `agent` so far."""
        run = self.runs.of(agent, state)
        if run is not None:
            await self._keep(run, self.runs.conversation(agent), *run.said)

    def said(self, agent: Any) -> list[Said]:
        """Return the conversation of `agent` as Duramen reads it."""
        conversation = self.runs.conversation(agent)
        return [conversation.read(message) for message in agent.messages]

    @fail_open
    async def _on_begin(self, event: BeforeInvocationEvent) -> None:
        run = self._begin(event.agent, event)
        conversation = self.runs.conversation(event.agent)
        resumed, conversation.resumed = conversation.resumed, None
        if resumed is not None and resumed == words_of(event.messages):
            run.written_by = _BY_HARNESS
        run.muted = bool(event.cancel)
        run.fresh = bool(event.messages)
        run.read_input(event.messages)

    @fail_open
    async def _on_message(self, event: MessageAddedEvent) -> None:
        conversation = self.runs.conversation(event.agent)
        run = self.runs.of(event.agent)
        if run is None:  # a tool called by the developer's code, which Strands writes into the conversation
            conversation.learn(event.message, None, _BY_HARNESS)
            return
        if not run.fresh and conversation.knows(event.message):
            return  # Strands has added something of its own to a message that is long there
        source = _source_of(event.message, run)
        if source == _BY_ORCHESTRATOR and self._agents == "root":
            run.keeps = False  # a node of a graph or a swarm that these hooks do not see
        conversation.learn(event.message, _name_of(event.message, run, conversation, source), source)
        run.said.append(event.message)
        if not (self._recalls and run.fresh):
            await self._keep(run, conversation, event.message)

    @fail_open
    async def _on_call(self, event: BeforeModelCallEvent) -> None:
        run = self.runs.of(event.agent, event.invocation_state)
        if run is not None:
            run.fresh = False
            run.muted = bool(event.cancel)

    @fail_open
    async def _on_answer(self, event: AfterModelCallEvent) -> None:
        run = self.runs.of(event.agent, event.invocation_state)
        if run is None:
            return
        run.muted = run.muted or getattr(event.stop_response, "stop_reason", None) == "cancelled"
        # A guardrail may have taken back what the user said.
        await self._keep(run, self.runs.conversation(event.agent), *run.said[-1:])

    @fail_open
    async def _on_tool(self, event: BeforeToolCallEvent) -> None:
        run = self.runs.of(event.agent, event.invocation_state)
        if run is not None:
            self.runs.enter(run)

    @fail_open
    async def _on_tool_end(self, event: AfterToolCallEvent) -> None:
        run = self.runs.of(event.agent, event.invocation_state)
        if run is not None:
            self.runs.leave(run)

    @fail_open
    async def _on_end(self, event: AfterInvocationEvent) -> None:
        run = self.runs.of(event.agent, event.invocation_state)
        if run is None:
            return
        conversation = self.runs.conversation(event.agent)
        conversation.resumed = words_of(event.resume) if event.resume is not None else None
        said = [(message, conversation.read(message)) for message in run.said]
        answered = bool(said) and said[-1][1]["role"] == "assistant" and not said[-1][1]["tool_calls"]
        failed = event.result is None and not answered
        conversation.unanswered = {
            words_of(message.get("content")): str(one["id"])
            for message, one in said
            if failed and one["role"] == "user" and not one["source"]
        }
        messages = run.said
        self.runs.end(run)
        await self._keep(run, conversation, *messages)

    @fail_open
    async def _on_task_begin(self, event: BeforeMultiAgentInvocationEvent) -> None:
        resumed = getattr(event.source, "_resume_from_session", False)
        run = self._begin(event.source, event, orchestrates=True)
        run.fresh = not resumed

    @fail_open
    async def _on_node(self, event: BeforeNodeCallEvent) -> None:
        run = self.runs.of(event.source, event.invocation_state)
        if run is None:
            return
        conversation = self.runs.conversation(event.source)
        if run.question is None:
            await self._read_task(run, conversation, event.source)
        self.runs.enter(run)

    async def _read_task(self, run: Run, conversation: Conversation, orchestrator: Any) -> None:
        if run.parent is not None and run.parent.orchestrates:
            run.question = run.parent.question
            return
        task = task_of(orchestrator)
        if not task:
            return
        known = conversation.unanswered.get(task)
        resumed = has_begun(orchestrator) or not run.fresh
        run.question = {"role": "user", "content": task, "id": known or f"{run.id}.task"}
        conversation.unanswered = {task: str(run.question["id"])}
        if run.keeps and run.around is not None and run.parent is None and not resumed:
            await self._turns.retain(run.around, [run.question])

    @fail_open
    async def _on_node_end(self, event: AfterNodeCallEvent) -> None:
        run = self.runs.of(event.source, event.invocation_state)
        if run is not None:
            self.runs.leave(run)

    @fail_open
    async def _on_task_end(self, event: AfterMultiAgentInvocationEvent) -> None:
        run = self.runs.of(event.source, event.invocation_state)
        if run is None:
            return
        self.runs.end(run)
        answers = [self._answer(run, *answer) for answer in answers_of(event.source)]
        if answers:
            self.runs.conversation(event.source).unanswered = {}
        if run.keeps and run.around is not None and answers:
            await self._turns.retain(run.around, answers)

    def _answer(self, run: Run, node: str, agent: Any, message: Message) -> Said:
        said = self.runs.conversation(agent).read(message)
        return {**said, "id": said["id"] or f"{run.id}.{node}", "source": None}

    def _begin(self, host: Any, event: Any, *, orchestrates: bool = False) -> Run:
        run = self.runs.begin(host, event.invocation_state, orchestrates=orchestrates)
        parent = run.parent
        run.keeps = self._counts(host, parent)
        in_a_task = parent is not None and parent.orchestrates and parent.asks
        run.asks = run.keeps or (self._agents == "root" and in_a_task)
        if run.asks:
            try:
                run.around = self._around(run, event)
            except BankResolutionError:
                self.runs.end(run)
                raise
        if parent is not None:
            run.written_by = _BY_AGENT
        if parent is not None and parent.orchestrates and not orchestrates:
            run.question = parent.question
        return run

    def _around(self, run: Run, event: Any) -> Around | None:
        inherited = self.runs.inherited(run)
        around = inherited.bank if inherited else None
        bank = self._turns.whose(lambda: sources(self._bank, event, inherited=around))
        if bank is None:
            return None
        session = inherited.session if inherited else session_of(event)
        return Around(bank, session=session)

    def _counts(self, host: Any, parent: Run | None) -> bool:
        if self._agents == "root":
            return parent is None
        if self._agents == "all":
            return True
        return any(getattr(host, name, None) in self._agents for name in ("name", "agent_id", "id"))

    async def _keep(self, run: Run, conversation: Conversation, *messages: Message) -> None:
        if run.keeps and run.around is not None and messages:
            await self._turns.retain(run.around, [conversation.read(message) for message in messages])


def _source_of(message: Message, run: Run) -> str | None:
    """Tell who wrote `message`, if not the one that its role names."""
    role = said_in(message)["role"]
    if role == "assistant":
        return _NOTICE if run.muted else None
    if role == "tool":
        return None
    if not run.fresh:
        return _BY_HARNESS
    return run.written_by or (_BY_ORCHESTRATOR if is_composed(message) else None)


def _name_of(message: Message, run: Run, conversation: Conversation, source: str | None) -> str | None:
    """Return what names `message`: as it was given, or said before and not answered, or its tracking id, or made up."""
    if (given := run.names.get(id(message))) is not None:
        return given
    if message.get("role") == "user" and source is None:
        before = conversation.unanswered.get(words_of(message.get("content")))
        return before or message.get("tracking_id") or f"{run.id}.{len(run.said)}"
    return run.next_name(message) or message.get("tracking_id") or f"{run.id}.{len(run.said)}"


def _asking(said: Said) -> Said:
    """Let an agent that another one called ask what it was asked."""
    return {**said, "source": None} if said["source"] == _BY_AGENT and said["role"] == "user" else said


def _asked(messages: Any, asking: list[Said]) -> Message | None:
    """Return the one of `messages` that asks, if it has a name to know it by."""
    question = question_of(asking)
    for message, said in zip(reversed(messages), reversed(asking), strict=True):
        if question is not None and said["id"] == question[1]:
            found: Mapping[str, Any] = message
            return found
    return None
