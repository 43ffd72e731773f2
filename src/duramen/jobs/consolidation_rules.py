"""What one memory is to another, told by their texts: the same, less, more, the end of it, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from duramen.jobs.consolidation_alike import ENDS, has_value, lacking, same_subject, time
from duramen.jobs.consolidation_changes import contradicts
from duramen.jobs.consolidation_reading import Statement, Word, read, same_words
from duramen.language.claim_rules import Says
from duramen.language.claims import statements
from duramen.ledger import Decision
from duramen.types import Memory

WHOLE = ("episode", "reflection", "summary")
"""Kinds of memories that tell a whole: only what is the same is merged, and nothing contradicts."""

_THE_USER = re.compile(r"\b[Tt]he (?:user|User)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a candidate is to one other memory.

    Attributes:
        rank: Which finding counts if there are several, the highest first.
    """

    decision: Decision
    reason: str
    rank: float


def compare(made: Memory, other: Memory, cosine: float) -> Finding | None:
    """Say what a candidate is to another memory; None if they are two matters."""
    if made.kind != other.kind and "experience" in (made.kind, other.kind):
        return None
    new, known = read(made), read(other)
    if new.plain == known.plain:
        return None if _another_time(made, other, new, known) else Finding("skip", "the same words", 4.0)
    if made.kind in WHOLE or other.kind in WHOLE:
        return None
    if same := _same(new, known):
        return Finding(same[0], same[1], (3.0 if same[0] == "skip" else 1.0) + cosine)
    older, newer = (made, other) if made.mentioned < other.mentioned else (other, made)
    before, after = (new, known) if older is made else (known, new)
    if reason := _claims_end(older, newer, before) or contradicts(before, after, newer.mentioned):
        return Finding("supersede", reason, 2.0 + cosine)
    return None


def clearly_same(made: Memory, other: Memory) -> bool:
    """Tell whether two memories are literally the same, of the same time."""
    if same_words(made.text) != same_words(other.text):
        return False
    return not _another_time(made, other, read(made), read(other))


def _another_time(made: Memory, other: Memory, new: Statement, known: Statement) -> bool:
    """Tell whether the same words mean another occasion. A season in a habit, "skis in winter", is none."""
    if made.occurred and other.occurred:
        return not (made.occurred.start < other.occurred.end and other.occurred.start < made.occurred.end)
    if time(new, known) != "apart":
        return False
    short = any(date.end - date.start <= timedelta(days=8) for date in new.dates)
    return short or new.tense != "present"


def _same(new: Statement, known: Statement) -> tuple[Decision, str] | None:
    """Say whether a candidate says the same, less, or more; None if neither says all that the other does."""
    if new.denied != known.denied or new.marks & ENDS != known.marks & ENDS or not same_subject(new, known):
        return None
    if "past" in (new.tense, known.tense) and {new.tense, known.tense} & {"present", "future"}:
        return None
    when = time(new, known)
    more, less = lacking(new, known), lacking(known, new)
    if when == "apart" or (more and less) or not _share(new, known):
        return None
    if not more and when != "narrower" and not (new.since and not known.since):
        said_less = bool(less) or when == "wider"
        return None if said_less and _limits(less, known) else ("skip", "nothing new" if said_less else "the same in other words")
    if less or when == "wider" or _limits(more, new) or any(word.subject for word in more if word.sort != "name"):
        return None
    return "update", "the same and more"


def _share(new: Statement, known: Statement) -> bool:
    """Tell whether both say the same of their subject, not only speak of it."""
    mine = {word.term for word in new.words if not word.subject} | {new.verb}
    its = {word.term for word in known.words if not word.subject} | {known.verb}
    return bool(mine & its) or bool((new.terms & known.terms) - (new.heads & known.heads))


def _limits(words: list[Word], statement: Statement) -> bool:
    """Tell whether `words` limit what a statement denies: "does not eat meat on Fridays" says less without them."""
    denied = statement.denied or statement.verb == "dislike"
    return denied and (has_value(words) or any(word.before and not word.aside for word in words))


def _claims_end(older: Memory, newer: Memory, before: Statement) -> str:
    """Say why the claims of `newer` contradict all those of `older`; "" if they do not."""
    if len(before.words) > 18:
        return ""
    old = _claimed(older)
    if not old:
        return ""
    new = [says for said in _claimed(newer) for says in said]
    over = sum(any(_contradict(one, other) for one in said for other in new) for said in old)
    planned = any(one.slot[0] == "when" for said in old for one in said)
    if over < len(old) or (planned and any(date.end <= newer.mentioned for date in before.dates)):
        return ""
    return "it claims otherwise"


def _contradict(old: Says, new: Says) -> bool:
    if old.slot != new.slot or old.ends:
        return False
    return new.value in ("", old.value) if new.ends else new.value != old.value


def _claimed(memory: Memory) -> list[tuple[Says, ...]]:
    speaker = memory.speaker if memory.speaker and memory.speaker.casefold() not in ("user", "human") else "user"
    return statements(_THE_USER.sub("User", memory.text), speaker)
