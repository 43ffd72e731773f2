"""What adapters share: recall and retain around the turns of an agent, so that a memory never breaks one."""

from duramen.turns.conversation import Retention, key_of, question_of
from duramen.turns.turns import AnyMemory, Around, Turns, engine_of
from duramen.turns.whose import Whose, bank_in

__all__ = ["AnyMemory", "Around", "Retention", "Turns", "Whose", "bank_in", "engine_of", "key_of", "question_of"]
