"""Preferences that one message alone does not state: answers to the agent's questions, and the same choice made again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from duramen.language.function_words import ENGLISH
from duramen.language.sentences import is_question, sentences
from duramen.language.stemming import DEFAULT, stem
from duramen.strategies.preference_grammar import Stated, plain
from duramen.strategies.preference_objects import STANDING, is_once, is_secret
from duramen.strategies.preference_orders import is_correction, shape_of
from duramen.strategies.preference_reading import is_told_plainly, read
from duramen.strategies.preference_topics import is_about, is_common

MOST_WORDS = 30
"""Words of a message that is read as an answer or a choice; a longer one stands for itself."""

_YES = re.compile(
    r"(?:yes|yeah|yep|yup|sure|exactly|right|correct|that is (?:right|correct|true)|indeed|absolutely|definitely|please do|of course|true|you got it|always|totally|certainly|ok|okay|perfect|good idea|ja|oui|sí|sì|sim)\b",
    re.IGNORECASE,
)
_NO = re.compile(r"(?:no|nope|not really|not at all|never|nah|rather not|absolutely not)\b", re.IGNORECASE)
_LIMITED = re.compile(
    r"\b(?:but|only|except|unless|this time|for now|today|tonight|tomorrow|just once|sometimes|it depends|depends|maybe|not sure)\b",
    re.IGNORECASE,
)
_OF_YOU = re.compile(
    r"^(?:(?:so|and|ok|okay|great|thanks|noted|got it|understood|just to check|then)[,.! ]+)*(?:(?P<ask>do|are|have) you|you(?P<told>)|(?:am I right|is it right|is it true|if I understand correctly|do I understand correctly|I (?:think|see|understand|gather)) (?:that )?you)\s+(?:seem to |appear to )?(?P<rest>.+?)(?:,? (?:right|correct|is that right|is that correct|do not you|yes|no|is not it))?$",
    re.IGNORECASE,
)
_SHALL_I = re.compile(
    r"^(?:(?:so|and|ok|okay|great|thanks|noted|got it|then)[,.! ]+)*(?:(?:shall|should|can|may|could) I|(?:do you want|would you like|would you prefer) me to|you (?:want|would like) me to|I will)\s+(?P<do>.+)$",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(?:do you (?:usually |normally |generally |typically )?(?:prefer|like better|like best)|which (?:[\w ]+ )?do you (?:usually |normally |generally )?(?:prefer|like|choose|take)|what (?:[\w ]+ )?do you (?:usually |normally |generally )?prefer)\b",
    re.IGNORECASE,
)
_FAVOURITE = re.compile(
    r"\b(?:what|which|who) is your (?P<f>(?:favou?rite|preferred|go-to|usual)(?: [\w-]+){0,4})$", re.IGNORECASE
)
_TAKEN = re.compile(
    r"\bhow do you (?:usually |normally |like to )?(?:take|like|drink|have|eat) (?P<o>your [\w ]+)$", re.IGNORECASE
)
_CALLED = re.compile(
    r"\b(?:what (?:should|shall|may|can) I call you|what (?:would|do) you (?:like|prefer|want) to be called|how (?:should|shall|may) I (?:call|address) you)$",
    re.IGNORECASE,
)
_ALLERGIES = re.compile(
    r"\b(?:(?:do|have) you (?:have |got )?any (?:food )?allergies|are you allergic to anything)\b", re.IGNORECASE
)
_SWAP = re.compile(r"\b(?:I am|you are|you were|I|me|my|mine|you|your|yours|myself|yourself)\b", re.IGNORECASE)
_SWAPPED = {
    "i am": "you are", "you are": "I am", "you were": "I was", "i": "you", "me": "you", "my": "your", "mine": "yours", "your": "my",
    "yours": "mine", "myself": "yourself", "yourself": "myself",
}  # fmt: skip
_OF_IT = re.compile(r"^((?:oh,? |well,? )?I (?:\w+ ){1,4}?)(?:it|them)\b", re.IGNORECASE)
_EITHER = re.compile(r"\b([\w-]+) or (?:an? |the )?([\w-]+) ([\w-]+)")
_SURELY = re.compile(r"^(?:definitely|usually|mostly|always|absolutely|probably the|oh|well|hm+)[, ]+", re.IGNORECASE)
_TO_ME = re.compile(
    r"\b(?:for|to|with|of|at|from|by|call|tell|give|send|book|show|remind|ask|address|let|get|find|bring|offer|remember)\s+$",
    re.IGNORECASE,
)
_CHOOSES = re.compile(
    r"(?:I (?:will|am going to|think I will) (?:have|take|go (?:for|with)|stick with|get)|(?:can|could|may) (?:I|we) (?:please )?(?:have|get)|(?:can|could|would|will) you (?:please )?(?:book|get|give|order|find|reserve|bring)(?: me)?|I would (?:like|love)|I want|I am (?:having|taking)|(?:book|get|give|order|bring|find|reserve|order)(?: me)?"
    r"|make it|let us (?:have|take|go with|do))\s+(?P<o>.+)",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    r"^(?:(?:and|ok|okay|yes|hi|hello|hey|again|so|then)[, ]+)*(?P<o>(?:an? |the |some )?[\w' -]{3,50}?)(?:,? (?:again|too|for me|this time as well|as well))*,? please\b",
    re.IGNORECASE,
)
_REST = re.compile(
    r",|[.!?;]|\b(?:for|on|at|to|from|in|tomorrow|today|tonight|this|next|by|as|again|too|please|if|when|because|instead|so|and)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:again|too|as well|also|once more|another|same (?:as|one|again|for)|like last time|as before|as last time)\b",
    re.IGNORECASE,
)
_TASKS = frozenset(
    """
    report help time minute refund invoice list copy link answer reply information question favour favor hand call back know see ask tell
    """.split()  # noqa: SIM905 - a paragraph of words reads better than quoted strings
)


@dataclass(frozen=True, slots=True)
class Said:
    """A message: the event's id, its text, and whether an agent said it."""

    id: str
    text: str
    of_agent: bool
    speaker: str | None = None


def answered(said: Said, before: Sequence[Said]) -> list[Stated]:
    """Return what a message says by answering the agent's question before it: "Yes" to "Do you prefer tea?".

    Args:
        said: The message.
        before: What was said before it, oldest first; the last is what it may answer.
    """
    if not before or not before[-1].of_agent or len(said.text.split()) > MOST_WORDS:
        return []
    asked = sentences(before[-1].text)
    reply = plain(said.text)
    if not asked or not reply or is_secret(said.text):
        return []
    question = plain(asked[-1]).strip(" ?.!")
    if is_once(question):
        return []
    statement = _as_statement(question, reply, asks=is_question(asked[-1]))
    found = read(statement) if statement else []
    context = f"{asked[-1].strip()} {' '.join(said.text.split())}"
    return [replace(each, context=context) for each in found]


def _as_statement(question: str, reply: str, *, asks: bool) -> str:
    """Return what question and answer say together, in the words of who answers; "" if nothing."""
    opening = re.split(r"[,.!;]", reply, maxsplit=1)[0]
    if _LIMITED.search(reply) or "?" in reply:
        return ""
    if _YES.match(reply) and len(opening.split()) <= 5:
        agreed = _agreed(question)
        if agreed or not _WHICH.search(question) or not _YES.sub("", opening).strip():
            return agreed
    if _NO.match(reply) and len(opening.split()) <= 4:
        return _denied(question) if asks else ""
    if (found := _OF_YOU.match(question)) and _OF_IT.search(reply) and " or " not in question:
        thing = _swapped(found["rest"].partition(" ")[2])
        return _OF_IT.sub(lambda it: f"{it[1]}{thing}", reply, count=1)
    return _filled(question, reply.strip(" .!")) if len(reply.split()) <= 7 and is_told_plainly(reply) else ""


def _agreed(question: str) -> str:
    if (order := _SHALL_I.match(question)) and STANDING.search(order["do"]):
        return _swapped(order["do"])
    if not (found := _OF_YOU.match(question)) or " or " in question:
        return ""
    verb = {"are": "am ", "have": "have "}.get((found["ask"] or "").casefold(), "")
    return f"I {verb}{_swapped(re.sub(r'^are ', 'am ', found['rest']))}"


def _denied(question: str) -> str:
    found = _OF_YOU.match(question)
    if not found or found["ask"] is None or " or " in question:
        return ""
    verb = {"are": "am not", "have": "have never", "do": "do not"}[found["ask"].casefold()]
    return f"I {verb} {_swapped(found['rest'])}"


def _filled(question: str, reply: str) -> str:
    reply = _SURELY.sub("", f"{reply} ").strip(" ,.!")
    if not reply:
        return ""
    thing = f"{reply[0].lower()}{reply[1:]}" if is_common(reply.split()[0].strip(".,!")) else reply
    thing = re.sub(r",? (?:please|thanks|thank you)$", "", thing, flags=re.IGNORECASE)
    if found := _FAVOURITE.search(question):
        return f"My {found['f']} is {thing}."
    if found := _TAKEN.search(question):
        return f"I like {_swapped(found['o'])} {thing}."
    if _CALLED.search(question):
        return f"Call me {thing}."
    if _ALLERGIES.search(question) and not re.match(r"none|not", thing, re.IGNORECASE):
        return f"I am allergic to {thing}."
    if not _WHICH.search(question):
        return ""
    if (either := _EITHER.search(question)) and thing.casefold() in (either[1].casefold(), either[2].casefold()):
        return (
            f"I prefer {thing.casefold()} {either[3]}." if either[3] not in ENGLISH else f"I prefer {thing.casefold()}."
        )
    return f"I prefer {thing}."


def _swapped(words: str) -> str:
    """Change who speaks: "book aisle seats for you" is "book aisle seats for me" from the other side."""

    def other(found: re.Match[str]) -> str:
        low = found[0].casefold()
        if low == "you":
            return "me" if _TO_ME.search(words[: found.start()]) or found.end() == len(words) else "I"
        return _SWAPPED[low]

    return _SWAP.sub(other, words)


def repeated(said: Said, before: Sequence[Said]) -> tuple[list[Stated], tuple[str, ...]]:
    """Return the choice that a message makes once more, and the ids of the earlier messages that made it.

    A choice counts as a habit from the third time, or from the second if it says so ("again") or was made of another
    occasion ("to Rome", "to Paris").
    """
    earlier = [one for one in before if not one.of_agent and one.speaker == said.speaker]
    if len(said.text.split()) > MOST_WORDS or not earlier:
        return [], ()
    if is_correction(plain(said.text)):
        same = [
            one
            for one in earlier
            if is_correction(plain(one.text)) and shape_of(plain(one.text)) == shape_of(plain(said.text))
        ]
        found = [Stated(f"wants answers that are {shape_of(plain(said.text))}", "rule", said.text, explicit=False)]
        return (found, tuple(one.id for one in same)) if same else ([], ())
    return _chosen_again(said, earlier)


def _chosen_again(said: Said, earlier: Sequence[Said]) -> tuple[list[Stated], tuple[str, ...]]:
    chosen, where = _choice(said.text)
    words = _content(chosen)
    if not words or words <= _TASKS or is_secret(said.text):
        return [], ()
    same = [
        (one, elsewhere)
        for one in earlier
        for other, elsewhere in [_choice(one.text)]
        if _alike(words, _content(other))
    ]
    settled = len(words) > 1 or is_about(chosen, "drink", "food")
    varied = any(elsewhere != where and elsewhere and where for _, elsewhere in same)
    if len(same) >= 2 or (len(same) == 1 and (_AGAIN.search(said.text) or (settled and varied))):
        return [Stated(f"usually chooses {chosen}", "likes", said.text, explicit=False)], tuple(
            one.id for one, _ in same
        )
    return [], ()


def _choice(text: str) -> tuple[str, str]:
    """Return what a message chooses, and what it says beside that; two times "" if it chooses nothing."""
    for part in sentences(text):
        words = plain(part)
        found = _CHOOSES.search(words) or _ASKS_FOR.match(words)
        if not found:
            continue
        thing = found["o"].strip()
        end = _REST.search(thing)
        chosen = thing[: end.start()].strip(" ,.!?") if end else thing.strip(" ,.!?")
        if chosen and len(chosen.split()) <= 6 and chosen.split()[0].casefold() != "to":
            return f"{chosen[0].lower()}{chosen[1:]}", words[found.start("o") + len(chosen) :].strip(" ,.!?").casefold()
    return "", ""


def _content(words: str) -> frozenset[str]:
    return frozenset(
        stem(word, DEFAULT)
        for word in re.findall(r"[^\W_]+", words.casefold())
        if word not in ENGLISH and not word.isdigit()
    )


def _alike(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(others) and len(some & others) >= 0.67 * len(some | others)
