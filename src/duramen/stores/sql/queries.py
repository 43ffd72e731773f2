"""The named queries of `.sql` files."""

from __future__ import annotations

import re

_HEADING = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_REFERENCE = re.compile(r"\{(\w+)\}")


def parse(text: str) -> dict[str, str]:
    r"""Split SQL text at its `-- name: …` lines, and put in the fragments that later queries refer to as `{name}`.

    >>> parse("-- name: mine\nbank = :bank\n-- name: all\nSELECT id FROM events WHERE {mine};")["all"]
    'SELECT id FROM events WHERE bank = :bank'
    """
    _, *parts = _HEADING.split(text)
    queries: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        lines = [line for line in body.splitlines() if not line.startswith("--")]
        sql = "\n".join(lines).strip().rstrip(";")
        queries[name] = _REFERENCE.sub(lambda match: queries[match[1]], sql)
    return queries
