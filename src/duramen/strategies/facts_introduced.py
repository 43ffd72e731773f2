"""Somebody shown: "This is my dog Pixel, he loves swimming" says that my dog is Pixel and that it loves swimming (English)."""

from __future__ import annotations

import regex

from duramen.language.relations import LIVING, owned
from duramen.strategies.facts_people import spoken_of
from duramen.strategies.facts_person import Voices

_I = regex.IGNORECASE
_SHOWS = (
    r"(?:(?:this|that|these|those|here)(?:'s|'re| is| are)|(?:please )?meet|say (?:hi|hello) to"
    r"|(?:let me|i(?:'d| would) like to|i want to|may i) introduce(?: you to)?|i(?:'d| would) like you to meet)"
)
_NAMES = (
    r"(?P<names>\p{Lu}[\p{L}\p{M}'-]*(?: \p{Lu}[\p{L}\p{M}'-]*)?(?:(?:, (?:and )?| and | & )\p{Lu}[\p{L}\p{M}'-]*)*)"
)
_OWNED = r"(?P<whose>[Mm]y|[Oo]ur) (?P<what>(?:\p{Ll}[\p{Ll}'-]* ){0,3}?\p{Ll}[\p{Ll}-]*)"
_REST = (
    r"(?:[.!]*$|(?:(?:,| -| \u2013| \u2014|;) | (?=(?:and|who|which) ))(?P<link>and |but |who |which )?(?P<rest>.+))"
)
_NAMED_LAST = regex.compile(rf"(?i:{_SHOWS}) {_OWNED}(?:(?: named| called|,)? {_NAMES})?(?=[\s,.;!]|$){_REST}")
_NAMED_FIRST = regex.compile(rf"(?i:{_SHOWS}) {_NAMES}, {_OWNED}(?=[,.;!]|$){_REST}")
_MYSELF = regex.compile(r"(?:this|that|it)(?:'s| is) me(?:[,:;]| -| \u2013| \u2014) (?=i\b)", _I)
_OF_THEM = regex.compile(r"(?:he|she|it|they)\b(?P<short>'(?:s|re|ve|ll|d))? (?P<does>.+)", _I)
_WRITTEN = {"'s": "is", "'re": "are", "'ve": "have", "'ll": "will", "'d": "would"}
_HAS = regex.compile(r"(?:(?:just|already|always|never|recently|only) )*(?:been|got|had|become|gone|done|lived|moved|worked|started|made|taken)\b", _I)  # fmt: skip
_ANOTHER_CLAUSE = regex.compile(r"(?:i|we|he|she|it|they|you|my|our|his|her|its|their|there|everyone|everybody)\b", _I)


def introduced(sentence: str) -> list[str]:
    """Return what a sentence that shows somebody says of them, or the sentence as it is.

    Example:
        >>> introduced("This is my dog Pixel, he loves swimming.")
        ['My dog is Pixel.', 'My dog Pixel loves swimming.']
        >>> introduced("These are Leo and Nina, my kids.")
        ['My kids are Leo and Nina.']
        >>> introduced("This is my plan.")
        ['This is my plan.']
    """
    sentence = _MYSELF.sub("", sentence)
    found = _NAMED_FIRST.match(sentence) or _NAMED_LAST.match(sentence)
    if found is None or not _is_living(found["what"], found["names"]):
        return [sentence]
    who, names = f"{found['whose'].capitalize()} {found['what']}", found["names"]
    rest = _rest(f"{who} {names}" if names else who, found["link"] or "", found["rest"] or "")
    if rest is None or (names is None and not rest.startswith(who)):
        return [sentence]
    several = (names and regex.search(r",| and | & ", names)) or found["what"].endswith(("children", "parents"))
    first = [f"{who} {'are' if several else 'is'} {names}."] if names else []
    return [*first, *([rest] if rest else [])]


def _is_living(what: str, names: str | None) -> bool:
    """Tell whether it is somebody, a person or a pet, and not a thing."""
    said = f"My {what} {names or ''}".strip()
    found = owned(said)
    if found:
        return found[0].relations[-1] in LIVING and (bool(found[0].name) or not names)
    return any(
        person.name.endswith((names or "").partition(" ")[0].rstrip(","))
        for person in spoken_of(said, Voices("I")).people
    )


def _rest(who: str, link: str, rest: str) -> str | None:
    """Return what is said besides of `who`, "" if nothing is, None if it is not clear of whom it is said."""
    if not rest:
        return ""
    pronoun = _OF_THEM.match(rest)
    if pronoun is not None:
        short, does = (pronoun["short"] or "").lower(), pronoun["does"]
        verb = "has" if short == "'s" and _HAS.match(does) else _WRITTEN.get(short, "")
        return f"{who} {verb} {does}" if verb else f"{who} {does}"
    if link.strip().lower() in ("who", "which"):
        return f"{who} {rest}"
    return f"{rest[:1].upper()}{rest[1:]}" if _ANOTHER_CLAUSE.match(rest) else None
