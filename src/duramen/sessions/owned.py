"""The sessions of an engine: used on the engine's own loop, by code with `await` and without."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from duramen.portal import Portal
from duramen.sessions.sessions import Sessions

P = ParamSpec("P")
T = TypeVar("T")


class Wakes(Protocol):
    """Works through what was appended."""

    def wake(self) -> None:
        """Say that there is something."""


class Opens(Protocol):
    """The life of an engine."""

    async def worker(self) -> Wakes:
        """Return the worker, with the store open."""


def _owned(
    verb: Callable[Concatenate[Sessions, P], Coroutine[Any, Any, T]], *, changes: bool = False
) -> Callable[Concatenate[OwnedSessions, P], Coroutine[Any, Any, T]]:
    async def handed_over(self: OwnedSessions, /, *args: P.args, **options: P.kwargs) -> T:
        async def work() -> T:
            worker = await self.life.worker()
            result = await verb(self.sessions_of_store, *args, **options)
            if changes:
                worker.wake()
            return result

        return await self.portal.run(work())

    functools.update_wrapper(handed_over, verb)
    return handed_over


def _waited(
    verb: Callable[Concatenate[OwnedSessions, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[SyncSessions, P], T]:
    def waited(self: SyncSessions, /, *args: P.args, **options: P.kwargs) -> T:
        return self.owned.portal.call(verb(self.owned, *args, **options))

    functools.update_wrapper(waited, verb)
    return waited


class OwnedSessions:
    """`Sessions` that any loop may await; see there for each verb.

    Args:
        portal: Runs the loop of the engine.
        life: Opens its store.
        sessions: Those of that store.
    """

    def __init__(self, portal: Portal, life: Opens, sessions: Sessions) -> None:
        self.portal = portal
        self.life = life
        self.sessions_of_store = sessions

    append = _owned(Sessions.append, changes=True)
    get = _owned(Sessions.get)
    session_of = _owned(Sessions.session_of)
    events = _owned(Sessions.events)
    history = _owned(Sessions.history)
    turns = _owned(Sessions.turns)
    branches = _owned(Sessions.branches)
    actors = _owned(Sessions.actors)
    sessions = _owned(Sessions.sessions)
    delete = _owned(Sessions.delete, changes=True)
    delete_session = _owned(Sessions.delete_session, changes=True)
    delete_actor = _owned(Sessions.delete_actor, changes=True)


class SyncSessions:
    """The same without `await`, also inside a running loop; `owned` is what it stands for."""

    def __init__(self, owned: OwnedSessions) -> None:
        self.owned = owned

    append = _waited(OwnedSessions.append)
    get = _waited(OwnedSessions.get)
    session_of = _waited(OwnedSessions.session_of)
    events = _waited(OwnedSessions.events)
    history = _waited(OwnedSessions.history)
    turns = _waited(OwnedSessions.turns)
    branches = _waited(OwnedSessions.branches)
    actors = _waited(OwnedSessions.actors)
    sessions = _waited(OwnedSessions.sessions)
    delete = _waited(OwnedSessions.delete)
    delete_session = _waited(OwnedSessions.delete_session)
    delete_actor = _waited(OwnedSessions.delete_actor)
