"""How an adapter recalls, and how it retains."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from duramen.errors import BadInputError
from duramen.recall.asking import Asked, query_of
from duramen.types import Budget, Kind, TagsMatch
from duramen_agentcore.config import AgentCoreConfig, is_text, texts
from duramen_agentcore.context import TurnContext

Mode = Literal["recall", "reflect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPolicy:
    """What is looked up before a turn. What is None is as configured, or else as the engine does it.

    Attributes:
        mode: "recall" gives the memories themselves; "reflect" an answer drawn from them, with its sources.
        budget: How deep each arm looks.
        max_tokens: Length of the recalled text.
        min_score: Only memories that score at least this, in [0, 1].
        limit: At most this many memories.
        kinds: Only memories of these kinds.
        tags: Only memories with these labels, as `tags_match` says.
        tags_match: See `duramen.types.TagsMatch`.

    Raises:
        BadInputError: A value makes no sense.
    """

    mode: Mode = "recall"
    budget: Budget | None = None
    max_tokens: int | None = None
    min_score: float | None = None
    limit: int | None = None
    kinds: Collection[Kind] | None = None
    tags: Collection[str] | None = None
    tags_match: TagsMatch | None = None

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise BadInputError(f"`mode` is {self.mode!r}. Give 'recall' or 'reflect'.")
        query_of("any", **self._given())

    def asked(self, config: AgentCoreConfig, context: TurnContext) -> Asked:
        """Return the options of the recall before the turn of `context`."""
        asked = Asked(budget=config.recall_budget, max_tokens=config.recall_max_tokens, at=context.at)
        asked.update(self._given())
        return asked

    def _given(self) -> Asked:
        names = ("budget", "max_tokens", "min_score", "limit", "kinds", "tags", "tags_match")
        given: dict[str, Any] = {name: getattr(self, name) for name in names}
        asked: Any = {name: value for name, value in given.items() if value is not None}
        return cast("Asked", asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What is kept of a turn.

    Attributes:
        context_label: Says in the metadata (`context_label`) what it was retained for.
        extra_tags: Labels beside those of the turn and the configured ones.
        extra_metadata: Metadata beside that of the turn; values that are no text become text.
        include_user_message: Whether what the user said is kept, or the agent's answer alone.

    Raises:
        BadInputError: A label is blank, or a name of the metadata is no text.
    """

    context_label: str = "agentcore-runtime:conversation_turn"
    extra_tags: Sequence[str] = ()
    extra_metadata: Mapping[str, Any] = field(default_factory=dict)
    include_user_message: bool = True

    def __post_init__(self) -> None:
        texts("extra_tags", self.extra_tags)
        if not all(map(is_text, self.extra_metadata)):
            raise BadInputError(f"`extra_metadata` is {self.extra_metadata!r}. Give values by name.")

    def tags(self, config: AgentCoreConfig, context: TurnContext) -> tuple[str, ...]:
        """Return the labels of what the turn of `context` retains."""
        return (*context.as_tags(), *config.tags, *self.extra_tags)

    def metadata(self, context: TurnContext) -> dict[str, str]:
        """Return the metadata of what the turn of `context` retains."""
        extra = {name: _as_text(value) for name, value in self.extra_metadata.items()}
        return {**context.as_metadata(), "context_label": self.context_label, **extra}


def _as_text(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
