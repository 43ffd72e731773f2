"""Appending to sessions and deleting from them, so that the shelf and the bank change together."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal, TypeAlias

from duramen.errors import BadContentError
from duramen.protocols import Storage
from duramen.retain.items import given
from duramen.sessions.drafts import Draft
from duramen.sessions.events import MAIN, SessionEvent
from duramen.sessions.forgetting import removal
from duramen.sessions.places import body_of, branches_path, dumped, loaded, read
from duramen.sessions.spoken import item_of
from duramen.shelf import Change, Entry, Path, Remove
from duramen.types import Event, Selection

Following: TypeAlias = Callable[[str, Sequence[Event]], Awaitable[Sequence[str]]]
"""Tells which strategies are to work through new events of a bank; raises if the bank cannot take them."""

Forgetting: TypeAlias = Callable[[str], AbstractAsyncContextManager[None]]
"""Holds while something is deleted from a bank, and sees to it that no index keeps it."""

Forget: TypeAlias = Callable[[str, Selection, Sequence[Change]], Awaitable[object]]
"""Forgets what is selected in a bank, wherever it is kept beside sessions, in one transaction with changes of the shelf."""


class TakenError(BadContentError):
    """A key or the name of a branch stands for something else in the session. Nothing was written.

    Attributes:
        about: Which of the two.
    """

    def __init__(self, about: Literal["key", "branch"], message: str) -> None:
        self.about = about
        super().__init__(message)


class Writer:
    """Writes sessions.

    What is appended with a key or on a branch waits for others of its session in this process. Between processes the
    first to write wins, and whoever comes second finds that out and takes its own back.

    Args:
        storage: Where to.
        following: See `Following`.
        forgetting: See `Forgetting`.
        forget: See `Forget`; without, what is selected is forgotten in `storage` alone.
    """

    def __init__(
        self, storage: Storage, following: Following, forgetting: Forgetting, forget: Forget | None = None
    ) -> None:
        self._storage = storage
        self._following = following
        self._forgetting = forgetting
        self._forget = self._take_back if forget is None else forget
        self._locks: weakref.WeakValueDictionary[Path, asyncio.Lock] = weakref.WeakValueDictionary()

    async def append(self, draft: Draft) -> SessionEvent:
        """Append what `draft` says, or return what was appended with its key before.

        Raises:
            BadContentError: The branch or its root is not known.
            TakenError: Something else was appended with the key, or the branch begins elsewhere.
        """
        if draft.event.key is None and draft.event.branch is None:
            await self._write(draft, [])
            return draft.event
        async with self._alone(draft.path):
            if (first := await self._first(draft)) is not None:
                return first
            changes = await self._forked(draft)
            if draft.key_place is not None:
                named = dumped({"event": draft.event.id, "body": body_of(draft.event)})
                changes.append(draft.put(*draft.key_place, named, keep=True))
            await self._write(draft, changes)
            return await self._settled(draft)

    async def delete(self, path: Path, id: str, *, keep_memories: bool) -> bool:
        """Delete an event, with what is remembered of it unless that is to be kept; False if there is none."""
        async with self._alone(path):
            (entry,) = await self._storage.shelf.get([(path, id)])
            if entry is None:
                return False
            event = read(entry)
            changes = await removal(self._storage.shelf, path, [event])
            remembered = item_of(event, None) is not None and not keep_memories
            await self.remove(event.bank, _of(event) if remembered else None, changes)
            return True

    async def remove(self, bank: str, selection: Selection | None, changes: Sequence[Change]) -> None:
        """Make `changes`, and forget what is selected in the same transaction."""
        if selection is None:
            await self._storage.shelf.write(changes)
            return
        await self._forget(bank, selection, changes)

    async def _take_back(self, bank: str, selection: Selection, changes: Sequence[Change]) -> None:
        async with self._forgetting(bank):
            await self._storage.forget(bank, selection, shelved=changes)

    async def _write(self, draft: Draft, changes: Sequence[Change]) -> None:
        event = draft.event
        shelved = [draft.put(draft.path, event.id, draft.value), *changes, *draft.shelved]
        item = item_of(event, draft.given_at)
        if item is None:
            await self._storage.shelf.write(shelved)
            return
        events = given(event.bank, [item], now=draft.now).events
        strategies = await self._following(event.bank, events)
        await self._storage.append(event.bank, events, strategies=strategies, shelved=shelved)

    async def _first(self, draft: Draft) -> SessionEvent | None:
        """Return the event that was appended with the key of `draft`, if there is one."""
        if draft.key_place is None:
            return None
        (named,) = await self._storage.shelf.get([draft.key_place])
        if named is None:
            return None
        kept = loaded(named.value)
        if kept["body"] != body_of(draft.event):
            raise TakenError(
                "key",
                f"Something else was appended to this session with the key {draft.event.key!r} (event {kept['event']!r}). "
                f"A key names one event for good; give the new one another key, or none. Nothing was kept.",
            )
        (entry,) = await self._storage.shelf.get([(draft.path, kept["event"])])
        return None if entry is None else read(entry)

    async def _forked(self, draft: Draft) -> list[Change]:
        """Return what is to be written of the branch of `draft`."""
        event, at = draft.event, branches_path(draft.path)
        if event.branch is None:
            return []
        named, root = await self._storage.shelf.get([(at, event.branch), (draft.path, event.root or event.branch)])
        if named is None:
            return [draft.put(at, event.branch, _beginning(event, root), keep=True)]
        _check_root(event, named)
        outlived = named.expires is not None and (event.expires is None or named.expires < event.expires)
        return [draft.put(at, event.branch, named.value)] if outlived else []

    async def _settled(self, draft: Draft) -> SessionEvent:
        """Return the event, unless another process was first with its key or branch: then its own is taken back."""
        event = draft.event
        try:
            if (first := await self._first(draft)) is not None and first.id != event.id:
                await self._take_back(event.bank, _of(event), [Remove(path=draft.path, key=event.id)])
                return first
            if event.branch is not None:
                (named,) = await self._storage.shelf.get([(branches_path(draft.path), event.branch)])
                if named is not None:
                    _check_root(event, named)
        except BadContentError:
            await self._take_back(event.bank, _of(event), [Remove(path=draft.path, key=event.id), *_own_key(draft)])
            raise
        return event

    @asynccontextmanager
    async def _alone(self, path: Path) -> AsyncIterator[None]:
        lock = self._locks.setdefault(path, asyncio.Lock())
        async with lock:
            yield


def _of(event: SessionEvent) -> Selection:
    """Select what is remembered of `event` word for word."""
    return Selection(key=event.id, actor=event.actor, session=event.session)


def _own_key(draft: Draft) -> list[Change]:
    place = draft.key_place
    return [] if place is None else [Remove(path=place[0], key=place[1])]


def _beginning(event: SessionEvent, root: Entry | None) -> bytes:
    """Return what is kept of a branch that begins with `event`."""
    if event.root is None:
        raise BadContentError(
            f"The session has no branch {event.branch!r}. Begin it with `root`, the id of the event that it leaves the "
            f"conversation behind. Nothing was kept."
        )
    if root is None:
        raise BadContentError(
            f"The branch {event.branch!r} cannot begin behind {event.root!r}: this session has no such event. Nothing was "
            f"kept."
        )
    return dumped({"root": event.root, "parent": read(root).branch or MAIN, "first": event.id})


def _check_root(event: SessionEvent, named: Entry) -> None:
    root = loaded(named.value)["root"]
    if event.root not in (None, root):
        raise TakenError(
            "branch",
            f"The branch {event.branch!r} of this session begins behind {root!r}, not behind {event.root!r}. Leave `root` "
            f"out to go on with it, or give the new branch another name. Nothing was kept.",
        )
