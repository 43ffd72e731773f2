"""Whether an event or a memory is meant by a selection, and what stands where forgotten text was."""

from __future__ import annotations

from duramen.types import Event, Memory, Selection

FORGOTTEN = "[forgotten]"
"""Stands in an event's content where the text of a forgotten memory was."""


def cut(content: str, text: str) -> str:
    """Return `content` with the first occurrence of `text` replaced by `FORGOTTEN`; as it is when there is none."""
    return content.replace(text, FORGOTTEN, 1) if text else content


def selects_memories(selection: Selection) -> bool:
    """Tell whether `selection` is about memories alone, so that an event goes only with its last memory."""
    about = (selection.memory, selection.kinds, selection.strategy, selection.namespace)
    return any(condition is not None for condition in about)


def fits_event(selection: Selection, event: Event) -> bool:
    """Tell whether `event` meets all conditions of `selection` that are not about memories alone."""
    return _fits(selection, event)


def fits_memory(selection: Selection, memory: Memory) -> bool:
    """Tell whether `memory` meets all conditions of `selection`."""
    return (
        _fits(selection, memory)
        and (selection.memory is None or selection.memory == memory.id)
        and (selection.kinds is None or memory.kind in selection.kinds)
        and (selection.strategy is None or selection.strategy == (memory.strategy or ""))
        and (selection.namespace is None or (memory.namespace or "").startswith(selection.namespace))
    )


def _fits(selection: Selection, entry: Event | Memory) -> bool:
    same = all(
        wanted is None or wanted == found
        for wanted, found in (
            (selection.key, entry.key),
            (selection.document, entry.document),
            (selection.session, entry.session),
            (selection.actor, entry.actor),
        )
    )
    return (
        same
        and (selection.tags is None or selection.tags.issubset(entry.tags))
        and (selection.since is None or entry.mentioned >= selection.since)
        and (selection.before is None or entry.mentioned < selection.before)
    )
