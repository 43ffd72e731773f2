"""Patterns that users gave, matched so that none of them holds up the server."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from functools import lru_cache

SECONDS = 1.0
"""How long a match may take; what takes longer is none."""

_PLAIN = 3  # quantifiers beside each other that a short text is tried against at once
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_PROGRAM = "import re, sys; sys.exit(re.fullmatch(sys.argv[1], sys.argv[2]) is None)"


async def matches(pattern: str, value: str) -> bool:
    """Tell whether `pattern` matches the whole of `value`.

    One that may try for ever, such as `(a+)+b`, is matched in a process of its own, and given up after `SECONDS`.

    Args:
        pattern: A regular expression that compiles.
        value: Short.
    """
    if _plain(pattern):
        return re.fullmatch(pattern, value) is not None
    return await asyncio.to_thread(_apart, pattern, value)


def _plain(pattern: str) -> bool:
    """Whether nothing in `pattern` is repeated that itself can be read in several ways."""
    bare = _ESCAPED.sub("x", pattern)
    quantifiers = len(re.findall(r"[*+{]|(?<!\()\?", bare))
    return quantifiers <= _PLAIN and re.search(r"\)[*+?{]", bare) is None and re.search(r"\\[1-9]", pattern) is None


@lru_cache(maxsize=1024)
def _apart(pattern: str, value: str) -> bool:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, pattern, value],
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
