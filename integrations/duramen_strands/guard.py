"""The seam where an agent is kept safe from its memory."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from duramen.errors import BankResolutionError

log = logging.getLogger("duramen.strands")

Owner = TypeVar("Owner")
P = ParamSpec("P")


def fail_open(
    method: Callable[Concatenate[Owner, P], Coroutine[Any, Any, Any]],
) -> Callable[Concatenate[Owner, P], Coroutine[Any, Any, Any]]:
    """Make an async method of one argument return that argument where it would raise: Strands would end the run.

    `BankResolutionError` passes: it is raised only where the developer asked for it.
    """

    async def guarded(self: Owner, /, *args: P.args, **options: P.kwargs) -> Any:
        try:
            return await method(self, *args, **options)
        except BankResolutionError:
            raise
        except Exception:  # whatever a part of the memory or a function of the caller raises, the agent goes on
            log.exception("memory failed, so this turn goes on without it")
            return args[0]

    functools.update_wrapper(guarded, method)
    return guarded
