"""Self-managed strategies of a memory that is served: what is new is delivered to a directory or a webhook."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from duramen.errors import StrategyError
from duramen.namespaces import PER_ACTOR
from duramen.strategies.own_code import SELF_MANAGED, check_self_managed, payload
from duramen.strategies.usual import Filing
from duramen.strategy import Made, Trigger, Work
from duramen.times import microseconds

_SECONDS = 30.0
_ACCOUNT = "000000000000"  # of no customer of AWS


@dataclass(frozen=True, kw_only=True)
class DeliveredStrategy(Filing):
    """Makes no memories: delivers what was said to whoever makes them, and puts them into the bank by other ways.

    What is delivered is a `SelfManaged` as JSON, with what else AgentCore Memory tells: `requestId`, `accountId`, and
    `startingTimestamp` and `endingTimestamp`, in milliseconds since 1970, of the new turns. It is delivered at least once, under the same `jobId` if again. When it
    cannot be delivered the job has failed: it is tried again with growing pauses, and given up in the end.

    Attributes:
        to: A directory, where a file `{jobId}.json` appears whole; or an address that begins with `http`, which is sent
            it by POST and must answer with a status of 2xx within 30 s.
        memory: What the memory is called in it; the name of the bank if left out.

    Raises:
        StrategyError: `to` is blank, or the trigger is out of the bounds of `SelfManagedStrategy`.
    """

    to: str
    memory: str = ""
    namespace: str = PER_ACTOR
    trigger: Trigger = SELF_MANAGED
    version: str = "1"

    merges: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse what cannot be used."""
        check_self_managed(self.trigger, self.name)
        if not self.to.strip():
            raise StrategyError(f"The self-managed strategy {self.name!r} delivers nowhere. Give a directory or a URL.")
        Filing.__post_init__(self)

    async def __call__(self, work: Work) -> Made:
        """Deliver the new events.

        Raises:
            StrategyError: The address did not take them.
            OSError: The directory cannot be written.
        """
        told = payload(work)
        if self.memory:
            told["memoryId"] = self.memory
        body = json.dumps({**told, **_beside(work, told["jobId"])}, ensure_ascii=False).encode()
        if self.to.startswith("http"):
            await _post(self.to, body, self.name)
        else:
            await asyncio.to_thread(_write, Path(self.to), f"{told['jobId']}.json", body)
        return Made()


def _beside(work: Work, job: str) -> dict[str, Any]:
    times = [microseconds(event.mentioned) // 1000 for event in work.events]
    return {
        "requestId": job,
        "accountId": _ACCOUNT,
        "startingTimestamp": min(times, default=None),
        "endingTimestamp": max(times, default=None),
    }


async def _post(address: str, body: bytes, name: str) -> None:
    import httpx  # takes long to load, and most strategies deliver nothing

    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.post(address, content=body, headers={"Content-Type": "application/json"})
    except httpx.HTTPError as error:
        raise StrategyError(
            f"The address of the strategy {name!r} cannot be reached: {type(error).__name__}."
        ) from error
    if not answer.is_success:
        raise StrategyError(f"The address of the strategy {name!r} answered with {answer.status_code}.")


def _write(directory: Path, name: str, body: bytes) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = directory / f".{name}.{os.getpid()}"
    part.write_bytes(body)
    part.replace(directory / name)
