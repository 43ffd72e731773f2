"""English sentences taken apart for preferences: clauses, what stands before "I", and the same in the third person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from duramen.strategies.facts_conjoined import agreed
from duramen.strategies.preference_chat import written_out

Polarity = Literal["likes", "dislikes", "wants", "rule"]
Form = Literal["does", "has", "quote"]
Sort = Literal["own", "order", "thing", "need", "wish"]


@dataclass(frozen=True, slots=True)
class Stated:
    """A preference that a sentence states.

    Attributes:
        says: What its holder does or has, without them: "prefers tea", "favourite colour is green"; with the form `quote`
            their own words in another language.
        context: The sentence, with what it answers if it does not stand alone.
        form: How the holder is put in front: "Ada prefers tea", "Ada's favourite colour is green", "Ada: Ich mag Tee".
        sort: How it is told: by somebody of themselves, as an order, of a thing, as a need, as a wish without a verb.
    """

    says: str
    polarity: Polarity
    context: str
    explicit: bool = True
    form: Form = "does"
    sort: Sort = "own"

    def text(self, holder: str) -> str:
        """Return the whole of it, with its holder in front."""
        link = {"does": " ", "has": "'s ", "quote": ": "}[self.form]
        end = "" if self.says.endswith((".", "!", "…")) else "."
        return f"{holder}{link}{self.says}{end}"


ATTITUDES = (
    r"(?:prefer|like|love|adore|enjoy|favou?r|appreciate|relish|cherish|dislike|hate|detest|loathe|despise|abhor|avoid"
    r"|can not (?:stand|bear|abide|tolerate|stomach|eat|drink|have|digest|resist|live without|do without|get enough)"
    r"|(?:do|does) not (?:like|love|enjoy|care for|eat|drink|smoke|wear|use|want|do)|would rather|would prefer"
    r"|(?:am|are) (?:never|not|a|an|more|allergic|into|fond|vegan|vegetarian)|swear by|refuse to|no longer)"
)
ADVERB = (
    r"(?:really|absolutely|just|simply|honestly|actually|also|still|definitely|personally|totally|quite|truly|genuinely|do(?= (?:really |so |still |always |usually |sometimes |very much |also )*(?:like|love|prefer|hate|enjoy|want|appreciate|dislike|have|need|find|use|eat|drink|tend|care)\b)"
    r"|so|very|much|kinda|literally|basically|certainly|especially|particularly|clearly|now|then|both|all|too|even|rather|deeply"
    r"|strongly|greatly|highly|secretly|already|always|usually|normally|generally|typically|mostly|mainly|often|regularly"
    r"|routinely|invariably|consistently|almost|never|ever|rarely|seldom|hardly|scarcely|only|nearly|instead|sometimes|occasionally|frankly|sort of|kind of|religiously|almost)"
)
FREQUENT = re.compile(
    r"\b(?:always|usually|normally|generally|typically|mostly|mainly|regularly|routinely|invariably|consistently|religiously"
    r"|tend to|(?:as|like) (?:usual|always|ever)\b|as a rule|as a habit|out of habit|without fail|more often than not|by default"
    r"|nine times out of ten|(?:every|each) (?:single |other |second )?(?:day|morning|afternoon|evening|night|week|weekend|weekday|month|year"
    r"|spring|summer|autumn|fall|winter|lunch|time|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june"
    r"|july|august|september|october|november|december|christmas|easter|holiday|vacation|trip|flight|meal)\b"
    r"|in the (?:mornings|evenings|afternoons)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day (?:mornings|evenings|afternoons|nights)|on (?:most )?(?:weekdays|weekends|(?:mon|tues|wednes|thurs|fri|satur|sun)days|school nights|long flights)|at (?:the )?weekends"
    r"|(?:once|twice|three times|four times|five times|several times|\d+ times|a couple of times) (?:a|per|every|each) (?:day|week|month|year)"
    r"|most (?:days|mornings|evenings|nights|weekends|weeks|of the time)|all the time|everywhere|whenever i|every time i|for (?:many |some )?years)\b",
    re.IGNORECASE,
)

INTRO = re.compile(
    r"(?:(?:and|but|so|also|plus|well|oh|ah|hey|hi|hello|yes|yeah|yep|no(?=,)|nope|nah|ok|okay|sure|right|look|listen|actually|honestly|frankly|personally"
    r"|basically|overall|lately|recently|nowadays|these days|now|sadly|unfortunately|luckily|funnily enough|strangely|weirdly|surprisingly|obviously|clearly|of course|naturally"
    r"|as (?:you know|a result|it happens|(?:I|we) (?:already |just |have )?(?:said|mentioned|told you|noted))|like (?:I|we) (?:said|told you|mentioned)|because|since|as|for|although|though|while|whereas|even though|given(?: that)?"
    r"|considering(?: that)?|seeing (?:as|that)|to be (?:honest|fair|frank|clear|precise)|truth be told|truthfully|in truth|in fact|in general|as for me|for me|for my part|by the way|btw|fyi|ps|p\.s\.|note(?: that)?"
    r"|(?:please|kindly) (?:note|remember|know|be (?:advised|aware|informed)|keep in mind|bear in mind|understand)(?: that)?|(?:a)?round here|where I (?:live|come from)|(?:do not forget|remember|keep in mind|bear in mind|be aware|just so you know|for the record|for your information|for (?:future )?reference)(?: that)?"
    r"|you (?:should |must |already |may )?(?:know|remember)(?: that)?|you know me|the (?:thing|truth|fact) is(?: that)?|(?:that|this|which) is (?:also |exactly |partly )?why|that said|still|besides|anyway|anyhow|other than that|my point is"
    r"|(?:I|we) (?:(?:really|just|already|do|have|also|still|must|have to|would|can|keep) )*(?:think|believe|know|say|said|mean|meant|admit|confess|realis?zed?|noticed?|find|found(?: out)?|learned|learnt|told you|swear|mentioned|repeat|tell you|feel|figured|notice)(?: that)?"
    r"|it is (?:true|a fact|no secret|well known) that|the reason is(?: that)?|(?:one|another|second|first|other) thing|for what it is worth|in case you (?:wonder|wondered|are wondering|care|forgot|ask)|between us|in my (?:case|opinion|free time|spare time|house|home|family)|(?-i:[A-Z])\w+(?=,))(?=[\s,:]|$)[\s,:!.-]*)*",
    re.IGNORECASE,
)

DAYS = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:mornings|evenings|nights|afternoons))?|mornings|evenings|afternoons|nights|weekends|weekdays|summers|winters)(?<=s)",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"\"[^\"\n]{1,400}\"|\u201c[^\u201d\n]{1,400}\u201d|\u00ab[^\u00bb\n]{1,400}\u00bb|`[^`\n]{1,200}`")
_FACES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]+|(?<!\\S)[:;]-?[)(DPp](?!\\S)")
_SHORT = re.compile(
    r"\b(ca|wo|sha)n't\b|n't\b|\bcannot\b|'(m|re|ve|ll|d)\b|\b(it|that|there|what|here|he|she|who)'s\b", re.IGNORECASE
)
_HAVE_GOT = re.compile(r"\b((?:I|we|you|they) )have got (?!to\b)", re.IGNORECASE)
_FULL = {"m": " am", "re": " are", "ve": " have", "ll": " will", "d": " would"}
_WHOLE = {"ca": "can not", "wo": "will not", "sha": "shall not"}

_PERSON = (
    r"(?:I|we|he|she|they|it|you|there|this|that|everyone|everybody|nobody|someone|people|some|others"
    r"|(?:my|our|his|her|their)(?: \w+){1,3}? (?:is|are|was|does|do|did|has|have|can|will|would|loves?|likes?|hates?|prefers?|eats?|drinks?"
    r"|thinks?|says?|said|always|never|usually)|\w+ (?:suits?|drives?|annoys?|works? (?:best|better))|the \w+ (?:is|are|was|were|can|will)"
    r"|[A-Z][a-z]+ (?:is|does|has|loves|likes|hates|prefers|eats|drinks|thinks|says|said|always|never))"
)
_ORDER = (
    r"(?:please|kindly|do not|stop|start|keep|call me|make sure|be sure|could you|can you|would you|will you|let us|remember|from now on"
    r"|(?:always|never|only|just) (?:use|book|send|give|suggest|recommend|answer|reply|write|show|tell|ask|call|order|put|add|include|keep|choose|pick)"
    r"|answer|reply|respond|use|avoid|skip|book|find|give|tell|show|suggest|recommend|send|write|choose|pick|order|add|no)"
)
_CARRY = rf"(?:{ADVERB}\s+)*{ATTITUDES}"
_CUT = re.compile(
    rf"\s*;\s*|,\s*so\s+(?!so\b|much\b|many\b|that\b|far\b)|(?<!\w\w/\w):\s+|\s+-+\s+|\s*[\u2013\u2014]+\s*|\.{{2,}}\s*|\s*\u2026\s*"
    rf"|\s*,?\s+(?:but|yet|although|though|even though|whereas)\s+(?!also\b|rather\b|not\b)"
    rf"|,\s*(?:(?:and|so|or|as|for|because|since|while)\s+)?(?=(?:{_PERSON}|{_ORDER})\s)"
    rf"|\s+while\s+(?=(?:he|she|they|my \w+|everyone)\s)|\s+(?:and|so|because|since|plus)\s+(?:so\s+)?(?=(?:{_PERSON}|{_ORDER})\s)"
    rf"|,?\s+(?:and|or)\s+(?={_CARRY}\b)|,\s+(?={_CARRY}\b)",
    re.IGNORECASE,
)  # fmt: skip
_OWN = re.compile(r"\b(?:I|we)\b|^(?:can not|prefer|love|hate|not|never|usually|do not)\b", re.IGNORECASE)
_DOES_TOO = re.compile(
    rf"(?:I|we) (?:{ADVERB} )*(?!(?:{ADVERB}|{ATTITUDES}|want|need|wish|would|have|do|can|am|are|will)\b)[a-z]+\b(?!.*\byou).*,? and ",
    re.IGNORECASE,
)
"""Behind it is what somebody does as well, and no order: "I use Arch and write mostly Rust"."""

_BARE_ORDER = re.compile(
    rf"(?!please|kindly|avoid|do not|stop|start|from|could|can|would|will|let|make|be sure|call|remember|no\b){_ORDER} (?!me|us|it|them|your?|only|always)\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:everything|anything|nothing|all|any \w+|no one|anywhere|not only .*)\s*$", re.IGNORECASE)
_ADVERBIAL = re.compile(
    r"(?:when|whenever|while|whilst|if|on|in|at|for|during|before|after|with|without|as|every|each|most|unlike|like|besides|apart"
    r"|instead|ever since|since|over|being|regarding|about|depending|from|by|to|even|especially|once|unless|despite|until|first thing"
    r"|nine|more often|given|because of|out of|throughout|around|having|not being)\b",
    re.IGNORECASE,
)


_OPENS = re.compile(
    r"(?:(?:please|and|also|so|ok|okay|hey|hi)[, ]+)*(?P<lead>(?:when|whenever|if|every time|each time|any time|for (?:all|any|every|each)|in (?:all|any|every|your)|when it comes to|as for|regarding|for future|for my)\s[^\s,:]+(?: [^\s,:]+){0,10} ?)[,:]\s+(?:then |please,? )*",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Return `text` with its contractions written out, its quotations emptied and without emoji."""
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    text = _QUOTE.sub(_unquoted, text)
    text = _FACES.sub(" ", text)
    text = written_out(text)
    if "'" in text or "annot" in text:
        text = _SHORT.sub(_written_out, text)
    return " ".join(_HAVE_GOT.sub(r"\1have ", text).split())


def _unquoted(found: re.Match[str]) -> str:
    """Keep a title or a name, empty what somebody is quoted with."""
    inner = found[0][1:-1]
    speech = len(inner.split()) > 4 or re.search(r"\b(?:I|me|my|we|you|your)\b", inner, re.IGNORECASE)
    return '""' if speech else inner


def _written_out(found: re.Match[str]) -> str:
    if found[1]:
        return _WHOLE[found[1].casefold()]
    if found[0].casefold() == "cannot":
        return "can not"
    if found[2]:
        return _FULL[found[2].casefold()]
    return f"{found[3]} is" if found[3] else " not"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, and the adverbial before it that belongs to it: "when flying".

    Attributes:
        carried: It goes on with the subject of the clause before, which it leaves out.
    """

    words: str
    lead: str = ""
    carried: bool = False


def clauses(sentence: str) -> Iterator[Clause]:
    """Take a sentence apart into clauses, in order."""
    opening = _OPENS.match(sentence)
    opening = None if opening and re.search(r"\b(?:I|we)\b.*\b(?:I|we)\b", opening["lead"]) else opening
    lead = opening["lead"] if opening else ""
    sentence = sentence[opening.end() :] if opening else sentence
    begin = 0
    carried = False
    cuts = [found for found in _CUT.finditer(sentence) if _is_cut(sentence, found)]
    for found in [*cuts, None]:
        end = found.start() if found else len(sentence)
        words = sentence[begin:end].strip(" ,.!?:;")
        if words and found and "," in found[0] and is_adverbial(words):
            lead = "" if is_intro(words) else words
        elif words:
            yield Clause(words, lead, carried)
            lead = ""
        if found:
            begin = found.end()
            carried = (
                re.match(rf"{_CARRY}\b", sentence[begin:], re.IGNORECASE) is not None
                and _OWN.search(sentence, 0, begin) is not None
            )


def _is_cut(sentence: str, found: re.Match[str]) -> bool:
    if _EXCEPT.search(sentence, 0, found.start()):
        return False
    ordered = _BARE_ORDER.match(sentence, found.end())
    return ordered is None or _DOES_TOO.fullmatch(sentence, 0, found.end()) is None


def is_intro(words: str) -> bool:
    """Tell whether `words` say nothing by themselves: "to be honest", "as I said"."""
    return INTRO.fullmatch(f"{words}, ") is not None and FREQUENT.fullmatch(words) is None


def is_adverbial(words: str) -> bool:
    """Tell whether `words` only say when, where or of what something holds."""
    if FREQUENT.fullmatch(words) or DAYS.fullmatch(words):
        return True
    if re.match(r"(?:every|each)\b.*\b(?:is|are|means|belongs)\b", words, re.IGNORECASE):
        return False
    return _ADVERBIAL.match(words) is not None and 1 < len(words.split()) <= 12


_S = re.compile(r"(?:s|x|z|ch|sh|o)$")
_IRREGULAR = {"am": "is", "are": "is", "have": "has", "do": "does", "go": "goes", "be": "is"}
_UNCHANGED = frozenset(
    {"can", "would", "will", "could", "should", "might", "may", "must", "shall", "went", "became", "turned", "quit"}
)
_FILLERS = re.compile(
    r"\b(?:just|honestly|actually|personally|also|simply|definitely|literally|basically|frankly|clearly|certainly|truly"
    r"|genuinely|really|absolutely|totally|do(?= (?:like|love|prefer|hate|enjoy|want|appreciate|dislike|have|need|find|use|eat|drink|tend|care)\b))\s+(?=\w)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:always|usually|normally|generally|typically|mostly|mainly|often|regularly|routinely|invariably|consistently|almost|never"
    r"|rarely|seldom|hardly|scarcely|ever|only|nearly|still|now|so|very|much|quite|both|all|kinda|especially|particularly"
    r"|strongly|deeply|greatly|highly|religiously|no|longer|secretly|already|even|too|then|instead|sometimes|occasionally)\s+",
    re.IGNORECASE,
)
_SHORTER = (
    ("does not", "doesn't"), ("do not", "don't"), ("is not", "isn't"), ("are not", "aren't"), ("can not", "can't"),
    ("will not", "won't"), ("would not", "wouldn't"), ("has not", "hasn't"), ("have not", "haven't"), ("did not", "didn't"),
)  # fmt: skip
_OTHERS = re.compile(r"\b(?:i am|i was|we are|i|me|my|mine|myself|we|us|our|ours|ourselves)\b", re.IGNORECASE)
_THEY = {
    "i am": "they are", "i was": "they were", "we are": "they are", "i": "they", "me": "them", "my": "their", "mine": "theirs",
    "myself": "themselves", "we": "they", "us": "them", "our": "their", "ours": "theirs", "ourselves": "themselves",
}  # fmt: skip
_YOU_DO = re.compile(
    r"\b(when|if|that|how|whenever|because|rather|it|everything|anything|whatever|wherever|all)\s+you\s+((?:always|never|just|only)\s+)?(do not|\w+)",
    re.IGNORECASE,
)
_TO_AGENT = re.compile(r"\b(you|your|yours|yourself)\b", re.IGNORECASE)
_AGENT = {"you": "the agent", "your": "the agent's", "yours": "the agent's", "yourself": "itself"}
_ITS = {"you": "it", "your": "its", "yours": "its", "yourself": "itself"}


def third(words: str) -> str:
    """Return a predicate of "I" as one of a third person.

    >>> third("really do not like my coffee sweet"), third("always go for the aisle and pay with miles")
    ("doesn't like their coffee sweet", 'always goes for the aisle and pays with miles')
    """
    words = _FILLERS.sub("", words)
    at = 0
    while found := _LEADING.match(words, at):
        at = found.end()
    verb, _, rest = words[at:].partition(" ")
    done = "does" if verb.casefold() == "do" and rest.startswith("not") else conjugated(verb)
    return _shortened(agreed(f"{words[:at].lower()}{done} {others(rest)}".strip()))


def others(words: str) -> str:
    """Return `words` with "I" as "they" and the agent in the place of "you"."""
    words = _OTHERS.sub(lambda found: _THEY[found[0].casefold()], words)
    words = _YOU_DO.sub(_agent_does, words)
    return _shortened(_TO_AGENT.sub(lambda found: _AGENT[found[0].casefold()], words))


def of_agent(words: str) -> str:
    """Return an order's `words` as what somebody wants of the agent."""
    words = _OTHERS.sub(lambda found: _THEY[found[0].casefold()], words)
    words = _YOU_DO.sub(lambda found: _agent_does(found).replace(" the agent ", " it "), words)
    return _shortened(_TO_AGENT.sub(lambda found: _ITS[found[0].casefold()], words))


def conjugated(verb: str) -> str:
    """Return the third person singular of a verb's base form."""
    low = verb.casefold()
    if low in _UNCHANGED or not low.isalpha():
        return low
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return f"{low[:-1]}ies"
    return f"{low}es" if _S.search(low) else f"{low}s"


def _agent_does(found: re.Match[str]) -> str:
    verb = found[3]
    if verb.casefold() in ("did", "had", "was", "were"):
        return f"{found[1]} the agent {found[2] or ''}{verb}"
    past = verb.casefold().endswith(("ed", "nt", "pt", "ve")) and verb.casefold() not in (
        "give",
        "leave",
        "have",
        "want",
    )
    done = "does not" if verb.casefold() == "do not" else verb if past else conjugated(verb)
    return f"{found[1]} the agent {found[2] or ''}{done}"


def _shortened(words: str) -> str:
    for full, short in _SHORTER:
        words = words.replace(full, short)
    return words
