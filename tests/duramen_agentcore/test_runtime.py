"""The adapter inside real AgentCore Runtime apps: in this process, and in one of their own that is told to end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from bedrock_agentcore import BedrockAgentCoreApp
from starlette.applications import Starlette
from starlette.testclient import TestClient

from duramen import MemoryEngine
from duramen.errors import BadInputError
from duramen_agentcore import RuntimeAdapter, TurnContext, configure
from tests.conftest import engine
from tests.duramen_agentcore.parts import SleepyEmbedder, answer, said, stream

BANK = "user:ada:agent:support-agent"
ROOT = Path(__file__).parents[2]
USER = "X-Amzn-Bedrock-AgentCore-Runtime-User-Id"
SESSION = "X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"


class Server:
    """The app of `server.py` under uvicorn, in a process of its own."""

    def __init__(self, memory: Path, gate: Path | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "MEMORY": str(memory)} | ({"GATE": str(gate)} if gate else {})
        command = [sys.executable, "-m", "uvicorn", "tests.duramen_agentcore.server:app", "--port", str(port)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
        until(self._is_up)

    def ask(self, prompt: str, *, session: str, user: str = "ada") -> dict[str, str]:
        reply = self.client.post("/invocations", json={"prompt": prompt}, headers=headers(session, user))
        return dict(reply.raise_for_status().json())

    def status(self) -> str:
        return str(self.client.get("/ping").json()["status"])

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def end(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _is_up(self) -> bool:
        assert self.process.poll() is None
        try:
            return self.status() == "Healthy"
        except httpx.TransportError:
            return False


def headers(session: str, user: str = "ada") -> dict[str, str]:
    return {USER: user, SESSION: f"session-{session}".ljust(33, "x")}


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def started(**options: Any) -> Server:
        servers.append(Server(tmp_path / "memory", **options))
        return servers[-1]

    yield started
    for server in servers:
        server.end()


def test_an_answer_is_remembered_though_the_process_is_ended_at_once(serve: Callable[..., Server]) -> None:
    first = serve()
    for number in range(3):
        first.ask(f"My locker code is 77{number}.", session="1")
    first.terminate()

    second = serve()
    known = second.ask("What is my locker code?", session="2")["knew"]
    of_another = second.ask("What is my locker code?", session="2", user="eve")["knew"]

    assert all(f"77{number}" in known for number in range(3))
    assert "77" not in of_another


def test_the_runtime_hears_that_the_app_is_busy_until_a_turn_is_searchable(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    server = serve(gate=tmp_path / "gate")

    server.ask("My locker code is 7731.", session="1")
    while_shut = server.status()
    (tmp_path / "gate").touch()
    until(lambda: server.status() == "Healthy")

    assert while_shut == "HealthyBusy"


@pytest.mark.parametrize("ended_at_once", [False, True])
def test_a_reader_who_goes_away_leaves_the_story_in_memory(
    serve: Callable[..., Server], tmp_path: Path, ended_at_once: bool
) -> None:
    server = serve()
    story = {"prompt": "Tell me a story.", "stream": True}

    with server.client.stream("POST", "/invocations", json=story, headers=headers("1")) as reply:
        lines = reply.iter_lines()
        heard = [next(lines) for _ in range(5)]
    if ended_at_once:
        server.terminate()
    memory = engine(tmp_path / "memory")
    until(lambda: len(memory.portal.call(said(memory, BANK))) == 2)
    asked, told = memory.portal.call(said(memory, BANK))
    memory.close(drain_seconds=0)

    assert heard[0] == 'data: "Once upon a time "'
    assert asked == ("ada", "Tell me a story.")
    assert told[1].startswith("Once upon a time and then")


async def test_a_request_without_a_user_is_refused(memory: MemoryEngine) -> None:
    app = app_over(RuntimeAdapter("support", memory=memory))
    async with asking(app) as client:
        reply = await client.post("/invocations", json={"prompt": "Hello", "user_id": "eve"}, headers={SESSION: "s"})

    assert reply.status_code == 500
    assert "who the user is" in reply.json()["error"]


async def test_streams_pass_through_a_real_app(memory: MemoryEngine) -> None:
    adapter = RuntimeAdapter("support", memory=memory)
    async with asking(app_over(adapter, stream)) as client:
        reply = await client.post("/invocations", json={"prompt": "Hello"}, headers=headers("1"))
    await adapter.flush()

    assert reply.text == 'data: "I "\n\ndata: "will "\n\ndata: "remember."\n\n'
    assert await said(memory) == [("ada", "Hello"), ("assistant", "I will remember.")]


def test_at_shutdown_retains_are_waited_for_while_what_the_app_opened_is_open(tmp_path: Path) -> None:
    order: list[str] = []
    memory = engine(tmp_path / "memory")

    @contextlib.asynccontextmanager
    async def life(app: Any) -> AsyncIterator[dict[str, str]]:
        order.append("opened")
        async with memory:
            yield {"of": "the app"}
            order.append(f"{adapter.stats().retains} retained")
        order.append("closed")

    adapter = RuntimeAdapter("support", memory=memory)
    app = app_over(adapter, lifespan=life)
    with TestClient(app) as client:
        client.post("/invocations", json={"prompt": "I am vegan."}, headers=headers("1"))
        state = dict(client.app_state)

    assert order == ["opened", "1 retained", "closed"]
    assert state == {"of": "the app"}


def test_the_memory_is_opened_when_the_app_starts_and_not_by_the_first_turn(tmp_path: Path) -> None:
    adapter = RuntimeAdapter("support", url=tmp_path / "memory")
    unopened = (tmp_path / "memory").exists()

    with TestClient(app_over(adapter)):
        until((tmp_path / "memory").exists)

    assert not unopened


def test_shutting_down_does_not_wait_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    configure(timeout=0.2)
    embedder = SleepyEmbedder()
    embedder.asleep = True
    memory = engine(tmp_path / "memory", embedder=embedder)
    adapter = RuntimeAdapter("support", memory=memory)
    with TestClient(app_over(adapter, drain_seconds=0.2)) as client:
        client.post("/invocations", json={"prompt": "I am vegan."}, headers=headers("1"))
        busy = client.get("/ping").json()["status"]
    embedder.asleep = False
    memory.close()

    assert busy == "HealthyBusy"
    assert "not searchable yet" in caplog.text


def test_an_app_can_be_bound_twice_and_several_adapters_to_one_app(memory: MemoryEngine) -> None:
    first, second = RuntimeAdapter("first", memory=memory), RuntimeAdapter("second", memory=memory)
    app = BedrockAgentCoreApp()

    assert first.bind(app) is first.bind(app) is second.bind(app) is app
    with TestClient(app) as client:
        assert client.get("/ping").json()["status"] == "Healthy"


@pytest.mark.parametrize("wrong", [{}, Starlette(), None])
def test_what_is_no_app_of_the_runtime_is_not_bound(memory: MemoryEngine, wrong: Any) -> None:
    with pytest.raises(BadInputError, match=f"A {type(wrong).__name__} cannot be bound"):
        RuntimeAdapter("support", memory=memory).bind(wrong)


async def test_a_memory_that_cannot_be_opened_does_not_keep_an_app_from_starting(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("not a directory")
    app = app_over(RuntimeAdapter("support", url=tmp_path / "memory"))

    with TestClient(app) as client:
        reply = client.post("/invocations", json={"prompt": "Hello"}, headers=headers("1"))

    assert reply.json() == {"output": "Noted: Hello"}


def test_the_adapter_needs_no_framework_and_nothing_heavy_to_be_imported() -> None:
    code = """
import sys
sys.modules["bedrock_agentcore"] = None
from duramen_agentcore import RuntimeAdapter, TurnContext, configure
class App: ...
class Request:
    headers = {"x-amzn-bedrock-agentcore-runtime-user-id": "ada"}
class Context:
    session_id, request = "session-1", Request
RuntimeAdapter("support")
print(TurnContext.from_request(Context).user_id)
print([name for name in ("numpy", "spacy", "onnxruntime", "starlette", "pydantic", "httpx") if name in sys.modules])
"""

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.splitlines() == ["ada", "[]"]


def app_over(
    adapter: RuntimeAdapter, agent: Callable[..., Any] = answer, *, lifespan: Any = None, drain_seconds: float = 10
) -> BedrockAgentCoreApp:
    app = adapter.bind(BedrockAgentCoreApp(lifespan=lifespan), drain_seconds=drain_seconds)

    @app.entrypoint
    async def handle(payload: Any, context: Any) -> Any:
        return await adapter.run_turn(TurnContext.from_request(context, payload), payload, agent_callable=agent)

    return app


def asking(app: BedrockAgentCoreApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://runtime")
