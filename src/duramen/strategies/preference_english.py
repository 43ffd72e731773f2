"""What English speakers say of themselves: who "I" is, what stands before it, and what is said then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from duramen.strategies.preference_grammar import ADVERB, INTRO, Clause, Stated, is_adverbial
from duramen.strategies.preference_idioms import IDIOMS
from duramen.strategies.preference_objects import is_once
from duramen.strategies.preference_rules import CHANGES, DIET, RULES, Reads, Said

_I = re.compile(
    r"(?<![\w'])(?:(?:my (?:wife|husband|partner|girlfriend|boyfriend|family|kids|friends|\w+)|\w+) and I|I|we|(?:both|all) of us)(?: (?:both|all))?\s+(?=\w)",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"\b(?:said|says|told|tells|thinks?|thought|claims?|asked|asks|heard|wrote|guess|wonder|wish|hope|bet|doubt|maybe|perhaps|not think|forgot)\b"
    r"|\b(?:when|whenever|if|every time|each time|after|before|until|while|unless|whether|what|how|where|who|which|why|that|than|in case|as long as|because)$"
    r"|^if\b.*\b(?:were|was|had|could|did|would)\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:maybe|perhaps|possibly|might|supposedly|not sure|in theory|hypothetically)\b", re.IGNORECASE
)
_ADVERBS = re.compile(rf"(?:{ADVERB}\s+)*", re.IGNORECASE)
_TAIL = re.compile(
    r"[\s,]+(?:please|thanks|thank you|btw|by the way|you know|as you know|(?:as|like) I (?:said|told you|mentioned)(?: before)?|lol|haha+|though|remember|too|so much|very much|a lot|by far"
    r"|I think|as well|to be honest|tbh|actually|honestly|of course|for sure|anyway|so)$",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"(?:(?:yes|yeah|no|well|honestly|personally|also|btw|fyi|oh|ok|okay),?\s+)?(?:(?:really|absolutely|definitely|just|strongly|much|generally|still|definitely)\s+)*(?:prefer\b|love (?!is|was|can|and|from|at first|will)|hate (?!is|speech|crime|mail|was|and)"
    r"|dislike\b|can not (?:stand|bear|eat|drink)|do not (?:like|eat|drink|enjoy|care for)|would rather|would prefer|adore\b|detest\b|loathe\b|not (?:really |much |particularly |exactly )*(?:a |an |into|keen|fond|the biggest)"
    rf"|(?:huge|big|massive|lifelong) fan of|allergic to|(?:totally |completely |so |absolutely )?(?:obsessed with|addicted to|hooked on|partial to|keen on|fond of|crazy about|mad about|big on|a sucker for|a fan of)|(?:strict |lifelong )?{DIET} (?:here|since|myself|for years)|more of an? |never (?:had|got|been into|been one|seen the|understood|touched|taken to|eat|drink|fly|wear|use|smoke|touch|order|buy|watch)|usually \w+|normally \w+|always (?:go|take|choose|pick|order|fly|have|get|drink|eat|travel) )",
    re.IGNORECASE,
)  # fmt: skip
_NO_VERB = re.compile(
    rf"(?:not|(?:totally |completely |so |absolutely )?(?:obsessed|addicted|hooked|partial|keen|fond|crazy|mad|big on|a (?:sucker|fan))|(?:huge|big|massive|lifelong) fan|allergic|more of|(?:strict |lifelong )?{DIET})\b",
    re.IGNORECASE,
)


_AS_A = re.compile(rf"(?:as|being) (?P<d>(?:an? )?(?:(?:strict|lifelong|committed) )*{DIET})$", re.IGNORECASE)
_BROUGHT_UP = re.compile(
    r"(?:^|\b(?:I|we)\s+(?:\w+ )?)(?:used to (?:really )?(?:love|like|hate|enjoy|adore|prefer|eat|drink|dislike)|did not (?:really |much )?(?:like|enjoy|care for)|tried|discovered|started (?:drinking|eating|using|doing)|(?:switched|moved|changed) (?:over )?to|bought)\s+(?P<o>.+)",
    re.IGNORECASE,
)


def own(clause: Clause, sentence: str, topic: str = "") -> Stated | None:
    """Return what its speaker likes, dislikes, wants, or usually does, as `clause` says.

    Args:
        clause: A clause of `sentence`, in the words of `plain`.
        sentence: As it was said.
        topic: What "it" would mean here, if that is known.
    """
    if _UNSURE.search(clause.words):
        return None
    if diet := _AS_A.match(clause.lead):
        return Stated(f"is {diet['d']}", "rule", sentence)
    for said in _readings(clause, sentence, topic):
        if stated := _first(CHANGES, said):
            return stated
        if (stated := _first(RULES, said) or _first(IDIOMS, said)) and not is_once(said.whole):
            return stated
    return None


def _first(rules: Iterable[tuple[re.Pattern[str], Reads]], said: Said) -> Stated | None:
    for pattern, reads in rules:
        found = pattern.match(said.words)
        if found and (stated := reads(said, found)):
            return stated
    return None


def topic_of(clause: Clause) -> str:
    """Return what a clause brings up that the next ones may mean by "it": what was once liked, tried, or changed to."""
    found = _BROUGHT_UP.search(clause.words)
    return (
        re.sub(
            r",? (?:at first|initially|in the beginning|at the start|before|as a (?:child|kid))$",
            "",
            _untailed(found["o"]),
        )
        if found
        else ""
    )


def _readings(clause: Clause, sentence: str, topic: str) -> Iterator[Said]:
    if clause.carried or _DROPPED.match(clause.words):
        yield _said(_with_verb(clause.words), clause.lead, sentence, topic)
    for found in _I.finditer(clause.words):
        before = clause.words[: found.start()]
        opening = INTRO.match(before)
        lead = before[opening.end() :].strip(" ,:") if opening else before
        lead = before.strip(" ,:") if lead and is_adverbial(before) else lead
        if lead and (_BLOCKED.search(lead) or not is_adverbial(lead)):
            continue
        yield _said(clause.words[found.end() :], lead or clause.lead, sentence, topic)


def _said(words: str, lead: str, sentence: str, topic: str) -> Said:
    opening = _ADVERBS.match(words)
    at = opening.end() if opening else 0
    return Said(words[:at].strip(), _untailed(words[at:]), lead, sentence, topic)


def _untailed(words: str) -> str:
    words = words.strip(" ,.!")
    while (cut := _TAIL.sub("", words)) != words:
        words = cut
    return words


def _with_verb(words: str) -> str:
    words = re.sub(
        r"^(?:yes|yeah|no|well|honestly|personally|also|btw|fyi|oh|ok|okay),?\s+", "", words, flags=re.IGNORECASE
    )
    if not _NO_VERB.match(words):
        return words
    words = f"{words[0].lower()}{words[1:]}"
    return f"am {'a ' if ' fan of' in words[:20] and not words.casefold().startswith('not') else ''}{words}"
