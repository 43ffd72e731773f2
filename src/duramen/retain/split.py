"""Cutting a long text into pieces that can be embedded, found and shown."""

import re
from collections.abc import Iterator
from itertools import pairwise

from duramen.errors import BadInputError
from duramen.language.tokens import count_tokens_batch

_Span = tuple[int, int]

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]”’»]*\s+|(?<=[。！？])|\n")  # noqa: RUF001 - the full stops of Chinese and Japanese
_WORD = re.compile(r"\s+")

_CHARACTERS = 40
"""Of text per token, at the very most: what is longer is cut without being counted, and packed again if that was wrong."""

_RUN = 4
"""Characters per token in an unbroken run, to begin with; what is still too long is halved."""


def split(text: str, max_tokens: int = 200) -> list[str]:
    """Cut `text` into pieces of at most `max_tokens` tokens, at the best places there are.

    Cuts fall between paragraphs (blank lines), else between sentences, else between words, else anywhere in a run
    without spaces. Neighbours are packed together as long as they fit. The time taken grows with the length alone.

    Args:
        text: Any text.
        max_tokens: Size of a piece by `count_tokens`, at least 1.

    Returns:
        Substrings of `text` in order, without overlap and without surrounding whitespace; nothing but whitespace is
        lost. A text that fits is one piece, a blank one none. A single character that alone counts more than
        `max_tokens` (up to 3) is a piece of its own.

    Raises:
        BadInputError: `max_tokens` is below 1.

    Example:
        >>> split("One two three. Four five six.", max_tokens=4)
        ['One two three.', 'Four five six.']
    """
    if max_tokens < 1:
        raise BadInputError(f"max_tokens is {max_tokens}; a piece holds at least 1 token.")
    if not text.strip():
        return []
    units = [(0, len(text))]
    tokens = _count(text, units, max_tokens)
    for separator in (_PARAGRAPH, _SENTENCE, _WORD):
        units, tokens = _cut(text, units, tokens, max_tokens, separator)
    packed = [(start, start + len(piece)) for start, piece in _pack(text, units, tokens, max_tokens)]
    return [text[start:end].strip() for start, end in _halved(text, packed, max_tokens) if text[start:end].strip()]


def _count(text: str, spans: list[_Span], max_tokens: int) -> list[int]:
    """Count the tokens of each span, but take a very long one for too long unseen."""
    longest = _CHARACTERS * max_tokens
    texts = [text[start:end].strip() if end - start <= longest else None for start, end in spans]
    known = {distinct: 0 for distinct in texts if distinct is not None}  # words repeat
    known.update(zip(known, count_tokens_batch(known), strict=True))
    return [max_tokens + 1 if counted is None else known[counted] for counted in texts]


def _cut(
    text: str, spans: list[_Span], tokens: list[int], max_tokens: int, separator: re.Pattern[str]
) -> tuple[list[_Span], list[int]]:
    """Cut the spans that are too long after each separator; the others stay as they are."""
    cut = {
        number: [*pairwise(sorted({start, *(match.end() for match in separator.finditer(text, start, end)), end}))]
        for number, (start, end) in enumerate(spans)
        if tokens[number] > max_tokens
    }
    counts = iter(_count(text, [span for parts in cut.values() for span in parts], max_tokens))
    result: list[_Span] = []
    result_tokens: list[int] = []
    for number, span in enumerate(spans):
        for part in cut.get(number, [span]):
            result.append(part)
            result_tokens.append(next(counts) if number in cut else tokens[number])
    return result, result_tokens


def _pack(text: str, units: list[_Span], tokens: list[int], max_tokens: int) -> Iterator[tuple[int, str]]:
    """Join neighbours as long as the sum of their tokens fits; whitespace between them costs none."""
    first, used = 0, 0
    for (start, _), count in zip(units, tokens, strict=True):
        if used and used + count > max_tokens:
            yield first, text[first:start]
            first, used = start, 0
        used += count
    yield first, text[first:]


def _halved(text: str, spans: list[_Span], max_tokens: int) -> list[_Span]:
    """Cut what is still too long, which is one run without spaces, into ever smaller parts."""
    tokens = _count(text, spans, max_tokens)
    while any(count > max_tokens and end - start > 1 for (start, end), count in zip(spans, tokens, strict=True)):
        parts: list[_Span] = []
        known: list[int] = []
        for (start, end), count in zip(spans, tokens, strict=True):
            cuts = [*range(start, end, end - start if count <= max_tokens else _step(end - start, max_tokens)), end]
            parts.extend(pairwise(cuts))
            known.extend([count if len(cuts) == 2 else -1] * (len(cuts) - 1))
        counts = iter(_count(text, [part for part, count in zip(parts, known, strict=True) if count < 0], max_tokens))
        spans, tokens = parts, [next(counts) if count < 0 else count for count in known]
    return spans


def _step(length: int, max_tokens: int) -> int:
    """Few characters count more than one token, so parts as long as the size are halved again only if they must."""
    return next((size for size in (_RUN * max_tokens, max_tokens) if length > size), max(1, length // 2))
