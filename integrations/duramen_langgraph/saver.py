"""A checkpointer for LangGraph on the directory of the memories: `builder.compile(checkpointer=DuramenSaver(memory))`."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol

from duramen.errors import BadInputError
from duramen.shelf import Change
from duramen.turns import engine_of
from duramen_langgraph._checkpoints import Lane, Stored, puts, write_puts
from duramen_langgraph._lookup import Asked, History, Listing, find, histories, newest
from duramen_langgraph._upkeep import copy_thread, delete_runs, delete_threads, keep_newest

if TYPE_CHECKING:
    from langgraph.checkpoint.base import DeltaChannelHistory

    from duramen.engine import MemoryEngine
    from duramen.sync import SyncMemoryEngine


class DuramenSaver(BaseCheckpointSaver[str]):
    """Keeps the checkpoints of graphs beside the memories: durable, shared by processes, in one transaction each.

    Usable from any event loop and any thread; `get_tuple` and the rest without `await` also inside a running loop. What
    `put` and `put_writes` were given is on disk when they return. The value of a channel is stored once per version.
    Unlike recall, a saver does not fail open: what cannot be read or written raises, and the run stops there.

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned. The saver does not close it.
        serde: Makes bytes of values; langgraph's `JsonPlusSerializer` unless given. Everything but names and ids goes
            through it, so an `EncryptedSerializer` encrypts all state.

    Raises:
        BadInputError: `memory` is no memory; or, of every method, a config names no thread. It is a `ValueError`.
        StoreUnavailableError: Of every method: the store cannot be reached just now. What was kept is safe.
    """

    def __init__(self, memory: MemoryEngine | SyncMemoryEngine, *, serde: SerializerProtocol | None = None) -> None:
        super().__init__(serde=serde)
        engine = engine_of(memory)
        self._portal = engine.portal
        self._shelf = engine.shelf

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that `config` names, or the newest of its thread and namespace; None if there is none.

        Raises:
            StoreError: What stands there cannot be read by this version.
        """
        found = self._portal.call(find(self._shelf, self.serde, _lane(config), _checkpoint_id(config)))
        return None if found is None else found.read(self.serde)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """See `get_tuple`."""
        found = await self._portal.run(find(self._shelf, self.serde, _lane(config), _checkpoint_id(config)))
        return None if found is None else found.read(self.serde)

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Iterate over checkpoints, newest first, reading them page by page.

        Args:
            config: Names a thread, and optionally a namespace and a checkpoint; without a namespace those of subgraphs
                are listed too. None for all threads.
            filter: Fields of the metadata and the values that they have to have.
            before: Only what is older than the checkpoint it names.
            limit: At most this many.
        """
        return self._listed(Listing(self._shelf, self.serde, _asked(config, filter, before, limit)))

    def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """See `list`."""
        return self._alisted(Listing(self._shelf, self.serde, _asked(config, filter, before, limit)))

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a checkpoint and the values of its new channel versions, all or nothing.

        Args:
            config: Names the thread, the namespace and, as its `checkpoint_id`, the parent.
            checkpoint: With all values; only those of `new_versions` are written.
            metadata: Kept with it, as are the fields of `config` that langgraph counts as metadata.
            new_versions: The channels that changed, with their versions.

        Returns:
            What names the checkpoint.
        """
        stored = self._stored(config, checkpoint, metadata)
        self._write(puts(stored, checkpoint, new_versions, self.serde))
        return stored.lane.config(stored.id)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """See `put`."""
        stored = self._stored(config, checkpoint, metadata)
        await self._shelf.write(puts(stored, checkpoint, new_versions, self.serde))
        return stored.lane.config(stored.id)

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep what a task wrote after the checkpoint that `config` names; the same again changes nothing.

        Errors, interrupts, resumes and schedulings replace the earlier one of their task.

        Raises:
            BadInputError: `config` names no checkpoint.
        """
        self._write(write_puts(_writes_path(config), writes, (task_id, task_path), self.serde))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """See `put_writes`."""
        await self._shelf.write(write_puts(_writes_path(config), writes, (task_id, task_path), self.serde))

    def delete_thread(self, thread_id: str) -> None:
        """Delete all that was kept for a thread, in one transaction; nothing if there is nothing."""
        self._portal.call(delete_threads(self._shelf, [_thread(thread_id)]))

    async def adelete_thread(self, thread_id: str) -> None:
        """See `delete_thread`."""
        await self._portal.run(delete_threads(self._shelf, [_thread(thread_id)]))

    def delete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Delete the checkpoints that runs made, their pending writes, and values that no other checkpoint has.

        Runs are told by `run_id` in the metadata. A checkpoint stays while a remaining one needs it for the value of a
        `DeltaChannel`. Every checkpoint in the store is looked at; call it for threads that nobody is running.
        """
        self._portal.call(delete_runs(self._shelf, self.serde, _names(run_ids, "run_ids")))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """See `delete_for_runs`."""
        await self._portal.run(delete_runs(self._shelf, self.serde, _names(run_ids, "run_ids")))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all that was kept for a thread to another, where what stands there already stays beside it."""
        self._portal.call(self._copy(source_thread_id, target_thread_id))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """See `copy_thread`."""
        await self._portal.run(self._copy(source_thread_id, target_thread_id))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Delete old checkpoints of threads, and values that no remaining one has; each thread in one transaction.

        Call it for threads that nobody is running: a run that goes on from an old checkpoint would miss its values.

        Args:
            thread_ids: Which threads; unknown ones are passed over.
            strategy: "keep_latest" keeps the newest checkpoint of each namespace, and its ancestors as far as the value
                of a `DeltaChannel` is made from them; "delete" keeps nothing.
        """
        self._portal.call(self._prune(thread_ids, strategy))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """See `prune`."""
        await self._portal.run(self._prune(thread_ids, strategy))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """Return what each channel's value at a checkpoint is made from: a stored value, and the writes since."""
        return self._decoded(self._portal.call(self._histories(config, channels)))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """See `get_delta_channel_history`."""
        return self._decoded(await self._portal.run(self._histories(config, channels)))

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Return a version above `current`, which is never given twice: two forks of a channel differ in it."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:032d}.{secrets.token_hex(8)}"

    def _write(self, changes: Sequence[Change]) -> None:
        self._portal.call(self._shelf.write(changes))

    def _stored(self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata) -> Stored:
        fields = self.serde.dumps_typed(get_checkpoint_metadata(config, metadata))
        return Stored(_lane(config), checkpoint["id"], _checkpoint_id(config), ("", b""), fields)

    def _listed(self, listing: Listing) -> Iterator[CheckpointTuple]:
        while (found := self._portal.call(listing.next())) is not None:
            yield found.read(self.serde)

    async def _alisted(self, listing: Listing) -> AsyncIterator[CheckpointTuple]:
        while (found := await self._portal.run(listing.next())) is not None:
            yield found.read(self.serde)

    async def _copy(self, source: str, target: str) -> None:
        if (old := _thread(source)) != (new := _thread(target)):
            await copy_thread(self._shelf, old, new)

    async def _prune(self, thread_ids: Sequence[str], strategy: str) -> None:
        threads = [_thread(thread) for thread in _names(thread_ids, "thread_ids")]
        if strategy == "delete":
            await delete_threads(self._shelf, threads)
        elif strategy == "keep_latest":
            await keep_newest(self._shelf, self.serde, threads)
        else:
            raise BadInputError(f"`strategy` is {strategy!r}. Give 'keep_latest' or 'delete'; nothing was deleted.")

    async def _histories(self, config: RunnableConfig, channels: Sequence[str]) -> dict[str, History]:
        target = await newest(self._shelf, _lane(config), _checkpoint_id(config)) if channels else None
        return await histories(self._shelf, self.serde, target, channels)

    def _decoded(self, told: Mapping[str, History]) -> dict[str, DeltaChannelHistory]:
        return {channel: self._decoded_one(history) for channel, history in told.items()}

    def _decoded_one(self, history: History) -> DeltaChannelHistory:
        told: DeltaChannelHistory = {
            "writes": [(write.task, write.channel, self.serde.loads_typed(write.value)) for write in history.writes]
        }
        if history.seed is not None:
            told["seed"] = self.serde.loads_typed(history.seed)
        return told


def _asked(
    config: RunnableConfig | None, wanted: Mapping[str, Any] | None, before: RunnableConfig | None, limit: int | None
) -> Asked:
    lane = _lane(config) if config else None
    named = config.get("configurable", {}) if config else {}
    return Asked(
        thread=lane.thread if lane else None,
        namespace=lane.namespace if lane and named.get("checkpoint_ns") is not None else None,
        id=_checkpoint_id(config) if config else None,
        before=_checkpoint_id(before) if before else None,
        wanted=wanted or {},
        limit=limit,
    )


def _lane(config: RunnableConfig) -> Lane:
    named = config.get("configurable", {})
    return Lane(_thread(named.get("thread_id")), str(named.get("checkpoint_ns") or ""))


def _thread(given: object) -> str:
    thread = "" if given is None else str(given)
    if not thread.strip():
        raise BadInputError(
            f"The thread id is {given!r}, so there is no conversation to keep or to read; nothing was. Give a thread, "
            "such as `config={'configurable': {'thread_id': 'conversation-1'}}`."
        )
    return thread


def _checkpoint_id(config: RunnableConfig) -> str | None:
    checkpoint = config.get("configurable", {}).get("checkpoint_id")
    return str(checkpoint) if checkpoint else None


def _writes_path(config: RunnableConfig) -> tuple[str, ...]:
    lane, checkpoint = _lane(config), _checkpoint_id(config)
    if checkpoint is None:
        raise BadInputError(
            f"The config for thread {lane.thread!r} has no `checkpoint_id`, so the writes belong nowhere; none was "
            "kept. Give the config that `put` returned."
        )
    return lane.writes(checkpoint)


def _names(given: Sequence[str], name: str) -> Collection[str]:
    if isinstance(given, str):
        raise BadInputError(f"`{name}` is the text {given!r}. Give a list; nothing was deleted.")
    return {str(one) for one in given}
