"""How good recall is, on questions of one's own or of a benchmark: `duramen eval`, and the same for programs.

    report = await evaluate(memory, [Case(question="Where does Ada live?", contains=("Lisbon",))], bank="user:ada")
    print(report.scores(report.levels[0])["recall@10"])

The modules are loaded when their names are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from duramen.lazy import lazy_names

if TYPE_CHECKING:
    from duramen.evaluation.cases import Case, Data, Format, Material
    from duramen.evaluation.comparing import Difference, compared
    from duramen.evaluation.intervals import Estimate
    from duramen.evaluation.judging import Found, Result, judged
    from duramen.evaluation.parts import embedder_at
    from duramen.evaluation.reading import read
    from duramen.evaluation.records import difference_of, load, record_of, save
    from duramen.evaluation.report import Level, NothingKnown, Report
    from duramen.evaluation.running import evaluate, first, retain, run, unfindable
    from duramen.evaluation.tables import show

__all__ = [
    "Case",
    "Data",
    "Difference",
    "Estimate",
    "Format",
    "Found",
    "Level",
    "Material",
    "NothingKnown",
    "Report",
    "Result",
    "compared",
    "difference_of",
    "embedder_at",
    "evaluate",
    "first",
    "judged",
    "load",
    "read",
    "record_of",
    "retain",
    "run",
    "save",
    "show",
    "unfindable",
]

_HOMES = {
    "cases": ("Case", "Data", "Format", "Material"),
    "comparing": ("Difference", "compared"),
    "intervals": ("Estimate",),
    "judging": ("Found", "Result", "judged"),
    "parts": ("embedder_at",),
    "reading": ("read",),
    "records": ("difference_of", "load", "record_of", "save"),
    "report": ("Level", "NothingKnown", "Report"),
    "running": ("evaluate", "first", "retain", "run", "unfindable"),
    "tables": ("show",),
}

__getattr__ = lazy_names(
    __name__, {name: f"duramen.evaluation.{module}" for module, names in _HOMES.items() for name in names}
)


def __dir__() -> list[str]:
    return __all__
