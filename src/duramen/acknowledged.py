"""What the verbs that change something answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Retained:
    """The acknowledgement of a retain: everything named here is on disk.

    Attributes:
        keys: One per item, in order.
        events: The ids of all events, in order.
        replaced: How many events took the place of an earlier one of the same key.
        repeated: How many were there already, word for word.
        forgotten: How many were left out, being a replay of what had been forgotten.
        held: How many are on the disk of this computer and wait for their server, which is away; see `duramen.open`.
    """

    bank: str
    keys: tuple[str, ...]
    events: tuple[str, ...]
    replaced: int = 0
    repeated: int = 0
    forgotten: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What a forget deleted, for good."""

    bank: str
    memories: int = 0
    events: int = 0
    keys: tuple[str, ...] = ()
