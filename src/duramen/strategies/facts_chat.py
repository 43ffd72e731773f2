# Full stops of many scripts, which resemble each other.
# ruff: noqa: RUF001
"""Facts of what was said in a conversation, one turn at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import regex

from duramen.language.sentences import is_question, is_small_talk, sentences
from duramen.language.stemming import DEFAULT, guess
from duramen.strategies.facts_clean import apart, cleaned, subject_restored, unaddressed
from duramen.strategies.facts_dates import dated, occurred
from duramen.strategies.facts_deeds import is_advice, is_deed
from duramen.strategies.facts_filter import (
    LONGEST,
    claims_power,
    content_words,
    is_joke,
    is_secret,
    is_told,
    orders_the_agent,
)
from duramen.strategies.facts_introduced import introduced
from duramen.strategies.facts_people import Spoken, leans, resolved, spoken_of
from duramen.strategies.facts_person import Voices, mentions, of_others, tightened
from duramen.types import Event, Interval

MOST_JOINED = 300
"""Characters of a fact, up to which a sentence that leans on it ("It was …") is joined to it."""

MOST_LISTED = 20
"""Items of a list that are joined to what introduces it."""

_ITEM = regex.compile(r"\s*(?:[-*+•‣◦·]|\(?\d{1,3}[.)])\s+")
_NOT_SAID = ("```", "~~~", "|", "#", ">")
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:'[\p{L}]+)*")
_LATIN = regex.compile(r"\p{Latin}")
_LINK = regex.compile(r"\S*://\S+\s*$")
_YES_NO = regex.compile(
    r"(?:yes|yeah|yep|yup|no|nope|nah|not yet|never|not anymore|of course|i do|i don't|i am|i'm not|i have|i haven't|i did|i didn't)\b[^\p{L}\p{N}]*$",
    regex.IGNORECASE,
)
_ASKED_FACT = regex.compile(r"\b(?:do|did|are|were|have|is|was|does|has) (?:you|your)\b", regex.IGNORECASE)
_WHOLE_CLAUSE = regex.compile(
    r"(?:i|we|he|she|they|it|you|that|this|there|my|our|his|her|their|your|the|i'm|i've|i'd|i'll|we're|we've|it's|that's|there's|he's|she's)\b",
    regex.IGNORECASE,
)
_WITH = regex.compile(r"\bi\b.*\b(?:with|and) my |\b(?:my|our) [^.,]{1,30} and i\b", regex.IGNORECASE)
_LONGEST_ANSWER = 8  # words


@dataclass(slots=True)
class Told:
    """A fact that somebody told.

    Attributes:
        subject: The one of the speakers, or the person, that it begins with; "" for anything else.
        speaker: Who said it, where the text does not name them.
    """

    text: str
    occurred: Interval | None = None
    subject: str = ""
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event says, and in which company.

    Attributes:
        names: Of all who take part, as they are addressed.
        asked: The question that the turn before, of somebody else, ended with, and who asked; "" if it did not.
        before: Of whom the last sentences before it spoke.
    """

    event: Event
    voices: Voices
    names: Sequence[str] = ()
    asked: str = ""
    asker: str = ""
    before: Sequence[Spoken] = ()


def told_in(turn: Turn) -> list[Told]:
    """Read what is told in one turn of a conversation, in order.

    What is said in another language than English is kept as it was said, with the name of its speaker in front.
    """
    telling = _Telling(turn, turn.voices, list(turn.before))
    said = _with_lists(sentences(turn.event.content))
    english = [_language(sentence) == DEFAULT for sentence in said]
    for at, (sentence, is_english) in enumerate(zip(said, english, strict=True)):
        if sentence.startswith(_NOT_SAID) or _LINK.match(sentence):
            continue
        if at == 0 and telling.answer(sentence):
            continue
        if is_english or (len(_WORD.findall(sentence)) < 4 and any(english) and _LATIN.search(sentence)):
            telling.english(sentence)
        else:
            telling.foreign(sentence)
    return telling.told


def last_question(content: str) -> str:
    """Return the question that `content` ends with, or ""."""
    said = sentences(content)
    last = said[-1] if said else ""
    return last if is_question(last) and not is_small_talk(last) else ""


@dataclass(slots=True)
class _Telling:
    """One turn on its way."""

    turn: Turn
    voices: Voices
    before: list[Spoken]
    told: list[Told] = field(default_factory=list)
    joins: bool = False
    """Whether the sentence before was told, so that one that leans on it can be joined to it."""

    def english(self, sentence: str) -> None:
        joins, self.joins = self.joins, False
        if is_joke(sentence):
            self._take_back(sentence)
        elif len(sentence) <= LONGEST and not is_small_talk(sentence):
            whole = subject_restored(cleaned(sentence, self.turn.names))
            for text in introduced(whole):
                if self._is_worth(text, sentence):
                    for part in apart(text):
                        self._tell(part, joins)
                        joins = self.joins
                else:
                    self.before.append(spoken_of(text, self.voices))
                if text != whole:  # "My dog is Pixel" may be of two, "This is my dog Pixel" is of one
                    self.before[-1] = spoken_of(whole, self.voices)

    def foreign(self, sentence: str) -> None:
        self.joins = False
        self.before.append(Spoken(more=True))
        text = cleaned(sentence, self.turn.names) if sentence[-1] not in "。！？" else sentence
        if self.turn.event.kind == "experience" or not is_told(text) or len(_WORD.findall(text)) < 2 > _unspaced(text):
            return
        when = occurred(text, self.turn.event.mentioned)
        self.told.append(Told(f"{_capital(self.voices.me)}: {text}", when, self.voices.me))

    def answer(self, sentence: str) -> bool:
        """Keep a few words that only say something as the answer to the question before."""
        turn, question = self.turn, self.turn.asked
        if not question or len(sentence.split()) > _LONGEST_ANSWER or is_question(sentence):
            return False
        sentence = unaddressed(tightened(sentence), turn.names)
        plain = cleaned(sentence, turn.names)
        short = _YES_NO.match(sentence) is not None
        if short and not _ASKED_FACT.search(question):
            return False
        if not short and (
            mentions(plain) or is_small_talk(sentence) or _WHOLE_CLAUSE.match(plain) or subject_restored(plain) != plain
        ):
            return False
        if not (short or is_told(plain)) or is_secret(sentence) or not content_words(f"{question} {plain}"):
            return False
        when = occurred(plain, turn.event.mentioned)
        words = dated(sentence, turn.event.mentioned)
        asked = f"{_capital(turn.asker)} asked {self.voices.me} “{cleaned(question, turn.names)}”"
        self.told.append(Told(f"{asked}, and {self.voices.me} answered “{words}”", when, self.voices.me))
        self.joins = True
        return True

    def _is_worth(self, text: str, sentence: str) -> bool:
        if self.turn.event.kind == "experience":
            return is_deed(text) and not is_question(sentence) and not is_secret(text) and not orders_the_agent(text)
        return is_told(text) and not orders_the_agent(sentence)

    def _take_back(self, sentence: str) -> None:
        """Leave out what was a joke, and with a joke's mark by itself what it was said of."""
        if self.told and len(sentence.split()) <= 4:
            self.told.pop()

    def _tell(self, part: str, joins: bool) -> None:
        said_at = self.turn.event.mentioned
        whole = resolved(part, self.voices, self.before)
        spoken = spoken_of(part, self.voices)
        self._keep_company(part, spoken)
        self.before.append(spoken)
        when = occurred(part, said_at)
        text, speaker = self._in_third_person(dated(whole, said_at))
        if joins and self.told and leans(whole) and len(self.told[-1].text) + len(text) < MOST_JOINED:
            last = self.told[-1]
            last.text, last.occurred = f"{last.text} {text}", last.occurred or when
            self.joins = True
            return
        # What is said of nobody, or of what was not told, has to say more to be worth it.
        needed = 3 if speaker and leans(whole) else 2 if speaker or leans(whole) else 1
        if len(content_words(text) - {name.lower() for name in self.turn.names}) >= needed:
            self.told.append(Told(text, when, self._subject(text, spoken_of(whole, self.voices)), speaker))
            self.joins = True

    def _in_third_person(self, text: str) -> tuple[str, str | None]:
        """Return the text and, where it does not say whose words they are, who said it."""
        me = self.voices.me
        if claims_power(text):
            return f"{_capital(me)} said: “{text}”", None
        if self.turn.event.kind == "experience" and is_advice(text):
            text = f"I advised that {text[:1].lower()}{text[1:]}"
        other = of_others(text, self.voices)
        if other is None:
            return text, _capital(me)
        about = mentions(text) or me.lower() in other.lower()
        return other, None if about or (spoken_of(text, self.voices).people and not leans(text)) else _capital(me)

    def _keep_company(self, part: str, spoken: Spoken) -> None:
        """Remember with whom somebody says that they did something: that is who "we" means from then on."""
        if not _WITH.search(part):
            return
        sure = len(spoken.people) == 1 and not spoken.more
        self.voices = replace(self.voices, we=f"{self.voices.me} and {spoken.people[0].name}" if sure else None)

    def _subject(self, text: str, spoken: Spoken) -> str:
        names = (*(person.name for person in spoken.people), self.voices.me, self.voices.you or "")
        return next((name for name in names if name and text.lower().startswith(name.lower())), "")


def _with_lists(said: Sequence[str]) -> list[str]:
    """Join the items of a list to the sentence with a colon that introduces it; leave it out if that asks for something."""
    joined: list[str] = []
    items: list[str] | None = None
    for sentence in [*said, ""]:
        if items is not None and _ITEM.match(sentence):
            items.append(_ITEM.sub("", sentence, count=1).strip(" .;,"))
            continue
        if items is not None and len(items) > 1 and is_told(joined[-1]):
            joined[-1] = f"{joined[-1]} {'; '.join(items[:MOST_LISTED])}."
        items = [] if sentence.endswith(":") else None
        joined.append(sentence)
    return joined[:-1]


def _language(sentence: str) -> str:
    words = _WORD.findall(tightened(sentence).casefold())
    latin = sum(1 for word in words if _LATIN.match(word))
    if latin * 2 < len(words):
        return ""
    return guess(words)


def _unspaced(text: str) -> int:
    return 0 if _LATIN.search(text) else len(text)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:] if name.startswith("the ") else name
