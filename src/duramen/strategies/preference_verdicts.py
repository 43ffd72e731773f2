"""Short verdicts on a thing: "Oysters? Hard pass.", "Ugh, mayonnaise", "the louder the better", "enough with the emojis"."""

from __future__ import annotations

import re
from collections.abc import Callable

from duramen.strategies.preference_grammar import Clause, Polarity, Stated, others
from duramen.strategies.preference_objects import STANDING, is_once, is_taste
from duramen.strategies.preference_orders import STYLE
from duramen.strategies.preference_topics import OTHER, categories, is_common

_Reads = Callable[[str, "re.Match[str]"], "Stated | None"]

_INTRO = re.compile(
    r"(?:(?:and|but|so|also|well|oh|hey|hi|hello|yes|yeah|no(?=,)|ok|okay|honestly|please|personally|you know me|can (?:you|we)|could (?:you|we)|would you mind|will you|from now on|again|once more|for me)[\s,:]+)*",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"(?P<x>(?!(?:I|we|you|he|she|they|that|which|what|who|why|how|where|when|because|if|than|as|but|and|so|nothing|something|everything|anything|the \w+)\b)[\w'-]+(?: (?!that\b|which\b|what\b|said\b|says\b|because\b|I\b)[\w'-]+){0,3}),? (?P<p>I (?:really |absolutely |just |simply |always |truly )*(?:can not (?:stand|bear|abide|stomach|tolerate)|hate|loathe|love|adore|detest|avoid|enjoy|prefer|dislike|do not (?:eat|drink|like|do|read|wear|watch|use)|never (?:eat|drink|wear|read|watch|use|buy|touch)|live for|swear by))$",
    re.IGNORECASE,
)
_LIKED = re.compile(
    r"(?:always|any ?time|any day|every (?:single )?time|yes,? always|all day(?: long)?|sign me up|count me in|bring (?:it|them) on|(?:simply |absolutely |just )?love (?:it|them|those)|can not get enough|yes please,? (?:always|every time)|my favou?rites?|my life|heaven|bliss)\b(?!.*\bbut\b)",
    re.IGNORECASE,
)
_DISLIKED = re.compile(
    r"(?:(?:so |really |just |definitely |absolutely )*not (?:for me|my (?:thing|cup of tea|style|scene)|in (?:my|this|our) \w+|on my watch|if I can help it|a fan|with me)|hard pass|never(?: again| ever)?$|over my dead body|life is too short|do not get me started|god,? no|(?:absolutely|certainly) not$|no way$|nope$|pass$|no thanks?$|no,? thank you$|yuck|ugh|forget it|count me out|keep them away|hate (?:it|them)|can do without)\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"(?:[\w'-]+ )*[\w'-]+(?<!s)s(?: (?:with|in|on|without|over|after|before) .+)?$", re.IGNORECASE)


def verdict(clause: Clause, sentence: str, topic: str = "") -> Stated | None:
    """Return the verdict that `clause` gives, if it does.

    Args:
        clause: A clause of `sentence`, or the whole, in the words of `plain`.
        sentence: As it was said.
        topic: What was named right before, with a question mark: "Oysters?"
    """
    opening = _INTRO.match(clause.words)
    words = clause.words[opening.end() if opening else 0 :].strip(" ,.!")
    if is_once(f"{words} {clause.lead}"):
        return None
    if topic and (stated := _of_topic(words, sentence, topic)):
        return stated
    for pattern, reads in _RULES:
        found = pattern.match(words)
        if found and (stated := reads(sentence, found)):
            return stated
    return None


def inverted(words: str) -> str:
    """Return "I can't bear sport" of "sport I can't bear"; `words` as they are if they are in order."""
    found = _INVERTED.match(words)
    return f"{found['p']} {found['x'][0].lower()}{found['x'][1:]}" if found else words


def about(words: str, topic: str) -> str:
    """Return `words` with what was named right before in the place of "it" or "them"."""
    return re.sub(r"\b(?:it|them|they|those|one)\b", topic, words, count=1, flags=re.IGNORECASE)


def _of_topic(words: str, sentence: str, topic: str) -> Stated | None:
    known = set(categories(topic)) - {OTHER, "time"}
    if not known or not is_taste(topic, "prefer"):
        return None
    if _LIKED.match(words):
        return Stated(f"likes {others(topic)}", "likes", sentence)
    if (found := _DISLIKED.match(words)) and (_PLURAL.match(topic) or " me" in found[0] or "my" in found[0]):
        return Stated(f"dislikes {others(topic)}", "dislikes", sentence)
    return None


def _said(polarity: Polarity, says: str = "says that {whole}", *, known: bool = True) -> _Reads:
    """Read a thing `x`; with `known`, one of a kind that people have tastes in."""

    def reads(sentence: str, found: re.Match[str]) -> Stated | None:
        thing = found["x"].strip(" ,")
        if not is_taste(thing, "prefer") or (known and categories(thing) == (OTHER,)):
            return None
        whole = others(_lower(found[0].strip(" ,")))
        return Stated(says.format(whole=whole, x=others(_lower(thing))), polarity, sentence)

    return reads


def _spared(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what answers are to go without."""
    thing = found["x"].strip(" ,")
    lasting = STANDING.search(sentence) or re.match(
        r"(?:enough|stop|spare|save|lose|ditch|lay|go easy|ease)", found[0], re.IGNORECASE
    )
    if not (STYLE.search(thing) and lasting) or len(thing.split()) > 7:
        return None
    return Stated(f"wants the agent to do without {others(thing)}", "rule", sentence)


def _ugh(sentence: str, found: re.Match[str]) -> Stated | None:
    thing = found["x"].strip(" ,.!")
    if (
        categories(thing) == (OTHER,)
        or not is_taste(thing)
        or re.search(r"\b(?:again|is|are|was|the|this|that|my)\b", thing)
    ):
        return None
    return Stated(f"dislikes {others(_lower(thing))}", "dislikes", sentence)


def _for_all(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read "Questions go through my lawyer, without exception"."""
    if re.match(r"(?:the|this|that|these|those|he|she|they|it|you|I|we)\b", found["x"], re.IGNORECASE):
        return None
    if not re.search(r"\b(?:me|my|us|our|I|we)\b", sentence):
        return None
    return Stated(f"says that {others(_lower(found[0].strip(' ,')))}", "rule", sentence)


def _lower(words: str) -> str:
    first = words.split(" ", 1)[0].strip(",")
    if first in ("I", "My", "The", "If", "Our", "Anything", "Everything", "Whatever", "Nothing") or is_common(first):
        return words if first == "I" else words[0].lower() + words[1:]
    return words


def _rule(pattern: str, reads: _Reads) -> tuple[re.Pattern[str], _Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_FIRM = r"(?:without (?:any )?exceptions?|no exceptions|on principle|permanently|for good|from (?:now|here) on(?: in| out|wards?)?|full stop|period|no matter (?:what|who|how \w+)|no ifs (?:and|or|no) buts|no two ways about it|and that is (?:that|final)|no discussion|end of (?:story|discussion))"
_RULES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(
        r"if (?:it|they|there|something|a \w+|the \w+) (?:has|have|is|are|contains?|smells? of|tastes? of|comes? with) (?:any )?(?P<x>[\w' -]+?)(?: in (?:it|them))?,? (?:I|we) (?:will not|do not|can not|will never|never|would not) (?:touch|eat|drink|buy|wear|use|read|watch|order|go|stay|come|take)\b.*",
        _said("dislikes", "avoids whatever has {x}"),
    ),
    _rule(
        r"(?:enough (?:with|of)|stop(?: it)? with|quit(?: it)? with|los(?:e|ing)|cut(?:ting)?(?: out)?|drop(?:ping)?|ditch(?:ing)?|skip(?:ping)?|leav(?:e|ing) (?:out|off|away)|spare me|spare us|save me|(?:go|going) (?:easy|easier) on|eas(?:e|ing) (?:off|up) on|lay(?:ing)? off|less of|do(?:ing)? away with|get(?:ting)? rid of|hold(?:ing)?) (?:all )?(?:the |your |those |these |any |that )?(?P<x>[^,.;?]+)",
        _spared,
    ),
    _rule(
        r"keep(?:ing)? (?:the |your |all )+(?P<x>[^,.;?]+?) (?:to yourself|out of (?:it|this|your \w+|everything))\b.*",
        _spared,
    ),
    _rule(r"(?:ugh|yuck|eww+|bleh|blech|urgh|argh|bah|meh|yikes)[,!. ]+(?P<x>[\w' -]{3,30})$", _ugh),
    _rule(
        r"(?:you|people|they) (?:will|would|can) (?:not|never) (?:ever )?(?:catch|see|find|get) (?:me|us) (?P<x>(?:\w+ing|in|on|near|with|at|into|to) .+)",
        _said("dislikes", "won't be caught {x}", known=False),
    ),
    _rule(r"life is too short for (?P<x>.+)", _said("dislikes", known=False)),
    _rule(
        r"(?:I|we) (?:will|shall) (?:always )?pass on (?P<x>[\w' -]+?)(?:,? (?:every time|always|thanks))+$",
        _said("dislikes", "always passes on {x}"),
    ),
    _rule(
        r"(?P<x>the (?:\w+er|more \w+|less \w+|fewer \w+) (?:the )?[^,]*,? ?the (?:happier|better|merrier|more (?:comfortable|relaxed|productive)|safer|calmer) (?:I am|I feel|I like (?:it|them)|I sleep|I work|for me|we are))$",
        _said("likes", known=False),
    ),
    _rule(
        r"if there is (?P<x>an? [^,]+?),? (?:I|we) (?:will |would )?(?:always )?(?:take|choose|go for|have|pick|order|want) (?:it|that|that one|one)\b.*",
        _said("likes", "takes {x} if there is one"),
    ),
    _rule(
        r"(?P<x>.{3,70}?), (?:that|this|it) is (?:exactly |just )?(?:how|what|where) (?:I|we) (?:always |usually )?(?:do|like|take|travel|eat|drink|want|prefer|go|spend|love|live|work|sleep|drive|cook|read|wear|run|write|ride|fly|shop|play|buy|order)\b.*",
        _said("likes"),
    ),
    _rule(
        r"(?P<x>(?:anything|everything|whatever(?: is)?) [^,]+?),? (?:I|we) (?:always |just |simply |will |would )*(?:send back|skip|return|avoid|refuse|leave|bin|throw (?:out|away)|pass on|delete|ignore|give away|stay away from|can not stand|hate|do not (?:eat|read|open|watch|touch|buy|wear))\b.*",
        _said("dislikes", known=False),
    ),
    _rule(
        r"(?:\w+-wise )?(?:it is )?(?:always )?(?P<x>[\w' -]{3,40}?) or (?:it is )?(?:nothing(?: at all)?|I (?:do not|will not|am not|am out|leave|walk)\b.*|no deal|forget it|not at all|I am not \w+)$",
        _said("wants", "wants {whole}", known=False),
    ),
    _rule(
        r"my (?:[\w-]+ )?(?P<f>(?:order|routine|breakfast|lunch|seat|drink|choice|haircut|recipe|setup|pick|table)) (?:has not changed|never changes|is always the same|stays the same|has been the same)[^:,]*[:,] (?P<x>.+)",
        _said("likes", known=False),
    ),
    _rule(
        r"(?:the )?same \w+ as (?:on |in |at |for |with )?(?:all|every|each|always|ever|usual)\b[^:,]*[:,] (?P<x>.+)",
        _said("likes", "usually wants {x}", known=False),
    ),
    _rule(
        rf"(?P<x>(?:[\w'-]+ ){{0,3}}[\w'-]+(?<!s)s) (?!is\b|was\b|were\b|has\b|had\b|did\b|will\b|would\b)(?:[a-z]+ .*\b{_FIRM}|(?:reach|come to|get to|go to|go through|pass through) (?:me|us|my|our)\b.* only)$",
        _for_all,
    ),
)
