"""Standing needs: what somebody's body, company or work asks for always, and what they put as a rule in formal words."""

from __future__ import annotations

import re
from collections.abc import Callable

from duramen.strategies.preference_grammar import FREQUENT, Clause, Polarity, Stated, others
from duramen.strategies.preference_objects import STANDING, is_once, is_taste
from duramen.strategies.preference_orders import order
from duramen.strategies.preference_topics import OTHER, categories, is_common

_Reads = Callable[[Clause, str, "re.Match[str]"], "Stated | None"]

_INTRO = re.compile(
    r"(?:(?:and|but|so|also|well|oh|hey|hi|hello|yes|yeah|no(?=,)|ok|okay|honestly|sadly|unfortunately|please note(?: that)?|note that|remember(?: that)?|since|because|as|given that|one|two|three|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|dear [\w ]+?(?=,))[\s,:.!]+)*",
    re.IGNORECASE,
)
_BODY = r"(?:knees?|back|eyes?|eyesight|hips?|stomach|gut|skin|ears?|feet|foot|legs?|shoulders?|neck|joints?|hearing|heart|lungs?|nose|digestion|body|head|teeth|wrists?|hands?|bladder|ankles?|voice|throat|scalp|sinuses)"
_CONSEQUENCE = re.compile(
    r"(?:,? so|, hence|, which is why|;)\s+(?P<so>(?!what\b|which\b|where\b|who\b|how\b|can\b|could\b|is\b|are\b|do\b|does\b|that is\b|much\b|many\b|far\b)[^?;]{4,120}?)(?:[.!;]|$)",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:no|without(?: any)?|free of|free from|contain(?:s|ing)?(?: any)?|have any|has any|made with|any|(?:are|is) there)\s+(?P<x>[a-z]+(?: (?!in|on|at|to|from|i|or|and|for)[a-z]+)?)",
    re.IGNORECASE,
)
_DONE = r"(?:\w{2,}(?:ed|en|wn)|sent|left|kept|paid|put|made|held|told|brought|bought|built|done|met|read|cut|set|sold|shut|lit)"
_CADENCE = re.compile(
    r"\b(?:daily|weekly|monthly|quarterly|annually|yearly|by (?:post|mail|e-?mail|letter|text|phone|sms|courier)|in writing|on paper|electronically|as (?:an? )?(?:pdfs?|html|csv|plain text|spreadsheets?|hard cop(?:y|ies))|(?:once|twice) a (?:week|month|year)|in (?:large print|advance|braille))\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"^(?:(?:all|any|my|our|your|such|further|future) )*(?:[\w-]+ ){0,3}?[\w-]+(?<!s)s\b", re.IGNORECASE
)
_FOR_ME = re.compile(r"\b(?:me|us|my|our|I|we|mine|ours)\b", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:(?:I|we) (?:should|would|shall|will|am|are)(?: also| further)? be (?:most |very |much |so |really )?(?:grateful|obliged|glad|pleased|happy|thankful|delighted) if|(?:I|we) (?:should|would) (?:also |very much |really )*(?:appreciate it|appreciate|be appreciative) if|it would be (?:much |greatly )?appreciated if|it is my wish that"
    r"|(?:(?:may|might|could|can) I|(?:I|we) (?:must|would|should|have to|may|hereby|kindly|respectfully|do)?)\s?(?:also |kindly |hereby |respectfully )*(?:ask|request|beg|instruct|require|trust)(?: of)?(?: you| that you)(?: to| will| do| would)?|you are (?:kindly )?(?:asked|requested) to|be so (?:good|kind) as to|have the (?:goodness|kindness) to|see to it that|ensure that you|(?:I|we) trust(?: that)?)"
    r"(?P<when>,? (?:in|for|on|with|from|at|when\w*|whenever)\b[^,]+,)?,?\s+(?:you (?:would|could|might|will|can|do)?\s?)?(?P<do>(?:always |never |please |kindly |only |not )*\w+.*)",
    re.IGNORECASE,
)


def need(clause: Clause, sentence: str) -> Stated | None:
    """Return the standing need or the formal rule that `clause` tells, if it does.

    Args:
        clause: A clause of `sentence`, in the words of `plain`.
        sentence: As it was said.
    """
    opening = _INTRO.match(clause.words)
    words = clause.words[opening.end() if opening else 0 :].strip(" ,.!")
    if found := _POLITE.match(words):
        lead = (found["when"] or "").strip(" ,")
        return order(Clause(f"please {found['do']}" + (f", {lead}" if lead else ""), clause.lead), sentence)
    for pattern, reads in _RULES:
        found = pattern.match(words)
        if found and (stated := reads(clause, sentence, found)):
            return None if is_once(f"{words} {clause.lead}") else stated
    return None


def allergy(words: str, before: str) -> str:
    """Return what "I'm allergic" is about, by what was just asked: "no peanuts"; "" if that is not said.

    Args:
        words: A clause, in the words of `plain`.
        before: The sentences before it.
    """
    if not re.search(
        r"\bI am (?:\w+ly )?(?:allergic|intolerant)(?: to (?:it|them|those|that|these))?$", words, re.IGNORECASE
    ):
        return ""
    named = [found["x"] for found in _WITHOUT.finditer(before) if "food" in categories(found["x"]) or "drink" in categories(found["x"])]  # fmt: skip
    return named[-1] if named else ""


def _says(polarity: Polarity, *, explicit: bool = True) -> _Reads:
    """Read the clause as it stands, with what follows from it."""

    def reads(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
        told = found[0].strip(" ,")
        return Stated(f"says that {others(_lower(told))}{_so(sentence)}", polarity, sentence, explicit)

    return reads


def _so(sentence: str) -> str:
    found = _CONSEQUENCE.search(sentence)
    if found is None or len(found["so"].split()) > 16:
        return ""
    return f", so {others(_lower(_plainly(found['so'])))}"


def _plainly(words: str) -> str:
    return re.sub(
        r"^(?:please|once more|again|then),? |,? (?:please|thanks|thank you)$",
        "",
        words.replace("'ll ", " will ").replace("'s ", " is "),
    )


def _lower(words: str) -> str:
    first = words.split(" ", 1)[0]
    return (
        words[0].lower() + words[1:]
        if is_common(first) or first in ("My", "Our", "I", "It", "The", "Whatever", "Every") or first.islower()
        else words
    )


_DUE = ("are to", "is to", "to be")


def _due(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what is to be done: "deliveries are to be left with the porter, on every occasion"."""
    if is_once(sentence) or re.search(r"\b(?:by|until|before|on) the \d", found["o"]):
        return None
    lasting = STANDING.search(sentence) or (_PLURAL.match(found["s"]) and found["l"] in _DUE)
    if not lasting or not (found["l"] in _DUE or _FOR_ME.search(sentence)):
        return None
    if found["l"] == "to be" and not STANDING.search(sentence):
        return None
    return Stated(f"wants {others(_lower(found['s']))} {found['n'] or ''}to be {others(found['o'])}", "rule", sentence)


def _whatever(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    if not re.search(r"\b(?:you|I|we|my|our|me|us|from here|from now|always)\b", sentence, re.IGNORECASE):
        return None
    return Stated(f"wants {others(_lower(found['s']))} to be {others(found['o'])}", "rule", sentence)


def _received(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    often = _CADENCE.search(found["o"]) or STANDING.search(sentence)
    things = found["v"].startswith("be ") or _PLURAL.match(re.sub(r"^the ", "", found["o"]))
    if not (often and things):
        return None
    return Stated(f"wishes to {found['v']} {others(found['o'])}", "wants", sentence)


def _when(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    """Read "I need X" with when that is: whenever something is done, or every time."""
    thing = found["o"]
    lead = found["l"] or clause.lead
    lasting = re.match(r"(?:when(?:ever)?|while|if) (?:I|we)\b", lead, re.IGNORECASE) and not re.search(
        r"\b(?:was|were|get back|arrived?|land|come back)\b", lead
    )
    often = FREQUENT.search(thing) or re.search(r"\bevery single\b", thing)
    if not (lasting or often) or not is_taste(thing, "prefer"):
        return None
    if re.match(r"(?:to|you|your|some|help|my)\b", thing, re.IGNORECASE) or categories(thing) == (OTHER,):
        return None
    return Stated(f"needs {others(thing)} {others(_lower(lead))}".strip(), "wants", sentence, explicit=True)


def _goes_along(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    if re.match(r"(?:he|she|it|they|that|this|everything|everyone|something)\b", found["s"], re.IGNORECASE):
        return None
    so = _so(sentence)
    if not so and re.search(r"with (?:me|us)$", found[0]):
        return None
    return Stated(f"says that {others(_lower(found[0].strip(' ,')))}{so}", "wants", sentence, explicit=False)


def _condition(clause: Clause, sentence: str, found: re.Match[str]) -> Stated | None:
    """Read a lasting condition only if the sentence says what follows from it."""
    if not (so := _so(sentence)):
        return None
    return Stated(
        f"{'is' if found['v'] == 'am' else 'has' if found['v'] == 'have' else 'uses'} {others(found['o'])}{so}",
        "rule",
        sentence,
    )


def _rule(pattern: str, reads: _Reads) -> tuple[re.Pattern[str], _Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_RULES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(
        rf"my (?:(?:left|right|poor|old|bad|delicate|sensitive|own) )*{_BODY} (?:(?:just|simply|really|always|absolutely) )*(?:(?:can|will|could|does|do) not (?:take|stand|cope|handle|tolerate|do|manage|like|agree|digest|go|bear|forgive|deal)|no longer|stopped (?:doing|being|taking|liking)|gave up on|hates?|refuses? to|objects? to|protests? (?:at|against)|rebels? (?:at|against)|reacts? (?:badly |poorly )?to|(?:is|are) (?:not up to|no longer up to|too \w+ for|allergic|sensitive|not what (?:it|they))|breaks? out|itch(?:es)? from)\b(?! any ?more \w| it\b| this\b| that\b).*",
        _says("dislikes"),
    ),
    _rule(
        r"(?P<s>(?:whatever|anything|everything|any \w+) .+?) (?:should|must|has to|have to|needs to|need to|ought to|had better|is to|are to) (?:always )?be (?P<o>.+)",
        _whatever,
    ),
    _rule(
        rf"(?P<s>(?!it\b|this\b|that\b|these\b|those\b|he\b|she\b|they\b|I\b|we\b|there\b|you\b|what)[^,]{{3,70}}?) (?P<l>is to|are to|must|should|has to|have to|needs to|need to|ought to) (?P<n>always |never |only |not )?be (?P<o>{_DONE}\b.*)",
        _due,
    ),
    _rule(
        rf"(?P<s>(?!it\b|this\b|that\b|I\b|we\b|you\b|he\b|she\b|they\b)[^,]{{3,60}}?) (?P<n>always |never |only |not )?(?P<l>to be) (?P<o>{_DONE}\b.*)",
        _due,
    ),
    _rule(
        r"(?:I|we) (?:(?:would|do|should) )?(?:wish|want|prefer|like|ask|request|need|expect)(?: to)? (?P<v>receive|get|have|pay|hear|see|be (?:sent|billed|paid|informed|contacted|reached|notified|invoiced)) (?P<o>.+)",
        _received,
    ),
    _rule(
        r"(?:(?P<l>when(?:ever)? (?:I|we) [^,]+?),? (?=I\b)|.* and )?(?:I )?(?:(?:really|just|always|simply|absolutely|do) )*need (?P<o>.+)",
        _when,
    ),
    _rule(
        r"(?P<s>(?:my |our )?(?:\w+ ){0,2}?\w+) (?:always )?(?:goes|comes|travels) (?:wher(?:e|ever) (?:I|we) go|everywhere (?:with me|with us|I go|we go)|along (?:wherever|everywhere).*|with (?:me|us)$|with (?:me|us) (?:everywhere|wherever .*|on every \w+))",
        _goes_along,
    ),
    _rule(
        r"(?:I|we) (?P<v>am|are|have|use) (?P<o>(?:an? )?(?:(?:rather|very|severely|partially|type [12]|quite|fairly) )*(?:hard of hearing|deaf|blind|colou?r-?blind|diabetic|dyslexic|in a wheelchair|wheelchair user|left-handed|short-sighted|near-?sighted|light sleeper|asthma\w*|hay fever|reflux|epilep\w+|bad (?:back|knees?|hip|hearing)|weak \w+|wheelchair|walking stick|hearing aids?|pollen allergy|tinnitus|arthritis|vertigo|fear of \w+|afraid of (?:heights|flying)))\b.*",
        _condition,
    ),
)
