"""How claims are worded: rules about people (where they live, work, what they have) and about things that have a name.

A rule is a pattern over the words behind the subject of a clause, and what follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from duramen.language.claim_values import (
    is_region,
    name,
    person,
    phrase,
    place,
    stems,
    thing,
)


@dataclass(frozen=True, slots=True)
class Says:
    """One thing that a statement says, in words: `value` holds in `slot` from now on, or with `ends` no longer does.

    An empty value with `ends` ends whatever held.
    """

    slot: tuple[str, ...]
    value: str
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause with what is known of where it stands.

    Attributes:
        subject: Whom or what it is about, folded; "" for what all share.
        words: What follows the subject.
        sentence: The sentence around it.
        cased: Whether its author writes capitals, so that names can be told from other words.
        several: Whether the subject is `we`.
        named: Whether the subject is known by its name alone, which may not be a person's.
    """

    subject: str
    words: str
    sentence: str
    cased: bool = True
    several: bool = False
    named: bool = False


Reads = Callable[[Clause, "re.Match[str]"], Iterator[Says]]

ADVERBS = (
    r"(?:(?:now|currently|just|recently|finally|actually|still|already|officially|both|really|all|since|lately)\s+)*"
)
_HAVE = rf"(?:(?:have|has|had to|decided to)\s+)?{ADVERBS}"
_BE = rf"(?:am|is|are)\s+{ADVERBS}"
_NOT_LONGER = r"(?:no longer|not)"

# A move of long ago says little about where somebody lives now.
_LONG_AGO = re.compile(
    r"\b(?:years? ago|decades? ago|(?:in|since|back in) (?:the )?(?:19|20)\d\ds?|when (?:I|we|he|she|they) w|as a (?:kid|child"
    r"|teen\w*|baby|student)|originally|back then|at the time|for (?:a|two|three|four|five|\d+) (?:years?|months?|weeks?)"
    r"|for (?:a while|college|university|school|uni)|temporarily|for the (?:summer|winter|weekend|holidays?|week))\b",
    re.IGNORECASE,
)
_MONTH_OF_YEAR = re.compile(
    r"\b(?:in|since) (?:early |late |mid-?)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* (?:of )?20\d\d",
    re.IGNORECASE,
)

_POSSESSIONS = frozenset(
    """
    dog cat puppy kitten pet rabbit bunny horse pony parrot hamster fish bird turtle snake lizard chicken car van truck
    bike bicycle motorcycle motorbike scooter boat house flat apartment condo cottage garden piano guitar violin drum
    boyfriend girlfriend partner husband wife roommate flatmate housemate landlord tenant job allergy subscription
    membership iphone android laptop macbook tablet ipad phone smartphone playstation xbox tesla
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_SINGLE_SLOTS = ("lives", "country", "works", "status", "age", "diet")
_UNATTACHED = frozenset({"single", "divorced", "widowed", "separated"})
_DIETS = r"vegetarian|vegan|pescatarian|pescetarian|flexitarian|carnivore|omnivore|keto"


def _lives(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    where = place(found["v"], clause.sentence, cased=clause.cased)
    if where:
        yield Says((("country" if is_region(where) else "lives"), clause.subject), where)


def _left(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    for said in _lives(clause, found):
        yield replace(said, ends=True)


def _moved(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    if _LONG_AGO.search(_MONTH_OF_YEAR.sub("", clause.sentence)):
        return
    where = place(found["v"], clause.sentence, cased=clause.cased)
    if not where or (found["old"] and not place(found["old"], clause.sentence, cased=clause.cased)):
        return
    if is_region(where):
        yield Says(("country", clause.subject), where)
        yield Says(("lives", clause.subject), "", ends=True)
    else:
        yield Says(("lives", clause.subject), where)


def _works(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    where = name(found["v"], cased=clause.cased)
    if where:
        yield Says(("works", clause.subject), where)


def _quits(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    what = found["v"]
    if re.match(r"(?:my|the|his|her|our|their|a|that) (?:\w+ ){0,2}jobs?\b|work\b", what):
        yield Says(("works", clause.subject), "", ends=True)
    elif where := name(re.sub(r"^the ", "", what), cased=clause.cased):
        yield Says(("works", clause.subject), where, ends=True)


def _status(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    given = found["v"].casefold()
    yield Says(("status", clause.subject), "unattached" if given in _UNATTACHED else given)


def _diet(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    yield Says(("diet", clause.subject), stems(found["v"]))


def _no_diet(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    yield Says(("diet", clause.subject), stems(found["v"]), ends=True)


def _age(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    plain = not found["old"] and not found["turned"]
    if 0 < int(found["v"]) < 120 and not (plain and clause.named):
        yield Says(("age", clause.subject), str(int(found["v"])))


def _used(clause: Clause, what: str) -> tuple[str, ...] | None:
    given = thing(what, most=3)
    return ("uses", "" if clause.several else clause.subject, given) if given else None


def _uses(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    if slot := _used(clause, found["v"]):
        yield Says(slot, "yes")


def _stops(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    if slot := _used(clause, found["v"]):
        yield Says(slot, "no")


def _switches(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    for words, holds in ((found["old"], "no"), (found["v"], "yes")):
        if slot := _used(clause, words or ""):
            yield Says(slot, holds)
        if owned := _owned(clause, words or ""):
            yield Says(owned, holds)


def _owned(clause: Clause, what: str) -> tuple[str, ...] | None:
    words = phrase(what).split()
    head = words[-1].casefold() if words else ""
    if not head or len(words) > 4:
        return None
    singular = head.removesuffix("s")
    return ("has", clause.subject, singular) if {head, singular} & _POSSESSIONS else None


def _has(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    what, _, called = found["v"].replace(" called ", " named ").partition(" named ")
    if slot := _owned(clause, what):
        yield Says(slot, "yes")
        if who := person(called, cased=clause.cased):
            yield Says(("alive", who), "yes")


def _lost(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    if slot := _owned(clause, found["v"]):
        yield Says(slot, "no")


def _died(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    yield Says(("alive", clause.subject), "no")
    for slot in _SINGLE_SLOTS:
        yield Says((slot, clause.subject), "", ends=True)


def _holds(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
    about = stems(phrase(found["of"] or ""))
    yield Says(("the", "", " ".join(sorted({*stems(found["role"]).split(), *about.split()}))), clause.subject)


def _fixed(relation: str, value: str, *, ends: bool = False) -> Reads:
    def reads(clause: Clause, found: re.Match[str]) -> Iterator[Says]:
        yield Says((relation, clause.subject), value, ends)

    return reads


def _rule(pattern: str, reads: Reads) -> tuple[re.Pattern[str], Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_JOB = r"(?:an?|my|his|her|the|our)(?: new)?(?: [\w-]+){0,3}? (?:job|position|role|gig|career)"

PEOPLE: tuple[tuple[re.Pattern[str], Reads], ...] = (
    _rule(
        rf"(?:live|lives|reside|resides|{_BE}(?:living|based|residing)|(?:have|has) been living) {ADVERBS}(?:over )?in (?P<v>.+)",
        _lives,
    ),
    _rule(
        r"(?:(?:am |is |are )?no longer (?:lives?|based|living)|do(?:es)? not live(?=.* any ?(?:more|longer)\b)) in (?P<v>.+)",
        _left,
    ),
    _rule(
        rf"{_HAVE}(?:moved|relocated) {ADVERBS}(?:(?:back|over|out|house|home|away) )*(?:from (?P<old>.+?) )?to (?P<v>.+)",
        _moved,
    ),
    _rule(
        rf"(?:work|works|{_BE}(?:working|employed)|(?:have|has) been working) {ADVERBS}(?:full[- ]time )?(?:at|for|by) (?:the )?(?P<v>.+)",
        _works,
    ),
    _rule(rf"{_HAVE}(?:started|began)(?: working| work| {_JOB})? (?:at|for|with) (?:the )?(?P<v>.+)", _works),
    _rule(rf"{_HAVE}(?:got|landed|took|accepted|have|has|started) {_JOB} (?:at|with) (?:the )?(?P<v>.+)", _works),
    _rule(rf"{_HAVE}(?:got|was|been|were) hired (?:by|at) (?:the )?(?P<v>.+)", _works),
    _rule(
        rf"{_HAVE}joined (?:the )?(?P<v>.+? as (?:an?|the|their|its) (?!result|consequence|whole|matter|way).+)", _works
    ),
    _rule(
        rf"(?:{_BE}(?:self[- ]employed|a freelancer|freelancing)|work for (?:myself|himself|herself))\b",
        _fixed("works", "self"),
    ),
    _rule(rf"{_BE}(?:unemployed|between jobs|out of work|jobless|retired)\b(?! from)", _fixed("works", "none")),
    _rule(rf"{_HAVE}(?:quit|quitted|resigned from|left|lost) (?P<v>.+)", _quits),
    _rule(rf"{_HAVE}(?:been |was |got |were )(?:laid off|fired|let go|made redundant) (?:from|by) (?P<v>.+)", _quits),
    _rule(r"(?:no longer works?|stopped working) (?:at|for) (?P<v>.+)", _quits),
    _rule(r"do(?:es)? not work (?:at|for) (?P<v>.+?) any ?(?:more|longer)\b", _quits),
    _rule(
        rf"{_HAVE}(?:been |was |got |were )(?:laid off|fired|made redundant)\s*(?:$|last|this|today|yesterday|in\b|on\b)",
        _fixed("works", "", ends=True),
    ),
    _rule(
        rf"(?:{_BE}|{_HAVE}(?:got|became|been|get) )(?P<v>single|married|engaged|divorced|widowed|separated)\b"
        r"(?! (?:in|with|by|handed|out|from|room|mom|mother|dad|father|parent|people|and ready))",
        _status,
    ),
    _rule(
        rf"{_HAVE}(?:broke|broken|split) up\b(?! (?:the|my|a|laughing|into|in (?:tears|laughter)))",
        _fixed("status", "unattached"),
    ),
    _rule(
        rf"{_BE}(?:in a (?:new |serious )?relationship|dating (?:someone|somebody|[A-Z])|seeing someone)\b",
        _fixed("status", "dating"),
    ),
    _rule(
        rf"(?:{_BE}|{_HAVE}(?P<turned>turned) )(?P<v>\d{{1,3}})(?P<old> years? old)?(?: (?:now|today|already|last \w+|yesterday|this \w+))*\s*[.!]*$",
        _age,
    ),
    _rule(
        rf"(?:{_BE}|{_HAVE}(?:become|became|went|gone|turned|been) )(?:an? )?(?:strict |lifelong )?(?P<v>{_DIETS})(?=[.!]*$| (?:now|again|since|for|these|diet))",
        _diet,
    ),
    _rule(rf"(?:{_BE}(?:no longer )|{_BE}not )(?:an? )?(?P<v>{_DIETS})(?: any ?more)?\s*[.!]*$", _no_diet),
    _rule(
        rf"(?:{_HAVE}(?:started|begun|began) (?:eating|to eat)|eats?|{_BE}eating) meat\b", _fixed("diet", "omnivore")
    ),
    _rule(
        rf"(?:{_HAVE}(?:stopped eating|given up|gave up|quit eating) meat|(?:no longer eats?|do(?:es)? not eat) meat)\b",
        _fixed("diet", "omnivore", ends=True),
    ),
    _rule(
        rf"{_HAVE}(?:switched|migrated|moved|changed|converted|transitioned|upgraded|downgraded)(?: [\w-]+){{0,4}}? from (?P<old>.+?) to (?P<v>.+)",
        _switches,
    ),
    _rule(rf"{_HAVE}(?:switched|migrated)(?: over)? (?P<old>)to (?P<v>.+)", _switches),
    _rule(
        rf"{_HAVE}(?:replaced|swapped|traded|exchanged)(?: out| in)? (?P<old>.+?) (?:with|for|by) (?P<v>.+)", _switches
    ),
    _rule(rf"{ADVERBS}use (?P<v>.+?) (?:instead of|rather than|in place of) (?P<old>.+)", _switches),
    _rule(rf"(?:uses?|{_BE}using) {ADVERBS}(?P<v>.+)", _uses),
    _rule(rf"(?:{_HAVE}(?:stopped|quit) using|no longer uses?|{_HAVE}(?:ditched|abandoned)) (?P<v>.+)", _stops),
    _rule(r"do(?:es)? not use (?P<v>.+?) any ?(?:more|longer)\b", _stops),
    _rule(rf"{_HAVE}(?:have|has|own|owns|got|bought|adopted|gotten) (?:an?|two|three|one|\d) (?P<v>.+)", _has),
    _rule(r"no longer (?:have|has|owns?) (?:an?|the|my|our|any)? ?(?P<v>.+)", _lost),
    _rule(r"do(?:es)? not (?:have|own) (?:an?|the|my|our|any)? ?(?P<v>.+?) any ?(?:more|longer)\b", _lost),
    _rule(
        rf"{_HAVE}(?:sold|scrapped|cancell?ed|gave away|given away|got rid of|gotten rid of|rehomed) (?:the|my|our|his|her|their) (?P<v>.+)",
        _lost,
    ),
    _rule(rf"{_HAVE}(?:died|passed away|(?:been |was |were )put (?:down|to sleep)|{_BE}dead)\b", _died),
    _rule(
        rf"(?:{_BE}|{_HAVE}(?:became|become) )(?:the|our) (?:new )?(?P<role>owner|boss|manager|lead|maintainer|ceo|cto|cfo|president|director|mayor)\b(?: (?:of|for) (?:the )?(?P<of>[\w' -]+))?",
        _holds,
    ),
)
