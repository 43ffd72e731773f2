"""Labels whose values a language model finds in what was said: what they mean, and which values fit."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias, get_args

from duramen.errors import StrategyError
from duramen.types import KINDS, Kind

LabelType = Literal["text", "texts", "number"]
LabelValue: TypeAlias = "str | float | list[str]"
"""What a label says, as JSON has it."""

LONGEST_TEXT = 256
LONGEST_OF_TEXTS = 64
MOST_TEXTS = 5

_NOT_PLAIN = re.compile(r"[^a-zA-Z0-9\s._:/=+@-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredLabel:
    """A label that a language model gives to memories. Without one it is copied from their events, where that fits.

    Attributes:
        key: What it is called, 1 to 128 characters; in the metadata of events and in that of records.
        type: `text`, at most 256 characters; `texts`, up to `most` of at most 64 characters each; `number`, a finite one.
        definition: What it means; the key says so if nothing does.
        instruction: How its value is chosen; `LATEST_VALUE` for the one that was said last.
        allowed: The only texts that fit, whatever their case; none for any.
        most: How many `texts` there may be, 1 to 5; those beyond are left out.
        least: The smallest number that fits, and `greatest` the greatest.
        plain: Texts are written in ASCII letters, digits, spaces and `._:/=+@-`, as AWS wants them: accents are taken
            off, and what is left of other characters is a space.
        kind: Only memories of this kind have it; None for all.

    Raises:
        StrategyError: One of these is not so.
    """

    key: str
    type: LabelType = "text"
    definition: str = ""
    instruction: str = ""
    allowed: tuple[str, ...] = ()
    most: int = MOST_TEXTS
    least: float | None = None
    greatest: float | None = None
    plain: bool = False
    kind: Kind | None = None

    def __post_init__(self) -> None:
        """Refuse what no value could fit."""
        wrong = next((told for holds, told in self._wanted() if not holds), None)
        if wrong is not None:
            raise StrategyError(f"The label {self.key!r} cannot be: {wrong}. Nothing was changed.")

    def fitting(self, given: object) -> LabelValue | None:
        """Return a value as the label has it; None for one that does not fit.

        >>> mood = InferredLabel(key="mood", allowed=("good", "bad"))
        >>> mood.fitting("Good"), mood.fitting("so so"), InferredLabel(key="age", type="number").fitting("41")
        ('good', None, 41.0)
        """
        if self.type == "number":
            return self._number(given)
        if self.type == "text":
            return self._text(given, LONGEST_TEXT)
        several = given if isinstance(given, list | tuple) else [given]
        texts = [text for one in several if (text := self._text(one, LONGEST_OF_TEXTS)) is not None]
        return list(dict.fromkeys(texts))[: self.most] or None

    def written(self) -> dict[str, Any]:
        """Return the label as `json.dumps` writes it, without what it has anyway."""
        usual = {field.name: field.default for field in fields(self)}
        said = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return said | ({"allowed": list(self.allowed)} if self.allowed else {})

    def _text(self, given: object, longest: int) -> str | None:
        if isinstance(given, float | int) and not isinstance(given, bool) and math.isfinite(given):
            given = f"{given:.15g}"
        if not isinstance(given, str):
            return None
        text = _as_plain(given) if self.plain else given
        text = "".join(character for character in " ".join(text.split()) if character.isprintable())
        if self.allowed:
            return next((one for one in self.allowed if " ".join(one.split()).casefold() == text.casefold()), None)
        return text if 0 < len(text) <= longest else None

    def _number(self, given: object) -> float | None:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            return None
        try:
            number = float(given)
        except (ValueError, OverflowError):
            return None
        above = self.least is None or number >= self.least
        below = self.greatest is None or number <= self.greatest
        return number if math.isfinite(number) and above and below else None

    def _wanted(self) -> list[tuple[bool, str]]:
        given: Any = self  # it may come from JSON
        longest = LONGEST_TEXT if given.type == "text" else LONGEST_OF_TEXTS
        texts = isinstance(given.allowed, tuple) and all(isinstance(one, str) and one for one in given.allowed)
        numbers = all(one is None or _is_number(one) for one in (given.least, given.greatest))
        kinds = (None, *KINDS)
        return [
            (isinstance(given.key, str) and 0 < len(given.key) <= 128, "its key must have 1 to 128 characters"),
            (given.type in get_args(LabelType), f"its type must be one of {', '.join(get_args(LabelType))}"),
            (isinstance(given.definition, str) and isinstance(given.instruction, str), "what it means must be text"),
            (texts, "`allowed` must be a list of texts"),
            (not given.allowed or given.type != "number", "a number has `least` and `greatest`, and no `allowed`"),
            (texts and all(len(one) <= longest for one in given.allowed), f"one of `allowed` is longer than {longest}"),
            (isinstance(given.most, int) and 1 <= given.most <= MOST_TEXTS, f"`most` must be 1 to {MOST_TEXTS}"),
            (numbers, "`least` and `greatest` must be finite numbers"),
            (numbers and _below(given.least, given.greatest), "`least` is above `greatest`"),
            (isinstance(given.plain, bool), "`plain` must be true or false"),
            (given.kind in kinds, f"its kind must be one of {', '.join(KINDS)}"),
        ]


def read_label(given: object) -> InferredLabel:
    """Read what `InferredLabel.written` wrote.

    Raises:
        StrategyError: It is no label, or one that cannot be.
    """
    known = [field.name for field in fields(InferredLabel)]
    if not isinstance(given, Mapping) or "key" not in given or not set(given) <= set(known):
        raise StrategyError(f"{given!r} is no label. Give `key`, and of {', '.join(known[1:])} what it has.")
    said = dict(given)
    if isinstance(said.get("allowed"), list):
        said["allowed"] = tuple(said["allowed"])
    return InferredLabel(**said)


def _as_plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return _NOT_PLAIN.sub(" ", "".join(one for one in apart if not unicodedata.combining(one)))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _below(least: float | None, greatest: float | None) -> bool:
    return least is None or greatest is None or least <= greatest
