"""What tests of harnesses share: a server with an agent that says what it is told to, and boto3's clients."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from duramen import MemoryEngine
from duramen.server.app import create_app
from duramen.server.settings import Settings
from duramen.types import Message
from tests.conftest import engine
from tests.server.agentcore.parts import clients
from tests.server.running import running

ROLE = "arn:aws:iam::000000000000:role/Harness"
DISABLED: Mapping[str, Any] = {"disabled": {}}

_NAMES = (f"Harness{number}" for number in itertools.count())


class Agent:
    """Keeps what it was shown, and answers by a function that a test may change."""

    def __init__(self) -> None:
        self.shown: list[list[Message]] = []
        self.answer: Callable[[list[Message]], Any] = lambda messages: "Noted."

    def __call__(self, messages: list[Message]) -> Any:
        self.shown.append(messages)
        return self.answer(messages)

    @property
    def prompt(self) -> str:
        """The whole of the last prompt."""
        return "\n".join(str(message["content"]) for message in self.shown[-1])


@dataclass(frozen=True, slots=True)
class Harnesses:
    """A server, and boto3's clients of both its planes."""

    memory: MemoryEngine
    url: str
    data: Any
    control: Any
    agent: Agent = field(default_factory=Agent)

    def new(self, **given: Any) -> dict[str, Any]:
        """Create a harness, with a name of its own unless one is given."""
        asked = {"harnessName": next(_NAMES), "executionRoleArn": ROLE, **given}
        harness: dict[str, Any] = self.control.create_harness(**asked)["harness"]
        return harness

    def get(self, harness: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """Show a harness."""
        found: dict[str, Any] = self.control.get_harness(harnessId=harness["harnessId"], **given)["harness"]
        return found

    def update(self, harness: Mapping[str, Any], **given: Any) -> dict[str, Any]:
        """Update a harness."""
        found: dict[str, Any] = self.control.update_harness(harnessId=harness["harnessId"], **given)["harness"]
        return found

    def memory_of(self, harness: Mapping[str, Any]) -> dict[str, Any]:
        """Show the memory that a harness manages."""
        found: dict[str, Any] = self.control.get_memory(memoryId=managed(harness))["memory"]
        return found

    def stream(self, harness: Mapping[str, Any], said: Any, session: str = "s1", **given: Any) -> list[dict[str, Any]]:
        """Invoke a harness, and return the events of its stream."""
        messages = [{"role": "user", "content": [{"text": said}]}] if isinstance(said, str) else said
        asked = {"harnessArn": harness["arn"], "runtimeSessionId": session_of(session), "messages": messages, **given}
        with closing(self.data.invoke_harness(**asked)["stream"]) as events:
            return list(events)

    def say(self, harness: Mapping[str, Any], said: Any, session: str = "s1", **given: Any) -> str:
        """Invoke a harness, and return what its agent said."""
        return text_of(self.stream(harness, said, session, **given))

    def learned(self) -> None:
        """Wait until everything that was said is learned from."""
        self.memory.portal.call(self.memory.wait_idle(finish=True))

    def saved(self, harness: Mapping[str, Any], actor: str, session: str = "s1") -> list[list[Any]]:
        """Return the payloads of the events of a session in a harness's memory, the newest first."""
        place = {"memoryId": managed(harness), "actorId": actor, "sessionId": session_of(session)}
        return [event["payload"] for event in self.data.list_events(**place)["events"]]


@contextmanager
def harnessing(memory: MemoryEngine | None = None) -> Iterator[Harnesses]:
    """Serve an engine with an agent."""
    served = memory or engine(":memory:")
    app, agent = create_app(served, Settings()), Agent()
    app.state.agent = agent
    with running(app) as url:
        data, control = clients(url)
        yield Harnesses(served, url, data, control, agent)


def session_of(name: str) -> str:
    """Return the id of a session, which is long enough."""
    return name.ljust(33, "0")


def managed(harness: Mapping[str, Any]) -> str:
    """Return the id of the memory that a harness manages."""
    arn: str = harness["memory"]["managedMemoryConfiguration"]["arn"]
    return arn.rpartition("/")[2]


def text_of(events: list[dict[str, Any]]) -> str:
    """Return the text that events hold."""
    deltas = [one["contentBlockDelta"]["delta"] for one in events if "contentBlockDelta" in one]
    return "".join(delta.get("text", "") for delta in deltas)
