"""An engine whose tasks are being done, with its mental models."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from duramen import Item, MemoryEngine
from duramen.mental_models import MentalModel, MentalModels, Pages
from duramen.profiles import Profiles
from duramen.tasks.task import Task, TaskState
from duramen.tasks.tasks import Tasks
from tests.conftest import engine

ADA = "user:ada"
SAID = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Working:
    memory: MemoryEngine
    tasks: Tasks
    profiles: Profiles
    models: MentalModels
    pages: Pages

    async def retain(self, *said: str, day: int = 0, **options: Any) -> None:
        """Retain texts, a day apart, under themselves as keys."""
        for place, content in enumerate(said):
            at = SAID + timedelta(days=day + place)
            given = {"key": content, "occurred": at, "actor": "Ada", **options}
            await self.memory.retain(ADA, [Item(content=content, **given)], wait=True)

    async def created(self, query: str, name: str = "Home", **options: Any) -> MentalModel:
        """Create a mental model and wait until it is worked out."""
        model, task = await self.models.create(ADA, name, query, **options)
        await self.done(task)
        return await self.models.get(ADA, model.id)

    async def refreshed(self, model: MentalModel, **options: Any) -> MentalModel:
        """Refresh a mental model and wait for it."""
        await self.done(await self.models.refresh(ADA, model.id, **options))
        return await self.models.get(ADA, model.id)

    async def done(self, task: Task) -> Task:
        """Wait for a task, which must not fail."""
        task = await self.tasks.wait(ADA, task.id, seconds=20)
        assert task.state == "completed", task
        return task

    async def all_done(self) -> None:
        """Wait for all tasks that are due now."""
        states: tuple[TaskState, ...] = ("pending", "processing")
        for state in states:
            tasks, _ = await self.tasks.list(ADA, state=state, limit=100)
            for task in tasks:
                await self.done(task)


@contextlib.asynccontextmanager
async def working(address: str, **options: Any) -> AsyncIterator[Working]:
    async with engine(address, **options) as memory:
        yield Working(memory, memory.tasks, memory.profiles, memory.mental_models, memory.pages)
