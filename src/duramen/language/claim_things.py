"""How claims about things are worded: "the deadline is Friday", "my favourite colour is blue now", "the meeting moved to 4"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from duramen.language.claim_rules import Says
from duramen.language.claim_values import amount, colour, contact, moments, person, phrase, stems, thing

_ADV = r"(?:(?:now|currently|actually|still|already|officially|really|in fact|just|recently|finally)\s+)*"
_CHANGED = (
    r"(?:moved|changed|switched|updated|renamed|pushed|postponed|rescheduled|brought|bumped|raised|lowered|increased"
    r"|reduced|set|delayed|shifted|extended|dropped|went|gone|rose|risen|fell|reassigned|transferred|corrected|upgraded)"
)
_VERB = re.compile(
    rf"\s(?:(?P<called>(?:is|are|has been|have been)\s+{_ADV}(?:called|named|renamed to))"
    rf"|(?P<change>(?:(?:is|are|was|were|has|have|had|got|been|being|will be)\s+)*{_ADV}{_CHANGED}"
    r"(?:\s(?:back|forward|up|down|over|out|ahead))*(?:\sfrom\s.+?)?\sto)"
    rf"|(?P<when>(?:starts?|begins?|takes place|happens|leaves|departs|(?:is|are)\s+{_ADV}(?:due|scheduled|planned|set))"
    r"\s(?:at|on|by|for))"
    rf"|(?P<costs>costs?)|(?P<is>is|are))\s+{_ADV}",
    re.IGNORECASE,
)
_ADJECTIVES = r"(?:(?:new|current|latest|actual|updated|revised|original|next|upcoming|correct|final|all[- ]time|absolute|own|very)\s+)*"
_UNIMPORTANT = re.compile(rf"^{_ADJECTIVES}|\s(?:now|currently|actually|still|also|just|really)$", re.IGNORECASE)
_FAVOURITE = re.compile(r"favou?rite\s+(?P<what>[\w' -]+)$", re.IGNORECASE)
_ABOUT = re.compile(r"\s(?:of|for|with)\s(?:the |our |my |a )?", re.IGNORECASE)
_MOST_WORDS = 5
"""Words that a thing is named with; more describe it."""

_MORE_THAN_NAMED = re.compile(r"[^\w\s'-]|\b(?:in|on|at|by|from|that|which|who|where|when|to)\b", re.IGNORECASE)
_ADJECTIVAL = ("ing", "ed", "able", "ible", "ical", "ous", "ful", "less", "ive")

# What one may have many of at the same time, or means something else each time.
_LOOSE = frozenset(
    [
        "part",
        "parts",
        "thing",
        "things",
        "one",
        "ones",
        "memory",
        "memories",
        "moment",
        "moments",
        "way",
        "ways",
        "bit",
        "bits",
        "aspect",
        "time",
        "times",
    ]
)

_PERSONS = """
    owner boss manager supervisor lead leader doctor dentist therapist landlord landlady lawyer coach ceo cto cfo president
    director mayor maintainer contact assignee reviewer sponsor accountant mentor chair husband wife boyfriend girlfriend
    """
_AMOUNTS = """
    price cost rent salary budget weight height version port limit timeout threshold fee pin population target quota age
    """
_CONTACTS = "phone number mobile cell e-mail email address postcode zip"
_THINGS = """
    name nickname username handle status capital branch url endpoint region database language framework license licence
    password hint theme motto editor provider host currency timezone zone major venue location room plan diet title role
    model font hostname domain wallpaper size colour color
    """
_READERS: dict[str, Callable[[str], str]] = {
    **dict.fromkeys(_PERSONS.split(), person),
    **dict.fromkeys(_AMOUNTS.split(), amount),
    **dict.fromkeys(_CONTACTS.split(), contact),
    **dict.fromkeys(_THINGS.split(), thing),
    **dict.fromkeys(("colour", "color"), colour),
}


def about_thing(owner: str, words: str) -> Iterator[Says]:
    """Read what a clause says about a thing.

    Args:
        owner: Whose it is, folded; "" where it is everybody's.
        words: The clause behind "the", "my" or "Ada's".
    """
    verb = _VERB.search(words)
    if verb is None:
        return
    named, value = _UNIMPORTANT.sub("", words[: verb.start()]), words[verb.end() :]
    if not named or len(named.split()) > _MOST_WORDS or _MORE_THAN_NAMED.search(named):
        return
    if favourite := _FAVOURITE.match(named):
        what = favourite["what"].split()
        if len(what) <= 3 and not _LOOSE & {what[0].casefold(), what[-1].casefold()} and (found := thing(value)):
            yield Says(("favourite", owner, stems(favourite["what"])), found)
        return
    yield from _of(owner, named, verb, value)


def _of(owner: str, named: str, verb: re.Match[str], value: str) -> Iterator[Says]:
    head, *rest = _ABOUT.split(named, maxsplit=1)
    if len(rest) == 0 and "'s " in head:
        about, _, head = head.rpartition("'s ")
        rest = [about]
    kind = "name" if verb["called"] else "price" if verb["costs"] else ""
    key = _key(head, *rest, kind)
    reader = thing if kind == "name" else _READERS.get(kind or head.split()[-1].casefold())
    found = reader(value) if reader and not verb["when"] else ""
    if found and ("status" in key or not _is_state(reader, value)):
        yield Says(("the", owner, key), found)
    elif reader is None or verb["when"]:
        for sort, when in moments(f"at {value}" if verb["when"] or verb["change"] else value):
            yield Says(("when", owner, key, sort), when)


def _key(*named: str) -> str:
    """Return the words that a thing is named with, in whatever order and form."""
    words = {word for part in named for word in stems(part).replace("e-mail", "email").split()}
    if words & {"email", "phone", "mobile", "cell"}:
        words -= {"address", "number"}
    return " ".join(sorted(words))


def _is_state(reader: Callable[[str], str] | None, value: str) -> bool:
    """Tell whether `value` is a word such as "exhausting" or a definition such as "a tool", which name nothing."""
    first, *more = phrase(value).split() or [""]
    if reader is not thing or not first.islower():
        return False
    return first in ("a", "an") if more else first.endswith(_ADJECTIVAL)
