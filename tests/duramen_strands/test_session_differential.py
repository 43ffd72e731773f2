"""The same calls, in any order, on our repository and on that of Strands' own session manager for files."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from strands.multiagent.base import MultiAgentBase
from strands.session import FileSessionManager
from strands.session.session_repository import SessionRepository
from strands.types.content import Message
from strands.types.exceptions import SessionException
from strands.types.session import Session, SessionAgent, SessionMessage, SessionType

from duramen_strands.repository import DuramenSessionRepository
from tests.conftest import engine

Step = Callable[[SessionRepository], Any]


@dataclass
class Team:
    """What a repository reads of a graph or a swarm."""

    id: str
    state: dict[str, Any]

    def serialize_state(self) -> dict[str, Any]:
        return self.state


@dataclass(frozen=True)
class Call:
    """A step, the session it goes to, and the agent if there has to be one."""

    step: Step
    session: str
    agent: str | None = None
    writes_below: bool = False


IDS = ("s", "S 2"), ("a", "b", "a b")
SESSIONS, AGENTS = map(st.sampled_from, IDS)
NUMBERS = st.sampled_from([0, 1, 2, 9, 10, 11, 100, 1000])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
STATES = st.dictionaries(st.text(), JSON, max_size=3)
TIMES = st.datetimes().map(lambda moment: moment.isoformat())


def messages() -> st.SearchStrategy[SessionMessage]:
    block = st.fixed_dictionaries({"text": st.text()}) | st.fixed_dictionaries(
        {"toolResult": st.fixed_dictionaries({"toolUseId": st.text(), "content": st.lists(VALUES, max_size=2)})}
    )
    message = st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]), "content": st.lists(block, max_size=3)}
    )
    return st.builds(
        SessionMessage,
        message=message,
        message_id=NUMBERS,
        redact_message=st.none() | message,
        created_at=TIMES,
        updated_at=TIMES,
    )


def agents() -> st.SearchStrategy[SessionAgent]:
    return st.builds(
        SessionAgent,
        agent_id=AGENTS,
        state=STATES,
        conversation_manager_state=STATES,
        _internal_state=STATES,
        created_at=TIMES,
        updated_at=TIMES,
    )


def teams() -> st.SearchStrategy[MultiAgentBase]:
    made = st.builds(Team, id=AGENTS, state=st.dictionaries(st.text(), JSON, max_size=3))
    return made.map(lambda team: cast(MultiAgentBase, team))


def of_session(session: str) -> st.SearchStrategy[Call]:
    made = st.builds(
        Session,
        session_id=st.just(session),
        session_type=st.just(SessionType.AGENT),
        created_at=TIMES,
        updated_at=TIMES,
    )
    return st.one_of(
        made.map(lambda given: Call(lambda on: on.create_session(copy.deepcopy(given)), session)),
        st.just(Call(lambda on: on.read_session(session), session)),
        st.just(Call(lambda on: cast(FileSessionManager, on).delete_session(session), session)),
    )


def of_agent(session: str) -> st.SearchStrategy[Call]:
    return st.one_of(
        agents().map(
            lambda given: Call(lambda on: on.create_agent(session, copy.deepcopy(given)), session, writes_below=True)
        ),
        agents().map(lambda given: Call(lambda on: on.update_agent(session, copy.deepcopy(given)), session)),
        AGENTS.map(lambda name: Call(lambda on: on.read_agent(session, name), session)),
    )


def of_message(session: str, agent: str) -> st.SearchStrategy[Call]:
    return st.one_of(
        messages().map(
            lambda given: Call(
                lambda on: on.create_message(session, agent, copy.deepcopy(given)), session, agent, writes_below=True
            )
        ),
        messages().map(lambda given: Call(lambda on: on.update_message(session, agent, copy.deepcopy(given)), session)),
        NUMBERS.map(lambda number: Call(lambda on: on.read_message(session, agent, number), session)),
        st.tuples(st.none() | st.integers(0, 4), st.integers(0, 4)).map(
            lambda part: Call(lambda on: on.list_messages(session, agent, limit=part[0], offset=part[1]), session)
        ),
    )


def of_team(session: str) -> st.SearchStrategy[Call]:
    return st.one_of(
        teams().map(lambda given: Call(lambda on: on.create_multi_agent(session, given), session, writes_below=True)),
        teams().map(lambda given: Call(lambda on: on.update_multi_agent(session, given), session)),
        AGENTS.map(lambda name: Call(lambda on: on.read_multi_agent(session, name), session)),
    )


CALLS = st.one_of(
    SESSIONS.flatmap(of_session),
    SESSIONS.flatmap(of_agent),
    st.tuples(SESSIONS, AGENTS).flatmap(lambda place: of_message(*place)),
    st.tuples(SESSIONS, AGENTS).flatmap(lambda place: of_message(*place)),
    SESSIONS.flatmap(of_team),
)


def listing(session: str, agent: str) -> Call:
    return Call(lambda on: on.list_messages(session, agent), session)


READINGS = [listing(session, agent) for session, agent in product(*IDS)]


def outcome(step: Step, repository: SessionRepository) -> Any:
    try:
        return step(repository)
    except SessionException:
        return SessionException


def nothing_there(call: Call, theirs: SessionRepository) -> bool:
    """Whether `call` would write below what does not exist; theirs do that, and what they write is never found."""
    if theirs.read_session(call.session) is None:
        return True
    return call.agent is not None and theirs.read_agent(call.session, call.agent) is None


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking would take minutes


@settings(max_examples=60, deadline=None, phases=UNSHRUNK)
@given(order=st.permutations([0, 1, 2, 9, 10, 11, 100]), calls=st.lists(CALLS, min_size=15, max_size=50))
def test_it_does_what_the_repository_of_strands_does(order: list[int], calls: list[Call]) -> None:
    memory = engine(":memory:")
    ours = DuramenSessionRepository(memory)
    with tempfile.TemporaryDirectory() as directory:
        theirs = FileSessionManager("another", directory)
        for session, repository in product(IDS[0], (ours, theirs)):  # so that most calls find something
            repository.create_session(Session(session, SessionType.AGENT, "then", "then"))
            repository.create_agent(session, SessionAgent("a", {}, {}, {}, "then", "then"))
            for number in order:
                said: Message = {"role": "user", "content": [{"text": str(number)}]}
                repository.create_message(session, "a", SessionMessage(said, number, None, "then", "then"))
        for call in calls + READINGS:
            if call.writes_below and nothing_there(call, theirs):
                assert outcome(call.step, ours) is SessionException
            else:
                assert outcome(call.step, ours) == outcome(call.step, theirs)
    memory.close()
