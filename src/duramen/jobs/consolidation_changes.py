"""Whether a newer statement says that an older one is no longer so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from duramen.jobs.consolidation_alike import (
    ENDS,
    VALUES,
    exactly_one_subject,
    has_value,
    lacking,
    predicate,
    same_subject,
    time,
)
from duramen.jobs.consolidation_reading import Statement, Word
from duramen.jobs.consolidation_words import UNITS, base, is_weak, kinds, opposed

LONGEST = 18
"""Words of an older statement that may be contradicted: a longer one tells more than what is no longer so."""

# Verbs with the small word before what there is one of at a time; "*" for any.
_ONE_VALUED = frozenset(
    (base(verb), before)
    for verb, befores in {
        "live": ("in", "at", "on", "with"),
        "located": ("in", "at", "on", "near"),
        "works": ("as", "at", "for"),
        "studies": ("in", "at", ""),
        "plays": ("for",),
        "married": ("to", ""),
        "called": ("",),
        "drives": ("",),
        "belongs": ("to",),
        "reports": ("to",),
        "goes": ("to",),
        "runs": ("on",),
        "written": ("in",),
        "kept": ("in", "on", "at", "behind", "under"),
        "hangs": ("in", "on", "behind", "at"),
        "hosted": ("in", "on", "at", "by"),
        "led": ("by",),
        "owned": ("by",),
        "trains": ("as",),
        "wakes": ("at",),
        "starts": ("at", "in", "on"),
        "ends": ("at", "in", "on"),
        "opens": ("at",),
        "closes": ("at",),
        "happens": ("in", "at"),
        "use": ("",),
        "cost": ("",),
    }.items()
    for before in befores
)
_LED = frozenset(base(word) for word in "lead chair direct coach maintain own run teach present host edit".split())
_TURNS = frozenset(
    base(word)
    for word in "go rise increase fall raise lower become move change extend shorten grow shrink double cut reduce reach climb drop set turn bring push".split()
)
_TASTES = frozenset({"like", "dislike", "prefer", "want", "wish", "hope"})
_SEEKING = frozenset({"seek", "want", "wish"})
_FOUND = frozenset(base(word) for word in "found bought got receive rent hired adopt sign accept".split())


def contradicts(old: Statement, new: Statement, said: datetime) -> str:
    """Say why what `old` states is over now that `new` is said, at `said`; "" if it is not.

    Both may be true at their own times. What happened once is never over, and what is planned for other days is another
    occasion unless it is told to have been moved.
    """
    if len(old.words) > LONGEST or old.marks & ENDS or (old.tense == "past" and not old.copula):
        return ""
    for tells in _RULES:
        if reason := tells(old, new, said):
            return reason
    return ""


def _is_over(old: Statement, new: Statement, said: datetime) -> str:
    """ "Tariq has given up cigarettes": what ended is what the older one says."""
    if not new.marks & ENDS or new.denied or new.tense == "future" or time(new, old) == "apart":
        return ""
    ended = [word for word in new.words if word.old and not word.subject and not word.aside and not is_weak(word.term)]
    if not ended:
        rest = [word for word in lacking(new, old) if not word.aside]
        return "it is over" if not rest and new.subject & old.terms and _is_open(old) else ""
    if not _has_its_subject(old, new) or (new.marks & {"xlose", "xleave"} and old.verb in _TASTES):
        return ""
    found = [word for word in ended if _is_in(word, old)]
    needed = len(ended) if "xstop" in new.marks else 1 + len(ended) // 2
    return "it is over" if len(found) >= needed and _is_open(old) else ""


def _is_replaced(old: Statement, new: Statement, said: datetime) -> str:
    """ "switched from Slack to Matrix", "green rather than red": what is left behind is in the older one."""
    left = [word for word in new.words if word.old and not word.aside and not is_weak(word.term)]
    if not left or new.marks & ENDS or new.denied or not _has_its_subject(old, new) or new.tense == "future":
        return ""
    if not all(_is_in(word, old) for word in left) or not _is_open(old):
        return ""
    terms = {word.term for word in left} | old.subject | {old.verb}
    others = [word for word in predicate(old.words) if word.term not in terms and not is_weak(word.term)]
    shared = any(word.term in new.terms for word in others)
    changed = bool(new.marks & {"xchange", "xnow", "xmove"}) or old.verb == new.verb
    if old.verb in _TASTES and new.verb != old.verb:
        return ""
    return "something else has taken its place" if changed and (shared or not others) else ""


def _is_denied(old: Statement, new: Statement, said: datetime) -> str:
    """ "does not eat meat" after "eats meat": all that is denied is in the other."""
    if old.denied == new.denied or new.tense != "present" or time(new, old) == "apart":
        return ""
    if not exactly_one_subject(old, new) or new.marks & ENDS:
        return ""
    denied, said_so = (new, old) if new.denied else (old, new)
    rest = [word for word in lacking(denied, said_so) if not word.aside]
    shared = {word.term for word in predicate(denied.words) if not is_weak(word.term)} & said_so.terms
    return "one says the opposite of the other" if shared and not rest else ""


def _is_opposed(old: Statement, new: Statement, said: datetime) -> str:
    """ "stays shut on Sundays" after "is open on Sundays": one word excludes another, and the rest agrees."""
    pairs = [
        (one, other)
        for one in predicate(old.words)
        for other in predicate(new.words)
        if opposed(one.term, other.term) and not other.old
    ]
    if not pairs or old.denied != new.denied or not exactly_one_subject(old, new) or time(new, old) == "apart":
        return ""
    ones, others = {one.term for one, _ in pairs}, {other.term for _, other in pairs}
    before = [word for word in lacking(old, new) if word.term not in ones and word.term != old.verb]
    after = [word for word in lacking(new, old) if word.term not in others and word.term != new.verb and not word.aside]
    if has_value(before) or has_value(after):
        return ""
    if new.marks or new.since is not None:
        return "one says the opposite of the other" if len(before) <= 1 else ""
    return "one says the opposite of the other" if not before and not after else ""


def _has_another_value(old: Statement, new: Statement, said: datetime) -> str:
    """ "The rent went up to 850 euros": in the same place of the same statement stands something else."""
    before, after = lacking(old, new), lacking(new, old)
    if any(word.subject for word in (*before, *after)) or not exactly_one_subject(old, new) or old.denied != new.denied:
        return ""
    turned = [word for word in after if word.term in _TURNS or word.term in ("xmove", "xchange")]
    after = [word for word in after if word not in turned and not word.aside]
    changed = bool(turned or new.marks or new.since)
    same_verb = old.verb == new.verb or changed
    if not before or not after or not same_verb or new.tense == "future" or time(new, old) == "apart":
        return ""
    if has_value(before) and has_value(after):
        return "the value is another" if _values_differ(old, before, after, changed=changed) else ""
    if has_value(before) or has_value(after) or len({word.before for word in before}) > 1:
        return ""
    after = [word for word in after if word.before == before[0].before]
    return "the value is another" if after and _one_at_a_time(old, before, after, changed=changed) else ""


def _values_differ(old: Statement, before: Sequence[Word], after: Sequence[Word], *, changed: bool) -> bool:
    for sort in VALUES:
        ones = [word for word in before if word.sort == sort]
        others = [word for word in after if word.sort == sort]
        if ones and others and (sort != "weekday" or changed or old.copula):
            rest = [word for word in before if word.sort not in VALUES and word.term not in _units()]
            return not rest and old.tense in ("present", "future", "perfect")
    return False


def _one_at_a_time(old: Statement, before: Sequence[Word], after: Sequence[Word], *, changed: bool) -> bool:
    if (old.verb, before[0].before) in _ONE_VALUED:
        return not (old.verb == "use" and not changed)
    colours = all(any("colour" in kinds(word.term) for word in words) for words in (before, after))
    if old.copula and (colours or "favourite" in old.terms):
        return True
    named = all(any(word.sort == "name" for word in words) for words in (before, after))
    thing = not any(word.subject and word.sort == "name" and word.term in old.heads for word in old.words)
    if old.copula and named and thing and "user" not in old.heads:
        return True
    shared = [word for word in predicate(old.words) if word not in before and not is_weak(word.term) and word.term != old.verb]
    return changed and old.verb not in _TASTES and bool(shared)


def _is_moved(old: Statement, new: Statement, said: datetime) -> str:
    """ "put off to 4 October": the same occasion on another day."""
    if time(new, old) != "apart" or old.tense == "past" or not same_subject(old, new) or new.tense == "past":
        return ""
    rest = [word for word in lacking(old, new) if word.term not in _TURNS and word.term not in UNITS]
    more = [word for word in lacking(new, old) if not word.aside and word.term not in _TURNS]
    if rest or has_value(more):
        return ""
    if "xmove" in new.marks or (new.terms & _TURNS and not more) or "xchange" in new.marks:
        return "it was moved"
    ahead = old.dates[0].end > said and new.dates[0].end > said and bool(new.marks or old.copula)
    return "it was moved" if ahead and not more else ""


def _has_another_holder(old: Statement, new: Statement, said: datetime) -> str:
    """ "Ms Boateng is the caretaker" after "Mr Quist is the caretaker"."""
    if old.subject & new.subject - {"versio", "version"} or not (old.heads and new.heads) or old.denied != new.denied:
        return ""
    before = [word for word in lacking(old, new) if not word.subject]
    after = [word for word in lacking(new, old) if not word.subject and not word.aside and not word.old]
    shared = {word.term for word in predicate(old.words) if not is_weak(word.term)} & new.terms
    if before or after or not shared:
        return ""
    role = old.definite and new.definite
    led = old.verb == new.verb and old.verb in _LED and bool(new.marks or new.since)
    return "somebody else has taken the place" if role or led else ""


def _is_found(old: Statement, new: Statement, said: datetime) -> str:
    """ "has found a flat" after "is looking for a flat"."""
    if old.verb not in _SEEKING or new.denied or not exactly_one_subject(old, new) or new.tense not in ("past", "perfect"):
        return ""
    rest = [word for word in lacking(old, new) if word.term not in _SEEKING]
    found = new.verb in _FOUND if "seek" in old.terms else new.tense == "perfect"
    return "it is no longer sought" if found and not rest else ""


_RULES: tuple[Callable[[Statement, Statement, datetime], str], ...] = (
    _is_over,
    _is_replaced,
    _is_denied,
    _is_opposed,
    _is_moved,
    _has_another_value,
    _has_another_holder,
    _is_found,
)


def _has_its_subject(old: Statement, new: Statement) -> bool:
    """Tell whether `new` is about the subject of `old`, or about who has it."""
    if exactly_one_subject(old, new):
        return True
    return bool(new.subject) and new.subject < old.subject and same_subject(old, new)


def _is_in(word: Word, old: Statement) -> bool:
    terms = {each.term for each in old.words if not each.subject} | {old.verb}
    return word.term in terms or any(word.term in kinds(term) or term in kinds(word.term) for term in terms)


def _is_open(old: Statement) -> bool:
    return old.tense != "past" and not old.denied


def _units() -> frozenset[str]:
    return frozenset(base(unit) for unit in UNITS)
