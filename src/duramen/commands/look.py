"""Commands that only look: recall, reflect, memories, banks, status."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from duramen.commands.options import DEFAULT_DIRECTORY, Bank, Directory, Fast, Json, opened
from duramen.commands.printing import print_json
from duramen.explained.understood import understood
from duramen.plain import plain
from duramen.terminal import console, counted
from duramen.types import Hit, Memory, Recall

Query = Annotated[str, typer.Argument(help="A question, or any text.", show_default=False)]
Budget = Annotated[Literal["low", "mid", "high"], typer.Option(help="How deep to look.")]
MaxTokens = Annotated[int, typer.Option(help="At most this many tokens of text.")]


def recall(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    query: Query,
    limit: Annotated[int, typer.Option(help="At most this many hits.")] = 20,
    budget: Budget = "mid",
    max_tokens: MaxTokens = 1500,
    as_json: Json = False,
    trace: Annotated[bool, typer.Option("--trace", help="Also say how each hit was found.")] = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Find what a bank knows about a question."""
    with opened(directory, fast=fast) as memory:
        found = memory.recall(bank, query, limit=limit, budget=budget, max_tokens=max_tokens)
    if as_json:
        print_json(_recall_record(found, trace=trace))
        return
    out = console()
    for hit in found.hits:
        _print_hit(out, hit)
        if trace:
            out.print(f"      {_ways(found, hit)}", style="dim", soft_wrap=True)
    for hit in found.made:
        _print_hit(out, hit)
    if not found.hits and not found.notes:
        out.print("Nothing was found.")
    if trace:
        _print_trace(out, found)
    for note in found.notes:
        console(stderr=True).print(f"Note: {plain(note)}", soft_wrap=True)


def reflect(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    question: Query,
    budget: Budget = "mid",
    max_tokens: MaxTokens = 1500,
    as_json: Json = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Answer a question from what a bank knows, with the sources."""
    with opened(directory, fast=fast) as memory:
        reflection = memory.reflect(bank, question, budget=budget, max_tokens=max_tokens)
    if as_json:
        print_json(
            {"bank": bank, "question": question, "text": reflection.text, "sources": [*map(_hit, reflection.sources)]}
        )
        return
    for line in reflection.text.splitlines():
        console().print(plain(line), soft_wrap=True)


def memories(  # noqa: PLR0913  each is an option of the command
    bank: Bank,
    key: Annotated[str | None, typer.Option(help="Only those of one item.")] = None,
    document: Annotated[str | None, typer.Option(help="Only those of one source.")] = None,
    session: Annotated[str | None, typer.Option(help="Only those of one conversation.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only those of one actor.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only those with this label; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(help="Length of a page, 1 to 1000.")] = 100,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: Json = False,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """List what a bank keeps, in the order in which it was made."""
    with opened(directory, fast=fast) as memory:
        page = memory.memories(
            bank, key=key, document=document, session=session, actor=actor, tags=tag, cursor=cursor, limit=limit
        )
    if as_json:
        print_json({"memories": [_memory(one) for one in page.items], "next": page.next})
        return
    out = console()
    for one in page.items:
        out.print(f"{one.id}  {_said(one)}{plain(one.text)}", soft_wrap=True)
    if not page.items:
        out.print("Nothing is kept here.")
    if page.next:
        console(stderr=True).print(f"There is more: --cursor {page.next}", soft_wrap=True)


def banks(directory: Directory = DEFAULT_DIRECTORY, fast: Fast = False) -> None:
    """List the banks."""
    out = console()
    count, cursor = 0, None
    with opened(directory, fast=fast) as memory:
        while count == 0 or cursor:
            page = memory.banks(cursor=cursor, limit=1000)
            for one in page.items:
                pending = f", {one.pending} pending" if one.pending else ""
                out.print(
                    f"{plain(one.name)}  {counted(one.memories, 'memory', 'memories')} of "
                    f"{counted(one.events, 'event')}{pending}, "
                    f"since {one.created:%Y-%m-%d}, {plain(one.embedder or 'no vectors yet')}",
                    soft_wrap=True,
                )
            count, cursor = count + len(page.items), page.next
            if not count:
                out.print("No banks yet.")
                break


def status(
    bank: Annotated[str | None, typer.Argument(help="One bank; all if left out.", show_default=False)] = None,
    directory: Directory = DEFAULT_DIRECTORY,
    fast: Fast = False,
) -> None:
    """Say what is pending and what failed and why."""
    with opened(directory, fast=fast) as memory:
        found = memory.status(bank)
    out = console()
    oldest = f", the oldest since {found.oldest_pending:%Y-%m-%d %H:%M:%S} UTC" if found.oldest_pending else ""
    out.print(f"address   {plain(found.address)}", soft_wrap=True)
    out.print(f"embedder  {plain(found.embedder)}", soft_wrap=True)
    out.print(f"pending   {found.pending}{oldest}")
    out.print(f"failed    {found.failed}")
    if found.jobs or found.jobs_failed:
        out.print(f"jobs      {found.jobs} ({found.jobs_waiting} waiting), {found.jobs_failed} failed")
    for one in found.failures:
        out.print(
            f"  {plain(one.bank)}, key {plain(one.key)}, {one.attempts} attempts: {plain(one.reason)}", soft_wrap=True
        )


def _print_hit(out: Console, hit: Hit) -> None:
    out.print(Text.assemble((f"{hit.score:.2f}  ", "bold"), _said(hit.memory), plain(hit.memory.text)), soft_wrap=True)


def _print_trace(out: Console, found: Recall) -> None:
    trace = found.trace
    times = ", ".join(f"{stage} {spent:.1f}" for stage, spent in trace.milliseconds.items())
    dropped = ", ".join(f"{count} for {reason}" for reason, count in trace.dropped.items())
    told = [f"{name.lower()}: {said}" for name, said in understood(found).items()]
    told += [f"dropped: {dropped}"] if dropped else []
    told += [f"milliseconds: {times}"]
    line = "; ".join([f"searched {counted(trace.searched, 'memory', 'memories')}", *told])
    out.print(line, style="dim", soft_wrap=True)


def _said(memory: Memory) -> str:
    by = memory.speaker or (memory.kind if memory.strategy else None)
    return f"{memory.mentioned:%Y-%m-%d}  " + (f"{plain(by)}: " if by else "")


def _ways(found: Recall, hit: Hit) -> str:
    arms = found.trace.arms.get(hit.memory.id, {})
    ranks = [f"{name} {way.rank} ({way.score:.2f})" for name, way in arms.items()]
    closer = [f"{name} {share:+.2f}" for name, share in found.trace.closer.get(hit.memory.id, {}).items()]
    looked = f"; closer look: {', '.join(closer)}" if closer else ""
    return (", ".join(ranks) or "through its neighbours") + looked


def _recall_record(found: Recall, *, trace: bool) -> dict[str, object]:
    record: dict[str, object] = {
        "bank": found.bank,
        "query": found.query.text,
        "hits": [_hit(hit) for hit in found.hits],
        "made": [_hit(hit) for hit in found.made],
        "text": found.text,
        "tokens": found.tokens,
        "pending": found.pending,
        "notes": found.notes,
    }
    return {**record, "trace": asdict(found.trace)} if trace else record


def _hit(hit: Hit) -> dict[str, object]:
    return {"score": hit.score, **_memory(hit.memory)}


def _memory(memory: Memory) -> dict[str, object]:
    return asdict(memory)
