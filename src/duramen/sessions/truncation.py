"""Truncating a conversation that grows too long for a prompt: pure functions over chat messages.

Messages may be those of OpenAI, Anthropic, Bedrock, Strands or LangChain, as dictionaries; see `duramen.sessions.tools`.
System messages at the front always stay, and a tool call is never parted from its result.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeAlias

from duramen.errors import LanguageModelError, StrategyError
from duramen.language.tokens import count_tokens_batch
from duramen.sessions.summaries import Summarize, cut, fenced, is_summary, plain_summary
from duramen.sessions.tools import asks, inner, role_of, units_of
from duramen.types import Message

PER_MESSAGE = 4
"""Tokens that a message takes beside what it holds."""

PER_MEDIUM = 1500
"""Tokens that a picture, document or recording counts, whatever its size."""

_MEDIA = frozenset({"image", "image_url", "input_image", "document", "video", "audio", "input_audio", "file"})

SummarizeAsync: TypeAlias = Callable[[Sequence[Message]], Awaitable[str]]
"""`Summarize` for code that awaits a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlidingWindow:
    """Keep the newest messages.

    Attributes:
        messages: At most so many beside the system's; None for any number.
        tokens: In at most so many tokens, those of the system included; None for any number.
    """

    messages: int | None = 40
    tokens: int | None = None

    def __post_init__(self) -> None:
        _check_limits(self.messages, self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarization:
    """Put a summary in place of the older messages once there are too many.

    Attributes:
        ratio: The share of the messages that is summarised at a time, above 0 and at most 1; more if that is not enough.
        keep_recent: So many of the newest messages stay as they are; fewer if they would not fit otherwise.
        prompt: What a language model is told that writes the summary; None for the usual. For who calls the model.
        messages: It begins above so many messages beside the system's, the summary included; None for any number.
        tokens: It begins above so many tokens; None for any number.
        summary_tokens: The summary takes at most so many, and at most a third of `tokens`.
    """

    ratio: float = 0.3
    keep_recent: int = 10
    prompt: str | None = None
    messages: int | None = 40
    tokens: int | None = None
    summary_tokens: int = 500

    def __post_init__(self) -> None:
        _check_limits(self.messages, self.tokens)
        if not _is_number(self.ratio, int | float) or not 0 < self.ratio <= 1:
            raise StrategyError(f"`ratio` is {self.ratio!r}. Give a share above 0 and at most 1, such as 0.3.")
        whole = _is_number(self.keep_recent, int) and _is_number(self.summary_tokens, int)
        if not whole or self.keep_recent < 0 or self.summary_tokens < 20:
            raise StrategyError(
                f"`keep_recent` is {self.keep_recent!r} and `summary_tokens` is {self.summary_tokens!r}. Give 0 or more "
                f"messages, and 20 tokens or more."
            )
        if self.messages is not None and self.messages <= self.keep_recent:
            raise StrategyError(
                f"`messages` is {self.messages} and `keep_recent` {self.keep_recent}, which leaves no place for the "
                f"summary. Keep fewer, or begin later."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTruncation:
    """Leave the conversation as it is."""


Truncation: TypeAlias = "SlidingWindow | Summarization | NoTruncation"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a conversation is cut.

    Attributes:
        told: What is summarised, an earlier summary first.
        tokens: What the summary may take within its fence.
    """

    system: list[Message]
    told: list[Message]
    kept: list[Message]
    tokens: int

    def with_summary(self, summary: str) -> list[Message]:
        text = cut(summary, self.tokens) or cut(plain_summary(self.told, tokens=self.tokens), self.tokens)
        return [*self.system, fenced(text, [*self.kept, *self.told]), *self.kept]


def truncate(messages: Sequence[Message], how: Truncation, *, summarize: Summarize | None = None) -> list[Message]:
    """Return what of `messages` goes into the prompt.

    What remains stands in its order. It begins with a message of the user where that can be: if nobody but the agent
    speaks in what fits, with the last question before it. The newest message stays, with the call or result that belongs
    to it, even if it alone is above the limits. Doing it again changes nothing.

    Args:
        messages: A conversation, oldest first.
        how: By which rule.
        summarize: Writes the summary; `plain_summary` by default, and also if a `LanguageModelError` is raised or nothing
            is said. It is shown the earlier summary, if there is one, as the first message.
    """
    if isinstance(how, NoTruncation):
        return list(messages)
    if isinstance(how, SlidingWindow):
        return _window(messages, how)
    where = _cut_at(messages, how)
    if where is None:
        return list(messages)
    try:
        return where.with_summary("" if summarize is None else summarize(where.told))
    except LanguageModelError:
        return where.with_summary("")


async def truncate_async(messages: Sequence[Message], how: Truncation, *, summarize: SummarizeAsync) -> list[Message]:
    """Do what `truncate` does, with a `summarize` that is awaited."""
    where = _cut_at(messages, how) if isinstance(how, Summarization) else None
    if where is None:
        return list(messages) if isinstance(how, Summarization) else truncate(messages, how)
    try:
        return where.with_summary(await summarize(where.told))
    except LanguageModelError:
        return where.with_summary("")


def message_tokens(messages: Sequence[Message]) -> list[int]:
    """Return about how many tokens each message takes in a prompt, calls and results of tools included."""
    media = [0] * len(messages)
    texts = [_prompted(message, media, place) for place, message in enumerate(messages)]
    counts = count_tokens_batch(texts)
    return [count + PER_MESSAGE + PER_MEDIUM * shown for count, shown in zip(counts, media, strict=True)]


def _window(messages: Sequence[Message], how: SlidingWindow) -> list[Message]:
    system, rest = _parted(messages)
    sums = _Sums(system, rest, how.messages, how.tokens)
    if not rest or sums.fits(0):
        return list(messages)
    begins = units_of(rest)
    fitting = [place for place in begins if sums.fits(place)]
    if not fitting:
        return [*system, *rest[begins[-1] :]]
    start = next((place for place in fitting if asks(rest[place])), None)
    if start is not None:
        return [*system, *rest[start:]]
    question = next((place for place in range(fitting[0] - 1, -1, -1) if asks(rest[place])), None)
    if question is None or not _stands_alone(begins, question):
        return [*system, *rest[fitting[0] :]]
    beside = [place for place in fitting if sums.fits(place, beside=question)]
    return [*system, rest[question], *rest[beside[0] :]] if beside else [*system, *rest[fitting[0] :]]


def _cut_at(messages: Sequence[Message], how: Summarization) -> _Cut | None:
    """Return where to cut, or None if there is nothing to be cut off."""
    system, rest = _parted(messages)
    if _Sums(system, rest, how.messages, how.tokens).fits(0):
        return None
    earlier = rest[:1] if rest and is_summary(rest[0]) else []
    body = rest[len(earlier) :]
    begins = [place for place in units_of(body) if place > 0]
    if not begins:
        return None
    tokens = how.summary_tokens if how.tokens is None else min(how.summary_tokens, how.tokens // 3)
    sums = _Sums(system, body, how.messages, how.tokens, reserved=tokens + message_tokens([fenced("", body)])[0])
    place = _best(begins, [asks(body[place]) for place in begins], sums, how)
    return _Cut(system, [*earlier, *body[:place]], body[place:], tokens)


def _best(begins: Sequence[int], asking: Sequence[bool], sums: _Sums, how: Summarization) -> int:
    """Choose where what is kept begins: a limit comes first, then the recent messages, then the share."""
    fitting = [(place, asked) for place, asked in zip(begins, asking, strict=True) if sums.fits(place)]
    if not fitting:
        return begins[-1]
    recent = [(place, asked) for place, asked in fitting if place <= sums.count - how.keep_recent]
    if not recent:
        return fitting[0][0]
    wished = math.ceil(how.ratio * sums.count)
    enough = [(place, asked) for place, asked in recent if place >= wished]
    if not enough:
        return recent[-1][0]
    return next((place for place, asked in enough if asked), enough[0][0])


class _Sums:
    """What the end of a conversation takes, beside its system messages and with room for a summary."""

    def __init__(
        self,
        system: Sequence[Message],
        rest: Sequence[Message],
        messages: int | None,
        tokens: int | None,
        *,
        reserved: int = 0,
    ) -> None:
        self.count = len(rest)
        self._messages = math.inf if messages is None else messages - (reserved > 0)
        self._tokens = math.inf
        self._each = [0] * len(rest)
        if tokens is not None:
            self._tokens = tokens - reserved - sum(message_tokens(system))
            self._each = message_tokens(rest)
        self._behind = [0]
        for each in reversed(self._each):
            self._behind.append(self._behind[-1] + each)

    def fits(self, start: int, *, beside: int | None = None) -> bool:
        """Tell whether what begins at `start` keeps the limits, with the message at `beside` in front of it."""
        more, tokens = (0, 0) if beside is None else (1, self._each[beside])
        count = self.count - start
        return count + more <= self._messages and self._behind[count] + tokens <= self._tokens


def _parted(messages: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """Return the system messages at the front, and the rest."""
    front = next((place for place, message in enumerate(messages) if role_of(message) != "system"), len(messages))
    return list(messages[:front]), list(messages[front:])


def _stands_alone(begins: Sequence[int], place: int) -> bool:
    return place in begins and place + 1 in begins


def _prompted(message: Message, media: list[int], place: int) -> str:
    """Return the text that `message` is in a prompt, and count its media in `media[place]`."""

    def without_media(value: Any) -> Any:
        if isinstance(value, Mapping):
            shown = [name for name in value if name in _MEDIA and value[name]]
            named = value.get("type") in _MEDIA
            media[place] += bool(shown) or named
            return "" if named else {name: without_media(part) for name, part in value.items() if name not in shown}
        return [without_media(part) for part in value] if isinstance(value, list | tuple) else value

    said = inner(message)
    parts: list[Any] = []
    for name in ("content", "tool_calls", "function_call", "output"):
        value = without_media(said.get(name) or "")
        parts += value if isinstance(value, list) else [value]
    return "\n".join(map(_text, parts))


def _text(part: Any) -> str:
    if isinstance(part, Mapping) and isinstance(part.get("text"), str) and part.keys() <= {"type", "text"}:
        return str(part["text"])
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, default=str)


def _check_limits(messages: int | None, tokens: int | None) -> None:
    if messages is None and tokens is None:
        raise StrategyError("There is no limit by messages and none by tokens. Give one, or use `NoTruncation()`.")
    for name, limit in (("messages", messages), ("tokens", tokens)):
        if limit is not None and (not _is_number(limit, int) or limit < 1):
            raise StrategyError(f"`{name}` is {limit!r}. Give a whole number, 1 or more, or None for no such limit.")


def _is_number(given: object, kind: type | UnionType) -> bool:
    return isinstance(given, kind) and not isinstance(given, bool)
