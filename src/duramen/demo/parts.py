"""What the processes of the demo have in common: how they open the memory and what they are told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import duramen
from duramen.errors import DuramenError

if TYPE_CHECKING:
    from duramen.engine import MemoryEngine


@dataclass(frozen=True, slots=True)
class Job:
    """What a process of the demo is to do.

    Attributes:
        data: A file in the LoCoMo format.
        address: Where the memory lives.
        fast: Use the parts that load no model.
        conversation: Place of the conversation in the file; unused when asking.
        session: Number of the session to live through; unused when asking.
        questions: How many to ask of each conversation; unused in a session.
    """

    data: str
    address: str
    fast: bool
    conversation: int = 0
    session: int = 0
    questions: int = 0

    def argument(self) -> str:
        """Return the job as an argument of a process."""
        return json.dumps(asdict(self))


def run(work: Callable[[Job], Coroutine[Any, Any, None]]) -> None:
    """Do the job that this process was started for; an error that may be expected is told without a traceback."""
    try:
        asyncio.run(work(Job(**json.loads(sys.argv[1]))))
    except DuramenError as error:
        sys.exit(str(error))


def report(record: object) -> None:
    """Tell the parent process."""
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


def open_memory(address: str, *, fast: bool, strategies: Sequence[str] = ()) -> MemoryEngine:
    """Open the memory with the default parts, or with those that load no model."""
    if fast:
        embedder, entities = duramen.HashingEmbedder(), duramen.CapitalsEntityFinder()
        return duramen.open(address, embedder=embedder, entities=entities, strategies=strategies)
    return duramen.open(address, strategies=strategies)
