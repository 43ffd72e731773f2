"""What a bank is told to be: its mission, its disposition, its directives, and how it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How answers are thought over, each from 1 (hardly) to 5 (very)."""

    skepticism: int = 3
    literalism: int = 3
    empathy: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a bank is told to be.

    Attributes:
        name: What people call it; the name of the bank unless given.
        mission: What the bank is for. `background` is who it speaks for.
        config: How it is set up where that is not as usual, by the names in `duramen.profiles.config`.
    """

    bank: str
    name: str
    mission: str = ""
    background: str = ""
    disposition: Disposition = field(default_factory=Disposition)
    config: Mapping[str, Any] = field(default_factory=dict)
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A rule that answers must keep to.

    Attributes:
        priority: Higher comes first.
        tags: It holds where these are asked about; everywhere if it has none.
    """

    id: str
    bank: str
    name: str
    content: str
    priority: int = 0
    active: bool = True
    tags: tuple[str, ...] = ()
    created: datetime
    updated: datetime
