"""The memory of a graph: nodes, wrappers, callbacks and prompts over one memory, with one set of options."""

from __future__ import annotations

from typing import Any, overload

from langchain_core.messages import AnyMessage
from langchain_core.runnables import Runnable

from duramen.status import Stats
from duramen.turns import Whose
from duramen_langgraph._core import Core
from duramen_langgraph._remembered import Function, remembered
from duramen_langgraph._runs import run_of
from duramen_langgraph.callback import RetainCallback
from duramen_langgraph.nodes import recall_node, retain_node


class GraphMemory(Core):
    """Gives a graph a memory, by the parts that it wants: nodes, wrapped nodes, a callback, ready prompts.

    They share what they looked up: one message of the user is recalled for once, whichever of them asks. What fails or
    takes too long costs a run its memory and nothing else; what could not be retained is tried again.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave. It stays yours to close.
        bank: Whose memory it is: a bank, an identity, or a function of the runtime that returns one. Left out, each run
            says it: by its `context` (a `user_id`, and perhaps an `agent_id` and a `tenant_id`), by the user whom the
            server authenticated, or by `configurable`. A thread id is never taken for one.
        key: The state key for recalled text; see `MemoryState`.
        messages_key: The state key of the conversation.
        placement: Where recalled text goes; see `Placement`.
        timeout: Seconds that a step waits for the memory.
        strict: Raise where nothing says whose run it is, instead of going on without memory.
        retention: What is retained.
        retain_in_tools: Whether anything is retained where the graph runs inside a tool of another agent, which then
            speaks in the user's place. It recalls there in any case.
        asked: Options of every recall, such as `max_tokens` and `budget`; see `MemoryEngine.recall`.

    Raises:
        BadInputError: An argument makes no sense.
    """

    def recall_node(self) -> Runnable[Any, Any]:
        """See `duramen_langgraph.recall_node`."""
        return recall_node(self)

    def retain_node(self) -> Runnable[Any, None]:
        """See `duramen_langgraph.retain_node`."""
        return retain_node(self)

    @overload
    def remembered(self, node: Runnable[Any, Any]) -> Runnable[Any, Any]: ...
    @overload
    def remembered(self, node: Function) -> Function: ...
    def remembered(self, node: Any) -> Any:
        """See `duramen_langgraph.remembered`; works as a decorator."""
        return remembered(node, self)

    def callback(self, *, bank: Whose | None = None, subgraphs: bool = False) -> RetainCallback:
        """See `duramen_langgraph.RetainCallback`."""
        return RetainCallback(self, bank=bank, subgraphs=subgraphs)

    def messages(self, state: object, run: object = None) -> list[AnyMessage]:
        """Return the messages of `state` with recalled text among them, for a prompt; the state stays as it is.

        The text is what the recall node put into the state. Where there is none (no such node, a run that was resumed,
        a `Send`) it is recalled now, which costs nothing if the same message was recalled for before.

        Args:
            state: What the node was given.
            run: Its `config` or `runtime`. It may be left out, but not in async code on Python 3.10.

        Raises:
            BankResolutionError: With `strict`, if nothing says whose run it is.
        """
        text = self.kept(state)
        return self.prompt(state, self.text(state, run_of(run)) if text is None else text)

    async def amessages(self, state: object, run: object = None) -> list[AnyMessage]:
        """See `messages`."""
        text = self.kept(state)
        return self.prompt(state, await self.atext(state, run_of(run)) if text is None else text)

    def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what was retained is on disk, for at most `seconds`; return how many messages are not."""
        return self.turns.flush_sync(seconds=seconds)

    async def aflush(self, *, seconds: float | None = None) -> int:
        """See `flush`."""
        return await self.turns.flush(seconds=seconds)

    def stats(self) -> Stats:
        """Return what this memory did for its graphs so far."""
        return self.turns.stats()
