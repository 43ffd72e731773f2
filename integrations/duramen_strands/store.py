"""A bank of Duramen as a memory store of Strands' own `MemoryManager`."""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from strands.hooks import AfterInvocationEvent, HookOrder, MessageAddedEvent
from strands.memory import ExtractionConfig, ExtractionTrigger, MemoryEntry, MemoryStore, SearchOptions
from strands.memory.extraction.types import ExtractionTriggerContext
from strands.memory.types import AddMessagesContext
from typing_extensions import Unpack

from duramen.identity import Bank, bank_name
from duramen.recall.asking import Asked
from duramen.status import Stats
from duramen.turns import AnyMemory, Around, Retention, Turns
from duramen.turns.turns import TIMEOUT
from duramen.types import Hit
from duramen_strands.messages import Message, said_in, words_of
from duramen_strands.watch import Watch

DESCRIPTION = "What the user and the assistant said in earlier conversations, with dates."

MOST_ENTRIES = 50
"""Entries of a search, unless `limit` says otherwise."""

MOST_MESSAGES = 2_000
"""Messages that are known to be retained already, and that a manager may still hand over."""


class DuramenMemoryStore(MemoryStore):
    """A bank for `MemoryManager(stores=[DuramenMemoryStore(memory, bank="user:ada")])`.

    Everything that is said is retained as it is added to the conversation, word for word and without a call of a model,
    whether the agent is called with `await` or without; nothing needs to be flushed. A message is retained once, also
    where the manager gives it again. A search does not find what is in the conversation that asks.

    A manager does not say who is asking: use one store for each user, and one manager for each agent. A store may be
    shared by the managers of several agents of the same user.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` gave.
        bank: The bank, or whose it is.
        name: Names the store to the model.
        description: Tells the model what it finds here.
        max_search_results: Entries of a search that does not say how many; those of the manager if None.
        writable: Whether anything is retained.
        extraction: True to retain each message as it is said; False for none; or a configuration of Strands, by which
            the manager hands over messages when a trigger fires. Then, after calls with `await`, what it still holds
            is lost unless the manager is flushed.
        timeout: Seconds that a step waits for the memory.
        retention: What of the conversation is retained.
        asked: Options of every search, such as `min_score` and `tags`; see `MemoryEngine.recall`.

    Raises:
        BadInputError: `memory` is no memory, or an option makes no sense.
        BankResolutionError: The identity names no bank.
    """

    def __init__(  # noqa: PLR0913  the options of the adapter, by name
        self,
        memory: AnyMemory,
        bank: Bank,
        *,
        name: str = "memory",
        description: str | None = DESCRIPTION,
        max_search_results: int | None = None,
        writable: bool = True,
        extraction: ExtractionConfig | bool | None = True,
        timeout: float = TIMEOUT,
        retention: Retention | None = None,
        **asked: Unpack[Asked],
    ) -> None:
        self.name = name
        self.description = description
        self.max_search_results = max_search_results
        self.writable = writable
        self.extraction: ExtractionConfig | bool | None = extraction if writable else None
        if self.extraction is True:
            self.extraction = {"trigger": _AsItIsSaid(self)}
        asked.setdefault("limit", MOST_ENTRIES)
        self._bank = bank_name(bank)
        self._turns = Turns(memory, name="strands", timeout=timeout, retention=retention, **asked)
        self._watch = Watch(self._turns, bank=self._bank)
        self._run = uuid.uuid4().hex
        self._seen: OrderedDict[int, Message] = OrderedDict()
        self._numbers: OrderedDict[int, tuple[object, str]] = OrderedDict()  # blocks kept alive keep their identity

    async def search(self, query: str, options: SearchOptions | None = None) -> list[MemoryEntry]:
        """Return what the bank knows about `query`, best first; nothing if the memory does not answer in time."""
        most = (options or {}).get("max_search_results") or self.max_search_results
        run = self._watch.runs.current()
        agent = run.host() if run is not None else None
        said = self._watch.said(agent) if agent is not None else []
        asking = [*said, {"role": "user", "content": query, "id": uuid.uuid4().hex}]
        around = run.around if run is not None and run.around is not None else Around(self._bank)
        recall = await self._turns.recall(around, asking)
        return [] if recall is None else [_entry(hit) for hit in recall.hits[:most]]

    async def add(self, content: str, metadata: Mapping[str, Any] | None = None) -> None:
        """Retain `content`, such as what the model wants to remember; the same content once.

        Raises:
            DuramenError: It could not be retained.
        """
        kept = {str(name): str(value) for name, value in (metadata or {}).items()}
        await self._turns.attempt(
            lambda engine: engine.retain(self._bank, content, key=f"added/{_digest(content)}", metadata=kept), "retain"
        )

    async def add_messages(self, messages: Sequence[Message], context: AddMessagesContext | None = None) -> None:
        """Retain `messages`, unless they were retained as they were said.

        They come without ids, and are named by the numbers that the manager gives them and by what they say.
        """
        # Before 1.47 there are no numbers. The manager gives other messages than those said, but with the same blocks.
        numbers = getattr(context, "sequence_numbers", None) or [self._number(message) for message in messages]
        seen = {id(block) for message in self._seen.values() for block in message["content"]}
        said = [
            said_in(message, name=f"{self._run}/{number}/{_digest(words_of(message['content']))}")
            for message, number in zip(messages, numbers, strict=True)
            if not any(id(block) in seen for block in message["content"])
        ]
        await self._turns.retain(Around(self._bank), said)

    def watch(self, agent: Any) -> None:
        """Retain what is said to `agent` and what it says, as it is said."""
        if self._watch.register(agent.hooks):
            agent.add_hook(self._note, MessageAddedEvent)

    async def flush(self, *, seconds: float | None = None) -> int:
        """Wait until what was said is on disk, for at most `seconds`; return how many messages are not.

        Without an outage there is nothing to wait for.
        """
        return await self._turns.flush(seconds=seconds)

    def stats(self) -> Stats:
        """Return what this store did so far."""
        return self._turns.stats()

    def _note(self, event: MessageAddedEvent) -> None:
        self._seen[id(event.message)] = event.message
        while len(self._seen) > MOST_MESSAGES:
            self._seen.popitem(last=False)

    def _number(self, message: Message) -> str:
        """Return something like a number for a message without one: the same for the same blocks."""
        blocks = message["content"]
        handle = id(blocks[0]) if blocks else 0
        number = self._numbers.setdefault(handle, (blocks, uuid.uuid4().hex))[1]
        while len(self._numbers) > MOST_MESSAGES:
            self._numbers.popitem(last=False)
        return number


class _AsItIsSaid(ExtractionTrigger):
    """Fires after each run, so that the manager lets go of the messages; by then they are retained."""

    name = "duramen"

    def __init__(self, store: DuramenMemoryStore) -> None:
        self._store = store

    def attach(self, context: ExtractionTriggerContext) -> None:
        self._store.watch(context.agent)

        def fire(event: AfterInvocationEvent) -> None:
            context.fire()

        context.agent.add_hook(fire, AfterInvocationEvent, order=HookOrder.SDK_LAST)


def _entry(hit: Hit) -> MemoryEntry:
    memory = hit.memory
    date = memory.mentioned.date().isoformat()
    said = f"{memory.speaker}: {memory.text}" if memory.speaker else memory.text
    return MemoryEntry(
        content=f"[{date}] {said}",
        metadata={"id": memory.id, "score": round(hit.score, 3), "date": date, "kind": memory.kind},
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
