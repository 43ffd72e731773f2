"""What a user's statement says of the result without a word of praise or complaint: what they did with it, or leave of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from duramen.language.function_words import ENGLISH
from duramen.strategies.episodic_words import words

_F = re.IGNORECASE

_MADE_USE = re.compile(
    r"(?<!you )(?<!you've )(?<!been )(?<!not )(?<!was )(?<!is )(?<!n't )\b(?:ordered|bought|purchased|booked|reserved|paid|sent|submitted|posted|published|printed|signed|registered|enrolled|subscribed|found|handed (?:\w+ )?in|merged|pushed|committed|shipped|downloaded|framed|rented|hired|decided|chosen)\b(?! (?:to )?(?:you|me)\b)(?! by\b)",
    _F,
)
_ELSEHOW = re.compile(
    r"\b(?:instead|elsewhere|another|somewhere|different|myself|ago|last (?:week|month|year|night)|yesterday|before|already had|because|when|if|not|never|wrong)\b|n't\b",
    _F,
)
_RELIEF = words(
    r"finally|phew|whew|at (?:long )?last|you (?:were|had it) right|hallelujah|eureka|voil[aà]|endlich|enfin|por fin|finalmente|until it (?:worked|went)",
)
_TRIED = re.compile(
    r"\W*(?:(?:ok(?:ay)?|yes|yep|yeah|i|i've|i have|have|just|already|all|alright)[\s,]+)*(?:did|done|tried|checked|tested|restarted|rebooted|reinstalled|updated|cleared|changed|replaced)(?:[\s,]+(?:that|it|this|so|both|all|them|already|now|twice|too|just|as well|of them|as you said))*\W*",
    _F,
)
_RESIGNED = words(
    r"pity|(?:what a |that's a )?shame|too bad|oh well|ah well|dead end|bummer|alas|meh|figures|can't be helped|it is what it is|nothing to be done|so be it|schade|dommage|lástima|peccato|que pena|l[aá]stima",
)
_REST = r"the (?:\w+ )?(?:rest|others?|remaining|remainder|missing|(?:other|last|final|first|second|third|fourth|fifth) [\w-]+|first|second|third|fourth)"
_SELF = r"(?:i|we)(?:'ll|'d| will| would| can)"
_DOES_REST = words(
    rf"{_REST}\b[^.!?]{{0,25}} {_SELF} (?!need|like|want|prefer|have\b|take|buy|get|book|order|catch|go\b|choose|pick)\w+",
    rf"{_SELF} (?:then |just |probably |rather |simply )*(?!need|like|want|take|prefer|test|try|check)\w+ (?:\w+ ){{0,3}}the (?:rest|others|remaining|remainder|missing|other (?:two|three|four|half|parts?|ones?))",
)
_FRONTED = re.compile(
    rf"\W*(?P<what>[\w'-]+(?: [\w'-]+){{0,4}}) {_SELF} (?!be|see|let|go\b|take|think|say|try|check|test)[^.!?]*\b(?:myself|ourselves|by hand|later|elsewhere|with (?:my|our|the|a)|another (?:time|day)|some other time|next (?:week|time|month)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow)\b",
    _F,
)
_TAKES_PART = words(
    rf"{_SELF} (?:\w+ )?(?:take|use|work with|make do with|keep|manage with|start with|settle for|live with|do with) (?:the |those |these |just |only |what )*(?:\w+ )?(?:one|two|three|four|five|six|seven|eight|nine|ten|\d+|half|part|parts|you (?:have|found|got|managed|could)|there is|is there)",
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d+|that|those|these|this|half|most)(?: of them)?(?:'s| is| are|'re| will be|'ll be) (?:plenty|enough|sufficient|fine|okay|ok|all i need|better than (?:nothing|none))",
)
_LEADS = ENGLISH | frozenset(
    [
        "ok",
        "okay",
        "well",
        "maybe",
        "perhaps",
        "tomorrow",
        "today",
        "tonight",
        "yes",
        "no",
        "yeah",
        "nah",
        "fine",
        "great",
        "thanks",
        "sure",
        "right",
        "alright",
        "guess",
        "think",
        "probably",
    ]
)
_GLAD = re.compile(
    r"\W*(?:(?:so |very |really )?(?:glad|happy|pleased|delighted|good|great|wonderful|lovely) (?:to (?:hear|read|see|know|help)|(?:that )?(?:it|i|that|this|you))|you(?:'re| are) (?:very |most )?welcome|my pleasure|anytime|enjoy\b|congrat|(?:freut mich|gern geschehen|avec plaisir|je vous en prie|de nada|prego|de rien|me alegro))",
    _F,
)
_PLEASED = re.compile(
    r"\W*(?:great|wonderful|perfect|excellent|awesome|fantastic|brilliant|super|lovely|nice|hooray|well done|that's (?:great|good|wonderful))\b",
    _F,
)


def came_off(sentences: Iterable[str]) -> bool:
    """Say whether a user tells that they have made use of it, or with relief how it is.

    >>> came_off(["The red one, just ordered it."]), came_off(["I ordered it three weeks ago."])
    (True, False)
    """
    return any(
        (_MADE_USE.search(one) or _RELIEF.search(one)) and not one.rstrip().endswith("?") and not _ELSEHOW.search(one)
        for one in sentences
    )


def only_tried(text: str) -> bool:
    """Say whether a user tells that they did as they were told, and nothing of what came of it."""
    return bool(_TRIED.fullmatch(text))


def resigned(text: str) -> bool:
    """Say whether a user takes it as it is that it did not come off."""
    return bool(_RESIGNED.search(text))


def does_the_rest(sentences: Iterable[str]) -> bool:
    """Say whether a user has a part, and sees to what is left of it themselves.

    >>> does_the_rest(["The other two I'll do by hand."]), does_the_rest(["Then I'll do it by hand."])
    (True, False)
    """
    return any(_DOES_REST.search(one) or _is_fronted(one) for one in sentences)


def takes_a_part(text: str) -> bool:
    """Say whether a user takes what there is, where a part of it failed."""
    return bool(_TAKES_PART.search(text))


def is_glad(sentences: Sequence[str], *, asks_for_more: bool) -> bool:
    """Say whether an agent is glad of what the user told it, so that this was good news."""
    met = any(_GLAD.match(one) for one in sentences)
    return met or (bool(sentences) and bool(_PLEASED.match(sentences[0])) and (asks_for_more or len(sentences) == 1))


def _is_fronted(sentence: str) -> bool:
    """What stands before the subject is one thing of several: "Day two I'll plan with my sister"."""
    found = _FRONTED.match(sentence)
    if found is None:
        return False
    said = found["what"].casefold().split()
    return said[-1] not in _LEADS and (said[0] not in _LEADS or said[0] in {"the", "this", "that", "my", "our", "for"})
