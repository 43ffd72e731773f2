"""Whether a newer statement says that an older one is no longer so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise

from duramen.jobs.consolidation_alike import (
    ENDS,
    VALUES,
    exactly_one_subject,
    has_value,
    lacking,
    predicate,
    same_subject,
    several,
    time,
)
from duramen.jobs.consolidation_parsing import Statement, Word
from duramen.jobs.consolidation_words import UNITS, base, is_weak, kinds, meanings, opposed, words_of

LONGEST = 14
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
        "goes": ("to", "by"),
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
_MANY = frozenset(
    {("use", ""), ("go", "by"), ("go", "to"), ("drive", ""), ("live", "with"), ("study", ""), ("play", "for")}
)
"""What there may be several of, unless a change is told."""

_PLACED = meanings("be locate live store host park hang hold")
_LED = meanings("lead chair direct coach maintain own run teach present host edit")
_TURNS = meanings(
    "go rise increase fall raise lower become move change extend shorten grow shrink double cut reduce reach climb drop set turn"
    " bring push rename"
)
_LASTING = meanings("birth die divorce marry retire")
_TASTES = words_of("like dislike prefer want wish hope")
_WISHES = words_of("want wish prefer")
_SEEKING = words_of("seek want wish")
_FOUND = meanings("found bought got receive rent hired adopt sign accept")


def tells_change(one: Statement) -> bool:
    """Tell whether a statement says that something has changed, not only how it is."""
    return bool(one.marks) or one.since is not None or one.tense in ("past", "perfect") or one.verb in _TURNS


def contradicts(old: Statement, new: Statement, said: datetime) -> str:
    """Say why what `old` states is over now that `new` is said, at `said`; "" if it is not.

    Both may be true at their own times. What happened once is never over, and what is planned for other days is another
    occasion unless it is told to have been moved.
    """
    if len(old.words) > LONGEST or old.marks & ENDS or old.tense == "past" or new.unsure:
        return ""
    if old.heads & several() and not tells_change(new):
        return ""
    for tells in _RULES:
        if reason := tells(old, new, said):
            return reason
    return ""


def _is_over(old: Statement, new: Statement, said: datetime) -> str:
    """What ended is what the older one says: "Tariq has given up cigarettes"."""
    if not new.marks & ENDS or new.denied or new.tense == "future" or time(new, old) == "apart":
        return ""
    ended = [word for word in new.words if word.old and not word.subject and not word.aside and not is_weak(word.term)]
    if not ended:
        rest = [word for word in lacking(new, old) if not word.aside]
        same = bool(new.heads & old.heads) or not old.heads or (old.verb in ("have", "be") and new.heads <= old.terms)
        return "it is over" if _is_thing(new) and same and not rest and _is_open(old) else ""
    if not _has_its_subject(old, new) or (new.marks & {"xlose", "xleave"} and old.verb in _TASTES):
        return ""
    found = [word for word in ended if _is_in(word, old)]
    needed = len(ended) if "xstop" in new.marks else (len(ended) + 1) // 2
    if "xlose" in new.marks and ended[-1] not in found:
        return ""
    return "it is over" if len(found) >= needed and _is_open(old) else ""


def _is_replaced(old: Statement, new: Statement, said: datetime) -> str:
    """What is left behind is in the older one: "switched from Slack to Matrix", "green rather than red"."""
    left = [word for word in new.words if word.old and not word.aside and not is_weak(word.term)]
    if not left or new.marks & ENDS or new.denied or not _has_its_subject(old, new) or new.tense == "future":
        return ""
    if not all(_is_in(word, old) for word in left) or not _is_open(old):
        return ""
    terms = {word.term for word in left} | old.subject | {old.verb}
    others = [word for word in predicate(old.words) if word.term not in terms and not is_weak(word.term)]
    missing = lacking(old, new)
    shared = any(word not in missing for word in others)
    changed = bool(new.marks & {"xchange", "xnow", "xmove"}) or old.verb == new.verb or new.tense == "perfect"
    if old.verb in _TASTES - _WISHES and new.verb != old.verb:
        return ""
    return "something else has taken its place" if changed and (shared or not others) else ""


def _is_denied(old: Statement, new: Statement, said: datetime) -> str:
    """All that is denied is in the other: "does not eat meat" after "eats meat"."""
    if old.denied == new.denied or time(new, old) == "apart":
        return ""
    if new.tense != "present" and not (old.denied and "perfect" in (old.tense, new.tense)):
        return ""
    if not exactly_one_subject(old, new) or new.marks & ENDS:
        return ""
    denied, said_so = (new, old) if new.denied else (old, new)
    rest = [word for word in lacking(denied, said_so) if not word.aside]
    shared = {word.term for word in predicate(denied.words) if not is_weak(word.term)} & said_so.terms
    return "one says the opposite of the other" if shared and not rest else ""


def _is_opposed(old: Statement, new: Statement, said: datetime) -> str:
    """One word excludes another, and the rest agrees: "stays shut on Sundays" after "is open on Sundays"."""
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
    if has_value(before) or has_value(after) or (others == {"work"} and new.verb == "work" and new.tense != "present"):
        return ""
    if old.verb in _TASTES and old.verb == new.verb and not new.marks:
        return ""
    if new.marks or new.since is not None or new.tense == "perfect" or others & _LASTING or new.verb in _FOUND:
        return "one says the opposite of the other" if len(before) <= 1 else ""
    return "one says the opposite of the other" if not before and not after else ""


def _has_another_value(old: Statement, new: Statement, said: datetime) -> str:
    """Something else stands in the same place of the same statement: "The rent went up to 850 euros"."""
    before, after = lacking(old, new), lacking(new, old)
    if any(word.subject for word in (*before, *after)) or not exactly_one_subject(old, new) or old.denied != new.denied:
        return ""
    turned = [word for word in after if word.term == new.verb and word.term in _TURNS]
    after = [word for word in after if word not in turned and not word.aside]
    before = [word for word in before if not turned or word.term != old.verb]
    changed = bool(turned or new.marks or new.since)
    same_verb = old.verb == new.verb or changed
    if not before or not after or not same_verb or new.tense == "future" or time(new, old) == "apart":
        return ""
    if has_value(before) and has_value(after):
        return "the value is another" if _values_differ(old, before, after, changed=changed) else ""
    if has_value(before) or has_value(after) or len({word.before for word in before}) > 1:
        return ""
    places = {"to", before[0].before} if turned else {before[0].before}
    after = [word for word in after if word.before in places]
    return "the value is another" if after and _one_at_a_time(old, before, after, changed=changed) else ""


def _values_differ(old: Statement, before: Sequence[Word], after: Sequence[Word], *, changed: bool) -> bool:
    for sort in VALUES:
        ones = [word for word in before if word.sort == sort]
        others = [word for word in after if word.sort == sort]
        if ones and others and (sort != "weekday" or changed or old.copula):
            known = UNITS | {old.verb} if changed else UNITS
            if not changed and any(word.sort != sort and word.term not in UNITS for word in after):
                return False
            rest = [word for word in before if word.sort not in VALUES and word.term not in known]
            return not rest and old.tense in ("present", "future", "perfect")
    return False


def _one_at_a_time(old: Statement, before: Sequence[Word], after: Sequence[Word], *, changed: bool) -> bool:
    if (old.verb, before[0].before) in _ONE_VALUED:
        return changed or (old.verb, before[0].before) not in _MANY
    if old.verb in _PLACED and before[0].before in ("in", "at", "on") and after[0].before == "to":
        return True
    thing = _is_thing(old)
    if old.copula and thing and changed and after[0].before == "to" and not before[0].before:
        return True
    colours = all(any("colour" in kinds(word.term) for word in words) for words in (before, after))
    if old.copula and (colours or "favourite" in old.terms):
        return True
    named = all(any(word.sort == "name" for word in words) for words in (before, after))
    if old.copula and named and thing:
        return True
    shared = [
        word for word in predicate(old.words) if word not in before and not is_weak(word.term) and word.term != old.verb
    ]
    return changed and bool(shared) and (old.verb not in _TASTES or bool(before[0].before) or old.verb in _WISHES)


def _is_moved(old: Statement, new: Statement, said: datetime) -> str:
    """The same occasion is on another day: "put off to 4 October"."""
    if time(new, old) != "apart" or old.tense == "past" or not same_subject(old, new):
        return ""
    rest = [word for word in lacking(old, new) if word.term not in _TURNS and word.term not in UNITS]
    more = [word for word in lacking(new, old) if not word.aside and word.term not in _TURNS]
    if rest or has_value(more):
        return ""
    if "xmove" in new.marks or (new.verb in _TURNS and not more) or "xchange" in new.marks:
        return "it was moved"
    if new.tense == "past":
        return ""
    ahead = old.dates[0].end > said and new.dates[0].end > said and bool(new.marks or old.copula)
    return "it was moved" if ahead and not more else ""


def _has_another_holder(old: Statement, new: Statement, said: datetime) -> str:
    """Somebody else is what one can be: "Ms Boateng is the caretaker" after "Mr Quist is the caretaker"."""
    before, after = lacking(old, new), [word for word in lacking(new, old) if not word.aside and not word.old]
    if not (old.heads and new.heads) or old.denied != new.denied or not before or not after:
        return ""
    if not all(word.subject for word in (*before, *after)):
        return ""
    shared = {word.term for word in predicate(old.words) if not is_weak(word.term)} & new.terms
    if not shared or shared & several():
        return ""
    role = old.definite and new.definite
    led = old.verb == new.verb and old.verb in _LED and bool(new.marks or new.since)
    return "somebody else has taken the place" if role or led else ""


def _is_found(old: Statement, new: Statement, said: datetime) -> str:
    """What was sought is there: "has found a flat" after "is looking for a flat"."""
    if (
        old.verb not in _SEEKING
        or new.denied
        or not exactly_one_subject(old, new)
        or new.tense not in ("past", "perfect")
    ):
        return ""
    rest = [word for word in lacking(old, new) if word.term not in _SEEKING]
    found = new.verb in _FOUND if "seek" in old.terms else new.tense == "perfect"
    return "it is no longer sought" if found and not rest else ""


def _has_a_new_one(old: Statement, new: Statement, said: datetime) -> str:
    """Who has a new one has another: "has a new boss, Mr Dietz" after "the user's boss is Ms Hall"."""
    if not (old.copula or old.verb == "name") or not new.subject < old.subject or new.denied:
        return ""
    terms = [word.term for word in new.words if not word.subject and not word.aside]
    renewed = {after for before, after in pairwise(terms) if before == "new"}
    changed = set(terms) if "xchange" in new.marks else set()
    return "there is a new one" if old.heads & (renewed | changed) else ""


_RULES: tuple[Callable[[Statement, Statement, datetime], str], ...] = (
    _is_over,
    _is_replaced,
    _is_denied,
    _is_opposed,
    _is_moved,
    _has_another_value,
    _has_another_holder,
    _is_found,
    _has_a_new_one,
)


def _has_its_subject(old: Statement, new: Statement) -> bool:
    """Tell whether `new` is about the subject of `old`, or about who has it."""
    if exactly_one_subject(old, new):
        return True
    return bool(new.subject) and new.subject < old.subject and same_subject(old, new)


def _is_thing(one: Statement) -> bool:
    """Tell whether a statement is about something that is not known by name, and is not the user."""
    named = any(word.sort == "name" and word.term in one.heads for word in one.words)
    return bool(one.heads) and not named and "user" not in one.heads


def _is_in(word: Word, old: Statement) -> bool:
    terms = {each.term for each in old.words if not each.subject} | {old.verb}
    return word.term in terms or any(word.term in kinds(term) or term in kinds(word.term) for term in terms)


def _is_open(old: Statement) -> bool:
    return old.tense != "past" and not old.denied
