"""What a record is, what is asked of records, and what is to be done to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, Literal

from duramen.errors import BadQueryError
from duramen.namespaces import normal
from duramen.records.conditions import Condition
from duramen.records.values import Value
from duramen.types import Kind


class Keep(Enum):
    """Says that something stays as it is; see `KEEP`."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
"""The lifetime stays what it was, and begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which records: all that is given must hold.

    Attributes:
        namespace: Those filed exactly there; slashes at the ends do not matter.
        path: Those filed there or below, by segment; `/` for all. Either this or `namespace` is given, never both.
        strategy: Those of this strategy.
        conditions: What their metadata must say.
    """

    namespace: str | None = None
    path: str | None = None
    strategy: str | None = None
    conditions: tuple[Condition, ...] = ()

    def normal(self) -> str:
        """Return the namespace or path, with a slash at both ends.

        Raises:
            BadQueryError: There is not exactly one of the two.
            NamespaceError: It is no path.
        """
        given = [one for one in (self.namespace, self.path) if one is not None]
        if len(given) != 1:
            raise BadQueryError("Give either the namespace of the records, or a path that they are filed at or below.")
        return normal(given[0])

    @property
    def exact(self) -> bool:
        """Whether what is filed below does not count."""
        return self.path is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record that is to be created.

    Attributes:
        text: What it says; not blank.
        at: When it was so, or said.
        namespace: Where it is filed; None for nowhere, so that it is found by the path `/` alone.
        strategy: The strategy that it counts as one of; None for none.
        metadata: Values by name.
        lifetime: How long from now on it is kept; None for ever.
    """

    text: str
    at: datetime
    namespace: str | None = None
    strategy: str | None = None
    metadata: Mapping[str, Value] = field(default_factory=dict)
    lifetime: timedelta | None = None
    kind: Kind = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be other about a record; None for what stays.

    Attributes:
        id: Of the record. It stays.
        at: When it is so, or was said.
        metadata: Values by name, in the place of all that there were.
        lifetime: How long from now on it is kept, None for ever; with `KEEP` as long from now as was said before.
    """

    id: str
    at: datetime
    text: str | None = None
    namespace: str | None = None
    strategy: str | None = None
    metadata: Mapping[str, Value] | None = None
    lifetime: timedelta | Literal[Keep.KEEP] | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A record.

    Attributes:
        namespace: Where it is filed, as whoever filed it writes it; None for nowhere.
        strategy: The strategy that made it, or that it counts as one of; None for none.
        created: When it was made; `updated` is when it was last changed, `at` when it was so or said.
        expires: From when on it is gone; None for never.
        kind: What sort of memory it is.
        details: What its strategy knows of it; nothing of one that was worded by hand.
        given: It was put there by hand, and not made by a strategy.
    """

    id: str
    text: str
    namespace: str | None
    strategy: str | None
    created: datetime
    updated: datetime
    at: datetime
    metadata: Mapping[str, Value]
    expires: datetime | None
    actor: str | None
    session: str | None
    kind: Kind = "fact"
    given: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one draft, change or deletion: the id of its record, or why not."""

    id: str | None
    error: str | None = None
