"""Texts made plain before they are compared: contractions, clocks and expressions of several words.

An expression becomes one word of its meaning, or a mark: a word that begins with `x` and says that something is over or
changed. Marks have no weight of their own.
"""

from __future__ import annotations

import re

MARKS = frozenset({"xnow", "xstop", "xlose", "xleave", "xcancel", "xmove", "xchange"})
"""Marks of change."""

DATE = "xdate"
"""Stands where a date stood."""

NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"],
        start=2,
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
     "hundred": "100", "thousand": "1000", "dozen": "12", "half": "0.5"}  # fmt: skip

_CONTRACTED = re.compile(
    r"\b(?P<odd>ca|wo|sha)n't\b|(?<=\w)(?P<neg>n't)\b|(?<=\w)'(?P<end>m|re|ve|ll|d)\b|\b(?P<it>it|that|he|she|there|what)'s\b",
    re.IGNORECASE,
)
_FULL = {"m": " am", "re": " are", "ve": " have", "ll": " will", "d": " would", "ca": "can not", "wo": "will not", "sha": "shall not"}  # fmt: skip
_HOURS = {word: int(number) for word, number in NUMBERS.items() if number.isdigit() and int(number) <= 12} | {"one": 1}
_PAST = re.compile(
    rf"\b(?P<part>half past|(?:a )?quarter (?:past|to)) (?P<hour>{'|'.join(_HOURS)}|\d{{1,2}})\b", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b(?:(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?!\d)(?:\s?[ap]\.?m\b\.?)?|(?P<dotted>\d{1,2})\.(?P<after>[0-5]\d)\s?(?:[ap]\.?m\b\.?|o'clock)"
    r"|(?P<round>\d{1,2}|[a-z]{3,6})(?:\s?[ap]\.?m\b\.?|\s?o'clock)|(?P<word>noon|midday|midnight)\b)",
    re.IGNORECASE,
)
_AT_HOUR = re.compile(
    rf"\bat (?P<hour>{'|'.join(_HOURS)}|\d{{1,2}})(?=\s*(?:[.,;]|$|(?:in the|on|every|each|and|sharp|today|tomorrow|with|but)\b))",
    re.IGNORECASE,
)
_NUMBER_OF_PARTS = re.compile(r"(?<![\w.,-])\+?\d[\d/-]*(?: \d{2,})+(?![\w.,]\w)")
_VERY = r"(?:(?:very|really|quite|so|rather|too|especially|particularly) )?"
_AM = r"\b(?:is|are|am|was|were) "

_APART = re.compile(
    r"\b(?P<verb>gave|given|gives|threw|thrown|took|taken|called|put|turned|shaved|cut|sent|brought|handed) (?P<thing>(?:the|his|her|their|its|my|all) [\w'-]+(?: [\w'-]+)?)"
    r" (?P<off>away|out|off|up|back|down)\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\b(?:(?:takes|catches|rides|uses) (?:the |a |his |her )(?P<what>bus|train|tram|metro|underground|ferry|bicycle|bike|car|subway)|(?P<does>cycles|drives|walks)(?= to\b)|(?:commutes|travels)(?= by\b))",
    re.IGNORECASE,
)
_MEANS = {"cycles": "bicycle", "drives": "car", "walks": "foot"}
_PHRASES = tuple(
    (re.compile(pattern, re.IGNORECASE), f" {mark} ".replace("  ", " "))
    for pattern, mark in (
        ("\u20ac", "euro"),
        (r"\$", "dollar"),
        ("\u00a3", "pound"),
        ("%", " percent"),
        (r"\b(?:rather than|instead of|in place of|as opposed to|and not)\b|, not\b(?! (?:to|that|because))", "xold"),
        (r"\b(?:have|has|is|are|am) no longer (?:got )?|\bno longer\b", "xstop"),
        (r"\b(?:do|does|did|is|are|am|can|will|has|have) not\b(?=[^.;]*\bany ?(?:more|longer)\b)", "xstop"),
        (r"\bany ?(?:more|longer)\b", ""),
        (r"\b(?:is|are) (?:down|up) to\b", "xchange to"),
        (r"\b(?:these days|nowadays|at the moment|right now|at present|from now on|as of now|now|currently|meanwhile|by now|in the meantime|lately|recently|since then|for some time|again)\b", "xnow"),
        (r"\b(?:has|have|had)? ?(?:giv(?:en|es|ing)|gave|give) up(?: on)?\b|\b(?:has |have )?(?:stopped|ceased|ditched|dropped out of|dropped|abandoned|discontinued|kicked|got(?:ten)? over|outgrown|turned h(?:is|er) back on)\b|\b(?:is|are|has|have) (?:done|finished|through) with\b", "xstop"),
        (r"\b(?:has|have|had) left\b(?! to)|(?<!\bthe )(?<!\bits )(?<!\bhis )(?<!\bher )(?<!\bon )(?<!\bmy )\bleft (?=(?-i:[A-Z])|(?:the|his|her|their|my|school|university|home|work)\b)|\b(?:has |have )?(?:quit|resigned (?:from|as)|stepped down (?:as|from)|handed in (?:his|her|their) notice at|moved (?:out|away)(?: of| from)|retired (?:from|as))\b|\b(?:has |have )?(?:been |was |got |were )(?:laid off|fired|dismissed|made redundant)(?: from| by)?\b", "xleave"),
        (r"\b(?:has |have )?(?:got|gotten) rid of\b|\b(?:has |have |had )?(?:been |was |were )?(?:sold|scrapped|rehomed|binned|given away|thrown (?:out|away)|written off|stolen|(?:shaved|cut|paid|written|switched|turned|taken) off)\b|\bgave away\b|\bthrew (?:out|away)\b", "xlose"),
        (r"\b(?:has |have |had |is |are |was |were )?(?:been )?(?:called off|cancell?ed)\b|\bfell through\b|\b(?:has|have) fallen through\b|\bwill not (?:take place|happen|go ahead)\b|\b(?:is|are) not going ahead\b|\bis off\b", "xcancel"),
        (r"\b(?:has |have |had |is |are |was |were )?(?:been )?(?:put off|put back|pushed (?:back|forward)|postponed|rescheduled|brought forward|delayed|deferred)\b", "xmove"),
        (r"\b(?:has |have |had |is |are |was |were )?(?:been )?(?:moved|shifted|pushed|set back)(?=[\w' ]* to (?:the )?(?:xdate|xclock|(?:mon|tues|wednes|thurs|fri|satur|sun)day))", "xmove"),
        (r"\b(?:has |have |had )?took over\b|\b(?:has |have )?taken over\b", "xchange leads"),
        (r"\b(?:has |have |had |is |are |was |were )?(?:been )?(?:switched|swapped|changed|migrated|converted|transitioned|upgraded|replaced|exchanged|traded)\b", "xchange"),
        (r"\b(?:because of|due to|owing to|thanks to|caused by|as a result of|on account of|because)\b", "xbecause"),
        (r"\bsince (?!xdate)", "xnow xbecause"),
        (rf"(?:{_AM})?{_VERY}\b(?:fond of|keen on|an? (?:big |great |huge |avid |real )?(?:fan|lover) of|partial to|crazy about|in love with)\b", "likes"),
        (r"\b(?:can not|could not|cannot) (?:stand|bear|abide|tolerate)\b|\b(?:do|does) not (?:\w+ )?(?:like|enjoy|love|care for)\b|\b(?:is|are|am) (?:not |no )+(?:likes|fan of)\b|\b(?:is|are|am) averse to\b", "dislikes"),
        (r"\b(?:is|are|am|was) going to\b|\b(?:plans?|planning|intends?|hopes?) to\b|\bis about to\b", "will"),
        (r"\b(?:has|have|needs?|must|ought) (?:to )?be (?:finished|done|completed|delivered|ready|handed in|submitted)\b|\b(?:is|are) due\b", "has deadline"),
        (r"\bon (?:a )?first[- ]name (?:terms|basis)\b|\bby (?:his|her|their|my|the) first names?\b|\bfirst names\b", "informal"),
        (r"\b(?:look(?:s|ing)?|search(?:es|ing)?|hunt(?:s|ing)?) for\b|\bsav(?:es?|ing) (?:up )?for\b|\bin search of\b|\bwants? to (?:find|buy|get|rent)\b|\bin need of\b", "seeks"),
        (r"\blook(?:s|ing)? after\b|\btak(?:es|ing) care of\b", "cares"),
        (r"\b(?:has |have )?(?:split|broke|broken) up\b|\bparted ways\b", "separated"),
        (r"\bpass(?:ed|es) away\b|\bput (?:down|to sleep)\b", "died"),
        (r"\bgo(?:es)? to (?:bed|sleep)\b", "sleeps"),
        (rf"{_AM}(?:in charge of|responsible for|the head of|head of)\b|\bheads(?: up)?\b|\bmanages\b", "leads"),
        (r"\b(?:takes|take|took|taking) place\b", "happens"),
        (r"\bg[eo]t(?:s|ting)? up\b", "wakes"),
        (r"\bg[eo]t(?:s|ten|ting)? (?=(?:married|divorced|engaged|pregnant)\b)", "is xnow"),
        (r"\b(?:has|have) to\b|\bmust\b", "needs"),
        (rf"\b(?:hails|comes) from\b|{_AM}(?:originally )?from\b|{_AM}(?:born|raised) in\b|\bgrew up in\b|{_AM}a native of\b", "originates"),
        (r"\bout of order\b|\bnot working\b|\b(?:does|do) not work\b(?! (?:at|for|in|as|on|with|from|here|there)\b)|\bbroke down\b", "is broken"),
        (r"\b(?:is|are) (?:now )?gone\b|\b(?:is|are|has|have)(?: been)? (?:over|history|cured|healed|cleared up|worn off|gone away|ended|expired|lapsed|disappeared|broken off|split up|wound up|dissolved|called quits)\b(?! (?:to|the|a|an|\d))|\b(?:broke|split) off\b", "xcancel"),
        (r"\b(?:have |has )?broken off\b", "xcancel"),
        (r"\b(?:has |have )?(?:decided against|thought better of|turned down|lost interest in|changed (?:his|her|their) mind about|no interest in)\b", "xstop"),
        (r"\b(?:has |have |had )?(?:been |was |were )(?:torn down|pulled down|taken down|demolished|dismantled|removed|deleted|abolished|withdrawn|shut down|closed down)\b", "xlose"),
        (r"\b(?:has |have |was |were )born on\b|\bborn(?= (?:in )?xdate)", "has birthday"),
        (r"\bbehind schedule\b|\brunning late\b", "late"),
        (r"\b(?:back )?on (?:schedule|time|track)\b", "punctual"),
        (r"\b(?:went|been|travelled|traveled|flew|driven|drove) to (?=(?-i:[A-Z]))", "visited "),
        (r"\b(?:has |have |had )?(?:finished|completed|concluded)(?= (?:his|her|their|my|the|its) )", "xstop"),
        (r"\b(?:runs?|lasts?|(?:is )?valid|continues?|goes on) until\b", "ends"),
        (r"\bself-employed\b|\bfreelances?\b|\bfreelancing\b", "freelancer"),
        (rf"(?:{_AM})?(?:lacking|short of|free of|free from)\b", "without"),
        (r"\bhave an allergy to\b|\bhas an allergy to\b|\bcan not eat\b", "is allergic to"),
    )
)  # fmt: skip


def expanded(text: str) -> str:
    """Return `text` without contractions, its apostrophes straight."""
    text = text.replace("\u2019", "'")
    return _CONTRACTED.sub(_in_full, text) if "'" in text else text


def with_marks(text: str) -> str:
    """Return `text` with its clocks and expressions in one word each, and marks in place of what changes."""
    if _NUMBER_OF_PARTS.search(text):
        text = _NUMBER_OF_PARTS.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    text = _AT_HOUR.sub(_at_hour, _CLOCK.sub(_clock, _PAST.sub(_past, text)))
    text = _BY.sub(_by, _APART.sub(r"\g<verb> \g<off> \g<thing>", text))
    for pattern, mark in _PHRASES:
        text = pattern.sub(mark, text)
    return text


def _in_full(found: re.Match[str]) -> str:
    if found["odd"]:
        return _FULL[found["odd"].lower()]
    if found["neg"]:
        return " not"
    return f"{found['it']} is" if found["it"] else _FULL[found["end"].lower()]


def _past(found: re.Match[str]) -> str:
    hour = _HOURS.get(found["hour"].lower()) or int(found["hour"])
    part = found["part"].lower()
    hour, minute = (hour, 30) if "half" in part else (hour, 15) if part.endswith("past") else (hour - 1, 45)
    return f"xclock{hour % 12}:{minute:02}"


def _by(found: re.Match[str]) -> str:
    if found["what"] or found["does"]:
        return f"goes by {found['what'] or _MEANS[found['does'].lower()]}"
    return "goes to work"


def _at_hour(found: re.Match[str]) -> str:
    hour = _HOURS.get(found["hour"].lower()) or int(found["hour"])
    return f"at xclock{hour % 12}:00" if hour <= 24 else found[0]


def _clock(found: re.Match[str]) -> str:
    if found["word"]:
        return "xclock0:00"
    said = found["hour"] or found["dotted"] or found["round"]
    hour = int(said) if said.isdigit() else _HOURS.get(said.lower())
    if hour is None:
        return found[0]
    return f"xclock{hour % 12}:{found['minute'] or found['after'] or '00'}"
