"""What a memory claims that a later one may contradict, as it is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a memory says and that only one thing at a time can be true of: where somebody lives, say.

    Attributes:
        slot: A hash of what it is about, in [0, 2**32): nothing readable outlives what was forgotten. `value` is one of
            what is said about it; another value in the same slot, mentioned later, takes its place.
        ends: The value is no longer true and no other is named; with value 0, whatever it was.
        statement: Which statement of the memory it belongs to, in [0, 256). A statement is contradicted with one of its
            claims, a memory with all of its statements.
    """

    slot: int
    value: int
    ends: bool = False
    statement: int = 0
