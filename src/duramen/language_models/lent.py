"""Models that somebody else runs: a chat model of LangChain, a model of Strands, or a function of yours.

They are asked, and never closed: they belong to whoever lends them. None of the frameworks is imported before a model of
it is asked.
"""

from __future__ import annotations

import asyncio
import inspect
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from duramen.errors import LanguageModelError, ModelUnavailableError
from duramen.language_model import Answered, Prompt, Shape, Usage
from duramen.language_models.structured import Message, structured
from duramen.plain import plain

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

T = TypeVar("T")

Function = Callable[[str, str, int], "str | Awaitable[str]"]
"""Takes the system's text, the user's text and how many tokens the answer may have, and gives its text; blocking or not."""

_REFUSED = frozenset({"guardrail_intervened", "content_filtered"})


class _Lent(ABC):
    """What all lent models share; each sends a request in its own way."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`."""
        return await structured(self._asked, prompt, shape, name=self.name, max_tokens=max_tokens)

    async def aclose(self) -> None:  # noqa: B027  it is right for all of them
        """See `LanguageModel`. Closes nothing."""

    async def _asked(
        self, messages: Sequence[Message], schema: dict[str, Any], max_tokens: int
    ) -> tuple[str, Usage | None]:
        system, user = ("\n\n".join(one.content for one in messages if one.role == role) for role in ("system", "user"))
        try:
            text, usage = await self._ask(system, user, max_tokens)
        except LanguageModelError:
            raise
        except Exception as error:  # each provider has errors of its own
            raise ModelUnavailableError(
                f"The model {self.name!r} failed: {type(error).__name__}: {plain(str(error))[:300]}"
            ) from error
        if not isinstance(text, str):
            raise ModelUnavailableError(f"The model {self.name!r} gave a {type(text).__name__} and no text.")
        return text, usage

    @abstractmethod
    async def _ask(self, system: str, user: str, max_tokens: int) -> tuple[str, Usage | None]:
        """Return the text of the answer and what it took, if known. May raise anything."""


class FunctionModel(_Lent):
    """Answers by a function, for models run by other libraries. One that blocks runs in threads.

    Args:
        function: Gives text; the JSON is found in it, checked, and asked for once more if need be.
        name: What the model is called.
    """

    def __init__(self, function: Function, name: str = "function") -> None:
        super().__init__(name)
        self._function = function

    async def _ask(self, system: str, user: str, max_tokens: int) -> tuple[str, Usage | None]:
        call = getattr(self._function, "__call__", None)  # noqa: B004  its kind, not whether there is one
        if inspect.iscoroutinefunction(self._function) or inspect.iscoroutinefunction(call):
            made: str | Awaitable[str] = self._function(system, user, max_tokens)
        else:
            made = await _in_thread(lambda: self._function(system, user, max_tokens))
        return (await made if inspect.isawaitable(made) else made), None


class LangChainModel(_Lent):
    """Lends a chat model of LangChain.

    It is asked by `invoke` in a thread: the connections of `ainvoke` belong to the event loop of the agent, which is not
    the memory's. How long an answer may be is up to the model's own settings, whose names differ. The calls are tagged
    `duramen` in traces, and stay out of the stream of a graph.
    """

    def __init__(self, chat_model: BaseChatModel) -> None:
        super().__init__(f"langchain:{_model_name(chat_model, ('model_name', 'model', 'model_id'))}")
        self._model = chat_model

    async def _ask(self, system: str, user: str, max_tokens: int) -> tuple[str, Usage | None]:
        from langchain_core.messages import HumanMessage, SystemMessage

        messages = [SystemMessage(system), HumanMessage(user)]
        said = await _in_thread(lambda: self._model.invoke(messages, config={"tags": ["duramen", "nostream"]}))
        return _text(said.content), _usage(getattr(said, "usage_metadata", None), "input_tokens", "output_tokens")


class StrandsSource(Protocol):
    """What is used of a `strands.models.Model`."""

    def stream(self, messages: Any, tool_specs: Any = None, system_prompt: str | None = None) -> AsyncIterable[Any]:
        """Answer, piece by piece."""


class StrandsModel(_Lent):
    """Lends a model of Strands. How long an answer may be is up to the model's own settings."""

    def __init__(self, model: StrandsSource) -> None:
        config: Any = getattr(model, "get_config", dict)()
        named = config.get("model_id") if isinstance(config, Mapping) else getattr(config, "model_id", None)
        super().__init__(f"strands:{named or type(model).__name__}")
        self._model = model

    async def _ask(self, system: str, user: str, max_tokens: int) -> tuple[str, Usage | None]:
        pieces: list[str] = []
        usage: Usage | None = None
        messages = [{"role": "user", "content": [{"text": user}]}]
        async for event in self._model.stream(messages, None, system):
            stopped = event.get("messageStop", {}).get("stopReason")
            if stopped in _REFUSED:
                raise ModelUnavailableError(f"The model {self.name!r} refused to answer: {stopped}")
            pieces.append(event.get("contentBlockDelta", {}).get("delta", {}).get("text", ""))
            usage = _usage(event.get("metadata", {}).get("usage"), "inputTokens", "outputTokens") or usage
        return "".join(pieces), usage


async def _in_thread(call: Callable[[], T]) -> T:
    def called() -> T:
        try:
            return call()
        except StopIteration as error:  # which no future takes: whoever awaited it would wait for ever
            raise RuntimeError("it has nothing more to say") from error

    return await asyncio.to_thread(called)


def _model_name(model: object, attributes: Sequence[str]) -> str:
    named = (getattr(model, attribute, None) for attribute in attributes)
    return next((name for name in named if isinstance(name, str) and name), type(model).__name__)


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "".join(block if isinstance(block, str) else block.get("text", "") for block in blocks)


def _usage(usage: Mapping[str, int] | None, read: str, written: str) -> Usage | None:
    return Usage(read=usage[read], written=usage[written]) if usage and read in usage and written in usage else None
