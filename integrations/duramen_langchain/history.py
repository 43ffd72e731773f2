"""LangChain's chat history: the messages of one session, word for word, in the directory of the memory."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, message_to_dict, messages_from_dict

from duramen.errors import BadInputError
from duramen.identity import Bank, bank_name
from duramen.shelf import Path, Put, Remove
from duramen.turns import AnyMemory, Around, Retention, Turns
from duramen.turns.turns import TIMEOUT
from duramen.types import Message
from duramen_langchain.messages import message_of

try:
    from langchain_core.chat_history import BaseChatMessageHistory
except ImportError as error:  # deprecated, and announced to be removed with 2.0
    raise ImportError(
        "This langchain-core has no chat histories any more. Use a checkpointer for the messages of a session, and "
        "`duramen_langchain.MemoryMiddleware` for what outlives it."
    ) from error

_SHELF = "langchain.history"


class DuramenChatMessageHistory(BaseChatMessageHistory):
    """The messages of one session, in the order in which they were added, for `RunnableWithMessageHistory`.

    They survive the process, and what is added at once in several threads or processes is all there. Nothing recalled
    is among them. With `retain`, what is added is retained in the bank as well, so that other sessions can recall it.

    LangChain has deprecated chat histories; with `create_agent`, use a checkpointer and `MemoryMiddleware`. An outage
    raises here, as a history that pretends to be empty would be continued wrongly.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: Whose conversation it is.
        session: Which conversation it is.
        retain: Whether what is added is retained too; that never raises, and waits out an outage.
        retention: What of it is retained.
        timeout: Seconds to wait until it is retained.

    Raises:
        BankResolutionError: No bank can be named.
        BadInputError: `memory` is no memory, or `session` is blank.
    """

    def __init__(
        self,
        memory: AnyMemory,
        *,
        bank: Bank,
        session: str,
        retain: bool = True,
        retention: Retention | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        super().__init__()
        given: object = session
        if not isinstance(given, str) or not given.strip():
            raise BadInputError(f"`session` is {given!r}. Give the id of the conversation as text.")
        self._turns = Turns(memory, name="langchain", timeout=timeout, retention=retention)
        self._around = Around(bank_name(bank), session)
        self._retain = retain
        self._engine = self._turns.engine

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]  # LangChain declares an attribute "or property"
        """The messages so far, oldest first."""
        return self._engine.portal.call(self._read())

    async def aget_messages(self) -> list[BaseMessage]:
        """Return the messages so far, oldest first, on any event loop."""
        return await self._engine.portal.run(self._read())

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Add `messages` behind those that are there, all or none; on disk when this returns.

        Raises:
            StoreUnavailableError: They could not be added.
        """
        if messages:
            added = self._engine.portal.call(self._add(messages))
            if self._retain:
                self._turns.retain_sync(self._around, added)

    async def aadd_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Do what `add_messages` does, on any event loop."""
        if messages:
            added = await self._engine.portal.run(self._add(messages))
            if self._retain:
                await self._turns.retain(self._around, added)

    def clear(self) -> None:
        """Remove the messages of this session. What was learned from them stays; see `MemoryEngine.forget`."""
        self._engine.portal.call(self._engine.shelf.write([Remove(path=self._path)]))

    async def aclear(self) -> None:
        """Do what `clear` does, on any event loop."""
        await self._engine.shelf.write([Remove(path=self._path)])

    @property
    def _path(self) -> Path:
        return (_SHELF, self._around.bank, str(self._around.session))

    async def _read(self) -> list[BaseMessage]:
        entries = await self._engine.shelf.scan(self._path)
        return messages_from_dict([said for entry in entries for said in json.loads(entry.value)["messages"]])

    async def _add(self, messages: Sequence[BaseMessage]) -> list[Message]:
        """Add `messages` as one entry, and return them with an id each."""
        added = uuid.uuid4().hex
        said = {"id": added, "messages": [message_to_dict(message) for message in messages]}
        await self._append(json.dumps(said, default=_plain).encode())
        named = map(message_of, messages)
        return [{**message, "id": message.get("id") or f"{added}-{place}"} for place, message in enumerate(named)]

    async def _append(self, value: bytes) -> None:
        """Put `value` behind the last entry; behind the next one if another writer was there first."""
        shelf = self._engine.shelf
        while True:
            last = await shelf.scan(self._path, reverse=True, limit=1)
            key = f"{int(last[0].key) + 1 if last else 0:012d}"
            await shelf.write([Put(path=self._path, key=key, value=value, keep=True)])
            (entry,) = await shelf.get([(self._path, key)])
            if entry is None or entry.value == value:  # gone again if somebody cleared the history just now
                return


def _plain(value: Any) -> Any:
    """Return what stands for `value`, which JSON has no form for: an artifact of a tool, for example."""
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if callable(dump) else str(value)
