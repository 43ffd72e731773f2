"""Who and what is somebody's: "my sister" said by Ada is Ada's sister, whoever else has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

from duramen.language.entities import LONGEST_NAME, LONGEST_TEXT, merged, without_common
from duramen.language.person_names import is_person_name
from duramen.language.terms import STOP_WORDS
from duramen.types import Event

MOST = 8
"""Relations that a text is read for; a longer list of them ties nothing together."""

# Each line is one relation in its different words, the first of which is the one that is kept.
_LIVING = """
    mother, mom, mum, mommy, mummy, mama, mam
    father, dad, daddy, papa
    parents, folks
    sister, sis
    brother, bro
    sibling
    son
    daughter
    child, kid, children
    baby
    wife
    husband, hubby
    partner, spouse, significant other
    boyfriend
    girlfriend
    fiancé, fiance, fiancée, fiancee
    grandmother, grandma, granny, grandmom, nana, nan
    grandfather, grandpa, granddad, grandad
    grandparents
    grandson
    granddaughter
    grandchild, grandchildren, grandkid
    aunt, auntie, aunty
    uncle
    cousin
    niece
    nephew
    stepmother, stepmom, stepmum
    stepfather, stepdad
    stepsister
    stepbrother
    stepson
    stepdaughter
    godmother
    godfather
    godson
    goddaughter
    mother-in-law
    father-in-law
    sister-in-law
    brother-in-law
    son-in-law
    daughter-in-law
    in-laws
    best friend, bestie
    boss, manager, supervisor, line manager
    colleague, coworker, co-worker, workmate
    teammate, team mate
    assistant
    intern
    mentor
    mentee
    employer
    employee
    client
    co-founder, cofounder
    business partner
    agent
    editor
    publisher
    adviser, advisor
    professor
    landlord, landlady
    tenant
    neighbour, neighbor
    roommate, flatmate, housemate, room mate
    doctor, gp, physician
    dentist
    therapist, counsellor, counselor, psychologist
    psychiatrist
    surgeon
    nurse
    midwife
    physiotherapist, physio, physical therapist
    vet, veterinarian
    coach, trainer
    teacher, tutor, instructor
    lawyer, attorney, solicitor
    accountant
    hairdresser, barber, hairstylist
    mechanic
    plumber
    gardener
    cleaner
    nanny, babysitter, au pair
    dog, puppy, pup, doggo
    cat, kitten, kitty
    pet
    horse, pony
    rabbit, bunny
    hamster
    guinea pig
    parrot, budgie
    turtle, tortoise
    snake
    lizard, gecko
    goldfish
    """
_THINGS = """
    car, truck, van
    motorcycle, motorbike
    scooter
    bike, bicycle
    boat, sailboat
    camper, campervan, motorhome
    house
    apartment, flat, condo
    cottage, cabin
    garden, allotment
    farm
    company, startup, start-up, firm
    business
    shop, store
    café, cafe, coffee shop
    bakery
    restaurant
    studio
    band
    choir, orchestra
    book club
    book, novel, memoir
    blog
    podcast
    album
    thesis, dissertation
    school
    university, college
    team
    project
    job, workplace
    gym
    church
    guitar
    piano
    violin
    drums
    laptop
    """

_KEPT = {
    said.strip(): kept.strip()
    for kept, *others in (line.split(",") for line in f"{_LIVING.strip()}\n{_THINGS.strip()}".splitlines())
    for said in (kept, *others)
}
RELATIONS = frozenset(_KEPT.values())
"""The relations, each in the word that is kept of it; `LIVING` are those that somebody is, not something."""

LIVING = frozenset(line.split(",")[0].strip() for line in _LIVING.strip().splitlines())

_KEPT |= {f"{said}s": kept for said, kept in _KEPT.items()} | {
    f"{said[: -len(ending)]}{plural}": kept
    for ending, plural in (("y", "ies"), ("wife", "wives"), ("ss", "sses"), ("thesis", "theses"), ("ch", "ches"))
    for said, kept in _KEPT.items()
    if said.endswith(ending)
}
# Words that make it somebody else's, nobody's, or many things at different times.
_NOT_THAT = frozenset(
    """
    favorite favourite fave fav dream ideal next future potential first second third other another former previous old
    ex imaginary perfect last local rental
    """.split()  # noqa: SIM905 - a paragraph of words reads better than twenty quoted strings
)

_APOSTROPHE = "['\u2019]"
_HEAD = "|".join(sorted(map(regex.escape, _KEPT), key=len, reverse=True))
_RELATION = rf"(?P<rest>(?:[^\W\d_][\w-]*\s+){{0,2}}?)(?P<relation>{_HEAD})\b(?![-\w])"
_OWNED = regex.compile(
    rf"(?:\b(?P<pronoun>my|our|your|his|her|their)|(?<=\w){_APOSTROPHE}s|(?<=s){_APOSTROPHE})\s+{_RELATION}",
    regex.IGNORECASE,
)
_HAS = regex.compile(
    rf"\b(?P<pronoun>I|we)(?:\s+|{_APOSTROPHE}ve\s+)(?:(?:have|has|had|got|also|just|adopted|bought|own)\s+){{1,3}}(?:an?|one|two|this)\s+"
    rf"{_RELATION}(?=,?\s+(?:called|named)\b|,\s+(?-i:\p{{Lu}}))",
    regex.IGNORECASE,
)
_FURTHER = regex.compile(rf"{_APOSTROPHE}s\s+{_RELATION}", regex.IGNORECASE)
_OWNER = regex.compile(r"(?:\p{Lu}[\w.-]* ){0,2}\p{Lu}[\w.-]*$|[^\W\d_][\w.-]*$")
_CALLED = regex.compile(
    rf"(?:,?\s+(?:(?:is|was)\s+)?(?:called|named)|{_APOSTROPHE}s\s+name\s+is|,|\s+is)?\s+(?P<name>\p{{Lu}}[\w-]*(?: \p{{Lu}}[\w-]*)?)"
)

Whose = Literal["I", "you", "they", "named"]


@dataclass(frozen=True, slots=True)
class Owned:
    """Somebody or something that a text says is somebody's.

    Attributes:
        whose: What the owner is called there; `named` with a name.
        owner: The name, as written; "" otherwise.
        relations: What it is of the owner: one, or two for "my sister's husband".
        name: What it is called in the same breath, or "".
        start: Where in the text that is said.
    """

    whose: Whose
    owner: str
    relations: tuple[str, ...]
    name: str
    start: int


def owned(text: str) -> list[Owned]:
    """Read who and what is said to be whose, in order, at most `MOST`.

    Example:
        >>> [(one.whose, one.relations, one.name) for one in owned("My boss Tom met Ada's mum.")]
        [('I', ('boss',), 'Tom'), ('named', ('mother',), '')]
    """
    return [one for _, one in zip(range(MOST), _owned(text[:LONGEST_TEXT]), strict=False)]


def relation_of(name: str) -> tuple[str, str] | None:
    """Return owner and relation of a name such as "ada's sister"; None for any other.

    Example:
        >>> relation_of("ada's sister"), relation_of("gray's anatomy")
        (('ada', 'sister'), None)
    """
    owner, possessive, relation = name.rpartition("'s ")
    return (owner, relation) if possessive and owner and relation in RELATIONS else None


def relation_name(owner: str, *relations: str) -> str:
    """Return the name of what is `relations` of `owner`: "Ada's sister"."""
    return "'s ".join((owner, *relations))


def relations(text: str, *, me: str | None = None, you: str | None = None) -> tuple[str, ...]:
    """Read the relations in a text as names, each followed by what it is called there.

    Args:
        text: Any text; its first 5 000 characters are read.
        me: Who says it, so whose "my sister" is; None if that is not known, and then it is nobody's.
        you: Whom it is said to.

    Example:
        >>> relations("My sister Anna bought Tom's car.", me="Ada")
        ("Ada's sister", 'Anna', "Tom's car")
    """
    owners = {"I": me, "you": you, "they": None}
    found: list[str] = []
    for one in owned(text):
        owner = (
            _somebody(one.owner, text[max(0, one.start - 4) : one.start]) if one.whose == "named" else owners[one.whose]
        )
        if owner is not None:
            found += [relation_name(owner, *one.relations[:count]) for count in range(1, len(one.relations) + 1)]
            found += [one.name] if one.name else []
    return tuple(name for name in dict.fromkeys(found) if len(name) <= LONGEST_NAME)


def named_entities(event: Event, text: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the `names` found in a `text` of an event, and the relations in it.

    What the agent says to somebody is about "your sister", so that "my sister" of somebody and "your sister" of an
    agent that talks with them are one.
    """
    if event.kind == "experience":
        return merged(names, relations(text, you=person(event.actor)))
    return merged(names, relations(text, me=person(event.speaker) or person(event.actor)))


def person(name: str | None) -> str | None:
    """Return `name` if it reads like one: an id or a role of a chat is nobody in particular."""
    return name if name is not None and is_person_name(name) else None


def written_name(id: str | None) -> str | None:
    """Return an id that reads like a name as a name is written: "nora" is Nora; None if it does not.

    >>> written_name("nora"), written_name("user-17")
    ('Nora', None)
    """
    name = person(id)
    return name.title() if name is not None and name.islower() else name


def _owned(text: str) -> Iterator[Owned]:
    for match in sorted([*_OWNED.finditer(text), *_HAS.finditer(text)], key=lambda match: match.start()):
        if not _is_that(match):
            continue
        words, end = [match["relation"]], match.end()
        further = _FURTHER.match(text, end)
        if further is not None and _is_that(further):
            words, end = [*words, further["relation"]], further.end()
        called = _CALLED.match(text, end)
        owner = None if match["pronoun"] else _OWNER.search(text, max(0, match.start() - LONGEST_NAME), match.start())
        if match["pronoun"] or owner:
            yield Owned(
                whose=_whose(match["pronoun"]),
                owner=owner[0] if owner else "",
                relations=tuple(_KEPT[" ".join(word.casefold().split())] for word in words),
                name=without_common(called["name"]) if called else "",
                start=owner.start() if owner else match.start(),
            )


def _is_that(match: regex.Match[str]) -> bool:
    return not (_NOT_THAT | STOP_WORDS) & set(match["rest"].casefold().split())


def _whose(pronoun: str | None) -> Whose:
    if pronoun is None:
        return "named"
    word = pronoun.casefold()
    return "I" if word in ("my", "our", "i", "we") else "you" if word == "your" else "they"


def _somebody(owner: str, before: str) -> str | None:
    """Return the name in `owner` if it stands for one person there: "the CEO" may be anybody."""
    if before.casefold().endswith(("the ", "a ", "an ")):
        return None
    return without_common(owner) or None
