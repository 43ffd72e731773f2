"""What nodes, wrappers and callbacks of one graph share: whose turn it is, what is recalled, what is retained."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from langchain_core.messages import AnyMessage, BaseMessage, RemoveMessage, SystemMessage
from typing_extensions import Unpack

from duramen.errors import BadInputError
from duramen.recall.asking import Asked
from duramen.turns import AnyMemory, Around, Retention, Turns, Whose
from duramen.turns.turns import TIMEOUT
from duramen.types import Message
from duramen_langchain.messages import messages_of, with_memory
from duramen_langchain.whose import in_a_tool, session_of, sources
from duramen_langgraph._runs import Run
from duramen_langgraph.state import messages_in, value_in

Placement: TypeAlias = Literal["user", "system", "message"]
"""Where recalled text goes. "user": into a state key, from where it is put at the tail of the newest user message,
which leaves the cached beginning of the prompt as it was. "system": the same, at the tail of the system message.
"message": into the messages themselves, as a system message with a fixed id; it is checkpointed and streamed."""


class Options(Asked, total=False):
    """What a memory of a graph can be told; see `GraphMemory`."""

    bank: Whose | None
    key: str
    messages_key: str
    placement: Placement
    timeout: float
    strict: bool
    retention: Retention | None
    retain_in_tools: bool


class Core:
    """The memory of a graph without its nodes; see `GraphMemory`."""

    def __init__(  # noqa: PLR0913  each is a choice of its own
        self,
        memory: AnyMemory,
        *,
        bank: Whose | None = None,
        key: str = "memory",
        messages_key: str = "messages",
        placement: Placement = "user",
        timeout: float = TIMEOUT,
        strict: bool = False,
        retention: Retention | None = None,
        retain_in_tools: bool = False,
        **asked: Unpack[Asked],
    ) -> None:
        if placement not in get_args(Placement):
            raise BadInputError(f"`placement` is {placement!r}. Give one of {', '.join(get_args(Placement))}.")
        self.turns = Turns(memory, name="langgraph", timeout=timeout, strict=strict, retention=retention, **asked)
        self.bank = bank
        self.key = key
        self.messages_key = messages_key
        self.placement = placement
        self.strict = strict
        self.retain_in_tools = retain_in_tools
        self._id = f"duramen-{key}"

    def around(self, run: Run, bank: Whose | None = None) -> Around | None:
        """Return whose turn it is: that of `bank` if given; None, with a warning, if nothing says so.

        Raises:
            BankResolutionError: With `strict`, if nothing says so.
        """
        given = self.bank if bank is None else bank
        name = self.turns.whose(lambda: sources(given, run.runtime, run.config))
        return None if name is None else Around(name, session=session_of(run.runtime, run.config))

    def retaining(self, run: Run, bank: Whose | None = None) -> Around | None:
        """Return what `around` does; None as well where nothing is to be retained."""
        silent = in_a_tool(run.config) and not self.retain_in_tools
        return None if silent else self.around(run, bank)

    def text(self, state: object, run: Run) -> str:
        """Return what is recalled about the newest message of the user; "" for nothing."""
        around = self.around(run)
        recall = around and self.turns.recall_sync(around, self._asking(state, run))
        return recall.text if recall else ""

    async def atext(self, state: object, run: Run) -> str:
        """See `text`."""
        around = self.around(run)
        recall = around and await self.turns.recall(around, self._asking(state, run))
        return recall.text if recall else ""

    def said(self, state: object) -> list[BaseMessage]:
        """Return the messages of a state, without recalled ones."""
        return [message for message in messages_in(state, self.messages_key) if message.id != self._id]

    def kept(self, state: object) -> str | None:
        """Return the recalled text in a state; None if none was recalled, or it was lost since."""
        if self.placement != "message":
            text = value_in(state, self.key)
            return text if isinstance(text, str) else None
        block = self._block(state)
        return None if block is None else str(block.content)

    def update(self, state: object, text: str) -> dict[str, Any] | None:
        """Return the change of state that puts recalled `text` in its place, and an earlier one out of it."""
        if self.placement != "message":
            return {self.key: text}
        if text:
            return {self.messages_key: [SystemMessage(text, id=self._id)]}
        return None if self._block(state) is None else {self.messages_key: [RemoveMessage(id=self._id)]}

    def prompt(self, state: object, text: str) -> list[AnyMessage]:
        """Return the messages of a state with recalled `text` among them, all of them untouched."""
        said: list[Any] = self.said(state)
        return with_memory(said, text, placement="user" if self.placement == "user" else "system")

    def _asking(self, state: object, run: Run) -> list[Message]:
        return messages_of(self.said(state), lasting=run.lasting)

    def _block(self, state: object) -> BaseMessage | None:
        said = messages_in(state, self.messages_key)
        return next((message for message in said if message.id == self._id), None)


def core_of(memory: AnyMemory | Core, options: Options) -> Core:
    """Return `memory` itself if it is a `GraphMemory`, or one made of it.

    Raises:
        BadInputError: `memory` is none, or was told its options before, or an option makes no sense.
    """
    if not isinstance(memory, Core):
        return Core(memory, **options)
    if options:
        raise BadInputError(f"Give {', '.join(f'`{name}`' for name in options)} to the `GraphMemory` itself.")
    return memory
