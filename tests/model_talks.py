"""A talk of which each built-in strategy makes something, and what a language model may answer about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from duramen import MemoryEngine
from duramen.language_model import Prompt
from duramen.language_models.lending import LentModels
from duramen.language_models.limits import Spent
from duramen.ledger import Job
from duramen.types import Memory, Message
from tests.simple_strategies import NOON

ADA = "user:ada"

STRATEGIES = ("semantic", "summary", "preference", "episodic")

TALK: Sequence[Message] = [
    {"role": "user", "name": "Ada", "content": "I live in Lisbon with my sister Nora."},
    {"role": "user", "name": "Ada", "content": "I always prefer window seats when I fly."},
    {"role": "user", "name": "Ada", "content": "Can you rebook my cancelled flight to Porto?"},
    {"role": "assistant", "content": "I have rebooked your flight to Porto: it leaves on 9 March 2026."},
    {"role": "user", "name": "Ada", "content": "Thanks, that solved it!"},
]

FACT = "Ada shares a flat in Lisbon with her sister Nora."
TOPIC = "Life in Lisbon"
PREFERENCE = "Ada would rather sit at the window on a plane."
INTENT = "move the cancelled flight to another day"
INSIGHT = "Offering the next flight at once satisfies whoever lost one."

GOOD: Mapping[str, Mapping[str, Any]] = {
    "FactsShape": {"facts": [{"text": FACT, "about": "Ada", "sources": ["e1"]}]},
    "SummaryShape": {
        "topics": [{"topic": TOPIC, "summary": "Ada lives in Lisbon with Nora, her sister.", "sources": ["e1"]}]
    },
    "PreferencesShape": {
        "preferences": [
            {
                "preference": "would rather sit at the window on a plane",
                "text": PREFERENCE,
                "context": "I always prefer window seats when I fly.",
                "categories": ["travel"],
                "sources": ["e2"],
            }
        ]
    },
    "EpisodesShape": {
        "episodes": [
            {
                "first": "e3",
                "last": "e5",
                "ended": True,
                "situation": "Ada's flight to Porto was cancelled",
                "intent": INTENT,
                "actions": ["The agent rebooked the flight for 9 March 2026."],
                "outcome": "Ada flies on 9 March 2026",
                "assessment": "success",
                "justification": "Ada said that it solved it.",
                "reflection": "Offer the next flight at once.",
            }
        ]
    },
    "ReflectionsShape": {
        "reflections": [{"title": "Cancelled flights", "insight": INSIGHT, "confidence": 0.4, "sources": ["p1"]}]
    },
    "DecisionsShape": {"decisions": []},
}
"""A good answer for each shape that strategies ask for."""

SHAPES = {
    "semantic": "FactsShape",
    "summary": "SummaryShape",
    "preference": "PreferencesShape",
    "episodic": "EpisodesShape",
}

OF_THE_MODEL: Mapping[str, Sequence[str]] = {
    "semantic": (FACT,),
    "summary": (f"{TOPIC}: Ada lives in Lisbon with Nora, her sister.",),
    "preference": (PREFERENCE,),
    "episodic": (
        (
            f"Ada's flight to Porto was cancelled. Wanted: {INTENT}. Done: The agent rebooked the flight for 9 March "
            f"2026. Ada flies on 9 March 2026; it succeeded."
        ),
        INSIGHT,
    ),
}
"""What the strategies file of the good answers."""


def good(prompt: Prompt, shape: type[BaseModel]) -> Mapping[str, Any]:
    """Answer well."""
    return GOOD[shape.__name__]


def saying(text: str) -> Callable[[Prompt, type[BaseModel]], str]:
    """Answer with the same text, whatever is asked."""
    return lambda prompt, shape: text


@dataclass(frozen=True)
class After:
    """How a bank stands when all that was said in it has been worked through.

    Attributes:
        fallbacks: How often a model was done without.
    """

    memories: Sequence[Memory]
    jobs: Sequence[Job]
    events: int
    fallbacks: int

    @property
    def texts(self) -> list[str]:
        return [memory.text for memory in self.memories]

    @property
    def states(self) -> set[str]:
        return {job.state for job in self.jobs}

    @property
    def reasons(self) -> str:
        return " | ".join(dict.fromkeys(job.reason for job in self.jobs))


async def told(memory: MemoryEngine, said: Sequence[Message] = TALK, *, bank: str = ADA) -> After:
    """Retain what was said, let the strategies finish, and tell how the bank stands."""
    await memory.retain(bank, said, actor="ada", session="s1", occurred=NOON)
    return await after(memory, bank)


async def after(memory: MemoryEngine, bank: str = ADA) -> After:
    """Let the strategies finish, and tell how the bank stands."""
    await memory.wait_idle(bank, finish=True)
    return After(
        memories=(await memory.memories(bank, namespace="/")).items,
        jobs=(await memory.jobs(bank)).items,
        events=len((await memory.events(bank)).items),
        fallbacks=(await memory.status(bank)).turns.fallbacks,
    )


def spent(memory: MemoryEngine, bank: str = ADA) -> Mapping[str, Spent]:
    """Return what `bank` has used of each model."""
    models = memory.models
    assert isinstance(models, LentModels)
    return models.spent(bank)
