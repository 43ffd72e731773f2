"""What a mental model is, and how it is kept: one entry on the shelf, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from duramen.desk import place_of
from duramen.errors import StoreError
from duramen.naming import digest
from duramen.shelf import Expect, Path, Put
from duramen.times import from_microseconds, microseconds
from duramen.types import BankVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class MentalModel:
    """A question whose answer is kept.

    Attributes:
        query: The question.
        content: The answer, one sentence or entry a line; empty until it was worked out, or if nothing is known.
        tags: Only memories with all of them are asked, unless the trigger says otherwise.
        max_tokens: The longest content.
        trigger: When and how it is brought up to date; see `duramen.mental_models.triggers`.
        sources: The ids of the memories that the content rests on.
        refreshed: When it was last worked out.
        stale: The bank, or what is asked, has changed since then.
        parent: The folder that it is a page in; None at the top of the tree, and for what is no page.
        page: It is a page of the tree.
        notes: What was unusual about the last refresh.
        trace: How the last refresh went, if the trigger has `keep_trace`.
    """

    id: str
    bank: str
    name: str
    query: str
    content: str
    tags: tuple[str, ...]
    max_tokens: int
    trigger: Mapping[str, Any]
    sources: tuple[str, ...]
    created: datetime
    updated: datetime
    refreshed: datetime | None
    stale: bool
    parent: str | None
    page: bool = False
    notes: tuple[str, ...] = ()
    trace: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A memory, and a digest of its text as it was when it was read."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of a content, with all that it rests on."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A mental model as it is kept.

    Attributes:
        seen: The bank's version as it was when it was last refreshed, and `basis` a digest of what was asked then.
        checked: Of the bank's version when the sources of all it holds were there; see `mark_of`.
        changes: How often it had a content that was changed; names the entries of its history.
        raw: The value that it was read from; None before it is kept.
    """

    name: str
    query: str
    tags: tuple[str, ...]
    max_tokens: int
    trigger: Mapping[str, Any]
    created: datetime
    updated: datetime
    sentences: tuple[Sentence, ...] = ()
    refreshed: datetime | None = None
    seen: tuple[int, ...] | None = None
    basis: str = ""
    checked: str = ""
    changes: int = 0
    notes: tuple[str, ...] = ()
    trace: Mapping[str, Any] | None = None
    raw: bytes | None = field(default=None, compare=False)

    @property
    def content(self) -> str:
        """The answer."""
        return content_of(self.sentences)

    def stored(self) -> Kept:
        """Return it as it stands there, also what of it cannot be shown for the moment."""
        return self if self.raw is None else read(self.raw)

    def asked(self) -> str:
        """Return a digest of all that decides which answer it has."""
        told = {name: value for name, value in self.trigger.items() if name not in _WHEN}
        return digest(self.query, json.dumps(self.tags), str(self.max_tokens), json.dumps(told, sort_keys=True))

    def is_stale(self, version: BankVersion | None) -> bool:
        """Tell whether another answer might be right now."""
        return self.refreshed is None or self.seen != seen_of(version) or self.basis != self.asked()

    def expected(self, bank: str, id: str) -> Expect:
        """Return what holds as long as nobody changed it."""
        return Expect(path=models_of(bank), key=id, value=self.raw)

    def put(self, bank: str, id: str) -> Put:
        """Return what keeps it."""
        written = {
            "name": self.name,
            "query": self.query,
            "tags": self.tags,
            "max_tokens": self.max_tokens,
            "trigger": self.trigger,
            "created": microseconds(self.created),
            "updated": microseconds(self.updated),
            "sentences": as_plain(self.sentences),
            "refreshed": None if self.refreshed is None else microseconds(self.refreshed),
            "seen": self.seen,
            "basis": self.basis,
            "checked": self.checked,
            "changes": self.changes,
            "notes": self.notes,
            "trace": self.trace,
        }
        return Put(path=models_of(bank), key=id, value=json.dumps(written, ensure_ascii=False).encode())


_WHEN = frozenset({"refresh_after_consolidation", "refresh_cron", "full_refresh_cron", "min_refresh_interval_seconds"})


def read(value: bytes) -> Kept:
    """Read a mental model from what is kept.

    Raises:
        StoreError: It was kept by something else, or by a newer Duramen.
    """
    try:
        written = json.loads(value)
        kept = Kept(
            **{
                **written,
                "tags": tuple(written["tags"]),
                "created": from_microseconds(written["created"]),
                "updated": from_microseconds(written["updated"]),
                "sentences": from_plain(written["sentences"]),
                "refreshed": None if written["refreshed"] is None else from_microseconds(written["refreshed"]),
                "seen": None if written["seen"] is None else tuple(written["seen"]),
                "notes": tuple(written["notes"]),
            }
        )
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"A mental model cannot be read ({type(error).__name__}: {error}). It may have been kept by a newer Duramen; "
            f"upgrade, or delete it."
        ) from error
    return replace(kept, raw=value)


def content_of(sentences: Sequence[Sentence]) -> str:
    """Return what `sentences` say, one a line."""
    return "\n".join(one.text for one in sentences)


def as_plain(sentences: Sequence[Sentence]) -> list[Any]:
    """Return `sentences` as JSON can hold them; `from_plain` reads that."""
    return [[one.text, [[source.id, source.text] for source in one.sources]] for one in sentences]


def from_plain(given: Any) -> tuple[Sentence, ...]:
    """Read sentences from what `as_plain` returned."""
    return tuple(Sentence(text, tuple(Source(id, of) for id, of in sources)) for text, sources in given)


def source_ids(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Return the ids of what `sentences` rest on, each once."""
    return tuple(dict.fromkeys(source.id for one in sentences for source in one.sources))


def seen_of(version: BankVersion | None) -> tuple[int, ...]:
    """Return what tells versions of a bank apart."""
    if version is None:
        return ()
    return version.number, version.last, version.removals, version.made, version.revised


def models_of(bank: str) -> Path:
    """Return the path of the mental models of `bank`, by id."""
    return place_of(bank, "mental_models")


def history_of(bank: str, id: str) -> Path:
    """Return the path of what a mental model said before."""
    return (*place_of(bank, "mental_model_history"), id)
