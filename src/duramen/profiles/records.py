"""How profiles and directives are kept: one entry each, as JSON, below the place of their bank."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

from duramen.desk import place_of
from duramen.errors import ChangedError, StoreError
from duramen.profiles.config import DEFAULTS
from duramen.profiles.profile import Directive, Disposition, Profile
from duramen.shelf import Path, Place, Put, Shelf
from duramen.times import EPOCH, from_microseconds, microseconds

TRIES = 200
"""How often something is read, decided and written anew when others keep changing it: at each try one of them is done."""

T = TypeVar("T")

PROFILE = "profile"
_MISSION = "reflect_mission"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A profile as it is kept. Its mission and disposition are part of `config`; a `name` of None is that of the bank."""

    name: str | None = None
    background: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    created: datetime = EPOCH
    updated: datetime = EPOCH

    @property
    def disposition(self) -> Disposition:
        """What of the configuration is its disposition."""
        return Disposition(**{name: self.config.get(option, 3) for name, option in TRAITS.items()})

    def profile(self, bank: str) -> Profile:
        """Return it as the profile of `bank`."""
        return Profile(
            bank=bank,
            name=bank if self.name is None else self.name,
            mission=self.config.get(_MISSION, ""),
            background=self.background,
            disposition=self.disposition,
            config=self.config,
            created=self.created,
            updated=self.updated,
        )


TRAITS: Mapping[str, str] = MappingProxyType({name: f"disposition_{name}" for name in asdict(Disposition())})
"""The name in a configuration of each trait of a disposition."""


def profile_place(bank: str) -> Place:
    """Return where the profile of `bank` stands."""
    return place_of(bank, PROFILE), PROFILE


def directives_path(bank: str) -> Path:
    """Return the path of the directives of `bank`, each with its id as the key."""
    return place_of(bank, "directives")


def put_profile(bank: str, kept: Kept, *, keep: bool = False) -> Put:
    """Return what keeps a profile, or with `keep` leaves the one that is there."""
    written = {
        "name": kept.name,
        "background": kept.background,
        "config": dict(kept.config),
        "created": microseconds(kept.created),
        "updated": microseconds(kept.updated),
    }
    path, key = profile_place(bank)
    return Put(path=path, key=key, value=_written(written), keep=keep)


def put_directive(directive: Directive) -> Put:
    """Return what keeps a directive, in the stead of the one of its id."""
    written = {
        "name": directive.name,
        "content": directive.content,
        "priority": directive.priority,
        "active": directive.active,
        "tags": list(directive.tags),
        "created": microseconds(directive.created),
        "updated": microseconds(directive.updated),
    }
    return Put(path=directives_path(directive.bank), key=directive.id, value=_written(written))


@lru_cache(maxsize=1024)
def read_profile(value: bytes) -> Kept:
    """Read a profile from what is kept, which is read once while it is the same. What is in it must not be changed.

    Raises:
        StoreError: It was kept by something else, or by a newer Duramen.
    """
    written = _read(value, "profile")
    try:
        return Kept(
            name=written["name"],
            background=written["background"],
            config=MappingProxyType(written["config"]),
            created=from_microseconds(written["created"]),
            updated=from_microseconds(written["updated"]),
        )
    except (KeyError, TypeError) as error:
        raise _unreadable("profile", error) from error


@lru_cache(maxsize=1024)
def resolved(value: bytes) -> Mapping[str, Any]:
    """Return the whole configuration of a profile as it is kept, with what holds unless given. It must not be changed."""
    return MappingProxyType({**DEFAULTS, **read_profile(value).config})


@lru_cache(maxsize=4096)
def read_directive(bank: str, id: str, value: bytes) -> Directive:
    """Read a directive from what is kept; see `read_profile`."""
    written = _read(value, "directive")
    try:
        return Directive(
            id=id,
            bank=bank,
            name=written["name"],
            content=written["content"],
            priority=written["priority"],
            active=written["active"],
            tags=tuple(written["tags"]),
            created=from_microseconds(written["created"]),
            updated=from_microseconds(written["updated"]),
        )
    except (KeyError, TypeError) as error:
        raise _unreadable("directive", error) from error


async def kept_in(shelf: Shelf, bank: str) -> Kept:
    """Return the profile of `bank` as it is kept on `shelf`, or the usual one."""
    (entry,) = await shelf.get([profile_place(bank)])
    return Kept() if entry is None else read_profile(entry.value)


async def resolved_in(shelf: Shelf, bank: str) -> Mapping[str, Any]:
    """Return how `bank` is set up on `shelf`, every name with what holds: one look, and read once while it is the same."""
    (entry,) = await shelf.get([profile_place(bank)])
    return DEFAULTS if entry is None else resolved(entry.value)


async def settled(attempt: Callable[[], Awaitable[T]]) -> T:
    """Return what `attempt` returns, which reads, decides and writes behind an `Expect`; anew when others were quicker.

    Raises:
        ChangedError: Others were, `TRIES` times.
    """
    for _ in range(TRIES - 1):
        with contextlib.suppress(ChangedError):
            return await attempt()
    return await attempt()


def _written(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _read(value: bytes, what: str) -> dict[str, Any]:
    try:
        written = json.loads(value)
    except ValueError as error:
        raise _unreadable(what, error) from error
    if not isinstance(written, dict):
        raise _unreadable(what, TypeError("no names in it"))
    return written


def _unreadable(what: str, error: Exception) -> StoreError:
    return StoreError(
        f"A {what} cannot be read ({type(error).__name__}: {error}). It may have been kept by a newer Duramen; "
        f"upgrade, or set it up anew."
    )
