"""Sessions of Strands on the shelf of a memory: one entry for each session, agent, message and multi-agent state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from strands.session.session_repository import SessionRepository
from strands.types.exceptions import SessionException
from strands.types.session import (
    Session,
    SessionAgent,
    SessionMessage,
    SessionType,
    decode_bytes_values,
    encode_bytes_values,
)

from duramen.errors import BadInputError, ClosedError, StoreError
from duramen.shelf import Entry, Place, Put, Remove
from duramen.turns import engine_of

if TYPE_CHECKING:
    from strands.multiagent.base import MultiAgentBase

    from duramen.turns import AnyMemory

ROOT = "strands.sessions"
"""The first segment of every path."""

DIGITS = 20
"""Places that the number of a message takes in its key, so that the order of keys is the order of numbers."""

PAGE = 200
"""Messages that are read at once."""

T = TypeVar("T")


class DuramenSessionRepository(SessionRepository):
    """Keeps sessions, agents, messages and multi-agent states in the directory of the memories.

    What a method wrote is on disk when it returns. Usable from any thread, also inside a running loop, which it holds
    up for about a millisecond. Records are those of the SDK, as its own repositories write them.

    Unlike theirs, nothing is written below a session or an agent that does not exist (any more).

    Args:
        memory: What `duramen.open` or `duramen.open_sync` returned. It is not closed here.
        name: Sessions of different names have nothing to do with each other, even if their ids are alike.

    Raises:
        BadInputError: `memory` is no memory, or a name or an id (of every method) is blank or cannot be stored. It is
            a `ValueError`.
        SessionException: Of every method: what is asked for does not exist, or exists already; a record cannot be
            written as JSON or read; or the memory cannot be reached, and then its `__cause__` says why.
    """

    def __init__(self, memory: AnyMemory, *, name: str = "default") -> None:
        engine = engine_of(memory)
        self._portal = engine.portal
        self._shelf = engine.shelf
        self._root = (ROOT, _checked("name", name))

    def create_session(self, session: Session, **kwargs: Any) -> Session:
        """Keep a new session.

        Raises:
            SessionException: There is one with its id.
        """
        if not self._add(session):
            raise SessionException(f"Session {session.session_id} already exists")
        return session

    def ensure_session(self, session_id: str) -> None:
        """Keep a new session unless there is one with this id; of several callers at once, one does."""
        if self._get(self._session(session_id)) is None:
            self._add(Session(session_id=session_id, session_type=SessionType.AGENT))

    def read_session(self, session_id: str, **kwargs: Any) -> Session | None:
        """Return a session; None if there is none."""
        entry = self._get(self._session(session_id))
        return None if entry is None else Session.from_dict(_read(entry))

    def list_sessions(self) -> list[Session]:
        """Return all sessions of this name, in the order of their ids."""
        return [Session.from_dict(_read(entry)) for entry in self._call(self._shelf.scan(self._root))]

    def delete_session(self, session_id: str, **kwargs: Any) -> None:
        """Delete a session and all that belongs to it, in one transaction.

        Raises:
            SessionException: There is none.
        """
        path, key = self._session(session_id)
        self._existing((path, key), f"Session {session_id} does not exist")
        self._call(self._shelf.write([Remove(path=(*path, key), below=True), Remove(path=path, key=key)]))

    def create_agent(self, session_id: str, session_agent: SessionAgent, **kwargs: Any) -> None:
        """Keep an agent, in the stead of one with its id, whose messages stay.

        Raises:
            SessionException: There is no such session.
        """
        place = self._agent(session_id, session_agent.agent_id)
        self._existing(self._session(session_id), f"Session {session_id} does not exist")
        self._put(place, session_agent.to_dict())

    def read_agent(self, session_id: str, agent_id: str, **kwargs: Any) -> SessionAgent | None:
        """Return an agent; None if there is none."""
        entry = self._get(self._agent(session_id, agent_id))
        return None if entry is None else SessionAgent.from_dict(_read(entry))

    def update_agent(self, session_id: str, session_agent: SessionAgent, **kwargs: Any) -> None:
        """Keep the present state of an agent. `created_at` stays what it was.

        Raises:
            SessionException: There is no such agent.
        """
        place = self._agent(session_id, session_agent.agent_id)
        entry = self._existing(place, f"Agent {session_agent.agent_id} in session {session_id} does not exist")
        session_agent.created_at = str(_read(entry)["created_at"])
        self._put(place, session_agent.to_dict())

    def create_message(self, session_id: str, agent_id: str, session_message: SessionMessage, **kwargs: Any) -> None:
        """Keep a message, in the stead of one with its number.

        Raises:
            SessionException: There is no such agent.
        """
        place = self._message(session_id, agent_id, session_message.message_id)
        self._existing_agent(session_id, agent_id)
        self._put(place, session_message.to_dict())

    def read_message(self, session_id: str, agent_id: str, message_id: int, **kwargs: Any) -> SessionMessage | None:
        """Return a message; None if there is none."""
        entry = self._get(self._message(session_id, agent_id, message_id))
        return None if entry is None else SessionMessage.from_dict(_read(entry))

    def update_message(self, session_id: str, agent_id: str, session_message: SessionMessage, **kwargs: Any) -> None:
        """Keep a message as it is now, with what it was redacted to. `created_at` stays what it was.

        Raises:
            SessionException: There is no such message.
        """
        place = self._message(session_id, agent_id, session_message.message_id)
        entry = self._existing(place, f"Message {session_message.message_id} does not exist")
        session_message.created_at = str(_read(entry)["created_at"])
        self._put(place, session_message.to_dict())

    def list_messages(
        self, session_id: str, agent_id: str, limit: int | None = None, offset: int = 0, **kwargs: Any
    ) -> list[SessionMessage]:
        """Return the messages of an agent in the order of their numbers.

        Args:
            session_id: Which session.
            agent_id: Which agent of it.
            limit: At most this many; all if None.
            offset: How many to leave out at the beginning. Both are 0 or more.
            kwargs: As in Strands, not used.

        Raises:
            SessionException: There is no such agent.
        """
        if offset < 0 or (limit is not None and limit < 0):
            raise BadInputError(f"`offset` is {offset} and `limit` is {limit}. Give 0 or more; nothing was read.")
        self._existing_agent(session_id, agent_id)
        end = None if limit is None else offset + limit
        entries = islice(self._messages(session_id, agent_id, end), offset, end)
        return [SessionMessage.from_dict(_read(entry)) for entry in entries]

    def create_multi_agent(self, session_id: str, multi_agent: MultiAgentBase, **kwargs: Any) -> None:
        """Keep the state of a graph or swarm, in the stead of one with its id.

        Raises:
            SessionException: There is no such session.
        """
        place = self._multi_agent(session_id, multi_agent.id)
        self._existing(self._session(session_id), f"Session {session_id} does not exist")
        self._put(place, multi_agent.serialize_state())

    def read_multi_agent(self, session_id: str, multi_agent_id: str, **kwargs: Any) -> dict[str, Any] | None:
        """Return the state of a graph or swarm; None if there is none."""
        entry = self._get(self._multi_agent(session_id, multi_agent_id))
        return None if entry is None else _read(entry)

    def update_multi_agent(self, session_id: str, multi_agent: MultiAgentBase, **kwargs: Any) -> None:
        """Keep the present state of a graph or swarm.

        Raises:
            SessionException: There is none.
        """
        place = self._multi_agent(session_id, multi_agent.id)
        self._existing(place, f"MultiAgent state {multi_agent.id} in session {session_id} does not exist")
        self._put(place, multi_agent.serialize_state())

    def _session(self, session_id: str) -> Place:
        return self._root, _checked("session_id", session_id)

    def _agent(self, session_id: str, agent_id: str) -> Place:
        return (*self._root, _checked("session_id", session_id), "agents"), _checked("agent_id", agent_id)

    def _multi_agent(self, session_id: str, multi_agent_id: str) -> Place:
        path = (*self._root, _checked("session_id", session_id), "multi-agents")
        return path, _checked("multi_agent_id", multi_agent_id)

    def _message(self, session_id: str, agent_id: str, message_id: int) -> Place:
        number: object = message_id
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 10**DIGITS:
            raise BadInputError(f"message_id=<{message_id}> | message id must be an integer, 0 or more")
        path, agent = self._agent(session_id, agent_id)
        return (*path[:-1], "messages", agent), f"{message_id:0{DIGITS}d}"

    def _messages(self, session_id: str, agent_id: str, most: int | None) -> Iterator[Entry]:
        path, _ = self._message(session_id, agent_id, 0)
        after: Place | None = None
        limit = PAGE if most is None else min(PAGE, most)
        while True:
            page = self._call(self._shelf.scan(path, after=after, limit=limit))
            yield from page
            if len(page) < limit:
                return
            after = page[-1].place

    def _existing(self, place: Place, otherwise: str) -> Entry:
        entry = self._get(place)
        if entry is None:
            raise SessionException(otherwise)
        return entry

    def _existing_agent(self, session_id: str, agent_id: str) -> None:
        self._existing(self._agent(session_id, agent_id), f"Agent {agent_id} in session {session_id} does not exist")

    def _get(self, place: Place) -> Entry | None:
        return self._call(self._shelf.get([place]))[0]

    def _put(self, place: Place, record: Mapping[str, Any]) -> None:
        path, key = place
        self._call(self._shelf.write([Put(path=path, key=key, value=_written(record))]))

    def _add(self, session: Session) -> bool:
        """Keep `session` unless there is one with its id; tell whether it was kept."""
        path, key = self._session(session.session_id)
        # The mark tells our record from that of another process that came first with the very same.
        value = _written({**session.to_dict(), "made_by": uuid.uuid4().hex})
        self._call(self._shelf.write([Put(path=path, key=key, value=value, keep=True)]))
        entry = self._get((path, key))
        return entry is not None and entry.value == value

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._portal.call(work)
        except (StoreError, ClosedError) as error:
            raise SessionException(f"The memory that keeps the sessions cannot be used: {error}") from error


def _checked(name: str, value: object) -> str:
    if not isinstance(value, str) or not any(one.isprintable() and not one.isspace() for one in value):
        raise BadInputError(f"The {name} is {value!r}. Give text that is not blank; nothing was read or written.")
    if "\0" in value or any("\ud800" <= one <= "\udfff" for one in value):
        raise BadInputError(f"The {name} {value!r} holds a NUL character or a lone surrogate. Leave it out.")
    return value


def _written(record: Mapping[str, Any]) -> bytes:
    try:
        # The SDK encodes bytes in its own records, but older ones not in agents, and none in graphs and swarms.
        text = json.dumps(encode_bytes_values(record), ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise SessionException(f"The record cannot be written as JSON ({error}), so nothing was kept of it.") from error
    # What a model says may hold half of a surrogate pair, and comes back as it was.
    return text.encode("utf-8", "surrogatepass")


def _read(entry: Entry) -> dict[str, Any]:
    try:
        record = decode_bytes_values(json.loads(entry.value))
    except ValueError as error:
        raise SessionException(f"The record {entry.key!r} at {entry.path!r} is damaged: {error}") from error
    if not isinstance(record, dict):
        raise SessionException(f"The record {entry.key!r} at {entry.path!r} is damaged: it is no JSON object.")
    return record
