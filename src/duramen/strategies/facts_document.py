"""Facts of documents: their sentences, each with the heading that says what it is about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import regex

from duramen.language.sentences import is_question, is_small_talk, sentences
from duramen.strategies.facts_dates import dated, occurred
from duramen.strategies.facts_filter import LONGEST, content_words, is_secret, orders_the_agent
from duramen.strategies.facts_people import leans
from duramen.types import Event, Interval

MOST_JOINED = 400
"""Characters of a fact, up to which a sentence that leans on it ("It also …") is joined to it."""

_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n")
_HEADING = regex.compile(r"(?P<level>#{1,6})\s+(?P<title>.+?)\s*#*$")
_UNDERLINED = regex.compile(r"(?P<title>[^\n]{2,80})\n(?P<line>=+|-{3,})\s*(?:\n|$)")
_BARE = regex.compile(r"(?=.*\p{L})[^\n.!?:;,|]{2,70}$")
_ROW = regex.compile(r"\s*\|.*\|\s*$")
_RULE = regex.compile(r"[\s|:+=*_-]+$")
_ITEM = regex.compile(r"\s*(?:[-*+•‣◦·]\s+|\(?\d{1,3}[.)]\s+|>\s*)+")
_MARKS = regex.compile(rf"^{_ITEM.pattern}|\*\*|__|`")
_LINK = regex.compile(r"!?\[(?P<words>[^\]\n]{0,300})\]\([^)\n]{0,500}\)")
_FENCED = ("```", "~~~")
_YEARS = timedelta(days=1_500)


@dataclass(slots=True)
class Found:
    """A fact of a document: its text, and when it was if the text says so."""

    text: str
    occurred: Interval | None = None


@dataclass(slots=True)
class _Reading:
    event: Event
    titles: dict[int, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    intro: str = ""
    question: str = ""
    found: list[Found] = field(default_factory=list)
    joins: bool = False
    """Whether the last of `found` is of this paragraph."""


def document_facts(event: Event) -> list[Found]:
    """Read the facts of a document, in order.

    A sentence that begins with "it" or "this" is joined to the one before it, an answer to its question, an item of a list
    to what introduces it, a row of a table to the names of its columns. Relative dates are only resolved if the caller
    said when the document is from (`Event.occurred`). Code, links by themselves and secrets are left out.
    """
    reading = _Reading(event)
    for paragraph in _PARAGRAPH.split(event.content.replace("\r\n", "\n")):
        _read(reading, paragraph.strip())
    return reading.found


def _read(reading: _Reading, paragraph: str) -> None:
    reading.joins, reading.columns = False, []
    underlined = _UNDERLINED.match(paragraph)
    if underlined:
        _titled(reading, 1 if underlined["line"][0] == "=" else 2, underlined["title"])
        paragraph = paragraph[underlined.end() :]
    if _BARE.match(paragraph) and not _HEADING.match(paragraph) and not _ITEM.match(paragraph):
        _titled(reading, 6, paragraph)
        return
    if not paragraph.startswith(("-", "*", "+", "•", "1")):
        reading.intro = ""
    for sentence in sentences(paragraph):
        heading = _HEADING.match(sentence)
        if heading:
            _titled(reading, len(heading["level"]), heading["title"])
        elif _ROW.match(sentence):
            _row(reading, sentence)
        elif not sentence.startswith(_FENCED):
            _sentence(reading, sentence)


def _titled(reading: _Reading, level: int, title: str) -> None:
    reading.titles = {above: name for above, name in reading.titles.items() if above < level}
    reading.titles[level] = _plain(title)
    reading.joins, reading.intro, reading.question = False, "", ""


def _row(reading: _Reading, row: str) -> None:
    cells = [_plain(cell) for cell in row.strip().strip("|").split("|")]
    if _RULE.match(row):
        return
    if not reading.columns:
        reading.columns = cells
        return
    pairs = zip(reading.columns, cells, strict=False)
    _keep(reading, "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell) + ".")


def _sentence(reading: _Reading, sentence: str) -> None:
    listed = _ITEM.match(sentence) is not None
    text = _plain(sentence)
    if text.endswith(":"):
        reading.intro, reading.joins = text[:-1], False
    elif is_question(text):
        reading.question, reading.joins = text, False
    elif reading.question:
        question, reading.question = reading.question, ""
        _keep(reading, f"{question} {text}")
    elif listed and reading.intro:
        _keep(reading, f"{reading.intro}: {text}")
    elif reading.joins and leans(text) and len(reading.found[-1].text) + len(text) < MOST_JOINED:
        last = reading.found[-1]
        last.text = f"{last.text} {_dated(reading.event, text)}"
        last.occurred = last.occurred or _occurred(reading.event, text)
    else:
        _keep(reading, text)


def _keep(reading: _Reading, text: str) -> None:
    if is_secret(text) or orders_the_agent(text) or is_small_talk(text) or len(content_words(text)) < 2:
        return
    about = _about(reading, text)
    when = _occurred(reading.event, text)
    for piece in _pieces(_dated(reading.event, text)):
        reading.found.append(Found(f"{about}{piece}", when))
    reading.joins = True


def _about(reading: _Reading, text: str) -> str:
    """Return the headings above that say something that the text does not."""
    said = content_words(text)
    levels = sorted(reading.titles)
    names = [reading.titles[level] for level in dict.fromkeys((*levels[:1], *levels[-1:]))]
    missing = [name for name in names if not content_words(name) <= said]
    return f"{', '.join(missing)}: " if missing else ""


def _dated(event: Event, text: str) -> str:
    return text if event.occurred is None else dated(text, event.occurred)


def _occurred(event: Event, text: str) -> Interval | None:
    if event.occurred is not None:
        return occurred(text, event.occurred)
    # What is the same from another year's view is a date of the calendar, and no relative one.
    when = occurred(text, event.mentioned)
    return when if when is not None and when == occurred(text, event.mentioned - _YEARS) else None


def _pieces(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, LONGEST, break_long_words=True) if len(text) > LONGEST else (text,)


def _plain(text: str) -> str:
    return " ".join(_MARKS.sub("", _LINK.sub(lambda found: found["words"], text)).split())
