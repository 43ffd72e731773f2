from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from strands import Agent
from strands.multiagent import GraphBuilder
from strands.multiagent.graph import Graph
from strands.types.content import Message
from strands.types.exceptions import SessionException
from strands.types.session import Session, SessionAgent, SessionMessage, SessionType

import duramen
from duramen.errors import BadInputError, ClosedError, StoreError
from duramen.shelf import Put
from duramen_strands.repository import DIGITS, PAGE, DuramenSessionRepository
from tests.conftest import engine
from tests.duramen_strands.parts import Speaker

LIKE_PATHS = [
    "../../etc/passwd",
    "a/b",
    "..",
    ".",
    "C:\\x",
    "%2e%2e",
    "a\nb",
    "s:1",
    "日本語 \U0001f9e0",
    "a" * 5000,
    " x ",
]


@pytest.fixture
def memory(address: str) -> Iterator[duramen.MemoryEngine]:
    opened = engine(address)
    yield opened
    opened.close()


@pytest.fixture
def repository(memory: duramen.MemoryEngine) -> DuramenSessionRepository:
    return DuramenSessionRepository(memory)


def session(name: str = "s") -> Session:
    return Session(session_id=name, session_type=SessionType.AGENT)


def an_agent(name: str = "a", **state: Any) -> SessionAgent:
    return SessionAgent(agent_id=name, state=state, conversation_manager_state={"removed_message_count": 0})


def said(text: str, number: int) -> SessionMessage:
    return SessionMessage.from_message({"role": "user", "content": [{"text": text}]}, number)


def texts(messages: list[SessionMessage]) -> list[str]:
    return [message.to_message()["content"][0]["text"] for message in messages]


def a_graph() -> Graph:
    builder = GraphBuilder()
    builder.add_node(Agent(model=Speaker(), callback_handler=None), "one")
    return builder.set_max_node_executions(10).build()


def with_agent(repository: DuramenSessionRepository, name: str = "s", agent: str = "a") -> None:
    repository.create_session(session(name))
    repository.create_agent(name, an_agent(agent))


def test_a_session_is_read_as_it_was_created(repository: DuramenSessionRepository) -> None:
    created = repository.create_session(session())

    read = repository.read_session("s")

    assert read == created
    assert read is not None
    assert read.session_type == SessionType.AGENT


def test_a_session_is_created_once(repository: DuramenSessionRepository) -> None:
    repository.create_session(session())
    first = repository.read_session("s")

    with pytest.raises(SessionException, match="Session s already exists"):
        repository.create_session(session())

    assert repository.read_session("s") == first


def test_of_many_who_create_a_session_at_once_one_does(repository: DuramenSessionRepository) -> None:
    refused: list[SessionException] = []
    same = session()

    def create() -> None:
        try:
            repository.create_session(same)
        except SessionException as error:
            refused.append(error)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 7


def test_ensuring_a_session_leaves_one_that_is_there(repository: DuramenSessionRepository) -> None:
    created = repository.create_session(session())

    repository.ensure_session("s")
    repository.ensure_session("other")

    assert repository.read_session("s") == created
    assert [one.session_id for one in repository.list_sessions()] == ["other", "s"]


def test_what_does_not_exist_reads_as_none(repository: DuramenSessionRepository) -> None:
    with_agent(repository)

    assert repository.read_session("t") is None
    assert repository.read_agent("t", "a") is None
    assert repository.read_agent("s", "b") is None
    assert repository.read_message("s", "a", 0) is None
    assert repository.read_message("t", "b", 7) is None
    assert repository.read_multi_agent("s", "g") is None


def test_an_agent_keeps_when_it_was_created(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    created = repository.read_agent("s", "a")
    assert created is not None

    repository.update_agent("s", an_agent(count=2, photo={"deep": [b"\x00\xff"]}))

    read = repository.read_agent("s", "a")
    assert read is not None
    assert read.state == {"count": 2, "photo": {"deep": [b"\x00\xff"]}}
    assert read.created_at == created.created_at
    assert read.updated_at > created.updated_at


def test_creating_an_agent_again_leaves_its_messages(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    repository.create_message("s", "a", said("hello", 0))

    repository.create_agent("s", an_agent(fresh=True))

    assert texts(repository.list_messages("s", "a")) == ["hello"]


def test_a_redacted_message_reads_as_what_it_was_redacted_to(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    repository.create_message("s", "a", said("my password is swordfish", 0))
    first = repository.read_message("s", "a", 0)
    assert first is not None

    redacted = SessionMessage.from_message(first.message, 0)
    redacted.redact_message = {"role": "user", "content": [{"text": "[redacted]"}]}
    repository.update_message("s", "a", redacted)

    read = repository.read_message("s", "a", 0)
    assert read is not None
    assert read.created_at == first.created_at
    assert texts([read]) == ["[redacted]"]
    assert texts(repository.list_messages("s", "a")) == ["[redacted]"]


@pytest.mark.parametrize("count", [0, 12, PAGE, PAGE + 1, 1105])
def test_messages_are_in_the_order_of_their_numbers(repository: DuramenSessionRepository, count: int) -> None:
    with_agent(repository)
    for number in sorted(range(count), key=str):
        repository.create_message("s", "a", said(f"m{number}", number))

    listed = repository.list_messages("s", "a")

    assert [message.message_id for message in listed] == list(range(count))
    assert texts(listed) == [f"m{number}" for number in range(count)]
    for offset in (0, 1, 5, PAGE - 1, PAGE, count, count + 3):
        for limit in (None, 0, 1, 7, PAGE, PAGE + 5):
            end = None if limit is None else offset + limit
            assert repository.list_messages("s", "a", limit=limit, offset=offset) == listed[offset:end]


def test_messages_may_have_gaps_between_their_numbers(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    for number in (10**DIGITS - 1, 10, 9, 2):
        repository.create_message("s", "a", said(f"m{number}", number))

    assert texts(repository.list_messages("s", "a", limit=2, offset=1)) == ["m9", "m10"]


@pytest.mark.parametrize("number", ["0", 1.0, None, True, -1, 10**DIGITS])
def test_a_number_that_is_none_is_refused(repository: DuramenSessionRepository, number: Any) -> None:
    with_agent(repository)

    with pytest.raises(ValueError, match="message id must be an integer"):
        repository.create_message("s", "a", said("x", number))
    with pytest.raises(ValueError, match="message id must be an integer"):
        repository.read_message("s", "a", number)


@pytest.mark.parametrize(("offset", "limit"), [(-1, None), (0, -1)])
def test_a_negative_part_of_a_list_is_refused(
    repository: DuramenSessionRepository, offset: int, limit: int | None
) -> None:
    with_agent(repository)

    with pytest.raises(BadInputError, match="Give 0 or more"):
        repository.list_messages("s", "a", limit=limit, offset=offset)


def test_nothing_is_written_below_what_does_not_exist(repository: DuramenSessionRepository) -> None:
    built = a_graph()
    with pytest.raises(SessionException, match="Session s does not exist"):
        repository.create_agent("s", an_agent())
    with pytest.raises(SessionException, match="Session s does not exist"):
        repository.create_multi_agent("s", built)
    repository.create_session(session())

    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        repository.create_message("s", "a", said("x", 0))
    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        repository.update_agent("s", an_agent())
    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        repository.list_messages("s", "a")
    with pytest.raises(SessionException, match=f"MultiAgent state {built.id} in session s does not exist"):
        repository.update_multi_agent("s", built)
    repository.create_agent("s", an_agent())
    with pytest.raises(SessionException, match="Message 0 does not exist"):
        repository.update_message("s", "a", said("x", 0))

    assert repository.list_messages("s", "a") == []


async def test_deleting_a_session_deletes_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    async with engine(tmp_path) as memory:
        repository = DuramenSessionRepository(memory)
        for name in ("s", "s2", "s/a"):
            with_agent(repository, name)
            repository.create_message(name, "a", said(f"in {name}", 0))
            repository.create_multi_agent(name, a_graph())
        DuramenSessionRepository(memory, name="other").create_session(session())

        repository.delete_session("s")

        assert repository.read_session("s") is None
        assert {path[2] for path in await memory.shelf.paths(("strands.sessions", "default")) if path[2:]} == {
            "s2",
            "s/a",
        }
        assert texts(repository.list_messages("s2", "a")) == ["in s2"]
        assert DuramenSessionRepository(memory, name="other").read_session("s") is not None
        with pytest.raises(SessionException, match="Session s does not exist"):
            repository.delete_session("s")
        with_agent(repository)
        assert repository.list_messages("s", "a") == []


def test_after_its_session_was_deleted_an_agent_cannot_write_on(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    repository.delete_session("s")

    with pytest.raises(SessionException, match="Agent a in session s does not exist"):
        repository.create_message("s", "a", said("late", 1))


@pytest.mark.parametrize("name", LIKE_PATHS)
def test_ids_may_hold_anything_that_can_be_stored(repository: DuramenSessionRepository, name: str) -> None:
    with_agent(repository, name, name)
    with_agent(repository, "s", "a")
    repository.create_message(name, name, said("mine", 0))

    assert [one.session_id for one in repository.list_sessions()] == sorted([name, "s"])
    assert texts(repository.list_messages(name, name)) == ["mine"]
    assert repository.list_messages("s", "a") == []
    assert repository.read_agent(name, "a") is None


@pytest.mark.parametrize("name", ["", "  ", "\n", "​", "a\0b", "\ud800", None, 7, b"s"])
def test_ids_that_are_none_are_refused(repository: DuramenSessionRepository, name: Any) -> None:
    for refused in (
        lambda: repository.read_session(name),
        lambda: repository.create_session(session(name)),
        lambda: repository.ensure_session(name),
        lambda: repository.delete_session(name),
        lambda: repository.read_agent("s", name),
        lambda: repository.read_agent(name, "a"),
        lambda: repository.read_message("s", name, 0),
        lambda: repository.read_multi_agent("s", name),
    ):
        with pytest.raises(BadInputError, match=r"nothing was read|Leave it out"):
            refused()

    assert repository.list_sessions() == []


def test_what_is_no_memory_or_no_name_is_refused(memory: duramen.MemoryEngine) -> None:
    with pytest.raises(BadInputError, match="The name is ' '"):
        DuramenSessionRepository(memory, name=" ")
    with pytest.raises(BadInputError, match=r"duramen\.open"):
        DuramenSessionRepository("./memory")  # type: ignore[arg-type]  # on purpose


def test_big_and_multimodal_messages_come_back_byte_for_byte(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    picture = bytes(range(256)) * 40_000
    message: Message = {
        "role": "user",
        "content": [
            {"text": "Look \U0001f9e0 \ud83d at this\u2028\x07"},
            {"image": {"format": "png", "source": {"bytes": picture}}},
            {"document": {"format": "pdf", "name": "plan", "source": {"bytes": b"%PDF"}}},
            {
                "toolResult": {
                    "toolUseId": "t",
                    "status": "success",
                    "content": [{"json": {"n": 1.5, "deep": [None, True]}}],
                }
            },
        ],
    }

    repository.create_message("s", "a", SessionMessage.from_message(message, 0))

    read = repository.read_message("s", "a", 0)
    assert read is not None
    assert read.to_message() == message


def test_what_is_no_json_is_an_error_and_leaves_what_was_there(repository: DuramenSessionRepository) -> None:
    with_agent(repository)
    repository.create_message("s", "a", said("before", 0))
    odd = said("after", 0)
    odd.message["content"] = [{"toolResult": {"toolUseId": "t", "status": "success", "content": [{"json": {1, 2}}]}}]

    with pytest.raises(SessionException, match="cannot be written as JSON"):
        repository.create_message("s", "a", odd)

    assert texts(repository.list_messages("s", "a")) == ["before"]


@pytest.mark.parametrize("value", [b"{", b"[]", b"\xff\xfe"])
async def test_a_damaged_record_is_an_error_that_says_where(memory: duramen.MemoryEngine, value: bytes) -> None:
    repository = DuramenSessionRepository(memory)
    await memory.shelf.write([Put(path=("strands.sessions", "default"), key="s", value=value)])

    with pytest.raises(SessionException, match=r"'s' at .* is damaged"):
        repository.read_session("s")


def test_a_record_of_a_newer_sdk_can_be_read(memory: duramen.MemoryEngine) -> None:
    repository = DuramenSessionRepository(memory)
    with_agent(repository)
    place, key = ("strands.sessions", "default", "s", "agents"), "a"
    newer = b'{"agent_id":"a","state":{},"conversation_manager_state":{},"created_at":"then","invented_later":1}'
    memory.portal.call(memory.shelf.write([Put(path=place, key=key, value=newer)]))

    read = repository.read_agent("s", "a")

    assert read is not None
    assert read.created_at == "then"


def test_a_memory_that_was_closed_is_an_error_of_the_session(memory: duramen.MemoryEngine) -> None:
    repository = DuramenSessionRepository(memory)
    memory.close()

    with pytest.raises(SessionException, match="cannot be used") as caught:
        repository.read_session("s")

    assert isinstance(caught.value.__cause__, ClosedError)


def test_a_memory_that_cannot_be_opened_is_an_error_of_the_session(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file where the directory should be")
    memory = engine(tmp_path / "memory")
    repository = DuramenSessionRepository(memory)

    with pytest.raises(SessionException, match="cannot be used") as caught:
        repository.create_session(session())

    assert isinstance(caught.value.__cause__, StoreError)
    memory.close()
