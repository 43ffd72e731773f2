"""The demo as its parent process sees it: it starts the others, one for each session, and hears from them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from duramen.conversations import Conversation, SessionRecord
from duramen.demo.asking import Answer, Line
from duramen.demo.parts import Job
from duramen.demo.script import exchanges
from duramen.errors import DuramenError

T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with the place of a conversation and how many of its turns were just replayed."""

Told = Callable[[dict[str, Any]], None]
"""Called with each line that a process of the demo reports."""

_LONGEST_LINE = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Lived:
    """What a session left behind.

    Attributes:
        conversation: Place of the conversation in the file.
        turns: How many turns were replayed.
        kept: How many of its events the memory holds when its process ends.
        knew: How many memories the agent was given before the first turn.
        warnings: What its process complained of, though it ended well.
    """

    conversation: int
    session: int
    turns: int
    kept: int
    knew: int
    warnings: tuple[str, ...]


async def replay(conversations: Sequence[Conversation], job: Job, progress: Progress) -> list[Lived]:
    """Live through every session, each in a process of its own, which ends before that user's next one begins.

    Different users are served side by side, on the same memory, as far as there are processors.

    Args:
        conversations: Those of the file that `job` names.
        job: The file and the memory.
        progress: Told of each turn.

    Raises:
        DuramenError: A process failed, or did not keep all that was said.
    """
    slots = asyncio.Semaphore(min(4, os.cpu_count() or 1))

    async def of_one(place: int, conversation: Conversation) -> list[Lived]:
        async with slots:
            return [
                await _session(
                    replace(job, conversation=place, session=session.number),
                    session,
                    sum(bool(one.asked) + bool(one.answered) for one in exchanges(session, conversation.speakers[0])),
                    progress,
                )
                for session in conversation.sessions
            ]

    lived = await _all([of_one(place, conversation) for place, conversation in enumerate(conversations)])
    return [session for sessions in lived for session in sessions]


async def ask(job: Job) -> list[Answer]:
    """Ask the questions in one new process and return what it recalled, in the order of `askings`."""
    answers: list[Answer] = []

    def told(record: dict[str, Any]) -> None:
        lines = (Line(**{**line, "turns": tuple(line["turns"])}) for line in record["lines"])
        answers.append(Answer(record["place"], tuple(lines), record["milliseconds"]))

    await _process("duramen.demo.asking", job, told)
    return answers


async def _session(job: Job, session: SessionRecord, messages: int, progress: Progress) -> Lived:
    closing: dict[str, int] = {"kept": 0, "knew": 0}

    def told(record: dict[str, Any]) -> None:
        if "turns" in record:
            progress(job.conversation, record["turns"])
        else:
            closing.update(record)

    complaints = await _process("duramen.demo.session", job, told)
    warnings = tuple(complaints)
    lived = Lived(job.conversation, session.number, len(session.turns), closing["kept"], closing["knew"], warnings)
    if lived.kept < messages:
        raise DuramenError(
            f"Session {session.number} said {messages} messages, and {lived.kept} were kept. "
            f"Its process said: {' '.join(complaints) or 'nothing'}"
        )
    return lived


async def _process(module: str, job: Job, told: Told) -> list[str]:
    """Run a module of the demo to its end and return the lines of what it complained of, each once."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        job.argument(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    try:
        complaints, _ = await asyncio.gather(_lines(process.stderr), _records(process.stdout, told))
        if await process.wait():
            said = complaints[-1] if complaints else "nothing"
            raise DuramenError(f"A process of the demo ended with code {process.returncode}. It said: {said}")
        return complaints
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _lines(stream: asyncio.StreamReader | None) -> list[str]:
    data = await stream.read() if stream is not None else b""
    return [line for line in dict.fromkeys(data.decode(errors="replace").splitlines()) if line.strip()]


async def _records(stream: asyncio.StreamReader | None, told: Told) -> None:
    if stream is not None:
        async for line in stream:
            told(json.loads(line))


async def _all(work: Sequence[Awaitable[T]]) -> list[T]:
    """Await all; when one fails, end the others before passing its error on."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
