"""Whom "he" and "she" mean: the one person who was just spoken of, and nobody if there may be two (English)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from duramen.language.entities import without_common
from duramen.strategies.facts_person import Voices, possessive

Gender = Literal["she", "he"]

WINDOW = 3
"""Sentences in which somebody is still spoken of."""

_SHE = """
    mother mom mum mommy mummy mama sister wife girlfriend daughter grandmother grandma granny nana aunt auntie niece stepmother
    stepmom stepsister stepdaughter mother-in-law sister-in-law daughter-in-law fiancée landlady ex-wife ex-girlfriend godmother
    goddaughter granddaughter
"""
_HE = """
    father dad daddy papa brother husband boyfriend son grandfather grandpa granddad uncle nephew stepfather stepdad stepbrother
    stepson father-in-law brother-in-law son-in-law fiancé ex-husband ex-boyfriend godfather godson grandson
"""
_EITHER = """
    partner spouse fiance cousin friend bestie boss manager supervisor colleague coworker co-worker teammate roommate flatmate
    housemate neighbour neighbor mentor landlord doctor therapist dentist coach trainer teacher tutor professor advisor adviser
    lawyer accountant child kid baby toddler dog puppy cat kitten horse pony rabbit parrot hamster assistant intern editor ex
    hairdresser babysitter nanny student client
"""
_GENDER: dict[str, Gender | None] = dict.fromkeys(_EITHER.split())
_GENDER.update(dict.fromkeys(_SHE.split(), "she"))
_GENDER.update(dict.fromkeys(_HE.split(), "he"))
_KIN = "|".join(sorted(map(regex.escape, _GENDER), key=len, reverse=True))
_QUALIFIED = r"(?:(?i:best|older|younger|elder|little|big|twin|oldest|youngest|eldest|middle|late|old|new|former|dear|own|baby)\s+){0,2}"
_OWNED = regex.compile(
    rf"(?:\b(?P<whose>(?i:my|our|your))|(?P<owner>\b\p{{Lu}}[\w-]+)'s)\s+(?P<what>{_QUALIFIED}(?P<kin>(?i:{_KIN}))\b(?!-|'s|\s+(?i:{_KIN})\b))(?:,?\s+(?P<name>\p{{Lu}}[\w-]+))?"
)
_SAYS = r"(?:said|says|told|asked|texted|phoned|thinks|thought|married|wants|wanted|invited|promised|proposed|loves|moved|lives|works|graduated|retired|died|passed away)"
_PERSON = regex.compile(
    rf"\b(?P<name>\p{{Lu}}[\w-]+) {_SAYS}\b|\b(?:met|married|dating|texted|phoned|told|asked|invited|hugged|hired) (?P<met>\p{{Lu}}[\w-]+)\b"
)
_NAME = regex.compile(r"(?<![\w@#'-])(?P<name>\p{Lu}[\w-]*\p{Ll}[\w-]*)(?:\s\p{Lu}[\w-]+)*")
_PLACED = regex.compile(
    r"\b(?:in|at|to|from|near|around|through|of|on|via|visit|visited|visiting|leaving|left)\s+(?:the\s+)?$",
    regex.IGNORECASE,
)
_CALENDAR = regex.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?$|(?:january|february|march|april|may|june|july|august|september|october|november|december)$|\w+(?:ish|ese)$",
    regex.IGNORECASE,
)
_SOMEBODY = regex.compile(
    rf"\b(?:guy|man|woman|girl|boy|lady|gentleman|person|someone|somebody|everyone|everybody|men|women|mr|mrs|ms|dr|(?<!\b(?:his|her|their)\s)(?:{_KIN})s?)\b",
    regex.IGNORECASE,
)
_PRONOUN = regex.compile(
    r"(?<![\w'\"“])(?P<word>he|she|him|his|her|hers|himself|herself)(?P<short>'(?:s|ll|d))?(?![\w'-])", regex.IGNORECASE
)
_NO_NOUN = frozenset(
    """
    a an the to and or but that when how so last yesterday today tomorrow on in at for with about because if before after again every
    this these those there here too also as by from of off out over up while who what where why until since than then i we you they
    he she it my your his our their not never always often once now back home go do make feel get come work play try move start
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)  # fmt: skip
_HAS = regex.compile(
    r"\s+(?:been|got|had|just|already|become|gone|done|never been|always been|\w+ed)\b", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is spoken of, as they are called, and whether it is a she or a he if the words tell."""

    name: str
    gender: Gender | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """The people that a sentence speaks of; `more` if there may be others."""

    people: tuple[Person, ...] = ()
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.people) or self.more


def spoken_of(sentence: str, voices: Voices) -> Spoken:
    """Read of whom `sentence` speaks, but for those who speak and listen.

    >>> spoken_of("My sister Anna lives in Porto.", Voices("Ada")).people
    (Person(name="Ada's sister Anna", gender='she'),)
    """
    people: list[Person] = []
    rest = list(sentence)
    for found in _OWNED.finditer(sentence):
        rest[found.start() : found.end()] = "." * (found.end() - found.start())
        owner = found["owner"] or (voices.you if (found["whose"] or "").lower() == "your" else voices.me)
        if owner is None:
            return Spoken(more=True)
        name = without_common(found["name"]) if found["name"] else ""
        called = f"{possessive(owner)} {found['what'].lower()}" + (f" {name}" if name else "")
        people.append(Person(called, _GENDER[found["kin"].lower()]))
    left = "".join(rest)
    named = [found["name"] or found["met"] for found in _PERSON.finditer(left)]
    people += [Person(name) for name in named if without_common(name) and not _CALENDAR.match(name)]
    known = {voices.me.lower(), (voices.you or "").lower(), *(name.lower() for name in named)}
    more = _SOMEBODY.search(left) is not None or any(name.lower() not in known for name in _names(left))
    return Spoken(tuple(dict.fromkeys(people)), more)


def resolved(sentence: str, voices: Voices, before: Sequence[Spoken]) -> str:
    """Return `sentence` with the first "she" and the first "he" as the one person of `before` that it can mean.

    It stays as it is if there may be several, or if the sentence itself names somebody.

    Args:
        sentence: A sentence, with straight apostrophes.
        voices: Who speaks and listens.
        before: Of whom the sentences before it speak, the nearest last.

    Example:
        >>> told = spoken_of("My sister moved to Porto.", Voices("Ada"))
        >>> resolved("She loves her job.", Voices("Ada"), [told])
        "Ada's sister loves her job."
    """
    if _PRONOUN.search(sentence) is None or spoken_of(sentence, voices):
        return sentence
    near = [spoken for spoken in before if spoken][-WINDOW:]
    if not near or any(spoken.more for spoken in near):
        return sentence
    for gender in ("she", "he"):
        names = {person.name for spoken in near for person in spoken.people if person.gender in (None, gender)}
        first = next((found for found in _PRONOUN.finditer(sentence) if _gender(found["word"]) == gender), None)
        if first is not None and len(names) == 1:
            sentence = _put(sentence, first, names.pop())
    return sentence[:1].upper() + sentence[1:]


def leans(sentence: str) -> bool:
    """Say whether `sentence` begins with a word that means something said before."""
    return _LEANING.match(sentence) is not None


_LEANING = regex.compile(
    r"(?:it|its|it's|this|that|that's|these|those|they|they're|their|there|he|he's|she|she's|his|her|which|both|such|one of them|some of them|the (?:latter|former|same|other)|then|another|also|however|instead|otherwise|therefore)\b(?! (?:is|are|was|were) (?:a|an|no|some|many|two|three) \w+ (?:in|at|on|near|who|that)\b)",
    regex.IGNORECASE,
)


def _names(text: str) -> Iterator[str]:
    for found in _NAME.finditer(text):
        name = found["name"]
        if _CALENDAR.match(name) or _PLACED.search(text[max(0, found.start() - 24) : found.start()]):
            continue
        if without_common(found[0]):
            yield name


def _gender(word: str) -> Gender:
    return "he" if word.lower() in ("he", "him", "his", "himself") else "she"


def _put(sentence: str, found: regex.Match[str], name: str) -> str:
    word, short, after = found["word"].lower(), (found["short"] or "").lower(), sentence[found.end() :]
    said = name
    if word.endswith("self"):
        return sentence
    if word in ("his", "hers") or (word == "her" and _before_noun(after)):
        said = possessive(name)
    if short:
        had = _HAS.match(after) is not None
        said += {"'s": " has" if had else " is", "'ll": " will"}.get(short, " had" if had else " would")
    return f"{sentence[: found.start()]}{said}{after}"


def _before_noun(after: str) -> bool:
    following = regex.match(r" ([\w'-]+)", after)
    return following is not None and following[1].lower() not in _NO_NOUN and not following[1].lower().endswith("ly")
