"""What of a graph's state belongs to memory: where recalled text lies, and which messages are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeAlias

from langchain_core.messages import AnyMessage, BaseMessage, convert_to_messages
from langchain_core.messages.utils import message_chunk_to_message
from langgraph.channels import UntrackedValue
from langgraph.graph.message import add_messages
from typing_extensions import NotRequired, TypedDict

Recalled: TypeAlias = Annotated[str, UntrackedValue(str, guard=False)]
"""The type of a state key for recalled text: not checkpointed; parallel branches may write it in the same step."""


class MemoryState(TypedDict):
    """The state of a conversation with memory, to be used as it is or extended.

    Attributes:
        messages: The conversation.
        memory: The recalled text, or "" if there is none; lost when a run is resumed. See `GraphMemory.messages`.
    """

    messages: Annotated[list[AnyMessage], add_messages]
    memory: NotRequired[Recalled]


def value_in(state: object, key: str) -> Any:
    """Return what stands at `key` in a state, which may be a mapping, a dataclass or a model; None if nothing does."""
    return state.get(key) if isinstance(state, Mapping) else getattr(state, key, None)


def entries_in(state: object, key: str) -> list[object]:
    """Return what stands in the list of messages at `key` of a state, or in a state that is such a list itself."""
    value = state if isinstance(state, list | BaseMessage) else value_in(state, key)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def messages_in(state: object, key: str) -> list[BaseMessage]:
    """Return the messages at `key` of a state; what cannot be read as a message is left out."""
    return read(entries_in(state, key))


def read(entries: Iterable[object]) -> list[BaseMessage]:
    """Return those of `entries` that are, or can be read as, messages."""
    return [message for message in map(message_in, entries) if message is not None]


def message_in(entry: Any) -> BaseMessage | None:
    """Return `entry` itself if it is a message, what it stands for if it is a dict, a pair or text, or None."""
    if isinstance(entry, BaseMessage):
        return message_chunk_to_message(entry)
    try:
        return convert_to_messages([entry])[0]
    except (
        ValueError,
        TypeError,
        NotImplementedError,
        KeyError,
        AttributeError,
    ):  # LangChain's ways to say: no message
        return None
