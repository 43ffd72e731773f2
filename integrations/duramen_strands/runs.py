"""Which run a message belongs to, which run is part of which, and what is known of the messages of an agent."""

from __future__ import annotations

import hashlib
import uuid
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from duramen.turns import Around
from duramen.types import Message as Said
from duramen_strands.messages import Message, said_in, words_of

MOST_MESSAGES = 10_000
"""Messages of one agent whose origin is at hand."""

_NONE: Mapping[str, Run] = MappingProxyType({})
_here: ContextVar[Mapping[str, Run]] = ContextVar("duramen_strands_here", default=_NONE)
_within: ContextVar[Mapping[str, Run]] = ContextVar("duramen_strands_within", default=_NONE)


@dataclass(eq=False)
class Run:
    """One invocation of an agent, a graph or a swarm.

    Attributes:
        host: What runs, weakly: context variables outlive the run.
        owner: Whose hooks see it.
        state: The invocation state, by which a call of the model is known to belong here.
        parent: The run in which a tool or a node is this one.
        orchestrates: Whether it is a graph or a swarm.
        around: Whose memory; None for none.
        asks: Whether its model gets recalled text. `keeps`: whether what is said in it is retained.
        question: What the user asks, if not the newest message of the user.
        written_by: Who wrote what it is given, if not the user: another agent, or a hook.
        fresh: Whether it is still being given its input: what looks like the user's afterwards is the harness's.
        muted: Whether the next answer is not the model's, but says that it was refused or cancelled.
        names: Of those input messages that are named by the conversation up to them, by identity.
        chain: What names the next message so; None if they have names of their own.
        said: The messages of this run.
    """

    host: weakref.ref[Any]
    owner: str
    state: object = None
    parent: Run | None = None
    orchestrates: bool = False
    around: Around | None = None
    asks: bool = False
    keeps: bool = False
    question: Said | None = None
    written_by: str | None = None
    fresh: bool = True
    muted: bool = False
    ended: bool = False
    names: dict[int, str] = field(default_factory=dict)
    chain: str | None = None
    said: list[Message] = field(default_factory=list)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def read_input(self, messages: Sequence[Message] | None) -> None:
        """Name messages that come as a history and have no ids of their own.

        Whoever passes a history passes it again, longer, with the next question: what a message says together with all
        before it is its name.
        """
        if messages is None or len(messages) < 2 or all(message.get("tracking_id") for message in messages):
            return
        self.chain = ""
        for message in messages:
            if name := message.get("tracking_id") or self.next_name(message):
                self.names[id(message)] = name

    def next_name(self, message: Message) -> str | None:
        """Return the name of a message that follows a history without ids; None elsewhere, and for steps on the way."""
        words = words_of(message.get("content"))
        if self.chain is None or not words or said_in(message)["tool_calls"]:
            return None
        said = f"{self.chain}\0{message.get('role')}\0{words}"
        self.chain = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        return self.chain


@dataclass(frozen=True, slots=True)
class _Origin:
    message: Message  # kept, so that its identity is not given to another
    name: str | None
    source: str | None


class Conversation:
    """What is known of the messages of one agent beyond what they say.

    Attributes:
        unanswered: What the user said in a run that failed, with its name: said again, it is the same.
        resumed: What a hook bids the agent go on with; it is not the user who says so.
    """

    def __init__(self) -> None:
        self.unanswered: dict[str, str] = {}
        self.resumed: str | None = None
        self.runs: list[Run] = []
        self._origins: OrderedDict[object, _Origin] = OrderedDict()

    def learn(self, message: Message, name: str | None, source: str | None) -> None:
        """Remember what names `message`, and who wrote it if not the one its role names."""
        self._origins[_handle(message)] = _Origin(message, name, source)
        while len(self._origins) > MOST_MESSAGES:
            self._origins.popitem(last=False)

    def knows(self, message: Message) -> bool:
        """Tell whether `message` was there before."""
        return _handle(message) in self._origins

    def read(self, message: Message) -> Said:
        """Return `message` as Duramen reads it."""
        origin = self._origins.get(_handle(message))
        return said_in(message) if origin is None else said_in(message, name=origin.name, source=origin.source)


class Runs:
    """The runs that one set of hooks sees, of any number of agents, in any thread."""

    def __init__(self) -> None:
        self._id = uuid.uuid4().hex
        self._conversations: weakref.WeakKeyDictionary[Any, Conversation] = weakref.WeakKeyDictionary()

    def conversation(self, host: Any) -> Conversation:
        """Return what is known of the conversation of `host`, an agent or an orchestrator."""
        return self._conversations.setdefault(host, Conversation())

    def begin(self, host: Any, state: object, *, orchestrates: bool = False) -> Run:
        """Begin a run: part of the one in whose tool or node this code runs, if there is one."""
        within = _within.get()
        parent = within.get(self._id) or next(iter(within.values()), None)
        if parent is not None and parent.host() is host:
            parent = parent.parent
        run = Run(weakref.ref(host), self._id, state=state, parent=parent, orchestrates=orchestrates)
        self.conversation(host).runs.append(run)
        _here.set({**_here.get(), self._id: run})
        return run

    def of(self, host: Any, state: object = None) -> Run | None:
        """Return the run of `host` that this code belongs to; None if there is none, or if that cannot be told."""
        running = self.conversation(host).runs
        by_state = [run for run in running if state is not None and run.state is state]
        if len(by_state) == 1:
            return by_state[0]
        here = _here.get().get(self._id)
        if here is not None and not here.ended and here.host() is host:
            return here
        # Whoever reads a stream piece by piece from several tasks takes the context away.
        return running[0] if len(running) == 1 else None

    def current(self) -> Run | None:
        """Return the run that this code belongs to, whoever runs; None if there is none, or if that cannot be told."""
        here = _here.get().get(self._id)
        if here is not None and not here.ended:
            return here
        running = [run for conversation in list(self._conversations.values()) for run in conversation.runs]
        return running[0] if len(running) == 1 else None

    def end(self, run: Run) -> None:
        """End a run."""
        run.ended = True
        host = run.host()
        if host is not None and run in (running := self.conversation(host).runs):
            running.remove(run)
        self.leave(run)
        run.said, run.state = [], None  # which holds the agent

    def enter(self, run: Run) -> None:
        """Mark what is called from here on, in this task, as part of `run`."""
        _within.set({**_within.get(), self._id: run})

    def leave(self, run: Run) -> None:
        """Take back `enter`, if it was in this task."""
        within = _within.get()
        if within.get(self._id) is run:
            _within.set({name: other for name, other in within.items() if name != self._id})

    def inherited(self, run: Run) -> Around | None:
        """Return whose memory the run around `run` uses, as far as these hooks know."""
        parent = run.parent
        while parent is not None and (parent.owner != self._id or parent.around is None):
            parent = parent.parent
        return None if parent is None else parent.around


def _handle(message: Message) -> object:
    return message.get("tracking_id") or id(message)
