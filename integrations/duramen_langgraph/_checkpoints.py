"""Where a saver keeps what on the shelf, and what the bytes there mean.

    ("langgraph.checkpoints", thread, namespace)             checkpoint id    parent id, checkpoint, metadata
    ("langgraph.channels", thread, namespace, channel)       version          value
    ("langgraph.writes", thread, namespace, checkpoint id)   task id, index   task id, channel, task path, value

A checkpoint is kept without the values of its channels: each of these stands once per version, however many checkpoints
have it. Ids of checkpoints grow with time, so the last key at a path is the newest.

Every entry is an *envelope*: one byte with the version of this format, 1, and then its parts, each as four bytes with
its length, big-endian, and that many bytes. Text is UTF-8. A checkpoint, a metadata or a value is two parts: the type
and the bytes that the saver's serialiser gave for it (MessagePack by default, nothing is pickled).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import WRITES_IDX_MAP, ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.serde.base import SerializerProtocol

from duramen.errors import StoreError
from duramen.shelf import Change, Entry, Path, Place, Put

CHECKPOINTS, CHANNELS, WRITES = "langgraph.checkpoints", "langgraph.channels", "langgraph.writes"
KINDS = (CHECKPOINTS, CHANNELS, WRITES)

FORMAT = 1
LENGTH_BYTES = 4

FIRST_INDEX = 10**9
"""Added to the index of a write in its key, so that the negative ones of special channels sort as numbers too."""

Typed: TypeAlias = tuple[str, bytes]
"""What a serialiser made of an object: the name of a type, and bytes."""


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """One namespace of one thread: the graph itself, "", or a subgraph."""

    thread: str
    namespace: str

    @property
    def checkpoints(self) -> Path:
        """Where its checkpoints stand, oldest first."""
        return CHECKPOINTS, self.thread, self.namespace

    def writes(self, checkpoint: str) -> Path:
        """Where the pending writes of a checkpoint stand."""
        return WRITES, self.thread, self.namespace, checkpoint

    def value(self, channel: str, version: object) -> Place:
        """Where the value of a channel at a version stands; a version is text, or a number of hand-made checkpoints."""
        return (CHANNELS, self.thread, self.namespace, channel), str(version)

    def config(self, checkpoint: str) -> RunnableConfig:
        """Return what names a checkpoint to langgraph."""
        names = {"thread_id": self.thread, "checkpoint_ns": self.namespace, "checkpoint_id": checkpoint}
        return {"configurable": names}


@dataclass(frozen=True, slots=True)
class Stored:
    """A checkpoint as it stands on the shelf: without the values of its channels, and not yet deserialised."""

    lane: Lane
    id: str
    parent: str | None
    checkpoint: Typed
    metadata: Typed

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.lane.checkpoints, self.id


class Write(NamedTuple):
    """A pending write as it stands on the shelf. Sorts as its super-step applied it: by path and id of its task."""

    task_path: str
    task: str
    number: int
    channel: str
    value: Typed


@dataclass(frozen=True, slots=True)
class Found:
    """A checkpoint with its values and pending writes, which are not yet deserialised."""

    stored: Stored
    checkpoint: Checkpoint
    values: Sequence[tuple[str, Typed]]
    writes: Sequence[Write]

    def read(self, serde: SerializerProtocol) -> CheckpointTuple:
        """Return what langgraph reads."""
        lane, parent = self.stored.lane, self.stored.parent
        values = {channel: serde.loads_typed(value) for channel, value in self.values}
        # What stood in the checkpoint itself was put there without a version.
        complete = {**self.checkpoint, "channel_values": {**self.checkpoint["channel_values"], **values}}
        return CheckpointTuple(
            config=lane.config(self.stored.id),
            checkpoint=cast(Checkpoint, complete),
            metadata=metadata_of(self.stored, serde),
            parent_config=lane.config(parent) if parent else None,
            pending_writes=[(write.task, write.channel, serde.loads_typed(write.value)) for write in self.writes],
        )


def puts(
    stored: Stored, checkpoint: Checkpoint, new_versions: ChannelVersions, serde: SerializerProtocol
) -> list[Change]:
    """Return what puts `checkpoint` on the shelf: `stored`, whose serialised checkpoint is left to this, and values.

    Langgraph names as new what the values to be stored are. A checkpoint that has values and no new versions was made
    by hand or copied: then values are stored where none stands. Values without a version stay in the checkpoint.
    """
    values, versions = checkpoint["channel_values"], checkpoint["channel_versions"]
    changes: list[Change] = []
    for channel, version in (new_versions or versions).items():
        if channel in values:
            path, key = stored.lane.value(channel, version)
            value = pack(*_typed(values[channel], serde))
            changes.append(Put(path=path, key=key, value=value, keep=not new_versions))
    inside = {channel: value for channel, value in values.items() if channel not in versions}
    whole = replace(stored, checkpoint=serde.dumps_typed({**checkpoint, "channel_values": inside}))
    changes.append(Put(path=stored.lane.checkpoints, key=stored.id, value=_envelope(whole)))
    return changes


def write_puts(
    path: Path, writes: Sequence[tuple[str, Any]], task: tuple[str, str], serde: SerializerProtocol
) -> list[Change]:
    """Return what puts the pending writes of a task, its id and its path, at `path`.

    What a task wrote stays when it comes again; errors, interrupts and the like are replaced.
    """
    changes: list[Change] = []
    for position, (channel, value) in enumerate(writes):
        index = WRITES_IDX_MAP.get(channel, position)
        parts = (task[0].encode(), channel.encode(), task[1].encode(), *_typed(value, serde))
        key = f"{task[0]}:{FIRST_INDEX + index:010d}"
        changes.append(Put(path=path, key=key, value=pack(*parts), keep=index >= 0))
    return changes


def stored_of(entry: Entry) -> Stored:
    """Read the entry of a checkpoint."""
    _, thread, namespace = entry.path
    parent, *typed = unpack(entry, 5)
    return Stored(Lane(thread, namespace), entry.key, parent.decode() or None, _pair(typed[:2]), _pair(typed[2:]))


def value_of(entry: Entry) -> Typed:
    """Read the entry of a channel's value."""
    return _pair(unpack(entry, 2))


def write_of(entry: Entry) -> Write:
    """Read the entry of a pending write."""
    task, channel, task_path, *value = unpack(entry, 5)
    index = int(entry.key.rpartition(":")[2]) - FIRST_INDEX
    return Write(task_path.decode(), task.decode(), index, channel.decode(), _pair(value))


def checkpoint_of(stored: Stored, serde: SerializerProtocol) -> Checkpoint:
    """Deserialise a checkpoint, which has no values but those without a version."""
    return cast(Checkpoint, serde.loads_typed(stored.checkpoint))


def metadata_of(stored: Stored, serde: SerializerProtocol) -> CheckpointMetadata:
    """Deserialise the metadata of a checkpoint."""
    return cast(CheckpointMetadata, serde.loads_typed(stored.metadata))


def matches(metadata: CheckpointMetadata, wanted: Mapping[str, Any]) -> bool:
    """Tell whether every wanted field has exactly the wanted value; None also stands for a field that is not there."""
    fields = cast(Mapping[str, Any], metadata)
    return all(fields.get(name) == value for name, value in wanted.items())


def pack(*parts: bytes) -> bytes:
    """Put parts into an envelope; see the module."""
    framed = [bytes([FORMAT])]
    for part in parts:
        framed += (len(part).to_bytes(LENGTH_BYTES, "big"), part)
    return b"".join(framed)


def unpack(entry: Entry, count: int) -> list[bytes]:
    """Take `count` parts out of the envelope of an entry.

    Raises:
        StoreError: It is not an envelope of `count` parts, or has a newer format.
    """
    data, at = entry.value, 1
    if data[:1] != bytes([FORMAT]):
        raise StoreError(
            f"The entry {entry.key!r} at {entry.path!r} has format {data[:1].hex() or 'none'}; this Duramen reads "
            f"format {FORMAT:02x}. Nothing was changed. Upgrade with `pip install --upgrade duramen`."
        )
    parts = []
    while at < len(data):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        parts.append(data[start:at])
    if len(parts) != count or at != len(data):
        raise StoreError(
            f"The entry {entry.key!r} at {entry.path!r} is damaged: it does not hold {count} whole parts. Nothing was "
            f"changed. Restore the memory from a backup, or delete the thread."
        )
    return parts


def _envelope(stored: Stored) -> bytes:
    kind, checkpoint = stored.checkpoint
    metadata_kind, metadata = stored.metadata
    return pack((stored.parent or "").encode(), kind.encode(), checkpoint, metadata_kind.encode(), metadata)


def _typed(value: Any, serde: SerializerProtocol) -> tuple[bytes, bytes]:
    kind, data = serde.dumps_typed(value)
    return kind.encode(), data


def _pair(parts: Sequence[bytes]) -> Typed:
    kind, data = parts
    return kind.decode(), data
