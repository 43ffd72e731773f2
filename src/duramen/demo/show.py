"""What the demo prints."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from duramen.conversations import Conversation
from duramen.demo.asking import HITS, Answer, Line
from duramen.demo.replay import Lived
from duramen.demo.script import Asking, bank
from duramen.plain import plain

SHOWN = 4
"""How many hits of a question are printed, besides those that hold the answer."""

_WIDEST = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that the demo found out.

    Attributes:
        replay_seconds: Wall time of living through the sessions. `asking_seconds` is that of the questions.
    """

    conversations: Sequence[Conversation]
    lived: Sequence[Lived]
    askings: Sequence[Asking]
    answers: Sequence[Answer]
    replay_seconds: float
    asking_seconds: float
    address: str
    fast: bool

    @property
    def answerable(self) -> list[tuple[Asking, Answer]]:
        """The questions whose answer the bank holds."""
        return [(self.askings[one.place], one) for one in self.answers if self.askings[one.place].evidence]

    @property
    def found(self) -> int:
        """How many of those had a turn with the answer among their hits."""
        return sum(any(is_evidence(asking, line) for line in answer.lines) for asking, answer in self.answerable)

    @property
    def crossed(self) -> int:
        """How many recalled lines were another user's."""
        return sum(line.crossed for answer in self.answers for line in answer.lines)


def is_evidence(asking: Asking, line: Line) -> bool:
    """Say whether a hit is one of the turns that hold the answer."""
    return not set(asking.evidence).isdisjoint(line.turns)


def opening(console: Console, conversations: Sequence[Conversation], address: str) -> None:
    """Say what is about to happen."""
    _rule(console, "Sessions")
    for one in conversations:
        turns = sum(len(session.turns) for session in one.sessions)
        first, last = one.sessions[0].at, one.sessions[-1].at
        console.print(
            f"{plain(one.speakers[0])} and {plain(one.speakers[1])}: {len(one.sessions)} sessions, {turns} turns, "
            f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, bank {plain(bank(one))}",
            soft_wrap=True,
        )
    console.print(f"Each session runs in a process of its own, on the memory in {plain(address)}\n", soft_wrap=True)


def progress(console: Console) -> Progress:
    """Return bars over turns; without a terminal only their last state is printed."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("turns retained"),
        TimeElapsedColumn(),
        console=console,
    )


def answer(console: Console, asking: Asking, found: Answer, user: str) -> None:
    """Print a question with the hits that came first and those that hold the answer."""
    width = min(console.width, _WIDEST)
    console.print()
    console.print(Text(f"{plain(user)}, {asking.sort}: {plain(asking.text)}", style="bold"), soft_wrap=True)
    _indented(console, f"expected: {plain(asking.expected)}", 2, width, "cyan")
    left_out = 0
    for rank, line in enumerate(found.lines, start=1):
        evidence = is_evidence(asking, line)
        if rank > SHOWN and not evidence and not line.crossed:
            left_out += 1
            continue
        _head(console, rank, line, evidence=evidence)
        _indented(console, line.text, 10, width, "" if evidence else "dim")
    if not found.lines:
        console.print("  nothing was recalled")
    missing = [one for one in asking.evidence if not any(one in line.turns for line in found.lines)]
    notes = [f"{left_out} further hits"] if left_out else []
    notes += [f"not among them: {', '.join(missing)}"] if missing else []
    if notes:
        console.print(f"  ({'; '.join(notes)})", style="dim", soft_wrap=True)


def summary(console: Console, outcome: Outcome) -> None:
    """Print what it all came to, and what to try next."""
    lines = sum(len(found.lines) for found in outcome.answers)
    first = {
        place: min(one.session for one in outcome.lived if one.conversation == place) for place in _places(outcome)
    }
    later = [one for one in outcome.lived if one.session != first[one.conversation]]
    console.print()
    _rule(console, "What came of it")
    _fact(console, "sessions", f"{len(outcome.lived)} in as many processes, {_turns(outcome)} turns retained")
    _fact(
        console,
        "carried over",
        f"{sum(one.knew > 0 for one in later)} of {len(later)} later sessions began with memories",
    )
    _fact(
        console,
        "found",
        f"{outcome.found} of {len(outcome.answerable)} questions have a turn with the answer among {HITS} hits",
    )
    _fact(console, "kept apart", f"{outcome.crossed} of {lines} recalled lines belong to another user")
    _fact(
        console,
        "time",
        f"{outcome.replay_seconds:.1f} s for the sessions, {outcome.asking_seconds:.1f} s for the questions",
    )
    _fact(console, "directory", plain(outcome.address))
    for one in outcome.lived:
        for warning in one.warnings:
            _fact(console, "warning", f"session {one.session}: {plain(warning)}")
    console.print()
    console.print("Ask it yourself:", style="bold")
    own = outcome.conversations[0]
    question = next((one.text for one, _ in outcome.answerable), "What do you know about me?")
    options = ["--directory", outcome.address, *(["--fast"] if outcome.fast else [])]
    console.print(f"  duramen recall {shlex.join([bank(own), plain(question), *options])}", soft_wrap=True)


def _head(console: Console, rank: int, line: Line, *, evidence: bool) -> None:
    mark = "✗" if line.crossed else "✓" if evidence else " "
    ways = ", ".join(f"{name} {place}" for name, place in sorted(line.arms.items(), key=lambda arm: arm[1]))
    text = Text(f"  {mark} {rank:>2}  ", style="green" if evidence else "")
    text.append(f"{line.score:.2f}  {line.date}  {plain(line.speaker)}")
    text.append(f"  [{ways or 'through its neighbours'}]", style="dim")
    text.append("  holds the answer" if evidence else "", style="green")
    console.print(text, soft_wrap=True)


def _indented(console: Console, text: str, indent: int, width: int, style: str) -> None:
    margin = " " * indent
    for line in textwrap.wrap(text, width, initial_indent=margin, subsequent_indent=margin):
        console.print(line, style=style, soft_wrap=True)


def _rule(console: Console, title: str) -> None:
    console.print(Text(title, style="bold green"))


def _fact(console: Console, name: str, value: str) -> None:
    console.print(Text.assemble((f"  {name:<13}", "dim"), value), soft_wrap=True)


def _places(outcome: Outcome) -> set[int]:
    return {one.conversation for one in outcome.lived}


def _turns(outcome: Outcome) -> int:
    return sum(one.turns for one in outcome.lived)
