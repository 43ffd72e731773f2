# Dashes and bullets of many kinds, which resemble each other.
# ruff: noqa: RUF001
"""A sentence of a chat freed of what only makes it talk: interjections, addresses, tags, emoji; and its left-out "I"."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import regex

from duramen.strategies.facts_person import tightened
from duramen.strategies.facts_verbs import DROPPED

_I = regex.IGNORECASE
_MARKS = regex.compile(r"^\s*(?:[-*+•‣◦·–—]\s+|\(?\d{1,3}[.)]\s+|>\s*)+|\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_FACES = regex.compile(
    r"\s*(?:[\p{Extended_Pictographic}--[\p{N}©®™]]|[\p{Emoji_Modifier}\p{Regional_Indicator}\uFE0F\u200D]|(?<!\S)(?:[:;=][-']?[)(\]DPpOo/|*]|<3+|xD|XD|\^_?\^)(?=\s|$|[.!?]))++",
    regex.VERSION1,
)
_LEAD = regex.compile(
    r"(?:(?:and|but|plus)\s+(?=[\p{L}])|(?:so|well|oh|yeah|ok|okay)\s+(?=(?:anyway|actually|honestly|yeah|yep|yup|yes|no|hey|wow|thanks|thank you|also|far)\b[, ])"
    r"|(?:oh(?: (?:my (?:god|gosh|goodness)|yeah|yes|no|wow))?|wow+|whoa+|woah|woo(?:hoo)?|yay+|hooray|gosh|ooh|aw+|ah+|ha(?:ha)+|lol|hm+|um+|uh+|well|so|and|but|also|plus|yeah|yep|yes|yup|no|nope|nah|hey(?: there)?|hi(?: there)?|hello|ok|okay|alright|right"
    r"|sure|exactly|absolutely|definitely|totally|of course|thanks(?: (?:so much|a lot|again|for asking|for (?:\w+ ){1,4}\w+))?|thank you(?: (?:so much|for asking|for (?:\w+ ){1,4}\w+))?|actually|honestly|basically|anyway|anyways|by the way|btw|fyi|you know(?: what)?|i mean"
    r"|to be honest|tbh|between you and me|between us|in fact|as you know|as i said|like i said|guess what|turns out|good question|great question|same here|me too|that's (?:great|true|right|so true|cool|awesome)|i'm (?:good|fine|great|doing (?:well|good|great))|not much|for sure|then|now|though|p\.?s\.?)"
    r"(?:\s*[,!.:;–—-]+\s+|\s+(?=i\b|i'|my\b|we\b)))+",
    _I,
)  # fmt: skip
_FIRST = regex.compile(
    r"(?P<greeting>(?:hey|hi|hello|hiya|wow|thanks|thank you|yeah|yep|yes|no|oh|congrats|congratulations|well|so|aww?|woohoo|morning|dear)\s+)?(?P<name>(?-i:\p{Lu})[\w-]+)[,!]+\s+(?=\S)",
    _I,
)
_LAST = regex.compile(r",\s+(?P<name>\p{Lu}[\w-]+)(?P<end>[.!?]*)$")
_TOLD_TO_KEEP = regex.compile(
    r"^(?:(?:please |just )?(?:remember|note|keep in mind|bear in mind|don't forget|be aware|know|make a note|for the record|just so you know|for your information|for (?:future )?reference)(?:,| that|:)* (?=(?:i|i'm|i've|i'd|i'll|my|we|our|the|he|she|there|\p{Lu}\w+)\b)|(?:please )?(?:remember|note) that )",
    _I,
)
_TAG = regex.compile(
    r",? (?:you know|right|eh|huh|you see|isn't it|wasn't it|don't i|didn't i|haven't i|aren't i|can you believe (?:it|that)|believe it or not|would you believe it|know what i mean|if you know what i mean|remember|okay|ok)\?+$"
    r"|[,;] (?:and |but |so )?(?:how|what|where|when|why|who|do|did|does|are|is|have|has|can|could|would|will|any|which)\b[^,;]*\?+$"
    r"|,? (?:and you|what about you|how about you|you)\?+$",
    _I,
)
_TRAIL = regex.compile(
    r"[,.!]? *\b(?:lol|haha+|hehe+|tbh|btw|though|you know|actually|i guess|thanks(?: (?:so much|a lot|again))?|thank you(?: so much)?)[.!]*$",
    _I,
)
_STATES = regex.compile(r"(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our|he|she|they|the|it|it's)\b", _I)
_CALL_ME = regex.compile(
    r"(?:(?:please|you can|just|everyone|everybody|people|friends|my friends)\s+)*(?i:calls?) me (?P<name>\p{Lu}[\w'-]*)(?: instead| please)?[.!]*$"
)
_SELF = regex.compile(
    r"(?P<adverbs>(?:(?:just|finally|already|also|still|recently|currently|actually|even|only|then|once|lately|nearly|almost|usually|often|always|never|mostly) )*)(?P<verb>[A-Za-z']+)(?P<rest> .*)",
    _I | regex.DOTALL,
)
_NOT_I = regex.compile(r" (?:by|i|we|he|she|they|you)\b", _I)
_BE = frozenset(
    """
    going planning thinking hoping looking working trying training studying learning living moving staying travelling traveling
    considering saving teaching writing reading getting heading starting organizing organising taking
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_OBJECTS = (
    " to ", " a ", " an ", " on ", " in ", " for ", " about ", " my ", " at ", " of ", " with ", " as ", " forward to ", " the ",
)  # fmt: skip
_DO = frozenset(
    """
    can't cannot won't haven't hadn't didn't don't love hate used need want plan hope wish prefer miss
    """.split()  # noqa: SIM905 - as above
)
_DO_NOT = regex.compile(r" (?:have|like|know|think|eat|drink|want|feel|care|remember|need|own|drive|smoke|watch|use)\b")
_HAS_VERB = regex.compile(
    r"\b(?:is|was|are|were|has|had|can|will|would|makes?|made|helps?|helped|takes?|took|brings?|brought|gives?|gave|feels?|felt|means?|seems?)\b"
)
_NOT_OWN = (" you ", " that ", " how ", " the ", " is ", " this ", " it ")
_JOINT = regex.compile(r"(?:, |; ?| )(?:and|but|plus)? ?(?=(?:i|i'm|i've|i'll|my)\b)|; (?=\w)", _I)
_JOINS = regex.compile(r"and|;", _I)
_SAYS_WHO = regex.compile(r"(?i:i'm|i am|my name is) \p{Lu}")
_DEPENDS = regex.compile(
    r"(?:if|when|whenever|because|since|while|after|before|although|though|as|once|until|unless|even|that|whether|where|who|how|what|between|either|both|neither|to|in|on|at|by|for|with|during|last|this|next|every)\b|.*\b(?:because|since|so that|if|when|that|who|which|while|until|after|before|how|where|whether|than|both|either)\b",
    _I,
)
_LEANS = regex.compile(
    r"\b(?:it|its|that|this|those|these|them|they|their|he|him|his|she|her|there|then|too|one|ones|so|otherwise|instead|do|does|did|either)\b",
    _I,
)
_OWN_VERB = regex.compile(r"(?:i(?:'m|'ve|'d|'ll)?|my \w+)\s+\w+", _I)


def cleaned(sentence: str, names: Collection[str] = ()) -> str:
    """Return what `sentence` tells, without list markers, emoji, interjections, addresses of `names`, and tags.

    Example:
        >>> cleaned("Oh wow, Tom, I’m 34 now, can you believe it? 😂", ["Tom"])
        "I'm 34 now."
    """
    text = _FACES.sub(" ", _MARKS.sub("", tightened(sentence).replace("\u2018", "'")))
    text = " ".join(text.split())
    for _ in range(3):
        before = text
        text = _TOLD_TO_KEEP.sub("", unaddressed(_lead_off(text), names), count=1) if len(text) < 2_000 else text
        if text == before:
            break
    return _ended(_without_tags(text))


def subject_restored(text: str) -> str:
    """Return `text` with the "I" that it leaves out: "Just moved to Rome" is "I just moved to Rome".

    >>> subject_restored("Been baking all day."), subject_restored("Call me Al.")
    ('I have been baking all day.', 'I want to be called Al.')
    """
    called = _CALL_ME.match(text)
    if called:
        return f"I want to be called {called['name']}."
    found = _SELF.match(text)
    if found is None:
        return text
    verb, rest = found["verb"].lower(), found["rest"]
    auxiliary = _auxiliary(verb, rest)
    if auxiliary is None or _NOT_I.match(rest):
        return text
    link = f"{auxiliary} " if auxiliary else ""
    return f"I {link}{found['adverbs'].lower()}{verb}{rest}"


def apart(text: str) -> Iterator[str]:
    """Give the parts of `text` that each tell something of the speaker by themselves, or the whole.

    >>> list(apart("I live in Rome and I work as a nurse.")), list(apart("I was ill, so I stayed."))
    (['I live in Rome.', 'I work as a nurse.'], ['I was ill, so I stayed.'])
    """
    begin = 0
    for joint in _JOINT.finditer(text):
        first, rest = text[begin : joint.start()], text[joint.end() :]
        if (_JOINS.search(joint[0]) or _SAYS_WHO.match(first)) and _stand_alone(first, rest):
            yield _ended(first)
            begin = joint.end()
    yield text[begin : begin + 1].upper() + text[begin + 1 :]


def _stand_alone(first: str, rest: str) -> bool:
    if (
        _DEPENDS.match(first)
        or _DEPENDS.match(rest)
        or _LEANS.search(rest)
        or len(first.split()) < (2 if _SAYS_WHO.match(first) else 3)
    ):
        return False
    return _OWN_VERB.match(first) is not None and _OWN_VERB.match(rest) is not None and len(rest.split()) > 2


def _auxiliary(verb: str, rest: str) -> str | None:
    """Return what stands between "I" and a verb that begins its sentence; None if that verb may have another subject."""
    if verb in _BE:
        return "am" if rest.startswith(_OBJECTS) and not _HAS_VERB.search(rest) else None
    if verb == "been":
        return "have"
    if verb == "don't" and not _DO_NOT.match(rest):
        return None
    if verb in _DO:
        return "" if "'" in verb or not rest.startswith(_NOT_OWN) else None
    known = verb in DROPPED and not rest.startswith((" and ", " is ", " are ", " was "))
    return "" if known else None


def _lead_off(text: str) -> str:
    found = _LEAD.match(text)
    rest = text[found.end() :] if found else text
    return rest if rest.strip(" .!?,") else text


def unaddressed(text: str, names: Collection[str]) -> str:
    """Return `text` without the names, whole or short, that it is addressed to at its begin and end."""
    first = _FIRST.match(text)
    if first and (first["greeting"] or _is_one(first["name"], names)):
        text = text[first.end() :]
    last = _LAST.search(text)
    if last and last.start() > 0 and _is_one(last["name"], names):
        text = text[: last.start()] + last["end"]
    return text


def _is_one(word: str, names: Collection[str]) -> bool:
    return any(name.lower().startswith(word.lower()) and len(word) > 2 for name in names)


def _without_tags(text: str) -> str:
    found = _TAG.search(text)
    if found and _STATES.match(text) and found.start() > 8:
        text = f"{text[: found.start()]}."
    trail = _TRAIL.search(text)
    return f"{text[: trail.start()]}." if trail and trail.start() > 8 else text


def _ended(text: str) -> str:
    """Return `text` with one mark at its end, and a capital letter at its beginning."""
    text = text.strip(" ,;:-–—")
    while text[-2:-1] in tuple(".!?…") and text[-1:] in tuple(".!?…"):
        text = text[:-1]
    if text.endswith(("!", "…", ";", ":")):
        text = text[:-1]
    if text and text[-1] not in ".?\"”')]":
        text += "."
    return text[:1].upper() + text[1:]
