"""LangChain's memory class, for chains of `langchain_classic` and for code that calls it by itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

from langchain_core.load.serializable import Serializable
from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import ConfigDict, Field, PrivateAttr

from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, BankResolutionError, StoreUnavailableError
from duramen.said import text_of
from duramen.turns import AnyMemory, Around, Turns
from duramen.turns.turns import TIMEOUT
from duramen.types import Forgotten, Message, Recall
from duramen_langchain.messages import messages_of
from duramen_langchain.retriever import options_of

try:
    from langchain_classic.base_memory import BaseMemory
except ImportError:  # then there are no chains that would ask for it

    class BaseMemory(Serializable):  # type: ignore[no-redef]
        """Stands for LangChain's own where `langchain_classic` is not installed."""


class DuramenMemory(BaseMemory):
    """What earlier conversations left behind, as a variable of the prompt, and each exchange retained after it.

    LangChain has deprecated memory classes; with `create_agent`, use `MemoryMiddleware`. An outage costs an exchange
    its memory, never its life: what is loaded is empty then, and what is saved is kept back and retained later.

    Two exchanges that say the same are two. One that is saved again (a retry) is one only if it can be told: by the
    input of `id_key`, or by the id of a message that is given as the input.

    Attributes:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: A bank or an identity; or what names one, given the inputs of the chain. Nothing else in the inputs says
            whose an exchange is.
        session: The conversation that is retained. Memories are recalled from all.
        memory_key: The variable of the prompt.
        input_key: The input that the user said. If None, the only one besides `memory_key`, `id_key` and `stop`.
        output_key: The output that the agent said. If None, the only one, or `output`.
        id_key: The input that holds the id of the exchange.
        return_messages: Load a list with one message, or none, for a `MessagesPlaceholder`; else text.
        retention: What of an exchange is retained; a `Retention`.
        search_kwargs: Options of every recall, such as `max_tokens` or `min_score`; see `MemoryEngine.recall`.
        timeout: Seconds that an exchange waits for its memory.
        strict: Raise `BankResolutionError` where no bank can be named, instead of going on without memory.
        clear_everything: Let `clear` delete the whole bank where there is no `session`.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    memory: Any = Field(repr=False, exclude=True)
    bank: Any = None
    session: str | None = None
    memory_key: str = "history"
    input_key: str | None = None
    output_key: str | None = None
    id_key: str | None = None
    return_messages: bool = False
    retention: Any = Field(default=None, repr=False, exclude=True)
    search_kwargs: dict[str, Any] = Field(default_factory=dict)
    timeout: float = TIMEOUT
    strict: bool = False
    clear_everything: bool = False
    _turns: Turns = PrivateAttr()

    def __init__(self, memory: AnyMemory, **fields: Any) -> None:
        super().__init__(**{"memory": memory, **fields})
        if self.session is not None and not self.session.strip():
            raise BadInputError("`session` is blank. Give the id of the conversation, or leave it out.")
        self._turns = Turns(
            memory,
            name="langchain",
            timeout=self.timeout,
            strict=self.strict,
            retention=self.retention,
            **options_of(self.search_kwargs),
        )

    @property
    def memory_variables(self) -> list[str]:
        """The variable that a prompt gets."""
        return [self.memory_key]

    def load_memory_variables(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Return what the bank knows about the input, under `memory_key`: a fenced block, or "" for nothing.

        Raises:
            BadInputError: Several inputs, and no `input_key` to tell which one asks.
            BankResolutionError: With `strict`, if no bank can be named.
        """
        around, asked = self._around(inputs), self._asked(inputs)
        return self._loaded(self._turns.recall_sync(around, asked) if around is not None else None)

    async def aload_memory_variables(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Do what `load_memory_variables` does, on any event loop."""
        around, asked = self._around(inputs), self._asked(inputs)
        return self._loaded(await self._turns.recall(around, asked) if around is not None else None)

    def save_context(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Retain what the user said and what the agent answered.

        Raises:
            BadInputError: No single input or output, and no key to tell which one counts.
            BankResolutionError: With `strict`, if no bank can be named.
        """
        around, exchange = self._around(inputs), self._exchange(inputs, outputs)
        if around is not None:
            self._turns.retain_sync(around, exchange)

    async def asave_context(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Do what `save_context` does, on any event loop."""
        around, exchange = self._around(inputs), self._exchange(inputs, outputs)
        if around is not None:
            await self._turns.retain(around, exchange)

    def clear(self) -> None:
        """Delete for good what was retained of the `session`, and all memories made of it; other sessions stay.

        Without a `session` this would be the whole bank, which is deleted only with `clear_everything`.

        Raises:
            BadInputError: Neither a `session` nor `clear_everything`. Nothing was deleted.
            BankResolutionError: No bank can be named. Nothing was deleted.
            DuramenError: The memory does not answer. Try again.
        """
        forget = self._forget()
        self._all_sent(self._turns.flush_sync(seconds=self.timeout))
        self._turns.attempt_sync(forget, None)

    async def aclear(self) -> None:
        """Do what `clear` does, on any event loop."""
        forget = self._forget()
        self._all_sent(await self._turns.flush(seconds=self.timeout))
        await self._turns.attempt(forget, None)

    def _around(self, inputs: Mapping[str, Any]) -> Around | None:
        bank = self._turns.whose(lambda: [self.bank(inputs) if callable(self.bank) else self.bank])
        return None if bank is None else Around(bank, self.session)

    def _loaded(self, recall: Recall | None) -> dict[str, Any]:
        text = recall.text if recall is not None else ""
        if not self.return_messages:
            return {self.memory_key: text}
        # A system message would be refused by some providers anywhere but in front.
        return {self.memory_key: [HumanMessage(text, additional_kwargs={"lc_source": "memory"})] if text else []}

    def _asked(self, inputs: Mapping[str, Any]) -> list[Message]:
        key = self._input_key(inputs)
        said = _said(inputs[key], "user") if key is not None else []
        return [{**message, "id": message.get("id") or uuid.uuid4().hex} for message in said]

    def _exchange(self, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[Message]:
        key = self._input_key(inputs)
        asked = _said(inputs[key], "user") if key is not None else []
        said = [*asked, *_said(outputs[self._output_key(outputs)], "assistant")]
        given = inputs.get(self.id_key) if self.id_key is not None else None
        exchange = given or next((message["id"] for message in asked if message.get("id")), uuid.uuid4().hex)
        return [
            {**message, "id": (not given and message.get("id")) or f"{exchange}-{place}"}
            for place, message in enumerate(said)
        ]

    def _input_key(self, inputs: Mapping[str, Any]) -> str | None:
        if self.input_key is not None:
            _require(self.input_key, inputs, "input")
            return self.input_key
        keys = sorted(set(inputs) - {self.memory_key, self.id_key, "stop"})
        if len(keys) > 1:
            raise BadInputError(f"The inputs are {', '.join(keys)}. Say with `input_key` which one the user said.")
        return keys[0] if keys else None

    def _output_key(self, outputs: Mapping[str, Any]) -> str:
        key = self.output_key or (next(iter(outputs)) if len(outputs) == 1 else "output")
        _require(key, outputs, "output")
        return key

    def _forget(self) -> Callable[[MemoryEngine], Coroutine[Any, Any, Forgotten]]:
        around = self._around({})
        if around is None:
            raise BankResolutionError("It is not known whose memory to clear. Nothing was deleted; give a `bank`.")
        if self.session is not None:
            return lambda engine: engine.forget(around.bank, session=self.session)
        if self.clear_everything:
            return lambda engine: engine.forget(around.bank, everything=True)
        raise BadInputError(
            f"Without a `session`, clearing would delete all that bank {around.bank!r} knows. Nothing was deleted. "
            f"Give `session`, or `clear_everything=True` if that is meant."
        )

    def _all_sent(self, waiting: int) -> None:
        if waiting:
            raise StoreUnavailableError(
                f"{waiting} messages wait for a memory that does not answer, so nothing was deleted yet. Try again."
            )


def _require(key: str, values: Iterable[str], what: str) -> None:
    if key not in values:
        raise BadInputError(f"There is no {what} {key!r}, only {', '.join(values) or 'none'}. Set `{what}_key`.")


def _said(value: object, role: str) -> list[Message]:
    """Return what a chain was given or gave: a message, several, or anything with text in it."""
    if isinstance(value, BaseMessage):
        return messages_of([value])
    if isinstance(value, Sequence) and any(isinstance(one, BaseMessage) for one in value):
        return messages_of(value)
    return [{"role": role, "content": text_of(value)}]
