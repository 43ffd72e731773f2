"""What each bank may use of a language model, and what it has used.

Counts are kept in memory: they begin anew with the process, and each process counts for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from duramen.errors import BadInputError, LanguageModelError, ModelUnavailableError, QuotaError
from duramen.language.tokens import count_tokens_batch
from duramen.language_model import Answered, LanguageModel, Prompt, Shape, Usage
from duramen.language_models.fair import FairSlots
from duramen.language_models.structured import METER
from duramen.plain import plain
from duramen.times import EPOCH, aware, later, utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What each bank may use of a model; None for as much as it likes.

    A call is refused when what was used, with the prompts that are being answered and its own, is more than a limit. What
    an answer will take is not known before, so the last one may go beyond by its length.

    Attributes:
        tokens_per_day: Read and written, from midnight to midnight UTC.
        tokens_per_minute: The same, from one full minute to the next.
        dollars_per_day: By the prices below.
        dollars_per_million: Price of a million tokens read, and of a million written.
        concurrency: Calls at once, all banks together. Banks that wait take turns, so that one with much to do holds no
            other up.
        timeout: Seconds for one answer with its repair and repeats, not counting the wait for its turn.

    Raises:
        BadInputError: One of them is below what makes sense, or there are dollars without prices.
    """

    tokens_per_day: int | None = None
    tokens_per_minute: int | None = None
    dollars_per_day: float | None = None
    dollars_per_million: tuple[float, float] = (0.0, 0.0)
    concurrency: int = 4
    timeout: float = 60.0

    def __post_init__(self) -> None:
        for name in ("tokens_per_day", "tokens_per_minute", "dollars_per_day"):
            limit = getattr(self, name)
            if limit is not None and not limit >= 0:
                raise BadInputError(f"`{name}` is {limit}. Give a number not below 0, or None for no limit.")
        if self.concurrency < 1 or not self.timeout > 0:
            raise BadInputError("`concurrency` must be 1 or more, and `timeout` above 0 s.")
        if not all(price >= 0 for price in self.dollars_per_million):
            raise BadInputError("`dollars_per_million` holds a price below 0.")
        if self.dollars_per_day is not None and not any(self.dollars_per_million):
            raise BadInputError("`dollars_per_day` needs prices: give `dollars_per_million=(read, written)`.")

    def dollars(self, usage: Usage) -> float:
        """Return what `usage` costs."""
        read, written = self.dollars_per_million
        return (usage.read * read + usage.written * written) / 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a bank has used since the process began.

    Attributes:
        calls: Answers that were asked for; `failures` of them came to nothing.
        refused: Calls that were not made because a limit was reached.
    """

    calls: int = 0
    failures: int = 0
    refused: int = 0
    read: int = 0
    written: int = 0
    dollars: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        """Return the sum of both."""
        return Spent(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})


class Metered:
    """A language model of which each bank may use so much.

    Args:
        model: Asked by all banks. `aclose` closes it.
        limits: The same for each bank.
        clock: Tells the time, aware.
    """

    def __init__(
        self, model: LanguageModel, limits: Limits | None = None, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.model = model
        self.limits = limits or Limits()
        self._clock = clock
        self._slots = FairSlots(self.limits.concurrency)
        self._books: dict[str, _Book] = {}

    def for_bank(self, bank: str) -> LanguageModel:
        """Return the model as this bank may use it. Closing that closes nothing."""
        return _ForBank(self, bank)

    def usage(self, bank: str) -> Spent:
        """Return what the bank has used; nothing if it never asked."""
        return self._books[bank].spent if bank in self._books else Spent()

    async def aclose(self) -> None:
        """Close the model."""
        await self.model.aclose()

    async def answer(self, bank: str, prompt: Prompt, shape: type[Shape], max_tokens: int) -> Answered[Shape]:
        """Answer for `bank`, as `LanguageModel.answer` does; whatever else the model raises, it is unavailable."""
        book = self._books.setdefault(bank, _Book(bank, self.model.name, self.limits, self._clock))
        expected = sum(count_tokens_batch([prompt.instructions, prompt.data]))
        book.admit(expected)
        async with self._slots.taken(bank):
            book.admit(expected)  # others of this bank may have used up the rest meanwhile
            try:
                return await self._metered(book, expected, prompt, shape, max_tokens)
            except LanguageModelError:
                book.fail()
                raise
            except Exception as error:  # a model of the user's own may raise whatever its library does
                book.fail()
                raise ModelUnavailableError(
                    f"The model {self.model.name!r} failed: {type(error).__name__}: {plain(str(error))[:300]}"
                ) from error

    async def _metered(
        self, book: _Book, expected: int, prompt: Prompt, shape: type[Shape], max_tokens: int
    ) -> Answered[Shape]:
        told: list[Usage] = []

        def meter(usage: Usage) -> None:
            told.append(usage)
            book.spend(usage)

        book.begin(expected)
        token = METER.set(meter)
        try:
            asked = self.model.answer(prompt, shape, max_tokens=max_tokens)
            answered = await asyncio.wait_for(asked, self.limits.timeout)
        except asyncio.TimeoutError as error:
            if not told:
                meter(Usage(read=expected))  # whoever runs the model counts it as well
            raise ModelUnavailableError(
                f"The model {self.model.name!r} gave no answer within {self.limits.timeout:g} s and was given up. Raise "
                f"`Limits.timeout`, or use a faster model."
            ) from error
        finally:
            METER.reset(token)
            book.end(expected)
        if not told:  # a model that does not ask through `structured`
            meter(answered.usage)
        return answered


class _ForBank:
    """See `Metered.for_bank`."""

    def __init__(self, metered: Metered, bank: str) -> None:
        self._metered = metered
        self._bank = bank

    @property
    def name(self) -> str:
        """See `LanguageModel`."""
        return self._metered.model.name

    async def answer(self, prompt: Prompt, shape: type[Shape], *, max_tokens: int = 4_000) -> Answered[Shape]:
        """See `LanguageModel`."""
        return await self._metered.answer(self._bank, prompt, shape, max_tokens)

    async def aclose(self) -> None:
        """See `LanguageModel`. The model is for other banks, too."""


@dataclass(slots=True)
class _Window:
    """What was used since a full minute or midnight."""

    length: timedelta
    begins: datetime = EPOCH
    tokens: int = 0
    dollars: float = 0.0

    @property
    def ends(self) -> datetime:
        return later(self.begins, self.length)

    def roll(self, now: datetime) -> None:
        begins = EPOCH + (now - EPOCH) // self.length * self.length
        if begins != self.begins:
            self.begins, self.tokens, self.dollars = begins, 0, 0.0


class _Book:
    """What one bank has used, and is about to."""

    def __init__(self, bank: str, model: str, limits: Limits, clock: Callable[[], datetime]) -> None:
        self.spent = Spent()
        self._bank = bank
        self._model = model
        self._limits = limits
        self._clock = clock
        self._expected = 0
        self._day = _Window(timedelta(days=1))
        self._minute = _Window(timedelta(minutes=1))

    def admit(self, expected: int) -> None:
        """Raise `QuotaError` if a prompt of so many tokens is too much now."""
        self._roll()
        tokens = self._expected + expected
        dollars = self._limits.dollars(Usage(read=tokens))
        for name, window, used, limit in (
            ("tokens_per_minute", self._minute, self._minute.tokens + tokens, self._limits.tokens_per_minute),
            ("tokens_per_day", self._day, self._day.tokens + tokens, self._limits.tokens_per_day),
            ("dollars_per_day", self._day, self._day.dollars + dollars, self._limits.dollars_per_day),
        ):
            if limit is not None and used > limit:
                self.spent = replace(self.spent, refused=self.spent.refused + 1)
                raise QuotaError(
                    f"Bank {self._bank!r} has used up its `{name}` of {self._model!r}: with this prompt of {expected:,} tokens "
                    f"it would be {used:,.6g} of {limit:,}. It begins anew at {window.ends:%Y-%m-%d %H:%M} UTC. Wait, or raise "
                    f"the limit."
                )

    def begin(self, expected: int) -> None:
        """Count a call, and its prompt as used until it ends."""
        self.spent = replace(self.spent, calls=self.spent.calls + 1)
        self._expected += expected

    def end(self, expected: int) -> None:
        """Count what was told of the call instead of what was expected."""
        self._expected -= expected

    def fail(self) -> None:
        """Count a call that came to nothing."""
        self.spent = replace(self.spent, failures=self.spent.failures + 1)

    def spend(self, usage: Usage) -> None:
        """Count what a request took."""
        self._roll()
        dollars = self._limits.dollars(usage)
        for window in (self._day, self._minute):
            window.tokens += usage.read + usage.written
            window.dollars += dollars
        self.spent = replace(
            self.spent,
            read=self.spent.read + usage.read,
            written=self.spent.written + usage.written,
            dollars=self.spent.dollars + dollars,
        )

    def _roll(self) -> None:
        now = aware(self._clock())
        self._day.roll(now)
        self._minute.roll(now)
