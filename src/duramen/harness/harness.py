"""The harness: load the history, bring what is known, call the agent, save the turn."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from duramen.engine import MemoryEngine
from duramen.errors import (
    BadAnswerError,
    BadInputError,
    BankResolutionError,
    IdentityError,
    LanguageModelError,
    ModelUnavailableError,
    NamespaceError,
    StrategyError,
)
from duramen.harness.answers import Agent, Heard, answer_of, asked_in, with_recalled
from duramen.harness.configuration import Configuration, Kept, Retrieval, UnreadableError
from duramen.harness.holding import Holding, Place, Turn
from duramen.harness.keeping import Keeping
from duramen.harness.resources import bank_of_session
from duramen.harness.retrieving import Recalled, places, recalled
from duramen.language_model import LanguageModel
from duramen.namespaces import ACTOR, SESSION
from duramen.said import text_of
from duramen.sessions.places import checked_id
from duramen.sessions.truncation import Summarization, Truncation, truncate, truncate_async
from duramen.strategies.resources import Resource, bank_of_resource, load_resource
from duramen.turns.outage import Outage
from duramen.turns.waiting import within
from duramen.types import Hit, Message

log = logging.getLogger("duramen.harness")

NOBODY = "-"
"""The actor of a session for which none was named. Its bank is the session's alone."""

LOST = "the turn cannot be saved"
"""Begins the note of an answer whose turn is not held back either."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a call.

    Attributes:
        text: What the agent said last.
        messages: All that it said, tool calls and results included, as they were saved.
        recalled: The memories that stood in the prompt, best first.
        loaded: How many earlier messages of the session stood in the prompt.
        saved: Whether the turn is on disk. If not, it is held back, and saved with a later call or at the end; or a note
            says why it cannot be saved; or there is nothing to save it in, as with `NoMemory`.
        notes: What was unusual, such as that the memory did not answer.
    """

    text: str
    messages: tuple[Message, ...]
    recalled: tuple[Hit, ...] = ()
    loaded: int = 0
    saved: bool = True
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Call:
    """One call on its way."""

    asked: list[Message]
    session: str
    actor: str | None
    truncation: Truncation | None
    metadata: Mapping[str, str] | None = None
    kept: Kept | None = None
    place: Place | None = None
    history: list[Message] = field(default_factory=list)
    whole: bool = False
    notes: list[str] = field(default_factory=list)


class Harness:
    """An agent with a memory: each call goes on where the session stopped, and knows what earlier sessions taught.

    The configuration is kept in the memory, so that another process that names the harness goes on with it. An outage of
    the memory never breaks a call: it is logged and noted, and what could not be saved is held back.

    Args:
        memory: What `duramen.open` gave.
        name: Names the harness in that memory.
        agent: Is called with chat messages, oldest first, and returns text, a message, or the list of its new messages;
            a function or a coroutine function, or a generator that yields pieces of text and messages. What is recalled
            stands at the end of the newest message of the user.
        configuration: The memory that it has: `ManagedMemory()` unless given. For a harness that is there already, the same
            or None; `update` changes it.
        truncation: What to do when a conversation grows too long; `SlidingWindow()` unless given, and likewise.
        max_tokens: How much of a prompt what is recalled may take.
        timeout: Seconds that a call waits for its memory at most, each time it asks for something.
    """

    def __init__(  # noqa: PLR0913  what it is made of, and its bounds
        self,
        memory: MemoryEngine,
        name: str,
        agent: Agent,
        *,
        configuration: Configuration | None = None,
        truncation: Truncation | None = None,
        max_tokens: int = 1500,
        timeout: float = 5.0,
    ) -> None:
        given: object = name
        if not isinstance(given, str) or not given.strip():
            raise StrategyError(f"{name!r} cannot name a harness. Give text.")
        self.memory = memory
        self.name = name
        self._agent = agent
        self._keeping = Keeping(memory, name, configuration, truncation)
        self._max_tokens = max_tokens
        self._timeout = timeout
        self._outage = Outage(log)
        self._holding = Holding(memory, self._place_of, self._outage)

    async def invoke(
        self,
        message: str | Message | Sequence[Message],
        *,
        session: str,
        actor: str | None = None,
        truncation: Truncation | None = None,
        metadata: Mapping[str, str] | None = None,
        heard: Heard | None = None,
    ) -> Answer:
        """Let the agent answer `message`, with the history of the session and what is known of the actor.

        Args:
            message: What the user says: text, or new chat messages.
            session: Which conversation it belongs to; the next call with it goes on.
            actor: Whose memory is read and written. Without one, and without one in the configuration, the session has a
                memory of its own, which nobody else reads.
            truncation: Another rule for this call.
            metadata: Text by name, saved with the turn: the values of variables of your own in namespace templates. Where
                one is missing, nothing is brought, and a note says so.
            heard: Is told each piece of text and each message as soon as the agent says it: what a generator yields, or
                the whole answer. The turn is saved after all of it.

        Raises:
            BadContentError: The message is blank, or the agent returned something that is no message.
            BankResolutionError: The session or the actor is blank. Nothing was recalled or saved.
            StrategyError, NamespaceError: The configuration given in code cannot be used, or is not the one that is kept.
        """
        asked = asked_in(message)
        _check_id("session", session)
        if actor is not None:
            _check_id("actor", actor)
        call = _Call(asked, session, actor, truncation, None if metadata is None else {**metadata})
        call.kept = await self._configured(call)
        if call.kept is not None and call.kept.resource is not None:
            await self._load(call, call.kept)
        shown = await self._truncated(call)
        brought = await self._retrieved(call, whole=call.whole and len(shown) == len(call.history) + len(asked))
        said = await answer_of(self._agent, with_recalled(shown, brought.text), heard)
        return Answer(
            text=text_of(said[-1].get("content")) if said else "",
            messages=tuple(said),
            recalled=brought.hits,
            loaded=max(0, len(shown) - len(asked)),
            saved=await self._saved(call, said),
            notes=tuple(call.notes),
        )

    async def retrieval(self) -> Mapping[str, Retrieval]:
        """Return what is brought into the prompt, by namespace template."""
        return (await self._keeping.kept()).retrieval

    async def resource(self) -> Resource | None:
        """Return the memory resource behind this harness, or None."""
        kept = await self._keeping.kept()
        return None if kept.resource is None else await load_resource(self.memory.shelf, kept.resource)

    async def update(
        self, *, configuration: Configuration | None = None, truncation: Truncation | None = None
    ) -> Mapping[str, Retrieval]:
        """Change the memory or the truncation. What is brought into the prompt is derived anew, also if nothing changes.

        A managed memory that is left behind becomes a memory resource of its own, with all that it knows.

        Returns:
            What is brought from now on, by namespace template.

        Raises:
            StrategyError: The configuration cannot be used. Nothing was changed.
        """
        return (await self._keeping.update(configuration, truncation)).retrieval

    async def delete(self, *, delete_managed_memory: bool = True) -> None:
        """Delete the harness, and a managed memory with everything that it knows, for good.

        Args:
            delete_managed_memory: False leaves that memory, as a resource of its own. One that was set up apart from the
                harness always stays.
        """
        await self._keeping.delete(delete_managed_memory=delete_managed_memory)

    async def send_all(self) -> int:
        """Save the turns that were held back; return how many still are."""
        return await self._holding.send_all()

    async def _place_of(self, turn: Turn) -> Place | None:
        return await self._place(await self._keeping.as_kept(), turn.session, turn.actor)

    async def _place(self, kept: Kept, session: str, given: str | None) -> Place | None:
        """Return where a session is kept; None if it is nowhere."""
        name = kept.resource
        resource = await load_resource(self.memory.shelf, name) if name is not None else None
        if name is None or resource is None:
            return None
        actor = given or kept.actor
        bank = bank_of_session(name, session) if actor is None else bank_of_resource(name, actor, resource.shared)
        return Place(bank, actor or NOBODY, resource.event_days)

    async def _load(self, call: _Call, kept: Kept) -> None:
        """Find the place of a call, and what was said in its session."""
        before = len(call.notes)
        call.place = await self._or_none(self._place(kept, call.session, call.actor), "configuration", call)
        if call.place is None:
            if len(call.notes) == before:
                call.notes.append(f"the memory {kept.resource!r} is not there")
            return
        bank, who = call.place.bank, call.place.who
        history = self.memory.sessions.history(bank, who, call.session, limit=kept.messages)
        loaded = await self._or_none(history, "history", call)
        call.history = loaded or []
        call.whole = loaded is not None and (kept.messages is None or len(loaded) < kept.messages)

    async def _retrieved(self, call: _Call, *, whole: bool) -> Recalled:
        if call.place is None or call.kept is None:
            return Recalled()
        here = {ACTOR: call.place.who, SESSION: call.session}
        wanted, without = places(call.kept, here, whole=whole, metadata=call.metadata)
        call.notes += without
        query = text_of(call.asked[-1].get("content"))
        shared = None if call.kept.resource is None else bank_of_resource(call.kept.resource, None, shared=True)
        found = recalled(self.memory, call.place.bank, query, wanted, shared=shared, max_tokens=self._max_tokens)
        return await self._or_none(found, "retrieval", call) or Recalled()

    async def _truncated(self, call: _Call) -> list[Message]:
        messages = [*call.history, *call.asked]
        how = call.truncation or (call.kept.truncation if call.kept is not None else None)
        if how is None:
            return messages
        model = self.memory.models.for_bank(call.place.bank) if call.place is not None else None
        if model is None or not isinstance(how, Summarization):
            return await asyncio.to_thread(truncate, messages, how)
        return await truncate_async(messages, how, summarize=functools.partial(self._summary, model, how.prompt, call))

    async def _summary(self, model: LanguageModel, prompt: str | None, call: _Call, messages: Sequence[Message]) -> str:
        """Let `model` sum up; `LanguageModelError`, upon which the plain summary is taken, if it does not, or not in time."""
        from duramen.harness.summarizing import summarizer  # loads pydantic, which only a model needs

        try:
            summary = await within(self._timeout, summarizer(model, prompt)(messages))
            if not summary.strip():
                raise BadAnswerError("The summary is blank.")
        except Exception as error:
            self._outage.warn("summary", "the language model gave no summary, and it is done without: %s", error)
            self.memory.tally.count("fallbacks")
            call.notes.append(f"without a summary of the language model: {error}")
            if isinstance(error, LanguageModelError):
                raise
            raise ModelUnavailableError(f"The language model gave no summary: {error}") from error
        self._outage.over("summary")
        return summary

    async def _saved(self, call: _Call, said: Sequence[Message]) -> bool:
        if call.kept is not None and call.kept.resource is None:
            return False
        turn = Turn(call.session, call.actor, [*call.asked, *said], call.place, call.metadata)
        self._holding.hold(turn)
        left = await self._or_none(self.send_all(), "saving", call)
        turn.late = True
        if left:
            self.memory.tally.count("retain_failures")
            call.notes.append(f"{left} turns are held back")
        if left is not None and not turn.saved and not self._holding.holds(turn):
            call.notes.append(f"{LOST}: {turn.trouble}")
        return turn.saved

    async def _configured(self, call: _Call) -> Kept | None:
        """Return the configuration, or None if the memory does not answer.

        Raises:
            StrategyError, NamespaceError: What code gives cannot be used. That is no outage, and must be seen.
        """
        wrong: list[BadInputError] = []

        async def kept() -> Kept | None:
            try:
                return await self._keeping.kept()
            except UnreadableError:
                raise
            except (StrategyError, NamespaceError) as error:
                wrong.append(error)
                return None

        found = await self._or_none(kept(), "configuration", call)
        if wrong:
            raise wrong[0]
        return found

    async def _or_none(self, work: Coroutine[Any, Any, T], what: str, call: _Call) -> T | None:
        """Return what `work` returns, or None if the memory does not answer: the call goes on without."""
        try:
            done = await within(self._timeout, work)
        except IdentityError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a part of the memory raises, the agent is called
            self._outage.warn(what, "the memory did not give its %s, and the agent goes on without: %s", what, error)
            self.memory.tally.count("recall_failures")
            call.notes.append(f"without {what}: {error}")
            return None
        self._outage.over(what)
        return done


def _check_id(what: str, id: object) -> None:
    try:
        checked_id(id, what, BadInputError)
    except BadInputError as error:
        raise BankResolutionError(str(error)) from error
