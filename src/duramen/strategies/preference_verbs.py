"""Which verbs tell a habit that somebody chose, and not what befalls them, what they must, or what they did once."""

from __future__ import annotations

import re

from duramen.language.function_words import ENGLISH
from duramen.strategies.preference_topics import is_about


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PAST = _words("""
    went was were had did got took ate drank came made said saw knew thought told bought found felt left met slept spent wore wrote flew
    drove ran gave kept began chose broke forgot lost heard paid stood sat swam sang rode rose woke spoke sent taught caught brought built held
    led meant won been gone done seen given taken eaten used understood fell grew drew threw become became begun spoken
""")
_NOT_PAST = _words("need feed speed embed breed bleed proceed exceed succeed heed weed wed shred bed")
_BEFALLS = _words("""
    be am are is forget remember lose miss fail struggle feel think believe know wonder hope wish see hear notice seem say mean hurt cry regret
    apologise apologize worry fear dream understand fall end suffer owe need must can could would will should may might want expect receive
    realise realize agree disagree assume suppose guess consider appear happen sneeze cough panic stumble trip bleed sweat crave deserve doubt
    belong own contain cost weigh look sound become tire die arrive recall hesitate confuse mistake overthink procrastinate complain argue fight
    thank care mind matter deliver ship deploy release offer provide guarantee sell produce publish support like love hate dislike prefer enjoy figure got gotta let ask tell try
""")
_NEVER_NOT = _words("""
    get learn sleep finish win manage change give quit stop ask tell try let make run find come go catch reach break leave meet complain
    doubt question lie cheat steal hurt harm leave stay back work lose
""")
_CHANCE = re.compile(
    r"(?:get|have|make|run|wake|come|find|take|keep|spend|put|go|catch|give|leave|work|pay|set|turn|hit|burn|sleep)\b (?:up (?:tired|late|with a)|lost|sick|tired|confused|stuck|nervous|anxious|angry|hungry|bored|wrong|an? (?:error|message|headache|cold|problem|warning|feeling|call"
    r"|question|hard time|lot of)|errors?|emails?|in trouble|trouble|problems?|issues?|difficult\w*|time|mistakes?|out of|late|into|too (?:much|many|long)|a mistake|distracted|jet ?lagged|fun|older|better|worse|no (?:idea|time|energy)|the (?:same )?(?:error|feeling|problem|impression|wrong)"
    r"|enough|it|that|this|so|badly|poorly|asked|told|paid|called|yelled|up (?:to|being))\b",
    re.IGNORECASE,
)
_OUT = re.compile(
    r"(?:am|are) (?:(?:out|off|away|up) (?:\w+ing|and about|at|by|early|late|before)|in bed|up early)\b", re.IGNORECASE
)
_PERFECT = re.compile(
    r"have (?:(?:always|never|just|already|also|only|long) )*(?:\w+ed|" + "|".join(sorted(_PAST)) + r")\b",
    re.IGNORECASE,
)
_PAID = re.compile(
    r"pay (?!by|with|in |cash|online|extra for)|drink and drive|get (?!up|out|in|by|around|off|my|takeaway|takeout|coffee)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?:have|has) been \w+ing\b", re.IGNORECASE)
_WAITS = re.compile(
    r"(?:have|has) been (?:waiting|trying|looking|meaning|struggling|hoping|asking|thinking|dying|fighting|dealing|suffering|planning|living|working|telling|saying|having|getting|feeling|wondering|paying|begging|searching)\b",
    re.IGNORECASE,
)
_ADVERBS = re.compile(
    r"(?:(?:always|usually|normally|also|just|still|only|then|ever|even|tend to|like to|try to)\s+)+", re.IGNORECASE
)
_PLACED = re.compile(
    r"(?:for|with|to|out|anywhere|by|back to|up|off|home|straight|without|on|in|at|before|after|through|there)\b",
    re.IGNORECASE,
)


def is_habit(words: str) -> bool:
    """Tell whether `words`, from the verb on and said of "I", are what somebody chooses to do, in the present."""
    words = _ADVERBS.sub("", words, count=1) if _ADVERBS.match(words) else words
    if _LONG.match(words) or _OUT.match(words) or words.startswith("ask for "):
        return _WAITS.match(words) is None
    if _PERFECT.match(words):
        return False
    verb = words.split(" ", 1)[0].casefold() if words else ""
    if _PAID.match(words) and not is_about(words.partition(" ")[2], "food", "drink", "travel", "sport", "fashion"):
        return False
    if re.match(
        r"(?:get|have|come|got) to\b|meet (?:every|each|on|at|with the|once|twice|again)\b", words, re.IGNORECASE
    ):
        return False
    if not _is_present(verb) or verb in _BEFALLS or _CHANCE.match(words):
        return False
    if verb == "do":
        return " " in words and not re.match(
            r"do (?:every|each|so|the same|not (?:know|think|get|have|want|see|need|remember|feel|like|mind|understand)|that|this|it|well)\b",
            words,
            re.IGNORECASE,
        )
    return verb not in ("have", "get", "make", "take", "put", "give", "keep") or " " in words


def is_shunned(words: str) -> bool:
    """Tell whether `words`, after "never", are what somebody keeps from doing."""
    verb, _, rest = words.partition(" ")
    verb = verb.casefold()
    if verb == "want":
        return bool(rest) and not re.match(
            r"to (?:hurt|offend|bother|be|lose|forget|say|miss)|(?:it|this|that)\b", rest
        )
    if not _is_present(verb) or verb in _BEFALLS or _CHANCE.match(words):
        return False
    if verb == "go":
        return _PLACED.match(rest) is not None and not rest.startswith("back on")
    if verb == "have":
        return bool(rest) and not re.match(
            r"(?:been|had|a (?:chance|clue|problem)|any (?:luck|time|money|idea|problems?|issues?)|money|luck|the|guessed|\w+ed\b|met|seen|heard)\b",
            rest,
        )
    if re.match(r"(?:it|this|that|you|him|her|them|anyone|anybody|again$|so$)\b", rest, re.IGNORECASE):
        return False
    if re.search(r"\b(?:to|at|on|with|for|from|of) (?:it|this|that|these|those|them|him|her)$", rest, re.IGNORECASE):
        return False
    return (
        verb not in _NEVER_NOT
        or re.match(r"(?:up|out|for|work on|stay (?:in|at|up)|leave (?:the )?(?:house|home))\b", rest) is not None
        or (verb in ("work", "stay", "leave", "sleep") and bool(rest))
    )


def _is_present(verb: str) -> bool:
    if not verb.isalpha() or len(verb) < 2 or verb in _PAST:
        return False
    if verb in ENGLISH and verb not in ("do", "have", "get"):
        return False
    if verb.endswith("ed") and verb not in _NOT_PAST:
        return False
    if verb.endswith("s") and not verb.endswith(("ss", "us")):
        return False
    return not verb.endswith(("ing", "ly")) or verb in (
        "bring",
        "sing",
        "swing",
        "ring",
        "fling",
        "fly",
        "apply",
        "reply",
        "rely",
        "supply",
    )
