"""`duramen demo`: agents whose processes end, and a memory that goes on."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from duramen.commands.options import Fast
from duramen.conversations import Conversation, load
from duramen.demo import replay, show
from duramen.demo.parts import Job
from duramen.demo.script import askings
from duramen.errors import BadInputError
from duramen.terminal import console


def demo(
    data: Annotated[Path | None, typer.Option(help="A file in the LoCoMo format.", show_default="our own")] = None,
    directory: Annotated[
        str | None, typer.Option("--directory", "-d", help="Where to keep the memory.", show_default="a new one")
    ] = None,
    questions: Annotated[int, typer.Option(help="How many to ask of each conversation, 1 or more.")] = 8,
    fast: Fast = False,
) -> None:
    """Live through recorded sessions, one process each, then ask what is remembered."""
    if questions < 1:
        raise BadInputError(f"--questions is {questions}. Give 1 or more.")
    with as_file(files("duramen") / "demo" / "conversation.json") as own:
        file = (data or own).absolute()
        conversations = load(file)
        job = Job(
            data=str(file),
            address=directory or tempfile.mkdtemp(prefix="duramen-demo-"),
            fast=fast,
            questions=questions,
        )
        show.summary(console(), asyncio.run(_play(conversations, job)))


async def _play(conversations: Sequence[Conversation], job: Job) -> show.Outcome:
    out = console()
    show.opening(out, conversations, job.address)
    began = time.perf_counter()
    with show.progress(out) as bars:
        tasks = [
            bars.add_task(one.speakers[0], total=sum(len(session.turns) for session in one.sessions))
            for one in conversations
        ]
        lived = await replay.replay(conversations, job, lambda place, turns: bars.advance(tasks[place], turns))
    replayed = time.perf_counter()
    answers = await replay.ask(job)
    ended = time.perf_counter()
    chosen = askings(conversations, job.questions)
    for answer in answers:
        asking = chosen[answer.place]
        show.answer(out, asking, answer, conversations[asking.conversation].speakers[0])
    return show.Outcome(
        conversations=conversations,
        lived=lived,
        askings=chosen,
        answers=answers,
        replay_seconds=replayed - began,
        asking_seconds=ended - replayed,
        address=job.address,
        fast=job.fast,
    )
