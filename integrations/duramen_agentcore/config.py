"""What holds for every adapter of a process: given to `configure`, or read from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from duramen.errors import BadInputError
from duramen.types import Budget

DEFAULT_URL = "./memory"
_URLS = ("DURAMEN_URL", "HINDSIGHT_API_URL")
_KEYS = ("DURAMEN_API_KEY", "HINDSIGHT_API_KEY", "HINDSIGHT_API_TOKEN")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCoreConfig:
    """Settings that an adapter takes over when it is made.

    Attributes:
        url: Where the memory lives: a directory, a server (`https://…`), or what else `duramen.open` takes.
        api_key: For a memory behind a server; an embedded one needs none.
        recall_budget: How deep a recall looks: "low", "mid" or "high".
        recall_max_tokens: Length of the recalled text, 1 or more.
        retain_async: Whether `after_turn` returns without waiting until the turn is kept.
        timeout: Seconds that a turn waits for the memory, more than 0.
        tags: Labels of everything that is retained.
        journal: A directory where turns are kept while a memory behind a server is away, to be sent later; without, they
            are kept in memory until then, and are lost with the process.
        verbose: Whether to log each operation, without contents, at INFO to "duramen.agentcore".

    Raises:
        BadInputError: A value makes no sense.
    """

    url: str = DEFAULT_URL
    api_key: str | None = field(default=None, repr=False)
    recall_budget: Budget = "mid"
    recall_max_tokens: int = 1500
    retain_async: bool = True
    timeout: float = 15.0
    tags: tuple[str, ...] = ()
    journal: str | None = None
    verbose: bool = False

    def __post_init__(self) -> None:
        for name, good, wanted in (
            ("url", is_text(self.url), "a directory, such as './memory'"),
            ("recall_budget", self.recall_budget in get_args(Budget), "'low', 'mid' or 'high'"),
            ("recall_max_tokens", _is_count(self.recall_max_tokens), "a whole number of 1 or more"),
            ("timeout", _is_duration(self.timeout), "seconds, more than 0"),
            ("journal", self.journal is None or is_text(self.journal), "a directory, such as './journal'"),
        ):
            if not good:
                raise BadInputError(f"`{name}` is {getattr(self, name)!r}. Give {wanted}.")
        object.__setattr__(self, "tags", texts("tags", self.tags))

    @property
    def hindsight_api_url(self) -> str:
        """The same as `url`."""
        return self.url

    def server_options(self) -> dict[str, Any]:
        """Return the options of `duramen.open` for a memory behind a server."""
        return {"api_key": self.api_key, "timeout": self.timeout, "journal": self.journal}


_configured: AgentCoreConfig | None = None


def configure(  # noqa: PLR0913  the options of the adapter, by name
    *,
    url: str | os.PathLike[str] | None = None,
    api_key: str | None = None,
    hindsight_api_url: str | None = None,
    recall_budget: Budget = "mid",
    recall_max_tokens: int = 1500,
    retain_async: bool = True,
    timeout: float = 15.0,
    tags: Sequence[str] = (),
    journal: str | os.PathLike[str] | None = None,
    verbose: bool = False,
) -> AgentCoreConfig:
    """Set what adapters made from now on take over; the last call wins.

    What is None is read from the environment: the address from `DURAMEN_URL`, then `HINDSIGHT_API_URL`, and without
    either the memory is embedded in `./memory`; the key from `DURAMEN_API_KEY`, `HINDSIGHT_API_KEY`, then
    `HINDSIGHT_API_TOKEN`. Variables that are blank count as not set.

    Args:
        url: See `AgentCoreConfig`, also for the other options.
        api_key: See there.
        hindsight_api_url: Another name for `url`, which goes before it.
        recall_budget: See there.
        recall_max_tokens: See there.
        retain_async: See there.
        timeout: See there.
        tags: See there.
        journal: See there.
        verbose: See there.

    Raises:
        BadInputError: A value makes no sense; what was configured before still holds.
    """
    global _configured
    _configured = resolve(
        url=url if url is not None else hindsight_api_url,
        api_key=api_key,
        recall_budget=recall_budget,
        recall_max_tokens=recall_max_tokens,
        retain_async=retain_async,
        timeout=timeout,
        tags=tags,
        journal=None if journal is None else os.fspath(journal),
        verbose=verbose,
    )
    return _configured


def get_config() -> AgentCoreConfig | None:
    """Return what was configured, or None before `configure`."""
    return _configured


def reset_config() -> None:
    """Forget what was configured."""
    global _configured
    _configured = None


def current_config() -> AgentCoreConfig:
    """Return what was configured, or else what the environment says."""
    return _configured or resolve()


def resolve(
    *,
    url: str | os.PathLike[str] | None = None,
    api_key: str | None = None,
    environment: Mapping[str, str] | None = None,
    **options: Any,
) -> AgentCoreConfig:
    """Complete the address and the key from `environment`, by default that of the process."""
    known = os.environ if environment is None else environment
    return AgentCoreConfig(
        url=os.fspath(url) if url is not None else _first(known, _URLS) or DEFAULT_URL,
        api_key=api_key or _first(known, _KEYS),
        **options,
    )


def is_text(value: object) -> bool:
    """Tell whether `value` is text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def texts(name: str, values: Sequence[str]) -> tuple[str, ...]:
    """Check a list of labels.

    Raises:
        BadInputError: It is one text instead of several, or one of them is blank or no text.
    """
    given: object = values
    if isinstance(given, str) or not isinstance(given, Sequence) or not all(map(is_text, given)):
        raise BadInputError(f"`{name}` is {values!r}. Give a list of texts, none of them blank.")
    return tuple(given)


def _first(known: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((known[name].strip() for name in names if known.get(name, "").strip()), None)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")
