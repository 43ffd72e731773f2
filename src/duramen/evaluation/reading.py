"""From a file to its questions: which format it has, and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from duramen.evaluation.cases import Data, Format, Material
from duramen.evaluation.locomo import locomo
from duramen.evaluation.longmemeval import longmemeval
from duramen.evaluation.own import cases_in
from duramen.evaluation.streams import opened, values


def read(file: Path, *, format: Format | None = None) -> Data:
    """Read a file of questions.

    Args:
        file: Questions of your own (a JSON list, JSON lines, or CSV), or a file of LoCoMo or LongMemEval.
        format: Which of these; found out from the first record if None.

    Raises:
        BadInputError: It cannot be read, or is not as its format wants it; the message says where. Of a LongMemEval
            file, whose records are read when they are needed, it may come later.
    """
    table = _begins(file) not in ("[", "{")
    format = format or ("own" if table else _format(file))
    if format == "locomo":
        return locomo(file)
    if format == "longmemeval":
        return longmemeval(file)
    return Data(format="own", materials=[Material(cases=cases_in(file, table=table))])


def _begins(file: Path) -> str:
    with opened(file) as stream:
        while (character := stream.read(1)).isspace():
            pass
    return character


def _format(file: Path) -> Format:
    _, first = next(values(file), (1, None))
    if not isinstance(first, Mapping):
        return "own"
    if "haystack_sessions" in first:
        return "longmemeval"
    return "locomo" if "conversation" in first else "own"
