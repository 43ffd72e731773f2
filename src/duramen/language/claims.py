"""What a text claims that a later one may contradict: where somebody lives, when something is, what something is called.

Precise rather than complete. A claim that is overlooked costs little, while a wrong one could let a true memory seem out
of date. So only that counts of which there is one at a time, said plainly: questions, conditions, wishes, the past and
quotations claim nothing. The wording is English; texts in other languages claim next to nothing.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from duramen.language.claim_rules import ADVERBS, PEOPLE, Clause, Says
from duramen.language.claim_things import about_thing
from duramen.types import Claim, Memory

LONGEST_TEXT = 4_000
"""Characters of a text that are read."""

LONGEST_CLAUSE = 300
"""Characters of a clause that are read: what is said plainly is said shortly."""

MOST_STATEMENTS = 255

MOST_BESIDE = 25
"""Words of other sentences beside a claim. A text that tells more is not out of date when the claim is."""

_QUOTED = re.compile(r"\"([^\"\n]{1,300})\"|\u201c([^\u201d\n]{1,300})\u201d|`([^`\n]{1,300})`")
_PERSONAL = re.compile(r"\b(?:i|we|my|you|he|she|they|me|us|is|are)\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(?<=[.!?\u2026])(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bSt\.)(?<!\bMrs\.)(?<!\bProf\.)[\"')\]\u201d\u2019]*\s+|\n+"
)
_CLAUSE = re.compile(r"[,;:]\s+|\s[-\u2013\u2014]+\s+|\s(?:and|but|so|though|although|however|then|plus)\s+")
_NOT_BUT = re.compile(r"\b(is|are|to) not ([\w' ]{1,40}?),? but (?:rather )?", re.IGNORECASE)
_CONTRACTED = re.compile(r"n't\b|'(m|re|ve|ll|d|s)\b")
_SHORT_I = re.compile(r"\b[iI]m\b")
_ENDINGS = {"m": " am", "re": " are", "ve": " have", "ll": " will", "d": " would"}
_IS = ("it", "that", "he", "she", "what", "name", "favorite", "favourite")

# Words that take the certainty out of their clause, and those that take it out of all that follows.
_UNSURE = re.compile(
    r"\b(?:might|may be|maybe|perhaps|probably|possibly|supposedly|would|could|should|will|can|whether|when|whenever|once"
    r"|until|used to|as though|not sure|almost|nearly|want|wants|hope|hopes|hoping)\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|unless|suppose|supposing|imagine|pretend\w*|wish\w*|dreamt|dreamed|said|says|saying|told|tells|asked|asks|wrote"
    r"|joked|joking|just kidding|quote|lyrics|sang|for example|hypothetical\w*|fiction\w*|role-?play\w*|in (?:the|this|my) (?:story|book"
    r"|novel|movie|film|game|dream|episode|scene))\b|e\.g\.",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:(?:well|actually|oh|yeah|yes|no|correction|update|btw|fyi|also|so|and|but|hey|hi|hello|note|anyway|now|today"
    r"|yesterday|recently|currently|finally|unfortunately|luckily|sadly|by the way|in fact|turns out|for the record"
    r"|just so you know|please remember(?: that)?|remember(?: that)?|note that|(?:last|this) (?:week|month|year|night|morning"
    r"|spring|summer|autumn|fall|winter|weekend)|as of \w+(?: \w+)?|(?:great|big|good|bad|sad) news|as you know"
    r"|(?:a|one|two|three|a few|\d+) (?:days?|weeks?|months?) ago|then|plus|ok|okay|thanks)\W+)+",
    re.IGNORECASE,
)
_ACTS = re.compile(
    rf"(?P<adverbs>{ADVERBS})"
    r"(?:(?:now|currently|just|recently|finally|actually|still|already|officially|both|really|all|since|lately|have|has|had to"
    r"|decided to|am|is|are|do|does|not|no longer|no|longer|was|were|been|got|get)\s+)*"
    r"(?:live|reside|living|based|residing|move|relocate|work|employed|start|began|begun|got|land|took|accept|have|has|hired|join"
    r"|self|a\b|an\b|freelanc|unemployed|between|out of|jobless|retired|quit|resign|left|lost|laid|fired|let go|made redundant"
    r"|stopped|single|married|engaged|divorced|widowed|separated|became|become|broke|split|in a|dating|seeing|turned|\d|strict"
    r"|lifelong|veg|pesc|flex|carni|omni|keto|went|gone|eat|given up|gave|switch|migrat|chang|convert|transition|upgrad|downgrad"
    r"|replac|swap|trad|exchang|use|using|dropped|ditched|abandoned|own|bought|adopted|sold|scrapped|cancel|rehomed|died|passed"
    r"|put|dead|the|our)",
    re.IGNORECASE,
)
_ROLES = ("user", "human")
"""Speakers that are nobody by name."""

_KIN = (
    r"mother|mom|mum|mommy|father|dad|daddy|wife|husband|partner|spouse|fianc\u00e9e?|fiancee?|boyfriend|girlfriend|boss"
    r"|manager|landlord|sister|brother|son|daughter|grandmother|grandma|grandfather|grandpa|dog|cat|puppy|kitten|parrot"
    r"|rabbit|hamster|horse"
)
_PET = re.compile(r"(?:dog|cat|puppy|kitten|parrot|rabbit|hamster|horse)$")
_I = re.compile(r"(?P<who>i|we) +(?=\w)", re.IGNORECASE)
_MY_KIN = re.compile(
    rf"(?i:my|our) (?:(?:older|younger|elder|little|big|late|dear|beloved|old|new) )?(?P<kin>{_KIN}),? "
    r"(?:(?P<name>[A-Z][\w'-]+),? )?(?=[a-z])",
)
_THING = re.compile(r"(?P<det>(?i:the|our|my)|[A-Z][\w-]*(?: [A-Z][\w-]*)?'s) (?=\w)")
_CHANGES = re.compile(
    r"(?:(?i:i|we)|[A-Z][\w'-]+)(?: have| has| had| just| already| finally)* (?:moved|changed|updated|pushed|postponed|set|raised|lowered"
    r"|rescheduled|shifted|switched|extended|delayed|bumped|renamed)(?: back| forward)? (?P<thing>(?i:the|my|our) .{1,50}?)"
    r"(?: back| forward)?(?: from .{1,40}?)? to (?P<v>.+)"
)
_NOT_OF_ONE = re.compile(r"(?:live|work|use|have|own|reside|eat|am|are|do)\b")
_NAME = re.compile(r"(?P<name>[A-Z][\w'-]*[\w])(?: [A-Z][\w'-]*)? (?=[a-z])")
_NOBODY = frozenset(
    """
    the a an my our your his her their its this that these those it he she they you we i who what where when why how there
    here everyone everybody someone somebody anyone nobody noone people things life time most some many all both each
    one if as and but so or not no yes just now then also still even never always maybe well oh hey thanks glad sounds
    since because after before while until although though whenever last every hopefully once again both neither either
    hope everything something nothing such ours mine yours theirs hers being having getting today yesterday tomorrow work school home
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)


def claims_of(memory: Memory) -> tuple[Claim, ...]:
    """Read what a memory claims: "I" is its speaker, or else its actor, and a document speaks of its own things."""
    named = None if memory.speaker in _ROLES else memory.speaker
    return tuple(find_claims(memory.text, named or memory.actor, memory.document or ""))


def find_claims(text: str, speaker: str | None = None, scope: str = "") -> list[Claim]:
    """Read what `text` claims, as hashes.

    Args:
        text: Any text.
        speaker: Who "I" and "my" mean; None if it is not known, which is then the same nobody in all texts.
        scope: Within what "the deadline" is always the same; "" for the bank. A document, for example.

    Returns:
        At most `MOST_STATEMENTS` statements with their claims; none for a text that contradicts itself about a slot.

    Example:
        >>> [old] = find_claims("I live in Porto.", "Ada")
        >>> [new] = find_claims("We've just moved to Lisbon!", "Ada")
        >>> old.slot == new.slot, old.value == new.value
        (True, False)
    """
    found, beside = _read(text, speaker)
    if not found:
        return []
    claims = [
        Claim(_hash("\0".join((scope if says.slot[1] == "" else "", *says.slot))), _hash(says.value), says.ends, number)
        for number, statement in enumerate(found[:MOST_STATEMENTS])
        for says in statement
    ]
    if beside > MOST_BESIDE:
        claims.append(Claim(_digest(f"beside\0{text}"), 1, statement=MOST_STATEMENTS))
    return claims


def statements(text: str, speaker: str | None = None) -> list[tuple[Says, ...]]:
    """Read what `text` claims, in words: for each statement, what it says."""
    return _read(text, speaker)[0]


def _read(text: str, speaker: str | None) -> tuple[list[tuple[Says, ...]], int]:
    """Return the statements, and how many words the sentences have that tell something else."""
    who = _folded(speaker) if speaker else "i"
    plain = _plain(text[:LONGEST_TEXT])
    cased = text != text.lower()
    found: list[tuple[Says, ...]] = []
    beside = 0
    for sentence in _SENTENCE.split(plain):
        if sentence.rstrip("\"')] ").endswith("?"):
            continue
        said = [tuple(says) for says in _of_sentence(sentence, who, cased=cased)]
        found += said
        beside += 0 if said else sentence.count(" ") + 1
    return _consistent(found), beside


def _of_sentence(sentence: str, who: str, *, cased: bool) -> Iterator[list[Says]]:
    subject: Clause | None = None
    parts = _CLAUSE.split(sentence)
    for number, part in enumerate(parts):
        lead = _LEAD.match(part)
        words = part[lead.end() if lead else 0 :][:LONGEST_CLAUSE]
        clauses = list(_people(words, who, sentence, cased=cased))
        if not clauses and subject is not None and number:
            clauses = [replace(subject, words=words)]
        says = [*_of_thing(words, who), *(each for clause in clauses for each in _of_person(clause))]
        if clauses:
            subject = clauses[0] if says or not clauses[0].named else None
        if says and _is_sure(parts[: number + 1]):
            yield [*says, *_of_pet(says, who)]


def _is_sure(parts: Sequence[str]) -> bool:
    """Tell whether the last of `parts` is said plainly, and nothing before it makes it a condition or a quotation."""
    return not _UNSURE.search(parts[-1]) and not any(map(_UNREAL.search, parts))


def _people(words: str, who: str, sentence: str, *, cased: bool) -> Iterator[Clause]:
    """Read of which person the clause speaks; a relation with a name is spoken of as both."""
    if found := _I.match(words):
        yield Clause(who, words[found.end() :], sentence, cased, several=found["who"].casefold() == "we")
    elif found := _MY_KIN.match(words):
        yield Clause(f"{who}'s {found['kin'].casefold()}", words[found.end() :], sentence, cased)
        if found["name"]:
            yield Clause(_folded(found["name"]), words[found.end() :], sentence, cased)
    elif (found := _NAME.match(words)) and found["name"].casefold() not in _NOBODY:
        yield Clause(_folded(found["name"]), words[found.end() :], sentence, cased, named=True)


def _of_person(clause: Clause) -> list[Says]:
    acts = _ACTS.match(clause.words)
    if acts is None or (clause.named and _NOT_OF_ONE.match(clause.words, acts.end("adverbs"))):
        return []
    for pattern, reads in PEOPLE:
        found = pattern.match(clause.words, acts.end("adverbs"))
        if found and (says := list(reads(clause, found))):
            return says
    return []


def _of_pet(says: Iterable[Says], who: str) -> Iterator[Says]:
    """Whoever says that their dog died has a dog no more."""
    for each in says:
        relation, whose = each.slot[0], each.slot[1]
        if relation == "alive" and each.value == "no" and whose.startswith(f"{who}'s ") and _PET.search(whose):
            yield Says(("has", who, whose.rpartition(" ")[2]), "no")


def _of_thing(words: str, who: str) -> Iterator[Says]:
    if found := _CHANGES.match(words):
        words = f"{found['thing']} changed to {found['v']}"
    if found := _THING.match(words):
        whose = found["det"].casefold()
        owner = who if whose == "my" else "" if whose in ("the", "our") else _folded(found["det"])
        yield from about_thing(owner, words[found.end() :])


def _consistent(found: Iterable[tuple[Says, ...]]) -> list[tuple[Says, ...]]:
    """Leave out the slots that are given two values."""
    values: dict[tuple[str, ...], set[str]] = {}
    kept = list(dict.fromkeys(found))
    for says in (each for statement in kept for each in statement if not each.ends):
        values.setdefault(says.slot, set()).add(says.value)
    sure = (tuple(says for says in statement if len(values.get(says.slot, ())) <= 1) for statement in kept)
    return [statement for statement in sure if statement]


def _plain(text: str) -> str:
    text = text.replace("\u2019", "'")
    if '"' in text or "`" in text or "\u201c" in text:
        text = _QUOTED.sub(_unquoted, text)
    if "'" in text:
        text = _CONTRACTED.sub(_expanded, text)
    if "im " in text or "Im " in text:
        text = _SHORT_I.sub("I am", text)
    return _NOT_BUT.sub(r"\1 ", text) if " not " in text else text


def _unquoted(found: re.Match[str]) -> str:
    """Keep a title, drop a speech."""
    inner = found[1] or found[2] or found[3]
    return '"' if len(inner.split()) > 5 or _PERSONAL.search(inner) else inner


def _expanded(found: re.Match[str]) -> str:
    ending = found[1]
    if ending is None:
        return " not"
    if ending == "s":
        return " is" if found.string[: found.start()].lower().endswith(_IS) else "'s"
    return _ENDINGS[ending]


def _folded(name: str) -> str:
    """Return the first word of a name, as it is compared."""
    words = name.casefold().removesuffix("'s").split()
    return words[0] if words else ""


@functools.lru_cache(8192)
def _hash(text: str) -> int:
    return _digest(text)


def _digest(text: str) -> int:
    """Hash to 32 bits; 0 for nothing, and for nothing else."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return (int.from_bytes(digest, "little") or 1) if text else 0
