"""What an agent says that it did, found, decided, recommends or promises: of all that it says, what is its own."""

from __future__ import annotations

import regex

from duramen.strategies.facts_verbs import is_past

_I = regex.IGNORECASE
_DID = regex.compile(
    r"i(?:'ve| have)?(?: (?:just|also|already|now|successfully|recently|then|even|finally|went ahead and|gone ahead and))* (?P<verb>[a-z]+)\b(?P<rest>.*)",
    _I | regex.DOTALL,
)
_NO_DEED = frozenset(
    """
    was were been had thought knew felt understood hoped meant wanted needed guessed assumed misunderstood apologized apologised
    appreciated loved liked enjoyed heard said noticed believed supposed figured wondered wished used seemed kept got became
    mentioned came tried agreed received missed
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_FOUND = frozenset("found checked tried received noticed agreed".split())  # noqa: SIM905 - a row of words
_ADVISES = regex.compile(
    r"(?:i(?:'d| would)? (?:strongly |highly |also |personally |definitely |really )*(?:recommend|suggest|advise|propose|go with|choose|pick|vote for)\b"
    r"|my (?:\w+ )?(?:recommendation|suggestion|advice|pick|choice|proposal)\b|(?:we|i) (?:agreed|decided|settled)\b|i'm going with\b)",
    _I,
)
_PROMISES = regex.compile(
    r"(?:i'll|i will|i'm going to|i am going to|i promise)(?: (?:also|now|then|definitely|certainly|make sure to|be sure to))* "
    r"(?!(?:be (?:happy|glad|here|able|honest|right)|try|explain|help|assist|do my best|assume|keep (?:it|that|this|them)|break|give you (?:a|an|some|the|more)|provide|walk|show|use|start|begin|need|answer|share|tell|describe|list|outline|focus|never|always|gladly|go (?:over|through)|"
    r"let you|continue|have|not be able|respond|summari[sz]e|stop|wait)\b)(?P<verb>[a-z]+)",
    _I,
)
_YOURS = regex.compile(
    r"(?:your|the) (?:[\w'-]+ ){1,5}(?:is|are|was|were|has been|have been|will be)(?: now| all| already| successfully)* "
    r"(?:booked|confirmed|scheduled|rescheduled|cancell?ed|set(?: up)?|ready|updated|saved|reserved|paid|approved|submitted|sent|refunded|registered|activated|created|shipped|delivered|placed|processed|renewed|changed|extended|deployed|fixed|merged|published|due)\b",
    _I,
)
_YOU_ARE = regex.compile(
    r"you(?:'re| are| have been|'ve been)(?: now| all| already| successfully)* (?:booked|subscribed|registered|enrolled|signed up|scheduled|confirmed|checked in|unsubscribed|added)\b",
    _I,
)
_YOU_SHOULD = regex.compile(
    r"you (?:really |definitely |probably )?(?:should|ought to|had better)\b|you'd better\b", _I
)
_ABOUT_ANSWER = regex.compile(
    r"\b(?:above|below|following|this (?:answer|response|example|list)|these steps|an? example|if you|let me know)\b",
    _I,
)


def is_deed(text: str) -> bool:
    """Say whether an agent's sentence tells what it did, decided, recommends or promises, or what is settled for its user.

    >>> is_deed("I booked a table for two."), is_deed("I understand."), is_deed("Rome is the capital of Italy.")
    (True, False, False)
    """
    if _ABOUT_ANSWER.search(text):
        return False
    if any(found.match(text) for found in (_ADVISES, _PROMISES, _YOURS, _YOU_ARE, _YOU_SHOULD)):
        return True
    did = _DID.match(text)
    if did is None:
        return False
    verb = did["verb"].lower()
    if verb in _FOUND:
        return len(did["rest"].split()) > 1
    return verb not in _NO_DEED and (is_past(verb) or verb in ("put", "set", "cut", "reset"))


def is_advice(text: str) -> bool:
    """Say whether `text` tells its listener what they should do."""
    return _YOU_SHOULD.match(text) is not None
