"""What one memory is to another, told by their texts: the same, less, more, the end of it, or something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from duramen.jobs.consolidation_alike import ENDS, has_value, lacking, same_subject, several, time
from duramen.jobs.consolidation_changes import LONGEST, contradicts, tells_change
from duramen.jobs.consolidation_parsing import Statement, Word
from duramen.jobs.consolidation_reading import LONGEST_TEXT, read, same_words
from duramen.jobs.consolidation_words import is_weak, words_of
from duramen.language.claim_rules import Says
from duramen.language.claims import statements
from duramen.ledger import Decision
from duramen.types import Memory

WHOLE = ("episode", "reflection", "summary")
"""Kinds of memories that tell a whole: only what is the same is merged, and nothing contradicts."""

_THE_USER = re.compile(r"\b[Tt]he (?:user|User)\b")

_THOUGHTS = words_of("want wish hope think believe seek plan fear say tell ask doubt suppose expect need")
_LONG_BEFORE = timedelta(days=31)
_PLACES = ("in", "on", "at", "of", "behind", "under", "near", "from")


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
    if same_words(made.text) == same_words(other.text):
        return None if _another_time(made, other, new, known) else Finding("skip", "the same words", 4.0)
    if made.kind in WHOLE or other.kind in WHOLE or max(len(made.text), len(other.text)) > LONGEST_TEXT:
        return None
    if not (new.english and known.english):
        same_terms = new.terms == known.terms and time(new, known) != "apart"
        return Finding("skip", "the same words in another order", 3.0 + cosine) if same_terms else None
    if same := _again(made, other) or _same(new, known):
        return Finding(*same, rank=(3.0 if same[0] == "skip" else 1.0) + cosine)
    reason = _ended(made, other)
    return Finding("supersede", reason, 2.0 + cosine) if reason else None


def clearly_same(made: Memory, other: Memory) -> bool:
    """Tell whether two memories are literally the same, of the same time."""
    if same_words(made.text) != same_words(other.text):
        return False
    return not _another_time(made, other, read(made), read(other))


def changed_at(older: Memory, newer: Memory) -> datetime:
    """Return since when `newer` holds instead of `older`: the date that it tells of the change, or when it was said."""
    said = read(newer)
    date = said.since
    if date is None and said.tense in ("past", "perfect") and "xmove" not in said.marks and said.dates:
        date = said.dates[0]
    if date is None:
        return newer.mentioned
    return min(max(date.start, older.mentioned), newer.mentioned)


def _tells_of_before(older: Memory, newer: Statement) -> bool:
    """Tell whether `newer` tells what happened long before `older` was said: then nothing changed since."""
    told = newer.tense == "past" and newer.since is None and newer.dates
    return bool(told) and max(date.end for date in newer.dates) < older.mentioned - _LONG_BEFORE


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
    if new.denied != known.denied or new.marks & ENDS != known.marks & ENDS or not _about_same(new, known):
        return None
    if new.unsure != known.unsure or _only_thinks(new, known) or _only_thinks(known, new):
        return None
    if "past" in (new.tense, known.tense) and {new.tense, known.tense} & {"present", "future"}:
        return None
    when = time(new, known)
    more, less = lacking(new, known), lacking(known, new)
    if when == "apart" or (more and less) or not _share(new, known, less):
        return None
    if more or when == "narrower" or (new.since and not known.since):
        refines = not less and when != "wider" and not _limits(more, new) and not _narrows(more)
        refines = refines and not _does_otherwise(new, known)
        return ("update", "the same and more") if refines else None
    if less or when == "wider":
        doubtful = _limits(less, known) or ("xnow" in new.marks and new.verb != known.verb)
        return None if doubtful else ("skip", "nothing new")
    return "skip", "the same in other words"


def _again(made: Memory, other: Memory) -> tuple[Decision, str] | None:
    """Say whether both tell the beginning of one state: who lives in Lisbon does not move there another day."""
    new, known = read(made), read(other)
    if time(new, known) != "apart" or lacking(new, known) or lacking(known, new) or new.denied != known.denied:
        return None
    claimed = _claimed(made)
    lasting = bool(claimed) and all(one.slot[0] != "when" for said in claimed for one in said)
    return ("skip", "so already") if lasting and claimed == _claimed(other) else None


def _ended(made: Memory, other: Memory) -> str:
    """Say why the older of two is over by what the newer says; "" if it is not."""
    older, newer = (made, other) if made.mentioned < other.mentioned else (other, made)
    before, after = read(older), read(newer)
    if _tells_of_before(older, after) or after.unsure or (before.heads & several() and not tells_change(after)):
        return ""
    return _claims_end(older, newer, before) or contradicts(before, after, newer.mentioned)


def _narrows(more: list[Word]) -> bool:
    """Tell whether `more` makes the subject another one: "the new printer" is not "the printer"."""
    return any(word.subject and word.sort != "name" and word.before not in _PLACES for word in more)


def _only_thinks(one: Statement, other: Statement) -> bool:
    """Tell whether `one` wants, plans or believes what `other` says."""
    if one.tense == "future" and other.tense != "future" and one.verb != other.verb:
        return not (one.dates and time(one, other) == "same")
    return one.verb in _THOUGHTS and other.verb not in _THOUGHTS | {"prefer", "like"}


def _does_otherwise(new: Statement, known: Statement) -> bool:
    """Tell whether something else is done with what is done: "teaches swimming" says nothing of who "swims"."""
    if new.verb == known.verb or is_weak(new.verb) or is_weak(known.verb):
        return False
    return all(word.term == known.verb or is_weak(word.term) for word in known.words if not word.subject)


def _about_same(new: Statement, known: Statement) -> bool:
    """Tell whether both may be about the same; "has a grandson called Ben" is known of whom "…'s grandson Ben" is."""
    if same_subject(new, known):
        return True
    return (
        new.verb == "have"
        and not lacking(new, known)
        and all(word.term in known.subject or is_weak(word.term) for word in new.words)
    )


def _share(new: Statement, known: Statement, less: list[Word]) -> bool:
    """Tell whether both say the same of their subject, not only speak of it."""
    if new.dates and known.dates:
        return True
    said = [word for word in known.words if word not in less and (not word.subject or word.term not in new.heads)]
    return known.verb == new.verb or any(not is_weak(word.term) for word in said)


def _limits(words: list[Word], statement: Statement) -> bool:
    """Tell whether `words` limit what a statement denies: "does not eat meat on Fridays" says less without them."""
    denied = statement.denied or statement.verb == "dislike"
    return denied and (has_value(words) or any(word.before and not word.aside for word in words))


def _claims_end(older: Memory, newer: Memory, before: Statement) -> str:
    """Say why the claims of `newer` contradict all those of `older`; "" if they do not."""
    if len(before.words) > LONGEST:
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
