"""One question: what a recall brought, compared with what was expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from duramen.evaluation.cases import Case
from duramen.types import Recall


@dataclass(frozen=True, slots=True)
class Found:
    """A hit, as far as it is compared with what was expected."""

    id: str
    key: str
    session: str | None
    text: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a recall brought for one question.

    Attributes:
        places: For each thing of `Case.expected`: the rank, from 1, of the first hit that is it, or None.
        sessions: The same for `Case.sessions`, among the distinct sessions of the hits.
        confident: Whether the recall says that the bank knows anything about it.
        found: The hits, best first; none in a report read from a file.
        milliseconds: Time by stage of the recall.
        pending: Events that were retained and not searchable yet.
    """

    case: Case
    places: tuple[int | None, ...]
    sessions: tuple[int | None, ...] = ()
    confident: bool = True
    found: tuple[Found, ...] = ()
    tokens: int = 0
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    pending: int = 0


def judged(case: Case, recall: Recall) -> Result:
    """Compare what a recall brought with what was expected."""
    found = tuple(
        Found(hit.memory.id, hit.memory.key, hit.memory.session, hit.memory.text, hit.score) for hit in recall.hits
    )
    return Result(
        case=case,
        places=places(case, found),
        sessions=session_places(case, found),
        confident=recall.confident,
        found=found,
        tokens=recall.tokens,
        milliseconds=recall.trace.milliseconds,
        pending=recall.pending,
    )


def places(case: Case, found: Sequence[Found]) -> tuple[int | None, ...]:
    """Return the rank, from 1, of the first hit that is each of `case.expected`, or None."""
    spoken = [folded(hit.text) for hit in found] if case.contains else []
    return (
        *(_place([hit.key == key for hit in found]) for key in case.keys),
        *(_place([hit.id == memory for hit in found]) for memory in case.memories),
        *(_place([folded(text) in said for said in spoken]) for text in case.contains),
    )


def session_places(case: Case, found: Sequence[Found]) -> tuple[int | None, ...]:
    """Return the rank, from 1, of each of `case.sessions` among the distinct sessions of the hits, or None."""
    distinct = list(dict.fromkeys(hit.session for hit in found))
    return tuple(_place([session == one for one in distinct]) for session in case.sessions)


def _place(matches: Sequence[bool]) -> int | None:
    return matches.index(True) + 1 if True in matches else None


def folded(text: str) -> str:
    """Return `text` without regard to case and white space, as `Case.contains` is compared."""
    return " ".join(text.casefold().split())
