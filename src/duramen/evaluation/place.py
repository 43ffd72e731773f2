"""Where in a file of questions we are, for the messages of errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from duramen.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file.

    Attributes:
        hint: What to say after every complaint.
    """

    file: Path
    line: int
    hint: str = ""

    def wrong(self, what: str) -> BadInputError:
        """Return the error that says where, and what is wrong there."""
        return BadInputError(f"{self.file}, line {self.line}: {what}{self.hint}")
