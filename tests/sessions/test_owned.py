from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from duramen import ClosedError, MemoryEngine
from duramen.sessions.owned import OwnedSessions, SyncSessions
from duramen.sessions.sessions import Sessions
from tests.conftest import engine
from tests.sessions.parts import AT, texts

VERBS = sorted(name for name, _ in inspect.getmembers(Sessions, inspect.isfunction) if not name.startswith("_"))


@pytest.mark.parametrize("verb", VERBS)
def test_both_faces_have_every_verb_with_the_same_signature(verb: str) -> None:
    signature = inspect.signature(getattr(Sessions, verb))

    assert inspect.signature(getattr(OwnedSessions, verb)) == signature
    assert inspect.signature(getattr(SyncSessions, verb)) == signature
    assert getattr(OwnedSessions, verb).__doc__ == getattr(Sessions, verb).__doc__


async def test_an_engine_opens_for_its_sessions_and_recalls_what_was_said(address: str) -> None:
    memory = engine(address)

    await memory.sessions.append("b", "Ada moved to Lisbon.", actor="ada", session="s1")

    assert [hit.memory.text for hit in (await memory.recall("b", "Where is Ada?")).hits] == ["Ada moved to Lisbon."]
    await memory.aclose()


async def test_sessions_are_used_from_any_loop(memory: MemoryEngine) -> None:
    sessions = memory.sessions
    await sessions.append("b", "here", actor="ada", session="s1", key="k1")

    await asyncio.to_thread(lambda: asyncio.run(sessions.append("b", "there", actor="ada", session="s1", key="k2")))

    assert texts(await sessions.events(*AT, oldest_first=True)) == ["here", "there"]


async def test_sessions_are_used_without_await_inside_a_running_loop(memory: MemoryEngine) -> None:
    sessions = SyncSessions(memory.sessions)

    event = sessions.append("b", [{"role": "user", "content": "Hello."}], actor="ada", session="s1")

    assert sessions.get(*AT, event.id) == event
    assert sessions.history(*AT) == [{"role": "user", "content": "Hello."}]
    assert [len(turn) for turn in sessions.turns(*AT, 1)] == [1]
    assert sessions.actors("b").items == ("ada",)
    assert sessions.delete(*AT, event.id)


async def test_the_sessions_of_a_closed_engine_say_so(address: str) -> None:
    memory = engine(address)
    sessions = memory.sessions
    await sessions.append("b", "x", actor="ada", session="s1")
    await memory.aclose()

    with pytest.raises(ClosedError, match=r"duramen\.open"):
        await sessions.history(*AT)


def test_a_conversation_goes_on_in_the_next_process(tmp_path: Path) -> None:
    def turn(words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "tests.sessions.session_process", str(tmp_path), words],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return run.stdout.strip()

    turns = [turn(words) for words in ("one", "two", "two", "three")]

    assert turns == [
        "[]",
        "['one', 'about one']",
        "['one', 'about one', 'two', 'about two']",
        "['one', 'about one', 'two', 'about two']",
    ]
