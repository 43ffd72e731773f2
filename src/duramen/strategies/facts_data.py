"""Facts of data: lines "key: value", which nobody says, each kept as it stands."""

from __future__ import annotations

import regex

from duramen.strategies.facts_dates import dated, occurred
from duramen.strategies.facts_filter import LONGEST, content_words, is_secret, orders_the_agent
from duramen.types import Event, Interval

_LINE = regex.compile(r"(?P<key>[^\s:.!?][^:.!?\n]{0,200}): (?P<value>.*\S.*)")


def is_data(event: Event) -> bool:
    """Tell whether an event is data, and not what somebody said: nobody's lines, each a key and a value.

    A single line "Note: …" is what somebody wrote.
    """
    if event.speaker is not None or event.kind != "fact" or event.document is not None:
        return False
    found = [_LINE.fullmatch(line) for line in event.content.splitlines()]
    return all(found) and (len(found) > 1 or any(line is not None and line["key"][0].islower() for line in found))


def data_facts(event: Event) -> list[tuple[str, Interval | None]]:
    """Return the lines of data that tell something, and when it was if the line says so."""
    return [
        (dated(line, event.mentioned), occurred(line, event.mentioned))
        for line in event.content.splitlines()
        if len(line) <= LONGEST and content_words(line) and not is_secret(line) and not orders_the_agent(line)
    ]
