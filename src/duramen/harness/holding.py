"""Turns on their way to the disk, held back while the memory does not answer."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, ClosedError, DuramenError, IdentityError, StrategyError
from duramen.sessions.events import MAX_ITEMS
from duramen.times import utc_now
from duramen.turns.outage import Outage
from duramen.types import Message

MOST_HELD = 1_000
"""Turns that are held back in an outage; of more, the oldest are lost."""

_HOLDING: set[Holding] = set()
"""Those with something to save. The engine knows them only weakly, and nobody else may know them any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is kept: the bank and the actor, and for how many days."""

    bank: str
    who: str
    days: int


@dataclass(slots=True, eq=False)
class Turn:
    """A turn to be saved: at its `place`, which is found out then if the memory did not tell it before."""

    session: str
    actor: str | None
    messages: list[Message]
    place: Place | None
    metadata: Mapping[str, str] | None = None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    said: datetime = field(default_factory=utc_now)
    late: bool = False
    saved: bool = False
    trouble: str = "its memory is not there"


class Holding:
    """Saves the turns of one harness, each once, and holds back those that cannot be saved yet.

    Args:
        memory: Where they are saved.
        place_of: Finds the place of a turn that has none; None if it is nowhere.
        outage: Is told how it goes.
    """

    def __init__(
        self, memory: MemoryEngine, place_of: Callable[[Turn], Awaitable[Place | None]], outage: Outage
    ) -> None:
        self._memory = memory
        self._place_of = place_of
        self._outage = outage
        self._held: list[Turn] = []
        memory.before_close(self)

    def hold(self, turn: Turn) -> None:
        """Take a turn, which `send_all` saves."""
        self._held.append(turn)
        _HOLDING.add(self)
        if len(self._held) > MOST_HELD:
            del self._held[0]
            self._memory.tally.count("lost")

    def holds(self, turn: Turn) -> bool:
        """Tell whether a turn is still to be saved."""
        return turn in self._held

    async def send_all(self) -> int:
        """Save the turns that are held; return how many of them still are."""
        turns = list(self._held)  # those that other calls bring meanwhile are theirs to save
        try:
            for turn in turns:
                if turn in self._held and not await self._sent(turn):
                    break
        except ClosedError as error:
            self._give_up(error)
        finally:
            (_HOLDING.add if self._held else _HOLDING.discard)(self)
        return sum(turn in self._held for turn in turns)

    async def _sent(self, turn: Turn) -> bool:
        """Save a turn, or give it up, or hold it back; tell whether there is sense in trying others."""
        try:
            await self._send(turn)
        except ClosedError:
            raise
        except Exception as error:  # noqa: BLE001  whatever a part of the memory raises, nothing that can be saved is lost
            if not isinstance(error, BadInputError | IdentityError) or isinstance(error, StrategyError):
                turn.late = True
                self._outage.warn("saving", "a turn could not be saved and is held back: %s", error)
                return not isinstance(error, DuramenError)  # what is no outage may be the fault of this turn alone
            self._outage.warn("saving", "a turn cannot be saved and is lost: %s", error)
            turn.trouble = str(error)
            self._memory.tally.count("lost")
        else:
            self._outage.over("saving")
        with contextlib.suppress(ValueError):  # another call has sent it as well; its key makes that harmless
            self._held.remove(turn)
        return True

    async def _send(self, turn: Turn) -> None:
        if turn.place is None:
            turn.place = await self._place_of(turn)
        place = turn.place
        if place is None:
            return
        for start in range(0, len(turn.messages), MAX_ITEMS):
            await self._memory.sessions.append(
                place.bank,
                turn.messages[start : start + MAX_ITEMS],
                actor=place.who,
                session=turn.session,
                at=turn.said if turn.late else None,
                metadata=turn.metadata,
                key=f"{turn.key}.{start}" if start else turn.key,
                expires_in=timedelta(days=place.days),
            )
        turn.saved = True

    def _give_up(self, error: ClosedError) -> None:
        self._outage.warn("saving", "%d turns cannot be saved and are lost: %s", len(self._held), error)
        self._memory.tally.count("lost", len(self._held))
        for turn in self._held:
            turn.trouble = str(error)
        self._held.clear()
