"""Bringing mental models up to date: when asked, after consolidations, and at times."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from duramen.errors import ChangedError, NotFoundError
from duramen.mental_models.drafting import Draft, draft
from duramen.mental_models.keeping import REFRESH, Keeping, rewritten
from duramen.mental_models.model import Kept
from duramen.mental_models.triggers import CRONS, is_automatic, next_time
from duramen.profiles import Profiles
from duramen.shelf import Change
from duramen.tasks.task import Report, Task
from duramen.tasks.tasks import Tasks
from duramen.times import microseconds, utc_now

CRON = "mental_model_cron"
"""The type of the hidden task that is due when a mental model is to be refreshed next."""

SOON = "mental_models_soon"
"""The type of the hidden task that stands for all that was observed within `SOON_SECONDS`."""

SOON_SECONDS = 5

TRIES = 5
"""How often an answer is worked out anew that others outran."""

_PENDING_LISTED = 1000
_INTERVAL = "mental_model_min_refresh_interval_seconds"


class Refreshing:
    """Does the tasks that are about mental models.

    Args:
        keeping: Where they are.
        tasks: Does them.
        profiles: Say what answers are to keep to.
    """

    def __init__(self, keeping: Keeping, tasks: Tasks, profiles: Profiles) -> None:
        self._keeping = keeping
        self._tasks = tasks
        self._profiles = profiles
        tasks.register(REFRESH, self._refresh)
        tasks.register(CRON, self._on_time, attempts=20)
        tasks.register(SOON, self._soon)

    async def draft(self, bank: str, kept: Kept, mode: str | None = None) -> Draft:
        """Return what a mental model would say now."""
        return await draft(self._keeping.desk, self._profiles, bank, kept, mode=mode)

    def submission(self, bank: str, id: str, *, task: str | None = None, mode: str | None = None) -> Sequence[Change]:
        """Return what submits a refresh within a transaction."""
        return self._tasks.submission(bank, REFRESH, {"mental_model": id, "mode": mode}, id=task)

    async def times(self, bank: str, id: str, trigger: Mapping[str, Any]) -> list[Change]:
        """Return what submits the tasks of the next times of a trigger, as far as they are not there."""
        changes: list[Change] = []
        for field in CRONS:
            if field in trigger:
                changes += await self._next(bank, id, field, trigger[field])
        return changes

    async def after_consolidation(self, bank: str) -> list[Task]:
        """Submit refreshes of those that want it when something was observed, and that are not up to date."""
        kepts = await self._keeping.all(bank)
        wanted = {id: kept for id, kept in kepts.by_id.items() if is_automatic(kept.trigger)}
        if not wanted:
            return []
        version = await self._keeping.desk.parts.store.version(bank)
        least = (await self._profiles.resolved(bank))[_INTERVAL]
        pending = await self._pending(bank)
        return [
            await self._tasks.submit(bank, REFRESH, {"mental_model": id, "mode": None}, due=_earliest(kept, least))
            for id, kept in wanted.items()
            if id not in pending and kept.is_stale(version)
        ]

    async def soon(self, bank: str) -> None:
        """Do `after_consolidation` in a few seconds, once for all calls until then; cheap if no mental model wants it."""
        kepts = await self._keeping.all(bank)
        if any(is_automatic(kept.trigger) for kept in kepts.by_id.values()):
            slot = int(utc_now().timestamp() // SOON_SECONDS) + 1
            due = datetime.fromtimestamp(slot * SOON_SECONDS, tz=utc_now().tzinfo)
            await self._tasks.submit(bank, SOON, {"slot": slot}, id=_id(bank, SOON, str(slot)), due=due, hidden=True)

    async def _refresh(self, task: Task, report: Report) -> Mapping[str, Any]:
        id, mode = str(task.payload["mental_model"]), task.payload.get("mode")
        for left in reversed(range(TRIES)):
            await report.progress("reflecting")
            try:
                kept, _ = await self._keeping.one(task.bank, id)
            except NotFoundError:
                return {"mental_model_id": id, "outcome": "deleted"}
            made = await self.draft(task.bank, kept, mode)
            after, changes = rewritten(task.bank, id, kept, made.content.sentences)
            now = utc_now()
            after = replace(
                after,
                refreshed=now,
                seen=made.seen,
                basis=kept.asked(),
                checked=made.mark,
                notes=made.notes,
                trace={"recorded_at": microseconds(now), **made.trace} if kept.trigger.get("keep_trace") else None,
            )
            result = {"mental_model_id": id, "outcome": made.outcome(kept), "mode": made.content.mode}
            shelf = await self._keeping.desk.shelf()
            try:
                await shelf.write([*changes, after.put(task.bank, id), *report.finishing(result)])
            except ChangedError:
                if left == 0:
                    raise
            else:
                await self._keeping.clean(task.bank)  # something may have been forgotten after it was read
                return result
        raise ChangedError(f"The mental model {id!r} changed {TRIES} times while it was worked out.")

    async def _on_time(self, task: Task, report: Report) -> Mapping[str, Any]:
        id, field, cron = (str(task.payload[name]) for name in ("mental_model", "field", "cron"))
        try:
            kept, _ = await self._keeping.one(task.bank, id)
        except NotFoundError:
            return {"ignored": "the mental model was deleted"}
        if kept.trigger.get(field) != cron:
            return {"ignored": "the trigger was changed"}
        changes = [*await self._next(task.bank, id, field, cron)]
        least = (await self._profiles.resolved(task.bank))[_INTERVAL]
        now = utc_now()
        if id not in await self._pending(task.bank) and (_earliest(kept, least) or now) <= now:
            changes += self.submission(task.bank, id, mode="full" if field == "full_refresh_cron" else None)
        result = {"mental_model_id": id}
        await (await self._keeping.desk.shelf()).write([*changes, *report.finishing(result)])
        self._tasks.wake()
        return result

    async def _soon(self, task: Task, report: Report) -> Mapping[str, Any]:
        return {"refreshes": len(await self.after_consolidation(task.bank))}

    async def _next(self, bank: str, id: str, field: str, cron: str) -> Sequence[Change]:
        due = next_time(cron, utc_now())
        task = _id(bank, id, field, cron, due.isoformat())
        if await self._tasks.get(bank, task) is not None:
            return ()
        payload = {"mental_model": id, "field": field, "cron": cron}
        return self._tasks.submission(bank, CRON, payload, id=task, due=due, hidden=True)

    async def _pending(self, bank: str) -> set[str]:
        """Return the ids of the mental models that a refresh of is to come."""
        tasks, _ = await self._tasks.list(bank, state="pending", type=REFRESH, hidden=True, limit=_PENDING_LISTED)
        return {str(task.payload.get("mental_model")) for task in tasks}


def _earliest(kept: Kept, least: int) -> datetime | None:
    """Return when a mental model may be refreshed by itself; None for now."""
    seconds = max(least or 0, kept.trigger.get("min_refresh_interval_seconds") or 0)
    if kept.refreshed is None or not seconds:
        return None
    return kept.refreshed + timedelta(seconds=seconds)


def _id(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(parts)))
