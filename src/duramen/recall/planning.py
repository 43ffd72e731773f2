"""Planning a recall without a language model: what is asked, of whom, and what the bank itself says of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import regex

from duramen.index.bank import BankIndex
from duramen.index.names import fold
from duramen.language.entities import CapitalsEntityFinder, without_common
from duramen.language.relations import LIVING, Owned, owned, person, relation_name, relation_of
from duramen.language.terms import STOP_WORDS, term_codes

Key = TypeVar("Key", bound=Hashable)

MOST_PARTS = 4
"""Questions that are asked of a bank at once; of more, the last ones."""

LONG = 400
"""Characters from which a text is taken for something pasted, of which only the last question is asked."""

LATEST = 30
"""Memories with a name, the latest ones, that are read for what comes with it."""

MOST_ALIASES = 4
"""Names that one name is expanded with at most."""

ALIAS = 0.3
"""What the words of a name count for that always comes with one of the query, against 1 for its own words."""

TIED = 0.15
"""How often two names come together, of all times that either does, from which one says something of the other."""

_WH = r"(?:what|where|when|who|whom|whose|which|why|how)"
_AUX = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
_SENTENCE = regex.compile(
    r"(?<=[.!?\u2026])(?<!\b(?:Dr|Mr|Ms|St|Mrs|Prof|vs|etc|\p{Lu})\.)[\"')\]\u201d\u2019]*\s+|\n+"
)
_ASKS = regex.compile(
    rf"^(?:{_WH}\b|{_AUX}\b|in (?:what|which)|(?:tell|remind) me|do you|list|name)|\?\s*$", regex.IGNORECASE
)
_AND = regex.compile(
    rf",?\s+(?:and|but)\s+(?:also\s+)?(?={_WH}(?:'s|\s+(?:\w+\s+){{0,3}}?{_AUX})\s+\S|{_WH}\s+(?:I|he|she|they|my|our|(?-i:\p{{Lu}})\w*)\s|{_AUX}\s+(?:I|you|he|she|it|they|we|the|my|(?-i:\p{{Lu}})\w*)\b)",
    regex.IGNORECASE,
)
_BEGINS = regex.compile(rf"^(?:(?:in|at|on|from|to|for|with|of)\s+)?(?:{_WH}|{_AUX})\b", regex.IGNORECASE)
_NAME = r"\p{Lu}[\w'\u2019.-]*(?: \p{Lu}[\w'\u2019.-]*)?"
_BOTH = regex.compile(
    rf"\bboth (?P<one>{_NAME}) and (?P<other>{_NAME})|\b(?P<one>{_NAME}) and (?P<other>{_NAME}) (?:both|each)\b"
)
_POLITE = regex.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|so|well|please|also|and|by the way|btw|quick question)\b[\s,:!.-]*)*"
    r"(?:(?:can|could|would|will) you (?:please )?(?:tell|remind) me|(?:do|can) you (?:still )?(?:remember|know|recall|tell me)"
    r"|(?:please )?(?:tell|remind) me|i(?:'m| am| was)? (?:wondering|wonder|forgot|forget|do not remember|don't remember"
    r"|can't remember|would like to know|want to know|need to know))?[\s,:]*(?=\S)",
    regex.IGNORECASE,
)
_PRONOUN = regex.compile(
    r"\b(?:(?P<possessive>his|their|her(?=\s+[a-z]))|he|she|they|him|her|them)\b", regex.IGNORECASE
)
_WAITING = regex.compile(
    r"\b(?:it|its|one|ones|there|he|she|they|him|her|his|their|them|this|that)\b", regex.IGNORECASE
)
_SINGULAR = {"do": "does", "have": "has", "are": "is", "were": "was"}
_SEVERAL = regex.compile(r"\b(?:do|have|are|were)\b")
_MANY = regex.compile(
    r"\b(?:what|which)\s+(?:\w+\s+){0,2}?(?!(?:is|was|does|has)\b)\w+s\b|\bhow many\b|\bwhat (?:all|are|were|else)\b"
    r"|\b(?:both|list|various|different|types|kinds|in common)\b",
    regex.IGNORECASE,
)
_PERSONAL = regex.compile(r"\b(?:I|my|me|we|our|us|you|your)\b")
_EMPTY = STOP_WORDS | {"common"}
_WORD = regex.compile(r"\w+")
_capitals = CapitalsEntityFinder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a text asks.

    Attributes:
        parts: The questions, each to be searched by itself; one for most texts, and then mostly the text as it is.
        taken: What of the text is not searched: greetings, and sentences that ask nothing.
    """

    parts: tuple[str, ...]
    taken: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the questions, as written, each once. Read when asked for, which takes longer than the rest."""
        return _capitals.find([" ".join(self.parts)])[0]


def plan(text: str) -> Plan:
    """Plan what to search for. A plain question stays as it is.

    Example:
        >>> plan("Where does Ada live and what does she do for work?").parts
        ('Where does Ada live?', 'what does Ada do for work?')
        >>> plan("What do Ada and Bob both like?").parts
        ('What does Ada like?', 'What does Bob like?')
    """
    asked, taken = _asking(text.strip())
    clauses = [clause for sentence in asked for clause in _clauses(sentence)]
    parts = list(dict.fromkeys(part for clause in clauses for part in _for_each(clause)))[-MOST_PARTS:]
    return Plan(parts=tuple(parts), taken=tuple(taken))


def asks_for_several(text: str) -> bool:
    """Return whether a question asks for more than one thing, which were hardly all said in one conversation.

    Example:
        >>> asks_for_several("Which cities has Ada been to?"), asks_for_several("Where does Ada live?")
        (True, False)
    """
    return bool(_MANY.search(text))


def names_asked(index: BankIndex, words: Sequence[str], text: str, actor: str | None = None) -> tuple[str, ...]:
    """Return the names known to the bank that a query names, folded, and first those that are somebody's.

    "My sister" is the sister of the one who asks; if the bank does not know who that is, or of no sister of theirs, it
    is the only sister that the bank has heard of, if there is only one. "Ada's mum" is "ada's mother".

    Args:
        index: The bank.
        words: The words of the query, those that were misspelt put right.
        text: The query as it was asked.
        actor: Who asks, if that is known.
    """
    found = index.entities.find(words)
    plain = [name for name in found if relation_of(name) is None]
    said = owned(text)
    tied = [name for one in said for name in _tied(index, one, person(actor), plain)]
    spoken = {relation for one in said for relation in one.relations}
    bare = [relation for name in found if (relation := (relation_of(name) or ("", ""))[1]) and relation not in spoken]
    heard = set(words)
    tied += [name for relation in dict.fromkeys(bare) if relation in heard for name in _only(index, relation)]
    return tuple(dict.fromkeys([*tied, *plain]))


def expansion(index: BankIndex, names: Iterable[str]) -> dict[int, float]:
    """Return terms to search for besides those of the query, with what each counts against 1 for a term of the query.

    They are the words of the names that the bank mostly brings together with one of `names`: those of Anna for "ada's
    sister", and "sister" for Anna.

    Args:
        index: The bank.
        names: Folded names.

    Returns:
        Weights in (0, `ALIAS`] by the code of the term.
    """
    weights: dict[int, float] = {}
    for name in names:
        for other, share in aliases(index, name):
            tie = relation_of(other)
            for code in term_codes(tie[1] if tie else other).tolist():
                weights[code] = max(weights.get(code, 0.0), ALIAS * share)
    return weights


def aliases(index: BankIndex, name: str) -> list[tuple[str, float]]:
    """Return the names that mostly come together with `name`, the surest first, each with its share in (0, 1].

    Of two names one has to be somebody's: Ada's sister may be Anna, while Anna and Lisbon are only spoken of together.
    """
    rows = index.entities.rows_of(name).tolist()[-LATEST:]
    together: dict[str, int] = {}
    for row in rows:
        for other in index.entities.names_of(row):
            together[other] = together.get(other, 0) + 1
    mine = relation_of(name)
    shares: list[tuple[str, float]] = []
    for other, times in together.items():
        if other == name or (relation_of(other) is None) == (mine is None):
            continue
        share = times / (len(rows) + index.entities.count(other) - times)
        if share >= TIED:
            shares.append((other, share))
    return sorted(shares, key=lambda one: -one[1])[:MOST_ALIASES]


def combine(found_by_part: Sequence[Sequence[tuple[Key, float]]]) -> list[tuple[Key, float]]:
    """Make one list of what was found for each part of a question, so that each part has its share of the best.

    Parts take turns: first comes the best of each, then the second of each; the part that was answered best begins.
    Each key has the highest score that it has for any part, and these are handed out in falling order.

    Args:
        found_by_part: For each part, keys with their scores, best first; a key once in each.

    Returns:
        Every key once with a score, best first.

    Example:
        >>> combine([[("ada", 0.5), ("otto", 0.4)], [("rome", 0.9), ("ada", 0.6)]])
        [('rome', 0.9), ('ada', 0.6), ('otto', 0.4)]
    """
    highest: dict[Key, float] = {}
    for key, score in chain.from_iterable(found_by_part):
        highest[key] = max(score, highest.get(key, score))
    parts = sorted(found_by_part, key=lambda found: -max((score for _, score in found), default=0.0))
    order = in_turns([[key for key, _ in found] for found in parts])
    return list(zip(order, sorted(highest.values(), reverse=True), strict=True))


def in_turns(lists: Iterable[Sequence[Key]]) -> list[Key]:
    """Put lists together in turns: the first of each, then the second of each; what was there before is passed over.

    Example:
        >>> in_turns([[1, 2, 3], [2, 4]])
        [1, 2, 3, 4]
    """
    waiting = [iter(one) for one in lists]
    taken: dict[Key, None] = {}
    while waiting:
        for each in [*waiting]:
            found = next((one for one in each if one not in taken), None)
            if found is None:
                waiting.remove(each)
            else:
                taken[found] = None
    return list(taken)


def _asking(text: str) -> tuple[list[str], list[str]]:
    """Return the sentences of `text` that ask, without greetings, and what is left out."""
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence]
    bare = [_POLITE.sub("", sentence) for sentence in sentences]
    asking = [place for place, sentence in enumerate(bare) if _ASKS.search(sentence)]
    if len(text) > LONG:
        asking = asking[-1:]
    asked = [_spelt_out(bare[place], " ".join(sentences[:place])) for place in asking]
    if not asked or (len(asked) < len(sentences) and not all(map(_stands_alone, asked))):
        return [text], []
    greetings = [sentences[place].removesuffix(bare[place]).strip() for place in asking]
    others = [sentence for place, sentence in enumerate(sentences) if place not in asking]
    return asked, [left for left in [*greetings, *others] if left]


def _clauses(sentence: str) -> list[str]:
    """Split a sentence that asks two things; what it asks second has to make sense without the first."""
    cut = _AND.search(sentence)
    if cut is None or not _BEGINS.search(sentence):
        return [sentence]
    first, second = sentence[: cut.start()], _spelt_out(sentence[cut.end() :], sentence[: cut.start()])
    if not _stands_alone(second) or not _stands_alone(first):
        return [sentence]
    return [f"{first.rstrip(' ?,')}?", *_clauses(second)]


def _for_each(clause: str) -> list[str]:
    """Ask of each of two what is asked of both."""
    both = _BOTH.search(clause)
    if both is None:
        return [clause]
    one, other = without_common(both["one"]), without_common(both["other"])
    before, after = clause[: both.end("one")].removesuffix(one), clause[both.end() :]
    before = before.removesuffix("both ")
    if not one or not other or not _content(f"{before} {after}"):
        return [clause]
    for found in list(_SEVERAL.finditer(before))[-1:]:
        before = before[: found.start()] + _SINGULAR[found[0].casefold()] + before[found.end() :]
    return [f"{before}{name}{after}" for name in (one, other)]


def _spelt_out(clause: str, before: str) -> str:
    """Put the one of whom the text `before` speaks in the place of "she" and "her", if it is only one."""
    who = _spoken_of(before)
    if who is None or _spoken_of(clause) is not None:
        return clause
    return _PRONOUN.sub(lambda match: f"{who}'s" if match["possessive"] else who, clause)


def _spoken_of(text: str) -> str | None:
    said = [one for one in owned(text) if one.relations[-1] in LIVING and one.whose in ("I", "named")]
    ties = {relation_name(one.owner, *one.relations) if one.owner else f"my {one.relations[0]}" for one in said}
    owners = {one.owner for one in said} | {one.name for one in said}
    [names] = _capitals.find([text])
    ones = ties | {name for name in names if name not in owners}
    return ones.pop() if len(ones) == 1 else None


def _stands_alone(clause: str) -> bool:
    if _WAITING.search(clause) or not _content(clause):
        return False
    return bool(_PERSONAL.search(clause) or _capitals.find([clause])[0])


def _content(text: str) -> bool:
    return any(word not in _EMPTY for word in _WORD.findall(text.casefold()))


def _tied(index: BankIndex, one: Owned, actor: str | None, plain: Sequence[str]) -> Iterator[str]:
    """Find what is meant by "my sister" and the like."""
    owner = {"I": actor, "you": None, "they": plain[0] if len(plain) == 1 else None}.get(one.whose, one.owner)
    for count in range(len(one.relations), 0, -1):
        relations = one.relations[:count]
        name = fold(relation_name(without_common(owner) or owner, *relations)) if owner else ""
        if name and index.entities.count(name):
            yield name
            return
    if one.whose in ("I", "named"):
        yield from _only(index, one.relations[0], fold(owner) if owner else "")


def _only(index: BankIndex, relation: str, owner: str = "") -> Iterator[str]:
    """Find the only one in the bank that is `relation` of somebody, whose name begins like `owner`."""
    known = [(name, tie) for name in index.entities.find([*_WORD.findall(relation)]) if (tie := relation_of(name))]
    ones = [name for name, (whose, what) in known if what == relation and (not owner or owner in whose.split())]
    if len(ones) == 1:
        yield ones[0]
