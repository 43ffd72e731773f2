"""What adapters share: recall and retain around the turns of an agent, so that a memory never breaks one.

The parts are loaded when they are first asked for: some need the engine, and adapters are to be light to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.turns.conversation import Retention, key_of, question_of
    from duramen.turns.source import AnyMemory, engine_of
    from duramen.turns.turns import Around, Turns
    from duramen.turns.whose import Whose, bank_in

__all__ = ["AnyMemory", "Around", "Retention", "Turns", "Whose", "bank_in", "engine_of", "key_of", "question_of"]

__getattr__ = lazy_names(
    __name__,
    {
        "AnyMemory": "duramen.turns.source",
        "Around": "duramen.turns.turns",
        "Retention": "duramen.turns.conversation",
        "Turns": "duramen.turns.turns",
        "Whose": "duramen.turns.whose",
        "bank_in": "duramen.turns.whose",
        "engine_of": "duramen.turns.source",
        "key_of": "duramen.turns.conversation",
        "question_of": "duramen.turns.conversation",
    },
)
