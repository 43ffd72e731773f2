"""What was said in a turn, by the user and by the agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from duramen.block import strip
from duramen.types import Message
from duramen_agentcore.texts import answer_of, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange, as it was handed over: reading the texts out of it may raise anything.

    Attributes:
        query: What the user said, or a payload that holds it at `query_key`.
        result: What the agent returned, or a payload that holds its answer at `result_key`.
        chunks: What a streaming agent yielded, in place of `result`.
        complete: Whether the agent came to the end of it.
        key: The key of the whole turn; without one this is a step of its request.
    """

    query: object
    query_key: str | None = None
    result: object = None
    result_key: str = "output"
    chunks: Sequence[object] | None = None
    complete: bool = True
    key: str | None = None

    def said(self) -> tuple[str, str]:
        """Return what the user and the agent said, without recalled memories; "" for nothing."""
        if self.chunks is None:
            answer = answer_of(self.result, self.result_key)
        else:
            answer = "".join(spoken(chunk, self.result_key) for chunk in self.chunks)
        return strip(spoken(self.query, self.query_key)).strip(), strip(answer).strip()


def messages(query: str, answer: str) -> list[Message]:
    """Return an exchange as chat messages."""
    said: list[Message] = [{"role": "user", "content": query}] if query else []
    return [*said, {"role": "assistant", "content": answer}]
