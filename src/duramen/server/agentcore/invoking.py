"""Harnesses are invoked: the agent that the server was given answers, with the memory of the harness, as it speaks."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.model import StructureShape
from starlette.responses import Response, StreamingResponse

from duramen.errors import BadContentError, DuramenError
from duramen.harness.answers import Agent, asked_in, with_system
from duramen.harness.harness import LOST, NOBODY, Answer, Harness
from duramen.harness.resources import bank_of_session
from duramen.language.tokens import count_tokens_batch
from duramen.records import homes
from duramen.said import text_of
from duramen.server.agentcore.eventstream import MEDIA_TYPE, event, exception
from duramen.server.agentcore.failing import FIELDS, Field, invalid, missing, wire_error
from duramen.server.agentcore.harness_kept import OWN, KeptHarness
from duramen.server.agentcore.harness_memory import check_actor, configuration_of, truncation_of
from duramen.server.agentcore.harnesses import called_by
from duramen.server.agentcore.kept import KeptMemory, load
from duramen.server.agentcore.service import operations
from duramen.server.agentcore.serving import Call, serves
from duramen.server.agentcore.speaking import Event, Speech, chat, in_turns, system_text
from duramen.server.caller import ForbiddenError
from duramen.strategies.resources import bank_of_resource
from duramen.types import Message

DEFAULT = "DEFAULT"
"""The one endpoint of each harness: its newest version."""

_FIXED = ("model", "tools", "skills", "allowedTools", "maxIterations", "maxTokens")
_SESSION_HEADER = "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"
_MOST_HARNESSES = 1000

_log = logging.getLogger(__name__)


@serves("InvokeHarness", "retain")
async def invoke(call: Call) -> Response:
    """Let the agent answer, and stream what it says. The stream ends when the turn is saved.

    What is wrong before the agent is called is answered as an error, and nothing is saved. What fails later is told in the
    stream; then what the agent was told is saved, and nothing of its answer. A caller who leaves takes back what was said.
    """
    call.grant.may("recall")
    kept = await called_by(call, call.params["harnessArn"].rpartition("/")[2])
    agent = _configured(call)
    memory = await _checked(call, kept)
    harness = _harness_of(call, kept, agent)
    actor = call.params.get("actorId")
    if actor is not None:
        check_actor(actor)
    asked = chat(call.params["messages"])
    asked_in(asked)
    who = actor or kept.said["memory"].get(OWN, {}).get("actorId")
    if kept.memory is not None and who is not None:
        await homes.known(call.engine.shelf, kept.memory, who)
    session = call.params["runtimeSessionId"]
    saying = _Saying(asked, functools.partial(_keep, call, memory, who, session, asked))
    saying.begin(
        harness.invoke(asked, session=session, actor=actor, heard=saying.heard),
        call.params.get("timeoutSeconds", kept.said.get("timeoutSeconds")),
    )
    await saying.first()
    return StreamingResponse(_told(saying), media_type=MEDIA_TYPE, headers={_SESSION_HEADER: session})


@dataclass(slots=True, eq=False)
class _Saying:
    """An invocation under way.

    Attributes:
        asked: What it answers.
        keep: Saves that alone, and tells what became of it.
        work: All of it, down to the turn that is saved.
        late: It was given up, because it took too long.
    """

    asked: list[Message]
    keep: Callable[[], Awaitable[str]]
    began: float = field(default_factory=time.monotonic)
    work: asyncio.Task[Answer] = field(init=False)
    late: bool = False
    speech: Speech = field(default_factory=Speech)
    _messages: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    _next: bytes | None = None

    def begin(self, invoked: Coroutine[Any, Any, Answer], seconds: int | None) -> None:
        """Let it go on by itself, for at most so many seconds."""
        self.work = asyncio.create_task(invoked)
        self.work.add_done_callback(self._done)
        if seconds is not None:
            timer = asyncio.get_running_loop().call_later(seconds, self._expire)
            self.work.add_done_callback(lambda _: timer.cancel())

    def heard(self, piece: str | Message) -> None:
        """Take what the agent says. What cannot be told raises: then the agent has failed, and nothing of it is saved."""
        for message in _events(self.speech.said(piece)):
            self._messages.put_nowait(message)

    async def first(self) -> None:
        """Wait until the agent says something, or is done.

        Raises:
            DuramenError: It cannot be invoked like this.
        """
        try:
            self._next = await self._messages.get()
        except asyncio.CancelledError:
            self.work.cancel()
            raise
        error = None if self._next is not None or self.work.cancelled() else self.work.exception()
        if isinstance(error, DuramenError) and not isinstance(error, BadContentError):
            raise error

    async def each(self) -> AsyncIterator[bytes]:
        """Go through the messages that tell what is said, as it comes."""
        while self._next is not None:
            yield self._next
            self._next = await self._messages.get()

    def _done(self, work: asyncio.Task[Answer]) -> None:
        self._messages.put_nowait(None)
        if not work.cancelled():
            work.exception()

    def _expire(self) -> None:
        self.late = True
        self.work.cancel()


async def _told(saying: _Saying) -> AsyncIterator[bytes]:
    """Tell of an invocation, message by message. If nobody listens any more, it is given up."""
    try:
        async for message in saying.each():
            yield message
        for message in await _ending(saying):
            yield message
    finally:
        saying.work.cancel()


async def _ending(saying: _Saying) -> list[bytes]:
    """Return the messages that tell how an invocation ended."""
    if saying.late:
        await saying.keep()
        return list(_events(saying.speech.late()))
    try:
        answer = await saying.work
    except Exception as error:  # noqa: BLE001  whatever the agent raises is told, and nothing else goes wrong by it
        return [exception(_stream(), *_told_error(error, await saying.keep()))]
    lost = [note for note in answer.notes if note.startswith(LOST)]
    if lost:
        told = {"message": f"The agent answered, but {'; '.join(lost)} {await saying.keep()}", "reason": FIELDS}
        return [*_events(saying.speech.ended()), exception(_stream(), "validationException", told)]
    return list(_events([*saying.speech.ended(), _metadata(saying, answer)]))


def _events(told: Iterable[Event]) -> Iterator[bytes]:
    return (event(_stream(), name, value) for name, value in told)


async def _keep(call: Call, memory: KeptMemory | None, who: str | None, session: str, asked: list[Message]) -> str:
    """Save what the agent was told but did not answer, so that the next turn knows of it; return what is told of that."""
    if memory is None:
        return "Nothing was to be saved."
    resource = memory.resource
    try:
        await call.engine.sessions.append(
            bank_of_session(resource, session) if who is None else bank_of_resource(resource, who),
            asked,
            actor=who or NOBODY,
            session=session,
            expires_in=timedelta(days=memory.said["eventExpiryDuration"]),
        )
    except DuramenError as error:
        _log.warning("What the agent of a harness was told is not saved.", exc_info=error)
        return "What it was told could not be saved either."
    return "What it was told is saved, nothing of its answer is."


def _told_error(error: Exception, kept: str) -> Event:
    """Return how an error is told in the stream, with what became of what was asked."""
    known = wire_error(error) if isinstance(error, DuramenError) else None
    if isinstance(error, BadContentError) or known is None:
        reason = str(error).removesuffix(" Nothing was saved.")
        told = reason if isinstance(error, BadContentError) else f"It raised {type(error).__name__}."
        _log.warning("The agent of a harness failed.", exc_info=error)
        return "runtimeClientError", {"message": f"The agent failed. {told} {kept}"}
    if known.code == "ValidationException":
        return "validationException", {"message": known.message, "reason": known.reason}
    return "internalServerException", {"message": known.message}


def _metadata(saying: _Saying, answer: Answer) -> Event:
    """Return the event with what it took: tokens as Duramen counts them, of what was sent and what was said."""
    came, said = (
        sum(count_tokens_batch(text_of(one.get("content")) for one in each)) for each in (saying.asked, answer.messages)
    )
    usage = {"inputTokens": came, "outputTokens": said, "totalTokens": came + said}
    return "metadata", {"usage": usage, "metrics": {"latencyMs": round((time.monotonic() - saying.began) * 1000)}}


def _configured(call: Call) -> Agent:
    agent: Agent | None = getattr(call.request.app.state, "agent", None)
    if agent is None:
        raise invalid(
            "This server has no agent, so that no harness can be invoked. Start it with DURAMEN_AGENT=module:name, which names "
            "a function that takes chat messages and returns, or yields, what it says."
        )
    return agent


async def _checked(call: Call, kept: KeptHarness) -> KeptMemory | None:
    """Check that a harness can be invoked like this, and return its memory, or None if it has none.

    Raises:
        WireError: 400: what is to be otherwise for this call cannot be. 404: its endpoint or its memory is not there.
        ForbiddenError: Its memory is not the caller's.
    """
    qualifier = call.params.get("qualifier", DEFAULT)
    if qualifier != DEFAULT:
        raise missing(f"The harness {kept.id} has no endpoint {qualifier}. Leave `qualifier` out, or give {DEFAULT}.")
    wrong = [Field(name, "Cannot be given for a call.") for name in _FIXED if name in call.params]
    if wrong:
        names = ", ".join(one.name for one in wrong)
        raise invalid(
            f"{names}: the agent of this server has its own model, tools and limits, which a call cannot change. Leave it out.",
            *wrong,
        )
    if kept.memory is None:
        return None
    if not kept.manages and call.resource_of(str(kept.memory_id)) != kept.memory:
        raise ForbiddenError(f"This key does not reach the memory of the harness {kept.id}.")
    memory = await load(call.engine, kept.memory)
    if memory is None or memory.deleting:
        raise missing(
            f"The memory {kept.memory_id} of the harness {kept.id} was deleted. Give the harness another one."
        )
    return memory


def _harness_of(call: Call, kept: KeptHarness, agent: Agent) -> Harness:
    """Return the engine's harness that does what a kept one says."""
    system = system_text(call.params.get("systemPrompt", kept.said["systemPrompt"]))
    there = _harnesses(call)
    key = (kept.engine_name, system)
    found = there.get(key)
    if found is None:
        found = there[key] = Harness(
            call.engine,
            kept.engine_name,
            with_system(in_turns(agent), system),
            configuration=configuration_of(kept),
            truncation=truncation_of(kept),
        )
    there.move_to_end(key)
    if len(there) > _MOST_HARNESSES:
        there.popitem(last=False)
    return found


def _harnesses(call: Call) -> OrderedDict[tuple[str, str], Harness]:
    """Return the harnesses of this server that were invoked of late: one may hold back turns, which its next call saves."""
    state = call.request.app.state
    if not hasattr(state, "harnesses"):
        state.harnesses = OrderedDict()
    found: OrderedDict[tuple[str, str], Harness] = state.harnesses
    return found


def _stream() -> StructureShape:
    output = operations()["InvokeHarness"].output
    assert output is not None
    stream = output.members["stream"]
    assert isinstance(stream, StructureShape)
    return stream
