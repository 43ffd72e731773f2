"""Whether what a language model answered can be about what it was shown: by its language, and the lines that it names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from duramen.errors import BadAnswerError
from duramen.language.function_words import ENGLISH, LATIN
from duramen.language.stemming import DEFAULT, guess
from duramen.language_model import Answered, LanguageModel, Prompt, Shape

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

LEAST = 2
"""Function words that an answer must have, beside those that were said, to show its language."""

_TOLD = re.compile(r"\bin\s+the\s+language\s+of\s+the\b")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LINE = re.compile(r"^([eh]\d+) ", re.MULTILINE)
_NAMING = frozenset({"sources", "first", "last"})
_AROUND = " .,:;()[]{}\"'`*#"
_KIN = {
    "danish": "scandinavian",
    "norwegian": "scandinavian",
    "swedish": "scandinavian",
    "spanish": "romance",
    "portuguese": "romance",
    "italian": "romance",
    "CJK": "east asian",
    "HIRAGANA": "east asian",
    "KATAKANA": "east asian",
}
"""Languages and scripts that short texts do not tell apart, or that stand in one text."""

_ONLY_ENGLISH = ENGLISH.difference(*LATIN.values())


@dataclass(frozen=True, slots=True)
class CheckedModel:
    """A model whose answers are refused if they cannot be about what was said.

    That is so if none of the lines that one names as its sources was shown; and if it is in a language that nobody spoke,
    where its instructions tell it to write "in the language of the …" (the owner of a strategy may want another).
    Kindred languages count as one, and a text that shows none is in the right one.

    Attributes:
        model: What is asked.
        said: What it is asked about.
    """

    model: LanguageModel
    said: Sequence[str]

    @property
    def name(self) -> str:
        """See `LanguageModel`."""
        return self.model.name

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`; raises `BadAnswerError` also if the answer is refused."""
        answered = await self.model.answer(prompt, shape, max_tokens=max_tokens)
        fields = list(_fields(answered.value.model_dump()))
        self._check_labels({text for name, text in fields if name in _NAMING}, prompt)
        if _TOLD.search(prompt.instructions):
            self._check_language(" ".join(text for _, text in fields))
        return answered

    async def aclose(self) -> None:
        """See `LanguageModel`."""
        await self.model.aclose()

    def _check_labels(self, named: AbstractSet[str], prompt: Prompt) -> None:
        shown = {label.casefold() for label in _LINE.findall(prompt.data)}
        if named and shown and shown.isdisjoint(label.strip(_AROUND).casefold() for label in named):
            told = ", ".join(sorted(named)[:3])[:60]
            raise BadAnswerError(f"The model {self.name!r} names as its sources only what it was not shown: {told!r}.")

    def _check_language(self, answer: str) -> None:
        heard = [_words(text) for text in self.said]
        all_heard = set().union(*heard)
        spoken = _language(all_heard)
        found = _language(_words(answer))
        if found in {None, spoken, *map(_language, heard)} or spoken is None:
            return
        if found == _language(_words(answer) - all_heard):  # what was said may be quoted
            raise BadAnswerError(
                f"The model {self.name!r} answered in another language than was spoken ({found}, not {spoken})."
            )


def _fields(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _fields(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from _fields(part, name)


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _language(words: AbstractSet[str]) -> str | None:
    """Return the language of a text by its words, or its script if that is not Latin; None if too little tells."""
    script = _script(words)
    if script != "LATIN":
        return script
    language = guess(sorted(words))
    telling = _ONLY_ENGLISH if language == DEFAULT else LATIN[language]
    return _KIN.get(language, language) if len(words & telling) >= LEAST else None


def _script(words: Iterable[str]) -> str | None:
    """Return the script of most of the letters."""
    letters = Counter(letter for word in words for letter in word)
    scripts: Counter[str] = Counter()
    for letter, times in letters.items():
        name = unicodedata.name(letter, "").partition(" ")[0]
        scripts[_KIN.get(name, name)] += times
    return max(scripts, key=lambda name: scripts[name]) if scripts else None
