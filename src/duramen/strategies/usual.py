"""What strategies have in common: a name, where they file, when they begin, and whose prompt and model they use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.namespaces import check_template, own_variables
from duramen.naming import digest
from duramen.strategy import Trigger, Unit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Files under one template what it makes of the new events of a session.

    Raises:
        StrategyError: The name is none, or the trigger never begins.
        NamespaceError: The template cannot be used.
    """

    name: str
    namespace: str
    trigger: Trigger

    def __post_init__(self) -> None:
        """Refuse what cannot be used, and write the template as it is compared."""
        check_name(self.name)
        check_trigger(self.trigger, self.name)
        _check_numbers(self.trigger, self.name)
        if self.trigger.messages < 1 or self.trigger.history < 0:
            raise StrategyError(
                f"The trigger of the strategy {self.name!r} has messages={self.trigger.messages} and "
                f"history={self.trigger.history}. Give 1 or more messages, and 0 or more of history."
            )
        object.__setattr__(self, "namespace", check_template(self.namespace, own_variables([self.namespace])))

    @property
    def namespaces(self) -> Sequence[str]:
        """The one template."""
        return (self.namespace,)

    @property
    def unit(self) -> Unit:
        """The new events of a session together."""
        return "session"


@dataclass(frozen=True, kw_only=True)
class BuiltIn(Filing):
    """A strategy with a form for a language model and one without.

    Attributes:
        prompt: Says what a language model is to do, instead of our instructions. The shape of the answer stays.
        model: The language model of this strategy, if it is another than the engine's.

    Raises:
        StrategyError: The prompt is blank; or as `Filing` does.
    """

    prompt: str | None = None
    model: LanguageModel | None = None

    merges: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse what cannot be used."""
        Filing.__post_init__(self)
        if any(prompt is not None and not prompt.strip() for prompt in self.prompts):
            raise StrategyError(f"A prompt of the strategy {self.name!r} is blank. Give text, or leave it out.")

    @property
    def prompts(self) -> Sequence[str | None]:
        """What may be told in the stead of our instructions."""
        return (self.prompt,)

    @property
    def version(self) -> str:
        """Changes with what it does, and with the prompts."""
        if not any(self.prompts):
            return "1"
        return f"1-{digest(*(prompt or '' for prompt in self.prompts))[:8]}"


def check_name(name: str) -> None:
    """Check that `name` can name a strategy.

    Raises:
        StrategyError: It cannot.
    """
    given: object = name
    if not isinstance(given, str) or not _NAME.fullmatch(name):
        raise StrategyError(
            f"{name!r} cannot name a strategy. Begin with a letter or a digit, and go on with letters, digits, `-` and `_` "
            f"(ASCII), at most 100 in all. Nothing was changed."
        )


def check_trigger(trigger: Trigger, name: str) -> None:
    """Check that the trigger of the strategy `name` is one.

    Raises:
        StrategyError: It is none.
    """
    given: object = trigger
    if not isinstance(given, Trigger):
        raise StrategyError(
            f"The trigger of the strategy {name!r} is {given!r}. Give a `Trigger`, such as `Trigger(messages=4)`."
        )


def _check_numbers(trigger: Trigger, name: str) -> None:
    counts: Sequence[object] = (trigger.messages, trigger.history, trigger.tokens or 0)
    seconds: object = trigger.idle_seconds or 0
    if not all(isinstance(count, int) for count in counts) or not isinstance(seconds, int | float):
        raise StrategyError(
            f"The trigger of the strategy {name!r} has messages={trigger.messages!r}, tokens={trigger.tokens!r}, "
            f"idle_seconds={trigger.idle_seconds!r} and history={trigger.history!r}. Give whole numbers, and seconds."
        )
