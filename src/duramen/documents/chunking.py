"""Cutting a document into chunks whose borders follow from the text around them.

Where a text is cut depends on nothing further away than a third of a chunk. So an insertion in the middle changes the
chunks next to it and no others, however much moves along.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

from duramen.errors import BadInputError

DEFAULT_CHARACTERS = 3000
LEAST, MOST = 100, 100_000
"""How small and how large the longest chunk may be set, in characters."""

Span = tuple[int, int]

_Border = tuple[int, int, int]  # how good it is (0: between paragraphs), a hash of what stands around it, and where

_BORDERS = (
    re.compile(r"\n[^\S\n]*\n\s*"),
    re.compile(r"\n"),
    re.compile(r"[.!?…][\"')\]”’»]*\s+|[。！？]"),  # noqa: RUF001  the full stops of Chinese and Japanese
)
_WORD = re.compile(r"\s+")
_AROUND = 32  # characters on each side of a border that its hash is of


def spans(text: str, characters: int = DEFAULT_CHARACTERS) -> list[Span]:
    """Return where the chunks of `text` begin and end: at most `characters` each, without surrounding whitespace.

    A text that fits is one chunk. In a longer one, a border is where no other within a third of a chunk is better, and
    of those as good none has a smaller hash: paragraphs are better than lines, lines than sentences. What is still too
    long between two such borders is halved at the best border near its middle, in the end between any two characters.

    Nothing but whitespace is left out; a blank text has no chunks.

    Raises:
        BadInputError: `characters` is not a whole number from `LEAST` to `MOST`.

    Source:
        Borders by the content around them as in content-defined chunking: Muthitacharoen, Chen & Mazières, SOSP 2001,
        https://doi.org/10.1145/502034.502052; local minima as in Bjørner, Blass & Gurevich, JCSS 2010,
        https://doi.org/10.1016/j.jcss.2009.06.004
    """
    check_size(characters)
    whole = _trimmed(text, (0, len(text)))
    if whole is None:
        return []
    if whole[1] - whole[0] <= characters:
        return [whole]
    anchors = _minima(list(_borders(text, whole)), characters // 3)
    segments = pairwise([whole[0], *anchors, whole[1]])
    cut = (part for segment in segments for part in _halved(text, segment, characters))
    return [span for part in cut if (span := _trimmed(text, part)) is not None]


def check_size(characters: int) -> None:
    """Raise `BadInputError` unless a chunk may be so long."""
    given: object = characters
    if isinstance(given, bool) or not isinstance(given, int) or not LEAST <= given <= MOST:
        raise BadInputError(
            f"`chunk_characters` is {characters!r}. Give a whole number from {LEAST} to {MOST:,}. Nothing was retained."
        )


def _trimmed(text: str, span: Span) -> Span | None:
    piece = text[span[0] : span[1]]
    left = piece.lstrip()
    start = span[0] + len(piece) - len(left)
    return (start, start + len(left.rstrip())) if left else None


def _borders(text: str, span: Span) -> Iterator[_Border]:
    """Give the places where it may be cut, in order, each once, as good as it is."""
    found: dict[int, int] = {}
    for level, pattern in enumerate(_BORDERS):
        for match in pattern.finditer(text, *span):
            found.setdefault(match.end(), level)
    for place in sorted(found):
        if span[0] < place < span[1]:
            yield found[place], _hash(text, place), place


def _hash(text: str, place: int) -> int:
    return zlib.crc32(text[max(0, place - _AROUND) : place + _AROUND].encode(errors="replace"))


def _minima(borders: Sequence[_Border], reach: int) -> list[int]:
    """Return the places of the borders that are smaller than all others within `reach` characters on either side."""
    before = _smallest_before(borders, reach)
    mirrored = [(level, value, -place) for level, value, place in reversed(borders)]
    behind = _smallest_before(mirrored, reach)[::-1]
    return [
        place
        for (level, value, place), left, right in zip(borders, before, behind, strict=True)
        if (level, value) < left and (level, value) < right
    ]


def _smallest_before(borders: Sequence[_Border], reach: int) -> list[tuple[float, float]]:
    """Return for each border the smallest of those up to `reach` characters before it."""
    window: deque[_Border] = deque()  # rising
    smallest: list[tuple[float, float]] = []
    for level, value, place in borders:
        while window and window[0][2] < place - reach:
            window.popleft()
        smallest.append(window[0][:2] if window else (float("inf"), 0.0))
        while window and window[-1][:2] >= (level, value):
            window.pop()
        window.append((level, value, place))
    return smallest


def _halved(text: str, span: Span, most: int) -> Iterator[Span]:
    """Cut what is too long, again and again."""
    waiting = [span]
    while waiting:
        start, end = waiting.pop()
        if end - start <= most:
            yield start, end
            continue
        middle = (start + end) // 2
        reach = min((end - start) // 4, most // 2)  # not further: each cut takes as long as a chunk, not as the text
        near = (middle - reach, middle + reach)
        best = min(_borders(text, near), default=None) or min(_words(text, near), default=(0, 0, middle))
        waiting += [(best[2], end), (start, best[2])]


def _words(text: str, span: Span) -> Iterator[_Border]:
    for match in _WORD.finditer(text, *span):
        if span[0] < match.end() < span[1]:
            yield 0, _hash(text, match.end()), match.end()
