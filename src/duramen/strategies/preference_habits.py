"""Habits by other signs than "usually": "Every Friday is sushi night", "nothing but Brooks for fifteen years", "rewatching it, fifth time"."""

from __future__ import annotations

import re
from collections.abc import Callable

from duramen.strategies.preference_grammar import FREQUENT, Clause, Stated, others
from duramen.strategies.preference_objects import STANDING, is_once, is_taste
from duramen.strategies.preference_topics import OTHER, categories, is_about

_Reads = Callable[[str, "re.Match[str]"], "Stated | None"]

_INTRO = re.compile(
    r"(?:(?:and|but|so|also|well|oh|hey|hi|hello|yes|yeah|no(?=,)|ok|okay|honestly|actually|since|because|as|personally|you know|for the record|just so you know)[\s,:.!]+)*",
    re.IGNORECASE,
)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|morning|evening|weekend|night|lunch|lunchtime|summer|winter|christmas|spring|autumn|fall|august|july|june|holiday|vacation|birthday|new year|easter)"
_HOME = r"(?:at (?:ours|mine|our place|my place|our house|home)|in (?:our|my) (?:house|home|family|household|place|flat)|for (?:us|me)|with us|around here|chez nous)"
_CHOSEN = r"(?:bought|used|worn|read|driven|drunk|eaten|played|watched|cooked(?: with)?|had|taken|ordered|flown(?: with)?|travelled(?: with| by| on)?|traveled(?: with| by| on)?|gone (?:to|for)|stayed (?:at|in|with)|holidayed|vacationed|shopped (?:at|in)|banked with|sworn by|stuck (?:to|with|by)|been (?:loyal|faithful|true|devoted) to|subscribed to|followed|supported|listened to|smoked|shaved with|slept (?:on|in)|worked (?:on|in|with)|written (?:with|in|on)|run|swum|cycled|ridden|been (?:going to|buying|using|wearing|reading|drinking|eating|driving|taking|flying|ordering|playing|watching|cooking|staying|shopping|riding|a customer of|a regular (?:at|of)|a (?:reader|subscriber|fan|supporter|member) of))"
_LONG = r"(?:for (?:(?:the (?:last|past|better part of) )?(?:\w+ |many |several |some |over |more than |almost |nearly |a good |well over ){0,3}(?:years?|decades?)|years|ages|decades|donkey's years|as long as (?:I|anyone) can \w+|the longest time|half (?:my|a) \w+)|since (?:I was|(?:19|20)\d\d|(?:my|the) (?:\w+ )?(?:childhood|teens|twenties|eighties|nineties|seventies|college|university|school|student|kids|day)|forever|childhood|college|school)|all my life|my (?:whole|entire) life|ever since)"
_NTH = r"(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth|umpteenth|hundredth|nth|\d+(?:rd|th|st|nd)|thousandth)"
_PURSUED = ("food", "drink", "sport", "music", "film", "games", "reading", "culture", "nature", "animals", "social", "home")  # fmt: skip


def habit(clause: Clause, sentence: str) -> Stated | None:
    """Return the habit that `clause` shows, if it does.

    Args:
        clause: A clause of `sentence`, or the whole, in the words of `plain`.
        sentence: As it was said.
    """
    opening = _INTRO.match(clause.words)
    words = clause.words[opening.end() if opening else 0 :].strip(" ,.!")
    for pattern, reads in _RULES:
        found = pattern.match(words)
        if found and (stated := reads(sentence, found)):
            return None if _ONCE.search(words) and is_once(words) else stated
    return None


_ONCE = re.compile(r"\b(?:today|tonight|tomorrow|this|next|yesterday|for now|at the moment)\b", re.IGNORECASE)


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


def _held(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what a day is there for: "Every Friday is sushi night at ours"."""
    thing = found["x"]
    if not (is_about(thing, *_PURSUED) or re.search(_HOME, thing, re.IGNORECASE)):
        return None
    if re.match(r"(?:an? )?(?:gift|nightmare|disaster|struggle|mess|public|bank|pain|day off)\b", thing, re.IGNORECASE):
        return None
    return Stated(f"says that {others(_day(found[0].strip(' ,')))}", "likes", sentence, explicit=False)


def _day(words: str) -> str:
    return words if re.match(r"(?:mon|tue|wed|thu|fri|sat|sun|aug|jul|jun)", words, re.IGNORECASE) else _lowered(words)


def _loyal(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what somebody has bought, read, worn for years."""
    thing = found["x"].strip(" ,")
    only = re.match(r"(?:nothing (?:but|except|other than)|only)\b", thing, re.IGNORECASE)
    if re.match(r"(?:trouble|problems?|bad luck|issues|good (?:experiences?|luck)|complaints)\b", re.sub(r"^\w+ \w+ ", "", thing), re.IGNORECASE):  # fmt: skip
        return None
    if not only and (
        not thing
        or not is_taste(thing, "prefer")
        or re.match(r"(?:an?|to|my|enough|no|it|problems|trouble|pain|headaches|been)\b", thing)
    ):
        return None
    if found["v"] in ("had", "taken", "followed", "worked", "run") and not only and categories(thing) == (OTHER,):
        return None
    never = "never " if re.search(r"\bnever\b", found["a"] or "") else ""
    return Stated(f"has {never}{found['v']} {others(thing)} {others(found['t'])}", "likes", sentence, explicit=False)


def _again(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what somebody watches or reads for the third time and more."""
    thing = found["x"].strip(" ,")
    if not thing or re.match(r"(?:it|this|that|you|him|her|them)\b", thing, re.IGNORECASE):
        return None
    return Stated(
        f"has been {found['v'].lower()} {others(thing)} for the {found['n'].lower()} time",
        "likes",
        sentence,
        explicit=False,
    )


def _abed(sentence: str, found: re.Match[str]) -> Stated | None:
    does = {
        "am": "is",
        "get": "gets",
        "go": "goes",
        "wake": "wakes",
        "turn": "turns",
        "rise": "rises",
        "eat": "eats",
        "have": "has",
    }
    return Stated(f"{does[found['v'].lower()]} {others(found['w'])}", "likes", sentence, explicit=False)


def _found_there(sentence: str, found: re.Match[str]) -> Stated | None:
    if not (FREQUENT.search(sentence) or STANDING.search(sentence)) or categories(found["x"]) == (OTHER,):
        return None
    return Stated(f"can be found {others(found['x'])}", "likes", sentence, explicit=False)


def _inside(sentence: str, found: re.Match[str]) -> Stated | None:
    if categories(found["x"]) == (OTHER,):
        return None
    return Stated(f"says that {others(_lowered(found[0]))}", "likes", sentence, explicit=False)


def _rule(pattern: str, reads: _Reads) -> tuple[re.Pattern[str], _Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_RULES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(
        rf"(?:every|each) (?:(?:single|other) )?{_DAY}(?: (?:morning|evening|night|afternoon))? (?:is|means|brings|belongs to) (?P<x>.+)",
        _held,
    ),
    _rule(
        rf"(?:my|our) (?:{_DAY}s?|lunch breaks?|free time|spare time|days off) (?:(?:is|are) (?:always |only |strictly |just )*(?:for|reserved for|kept for|devoted to|all about|about|sacred to|spent)|belongs? to) (?P<x>.+)",
        _held,
    ),
    _rule(
        rf"{_DAY}s?(?: (?:mornings?|evenings?|nights?|afternoons?))? (?:is|are|means?|belongs? to|(?:is|are) (?:for|all about|reserved for|kept for)) (?:always |strictly )?(?P<x>(?:.*(?:\b(?:nights?|days?|time|my|our)\b|{_HOME}).*))$",
        _held,
    ),
    _rule(
        rf"(?:I|we|my \w+ and I) have (?P<a>(?:(?:always|only|ever|never|exclusively|faithfully|happily|religiously|probably|just|mostly) )*)(?P<v>{_CHOSEN}) ?(?P<x>.*?),? (?P<t>(?:every (?:single )?(?:summer|winter|year|august|july|june|christmas|easter|morning|week|day|night|autumn|spring) )?{_LONG}.*)",
        _loyal,
    ),
    _rule(
        rf"(?:I have been |I am |we are |we have been |currently |now |back to )*(?P<v>(?:re-?)?(?:watching|reading|playing|listening to|seeing|visiting|bingeing|binging)) (?P<x>.+?),? (?:for (?:the|what must be the)|(?:that is |this is |it is )?(?:the|my)|and it is the|now the|again,?)?\s*(?P<n>{_NTH}) (?:time|round|go|re-?watch|re-?read|run)\b.*",
        _again,
    ),
    _rule(
        r"(?:I|we) (?:(?:always|usually|normally) )?(?P<v>go|get|am|wake|turn|rise|eat|have) (?P<w>(?:to (?:bed|sleep)|up|in|in bed|asleep|with the (?:sun|birds|chickens|lark)|(?:dinner|lunch|breakfast|supper)) ?(?:at|by|before|around|no later than) (?:\d|five|six|seven|eight|nine|ten|eleven|half|noon|midnight|dawn|sunrise|quarter)\b.*)",
        _abed,
    ),
    _rule(r"(?:you will|you can|people|they) (?:always |usually |normally )?find me (?P<x>.+)", _found_there),
    _rule(
        r"(?:what you will find|all you will find|there is (?:always|only ever)|you will (?:always|only) find) (?:in|on) my .+? (?:is )?(?:always )?(?P<x>.+)",
        _inside,
    ),
)
