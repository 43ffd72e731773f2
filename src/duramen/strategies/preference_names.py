"""What somebody wants to be called: by the agent, and in the place of a name that the agent has used."""

from __future__ import annotations

import re
from collections.abc import Sequence

from duramen.strategies.preference_grammar import Stated, of_agent

_CALLED = re.compile(
    r"(?:(?:you can |you may |just |simply |everyone (?:just )?|everybody (?:just )?|people |(?:my )?(?:friends|mates|colleagues|family) (?:all |usually |always |just )?)*calls? me|(?:I|we) (?:\w+ )?go by|(?:I|we) (?:would (?:rather|prefer to)|prefer to|like to|want to) be called|address me as|refer to me as|(?:everyone|everybody|people|friends|most people) (?:just |all )?(?:says?|uses?|knows? me as)(?= (?-i:[A-Z])))"
    r" (?P<name>(?:(?:Dr|Mr|Mrs|Ms|Mx|Prof)\.? )?(?P<first>[^\W\d_][\w'-]*)(?: (?-i:[A-Z])[\w'-]+)?)(?=$|[ ,.!])(?P<after>.*)",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    """
    a an the back later tomorrow tonight today when if at on before after crazy old-fashioned picky asap please now anytime first once maybe whenever by
    in only every any always never names weird boring cynical paranoid up out again soon sometime cheesy spoiled naive dramatic silly sentimental biased
    mum mom dad monday tuesday wednesday thursday friday saturday sunday during regarding about between from for with to it that this my your his her their
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_BY_NAME = re.compile(r"(?:call|address|refer to) me (?:by|with|formally|informally|using)\b.*", re.IGNORECASE)
_PRONOUNS = re.compile(
    r"(?:(?:I|we) use|use|please use|refer to me (?:with|as|using)) (?:the )?(?P<p>\w+/\w+(?:/\w+)?)(?: pronouns)?|(?:my pronouns are) (?P<q>[\w/ ]+)",
    re.IGNORECASE,
)
_TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Mx|Prof|Professor|Doctor|Sir|Captain|Miss)\.? )?"
_NAME = rf"(?P<name>(?-i:{_TITLE}[A-Z][^\W\d_]+(?:[ -][A-Z][^\W\d_]+)?))"
_IT_IS = re.compile(
    rf"(?:^|[,;:] |\band )(?:(?:it is|I am|the name is|my name is|make that|that is) (?:just |actually |simply |plain |only )?|(?:just|plain|simply) )?{_NAME}"
    rf"(?:,? (?:not|and not|never|rather than|instead of) (?P<old>(?-i:{_TITLE}[A-Z][^\W\d_]+)))?"
    r"(?:,? (?:please|thanks|thank you|to (?:everyone|everybody|all|me|my friends|you)|is (?:fine|enough|what I go by)|will do|by the way|actually))*(?=$|[.,!;])",
    re.IGNORECASE,
)
_NOT_CALLED = re.compile(
    r"\b(?:nobody|no ?one|no-one|only (?:my|the|his|her) (?:[\w'-]+ ){1,3}?|just my \w+ |my \w+ is the only one who )(?:ever |still |really |else )*(?:calls?|called|uses?|says|gets to call)\b"
    r"|\b(?:I|we) (?:do not|never|have never) (?:really )?(?:go by|gone by|answer(?:ed)? to|like being called|used?(?: that| my (?:full|first|last|middle) name)|liked? (?:that|my full|being called))\b"
    r"|\b(?:Mr|Mrs|Ms|Dr|Miss)\.? [\w'-]+ (?:was|is) my (?:father|mother|dad|mum|mom|boss|husband|wife|grandfather|brother|sister)\b|\b(?:that is not my name|wrong name|(?:drop|skip|forget|lose) the (?:Mr|Mrs|Ms|Dr|doctor|title|professor|sir|formal\w*)|no need for (?:Mr|Mrs|Ms|titles|the (?:title|surname|mr|mrs)))",
    re.IGNORECASE,
)
_GREETED = re.compile(
    rf"(?:good (?:morning|afternoon|evening|day)|hi|hello|hey|dear|welcome(?: back)?|thanks|thank you|sure|of course|okay|ok|certainly|great|hola)[, ]+{_NAME.replace('name', 'old')}\s*[,.!:]",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|english|german|french|spanish|italian|not|just|please|sorry|yes|no|nobody|only|christmas|easter)s?\b",
    re.IGNORECASE,
)


def named(words: str, rest: str, sentence: str) -> Stated | None:
    """Return what `words` say of how their speaker is to be called: "call me Al", "my pronouns are they/them".

    Args:
        words: A clause of `sentence`, in the words of `plain`.
        rest: The same without what opens it, such as "please".
        sentence: As it was said.
    """
    found = _CALLED.match(rest) or _CALLED.match(words)
    if found and found["first"].casefold() not in _NO_NAME:
        tail = found["after"].strip(" ,.!").casefold()
        lower = found["first"].islower() and bool(tail)
        if not lower and not re.match(r"(?:if|when|at|on|before|a|back|as soon|for|about|to)\b", tail):
            return Stated(f"wants to be called {found['name']}", "rule", sentence)
    if found := _PRONOUNS.match(rest) or _PRONOUNS.match(words):
        return Stated(f"uses the pronouns {(found['p'] or found['q']).strip()}", "rule", sentence)
    if found := _BY_NAME.match(rest):
        return Stated(f"wants the agent to {of_agent(found[0])}", "rule", sentence)
    return None


def renamed(parts: Sequence[str], greeting: str = "") -> Stated | None:
    """Return the name that a message puts in the place of another, as in "Nobody calls me that. It's Bobby".

    Args:
        parts: The sentences of the message, in the words of `plain`.
        greeting: What the agent said before it, which may have used the other name.
    """
    refused = any(_NOT_CALLED.search(part) for part in parts)
    greeted = _GREETED.match(greeting)
    for part in parts:
        found = _IT_IS.search(part)
        if found is None or _TIMES.match(found["name"]) or len(part.split()) > 14:
            continue
        old = found["old"] or (greeted["old"] if greeted else "")
        alone = (
            found[0].strip(" ,") == part.strip(" .!") and greeted and re.match(r"it is|just|I am", part, re.IGNORECASE)
        )
        if (refused and _is_told(found[0])) or alone or (found["old"] and (_alike(found["name"], old) or greeted)):
            instead = f", not {old}" if old and old != found["name"] else ""
            return Stated(f"wants to be called {found['name']}{instead}", "rule", " ".join(parts))
    return None


def _is_told(words: str) -> bool:
    """Tell whether it is said that it is the name, or nothing but the name is said."""
    return re.match(r"[,;: ]*(?:and )?(?:it is|I am|the name|my name|make that|that is|just|plain|simply)\b", words, re.IGNORECASE) is not None or (
        " " not in re.sub(r",? (?:please|thanks)$", "", words.strip(" ,"))
        or re.search(r" (?:fine|enough|do|by)$", words) is not None
    )  # fmt: skip


def _alike(name: str, other: str) -> bool:
    """Tell whether two names may be of one person, as Kate and Katherine are."""
    some, others = sorted((name.casefold(), other.casefold()), key=len)
    return some[:2] == others[:2] or others.find(some[:3]) >= 0
