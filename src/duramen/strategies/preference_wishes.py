"""Wishes without a verb: "Index funds only", "Metric units with me, please", "aisle > window", "Kilometres! Third time I say it"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from duramen.strategies.preference_grammar import Polarity, Stated, of_agent, others
from duramen.strategies.preference_objects import FINITE, is_once, is_taste
from duramen.strategies.preference_orders import STYLE, is_verb
from duramen.strategies.preference_topics import OTHER, categories, is_common

MOST_WORDS = 24
"""Words of a clause that is read as a wish without a verb."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the message says beside the clause.

    Attributes:
        free: It asks for nothing and answers no question, so that what it wishes is wished in general.
        reminds: The sentence, or the one beside it, says that it was said before.
        lasting: The sentence beside it says that it holds always.
        asked: The message asks something.
        before: The sentences before it.
    """

    free: bool = False
    reminds: bool = False
    lasting: bool = False
    asked: bool = False
    before: str = ""


_NOUNS = frozenset(
    {
        "return",
        "email",
        "text",
        "message",
        "phone",
        "mail",
        "book",
        "plan",
        "water",
        "order",
        "show",
        "list",
        "print",
        "table",
    }
    | {"copy", "call", "sign", "point"}
)
_AFTER_VERB = frozenset(
    {
        "me",
        "us",
        "the",
        "a",
        "an",
        "my",
        "your",
        "it",
        "this",
        "that",
        "all",
        "him",
        "her",
        "them",
        "everyone",
        "for",
        "to",
        "at",
    }
)
REMINDS = re.compile(
    r"\b(?:(?:second|third|fourth|fifth|tenth|hundredth|umpteenth|nth|last|\d+(?:st|nd|rd|th)) time (?:now )?(?:that )?(?:I|we) (?:have|am|had|say|said|ask|tell|told|repeat|mention)|for the (?:second|third|fourth|fifth|tenth|hundredth|thousandth|umpteenth|nth|last|\d+(?:st|nd|rd|th)) time(?! in)"
    r"|how (?:many times|often) (?:do|must|have|did) (?:I|we)|(?:I|we) keep (?:on )?(?:having to )?(?:say|tell|ask|repeat|remind|correct)ing|(?:as|like) (?:I|we) keep (?:saying|telling)|(?:I|we) (?:have |had )?(?:already |just |clearly )?(?:said|told you|asked(?: you)? for|mentioned|explained) (?:so|this|that|it)?\s?(?:before|already|last time|twice|many times|a hundred times|more than once)"
    r"|(?:I|we) (?:have )?been over this|did (?:I|we) not (?:just )?(?:say|ask|tell)|have (?:I|we) not (?:said|told)|(?:do|must) (?:I|we) (?:really )?(?:have to )?(?:say|repeat|remind)|(?:please|do) remember (?:this|that|it)\b|again and again|(?:I|we) should not have to|(?:I|we) (?:have )?(?:already )?asked (?:you )?(?:(?:for|about) (?:this|that|it)\b|before|already|twice)|twice now|said so (?:how|often|before|already|many|a \w+ times)|not for the first time|yet again|(?:as|like) I (?:always )?(?:say|said)\b)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:(?:please|and|but|so|also|ok|okay|well|hey|hi|hello|no(?=,)|yes|yeah|oh|sorry|honestly|personally|actually|again|remember|for me|as for me|to be honest|then|just|I said|as I said|like I said|one more thing|ps|note|thanks)[\s,:!.-]+)*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]+(?:please|thanks|thank you|thank you very much|many thanks|cheers|mind you|if you would|though|ok|okay|will you|as I said|for the record|then|that is all|again|remember|you know|folks|mate|man|the \w+er(?:,)? the \w+er|if you ask me)$",
    re.IGNORECASE,
)
_NO_WISH = re.compile(
    r"(?:(?:many |best |warm |kind |all the )*(?:thanks|thank|regards|wishes|love|best|greetings|cheers|sorry|congrat\w*|happy|glad|good (?:luck|morning|night|evening|idea|job|point)|great|nice|welcome|hello|hi|dear|yours|see you|same|maybe|perhaps|because|not (?:bad|sure|really|only)|true|right|wrong|sure|late|again|time|trouble|problems?|issues?|bugs?|errors?|bad|worse|ready|done|feel|let|see|come|go|do|be|have|get|try|make|take|look|wait|hope|need|want|give|keep|stay|tell|show|never|always|before|after|until|during|whatever|members|adults|staff|two left|what|which|who|how|why|when|where|if|whether|than|as|like|such|first|second|once|tickets?)\b"
    r"|(?:the|this|that|these|those|my|your|his|her|their|our|its|it|an?|some|one|two|three|four|five|ten|\d+|I|we|you|he|she|they|there|here)\b)",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"\b(?:left|today|tonight|tomorrow|now|monday|tuesday|wednesday|thursday|friday|all (?:day|week|month|morning|weekend|night|year)|so far|yesterday|allowed|available|closed|open|missing|included)\b",
    re.IGNORECASE,
)
_VERBS = re.compile(
    r"\b(?:must|should|can|could|would|may|might|shall|be|been|goes|comes|says|said|seems|looks|gets|keeps|makes|made|takes|took|works|worked|happens|happened|needs|wants|fails|failed|takes|depends|sounds)\b",
    re.IGNORECASE,
)
_VERSUS = re.compile(r"(?P<x>[a-z][\w' -]{1,30}?)\s*>+\s*(?P<y>[a-z][\w' -]{1,30}?)$", re.IGNORECASE)
_MENU = re.compile(
    r"(?:open|click|go to|settings|file|edit|view|tools|menu|start|select|choose|options|preferences)\b|.*>\s*(?-i:[A-Z])",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"(?P<x>[a-z][\w' -]{1,40}?),? (?:over|before|rather than|instead of|and not|not|never) (?P<y>[\w' -]{2,40}?)$",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"(?P<x>.+?),? (?P<s>any (?:day|time)(?: of the week)?|anytime|everywhere|every (?:single )?time|always|forever|for ?ever|for life|ftw|for the win|through and through|all day(?:,? every day)?|above all(?: else)?|without fail|on principle|no exceptions|without exception|as a rule|at all times|on every occasion|permanently|(?:come )?rain or shine|no matter (?:what|which|who|how|where|when)\b.*|whatever\b.*|whichever\b.*|wherever\b.*|however\b.*|from (?:here|now) on(?: in| out|wards?)?|in (?:the )?future|going forward|until further notice|as a standing \w+|summer and winter|winter and summer|day and night|night and day|all year(?: round)?|year[- ]round|24/7|morning,? noon and night|seven days a week)$",
    re.IGNORECASE,
)
_EVER = re.compile(
    r"(?:(?P<y>[\w' -]+), )?(?P<s>always|only ever|forever|strictly|exclusively) (?P<x>.+)$", re.IGNORECASE
)
_SCOPED = re.compile(
    r"(?P<x>.+?),? (?P<s>(?:when(?:ever)? you (?:book|order|write|sort|list|plan|send|make|show|give|print|answer|reply|choose|pick|cook|format|quote|name|file|search|look)|(?:for|in|on|with|at|to|near) (?:anything|everything|whatever|whichever|any|every|each|all (?:of )?(?:my|our|your)|(?:all|any) (?:future|other)))\b.+)$",
    re.IGNORECASE,
)
_FROM_NOW = re.compile(
    r"(?P<s>from (?:now|here|today|this point) on(?:wards?)?|in (?:the )?future|going forward|henceforth|as a rule|by default|on principle|(?:and |for )?(?:all|any|every) (?:future |time)\w*|for next time|always)\s*[:,]\s*(?P<x>.+)$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?:(?P<a>.+?),? (?:only|exclusively|or nothing|or bust|and nothing else|and nothing but)(?: for (?:me|us))?|(?:only|strictly|exclusively|nothing but|solely|purely) (?P<b>.+))$",
    re.IGNORECASE,
)
_WITH_ME = re.compile(r"(?P<x>.+?) (?:with|for) (?:me|us)$", re.IGNORECASE)
_ANYTHING_BUT = re.compile(r"(?:anything|everything|anywhere) (?:but|except) (?P<x>[\w' -]+?)(?:,? (?P<me>for me|with me|in all .*)(?:, .*)?)?$", re.IGNORECASE)  # fmt: skip
_NONE_OF = re.compile(
    r"no (?P<x>[\w' -]+?) (?P<w>(?:in|on|at|near|around|with|inside) (?:my|our) [\w' -]+|(?:before|after|during|on|at) (?!hold|the (?:moment|house|door|wall|roof|menu|list))[\w' :-]+)$",
    re.IGNORECASE,
)


def wish(words: str, around: Around, sentence: str) -> Stated | None:
    """Return the lasting wish that a clause without a verb tells, if it does.

    Args:
        words: A clause, or a whole sentence, in the words of `plain`.
        around: What its message says beside it.
        sentence: As it was said.
    """
    if len(words.split()) > MOST_WORDS or is_once(words):
        return None
    bare = _bared(words)
    return (
        _compared(bare, sentence, around)
        or _without(bare, sentence, around)
        or _lasting(bare, sentence)
        or _alone(bare, sentence, around)
    )


def _bared(words: str) -> str:
    words = re.sub(
        r",? as (?:I|we) (?:keep|have|always|never)\b[^,]*$", "", words.strip(" ,.!?:;"), flags=re.IGNORECASE
    )
    opening = _LEAD.match(words)
    words = words[opening.end() if opening else 0 :].strip(" ,.!?:;")
    while (cut := _TAIL.sub("", words)) != words:
        words = cut
    return words


def _compared(words: str, sentence: str, around: Around) -> Stated | None:
    if found := _VERSUS.match(words):
        if max(len(found["x"]), len(found["y"])) < 3 or len(words.split()) > 9 or _MENU.match(words):
            return None
        return Stated(f"prefers {others(_thing(found['x']))} to {others(_thing(found['y']))}", "likes", sentence)
    found = _OVER.match(words)
    if (
        found
        and re.search(r", never (?!mind|again|ever)", words)
        and len(words.split()) <= 7
        and _is_wished(found["x"], most=3, sure=True)
    ):
        return _wants(words, sentence)
    if not found or not _is_wished(found["x"], most=5) or FINITE.search(found["y"]) or _BOUND.search(words):
        return None
    shared = set(categories(found["x"])) & set(categories(found["y"])) - {OTHER}
    if around.reminds or around.lasting or (shared and (around.free or _is_style(found["x"]))):
        return _wants(words, sentence, explicit=not around.reminds)
    return None


def _without(words: str, sentence: str, around: Around) -> Stated | None:
    if found := _ANYTHING_BUT.match(words):
        known = categories(found["x"]) != (OTHER,) and not FINITE.search(found["x"])
        return _wants(words, sentence, "dislikes") if known and (found["me"] or around.free) else None
    found = _NONE_OF.match(words)
    if not found or not around.free or FINITE.search(words) or categories(found["x"]) == (OTHER,):
        return None
    plural = found["x"].split()[-1].endswith("s") or re.match(r"(?:in|on|near) (?:my|our)", found["w"])
    return _wants(words, sentence, "dislikes") if plural else None


def _lasting(words: str, sentence: str) -> Stated | None:
    """Read a thing with the words that say for how long, or for what, it is wished."""
    if (found := _FROM_NOW.match(words)) and _is_wished(found["x"], most=10, sure=True):
        return _wants(f"{found['x']} {found['s'].lower()}", sentence)
    for pattern in (_LASTING, _EVER, _SCOPED):
        found = pattern.match(words)
        if found and _is_wished(found["x"], most=8):
            return _wants(words, sentence)
    return None


def _alone(words: str, sentence: str, around: Around) -> Stated | None:
    """Read a thing by itself, which is wished in general if nothing else is asked for."""
    if (found := _WITH_ME.match(words)) and _is_wished(found["x"], most=4) and _is_style(found["x"]):
        return _wants(found["x"], sentence)
    if (around.reminds or around.lasting) and len(words.split()) <= 6 and _is_wished(words, most=6):
        return _wants(words, sentence, explicit=False)
    found = _ONLY.match(words)
    if not found:
        return None
    thing = found["a"] or found["b"]
    sure = around.free or words.casefold().startswith(("strictly", "exclusively"))
    if sure and _is_wished(thing, most=6) and (is_common(thing.split()[-1]) or _is_style(thing)):
        return _wants(words, sentence)
    return None


def _is_wished(thing: str, *, most: int, sure: bool = False) -> bool:
    """Tell whether `thing` is the name of something, and something that people have tastes in."""
    words = thing.split()
    if not 1 <= len(words) <= most or _NO_WISH.match(thing) or _BOUND.search(thing):
        return False
    if FINITE.search(thing) or _VERBS.search(thing) or _is_order(words) or not is_taste(thing, "prefer"):
        return False
    return sure or _is_style(thing) or categories(thing) != (OTHER,)


def _is_order(words: Sequence[str]) -> bool:
    """Tell whether `words` begin with a verb: "email me", but not "email only"."""
    if not is_verb(words[0]):
        return False
    following = words[1].casefold() if len(words) > 1 else ""
    return words[0].casefold() not in _NOUNS or following in _AFTER_VERB


def _is_style(thing: str) -> bool:
    return STYLE.search(thing) is not None


def _wants(words: str, sentence: str, polarity: Polarity = "wants", *, explicit: bool = True) -> Stated:
    return Stated(f"wants {of_agent(_thing(words))}", polarity, sentence, explicit)


def _thing(words: str) -> str:
    first = words.split(" ", 1)[0].strip(",")
    keep = first[1:] != first[1:].lower() or not is_common(first)
    return words if keep else words[0].lower() + words[1:]
