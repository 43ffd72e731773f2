"""What a node returned: the messages in it, and the same with an id for each message that had none."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass, replace
from typing import Any
from uuid import UUID

from langchain_core.messages import BaseMessage
from langgraph.types import Command
from pydantic import BaseModel

from duramen.said import text_of
from duramen_langgraph._runs import Run
from duramen_langgraph.state import entries_in, message_in, value_in


class Output:
    """Reads what a node returned: an update, a `Command`, a list of those, a message or a list of messages.

    A message without an id gets one from the reducer of the state, a new one each time. So that memory and state agree
    on it, it is given here, and made of the task and of what is said: the same when the task is run once more. Where
    the state does not name its messages, or nothing keeps it, they are left as they are.

    Args:
        key: The key of the messages.
        before: What stood there when the node began, as it stood there.
        run: Where the node runs.
        naming: Whether messages are given ids; if not, those without one are left out where others have one.
    """

    def __init__(self, key: str, before: Sequence[object], run: Run, *, naming: bool = True) -> None:
        self.messages: list[BaseMessage] = []
        self._key = key
        self._before = {id(entry) for entry in before}
        named = run.lasting and all(isinstance(entry, BaseMessage) and entry.id for entry in before)
        self._task = _task_of(run.config) if named and naming else None
        self._wants_ids = named and not naming

    def read(self, output: Any) -> Any:
        """Return `output`, or a copy in which the messages have ids, and note them in `messages`."""
        if isinstance(output, Command):
            update = self._update(output.update)
            return output if update is output.update else replace(output, update=update)
        if isinstance(output, list | tuple) and any(isinstance(one, Command) for one in output):
            return _same_or(output, [self.read(one) for one in output])
        if isinstance(output, list | BaseMessage):
            return self._entries(output)
        return self._update(output)

    def _update(self, update: Any) -> Any:
        if isinstance(update, dict):
            if self._key not in update:
                return update
            entries = self._entries(update[self._key])
            return update if entries is update[self._key] else {**update, self._key: entries}
        if isinstance(update, list | tuple):
            return _same_or(update, [self._pair(pair) for pair in update])
        if isinstance(update, BaseModel) or is_dataclass(update):
            self._note(value_in(update, self._key))
        return update

    def _pair(self, pair: Any) -> Any:
        if not (isinstance(pair, tuple) and len(pair) == 2 and pair[0] == self._key):
            return pair
        entries = self._entries(pair[1])
        return pair if entries is pair[1] else (self._key, entries)

    def _entries(self, value: Any) -> Any:
        return _same_or(value, [self._entry(one) for one in value]) if isinstance(value, list) else self._entry(value)

    def _entry(self, entry: Any) -> Any:
        message = None if id(entry) in self._before else message_in(entry)
        if message is None or message.type == "remove":
            return entry
        if message.id is None and self._task is not None:
            entry = message = message.model_copy(update={"id": self._name(message)})
        if message.id or not self._wants_ids:
            self.messages.append(message)
        return entry

    def _note(self, value: Any) -> None:
        for entry in value if isinstance(value, list) else [value]:
            message = message_in(entry)
            if message is not None and message.id and message.type != "remove":
                self.messages.append(message)

    def _name(self, message: BaseMessage) -> str:
        parts = (self._task, len(self.messages), message.type, text_of(message.content))
        return str(UUID(bytes=hashlib.blake2b(repr(parts).encode(), digest_size=16).digest(), version=5))


def _task_of(config: Mapping[str, Any]) -> str | None:
    """Name the task of a graph that a config belongs to: the same when it is retried or resumed; None outside one."""
    configurable: Mapping[str, Any] = config.get("configurable") or {}
    place = configurable.get("checkpoint_ns")
    return f"{configurable.get('thread_id')}/{place}" if place else None


def before_in(state: object, key: str, run: Run) -> list[object]:
    """Return the messages that a node was given, as they stand in its state.

    Those that were made up for a task (a `Send` with messages that are in no state) are left out.
    """
    entries = entries_in(state, key)
    return [entry for entry in entries if getattr(entry, "id", None)] if run.sent else entries


def _same_or(old: Any, new: Any) -> Any:
    return old if all(one is other for one, other in zip(old, new, strict=True)) else new
