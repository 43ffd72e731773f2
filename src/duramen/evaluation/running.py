"""Asking the questions: of a memory as it is, or of one that is filled for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from typing_extensions import Unpack

from duramen.engine import MemoryEngine
from duramen.errors import BadInputError, ProcessingError
from duramen.evaluation.cases import Case, Data, Material
from duramen.evaluation.judging import Result, folded, judged
from duramen.evaluation.report import Report
from duramen.identity import Bank
from duramen.recall.asking import Asked
from duramen.types import Item, Recall

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it is done, and of how much, or None where that is not known."""

AT_ONCE = 256
"""Items given to one retain."""


class Recalls(Protocol):
    """What can be asked: a `MemoryEngine`, or anything else with its `recall`."""

    async def recall(self, bank: Bank, query: str, **asked: Unpack[Asked]) -> Recall:
        """See `MemoryEngine.recall`."""


def first(data: Data, count: int) -> Data:
    """Return only the first `count` questions, with what they need."""

    def cut() -> Iterator[Material]:
        left = count
        for material in data.materials:
            yield replace(material, cases=material.cases[:left])
            left -= len(material.cases)
            if left <= 0:
                return

    return replace(data, materials=cut())


def silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


async def evaluate(
    memory: Recalls,
    cases: Sequence[Case],
    *,
    bank: Bank | None = None,
    progress: Progress = silent,
    **asked: Unpack[Asked],
) -> Report:
    """Ask every case, one after the other, and compare what comes back with what was expected. Nothing is retained.

    Args:
        memory: What `duramen.open` gave; of what `duramen.open_sync` gave, its `engine`.
        cases: The questions, at least one.
        bank: Where those without a bank of their own are asked.
        progress: Told of each question.
        asked: Options of `recall`, the same for all questions; the time `at` of a case comes first.

    Raises:
        BadInputError: There are no cases, or one has no bank.
        BadQueryError: An option makes no sense.
    """
    if not cases:
        raise BadInputError("There are no questions to evaluate.")
    results = []
    for done, case in enumerate(cases):
        results.append(await _ask(memory, case, bank, asked))
        progress("questions", done + 1, len(cases))
    return Report(results=tuple(results), asked=dict(asked))


async def run(
    memory: MemoryEngine,
    data: Data,
    variants: Mapping[str, Asked],
    *,
    bank: Bank | None = None,
    progress: Progress = silent,
) -> list[Report]:
    """Retain what each material brings, and ask its questions once for each of `variants`.

    Args:
        memory: Where to retain, and what is asked.
        data: The questions; its own options of recall stand where a variant has none.
        variants: Options of recall by the name of the report.
        bank: Where questions without a bank of their own are asked.
        progress: Told of what is retained and of each question.

    Returns:
        One report for each of `variants`, in order.

    Raises:
        BadInputError: There are no questions, or one has no bank.
        ProcessingError: No memory could be made of something retained.
    """
    results: dict[str, list[Result]] = {name: [] for name in variants}
    told = _Told(data, len(variants), progress)
    for material in data.materials:
        await retain(memory, material.bank, material.items, progress=progress)
        for name, asked in variants.items() if material.cases else ():
            options: Asked = {**data.asked, **asked}
            report = await evaluate(memory, _placed(material), bank=bank, progress=told.one, **options)
            results[name] += report.results
        if material.passing:
            await memory.forget(material.bank, everything=True)
    if not any(results.values()):
        raise BadInputError("There are no questions to evaluate.")
    return [
        Report(
            results=tuple(results[name]),
            format=data.format,
            name=name,
            asked={**data.asked, **asked},
            notes=data.notes,
        )
        for name, asked in variants.items()
    ]


async def retain(memory: MemoryEngine, bank: Bank, items: Sequence[Item], *, progress: Progress = silent) -> None:
    """Retain `items` and wait until they can be recalled.

    Raises:
        ProcessingError: No memory could be made of one of them.
    """
    for start in range(0, len(items), AT_ONCE):
        await memory.retain(bank, items[start : start + AT_ONCE])
        left = 1
        while left:
            left = await memory.flush(bank, seconds=0.2)
            progress("retained", min(start + AT_ONCE, len(items)) - min(left, AT_ONCE), len(items))
    if items:
        status = await memory.status(bank)
        for failure in status.failures:
            raise ProcessingError(failure.bank, failure.key, failure.reason)


async def unfindable(memory: MemoryEngine, cases: Sequence[Case], *, bank: Bank | None = None) -> list[str]:
    """Return what is expected and not in its bank at all, so that no recall can find it, in words.

    Reads every memory of the banks asked, a page at a time.
    """
    banks: dict[Bank, list[Case]] = {}
    for case in cases:
        where = case.bank or bank
        if where is not None:
            banks.setdefault(where, []).append(case)
    return [name for where, asked in banks.items() for name in await _missing(memory, where, asked)]


async def _missing(memory: MemoryEngine, bank: Bank, cases: Sequence[Case]) -> list[str]:
    keys = dict.fromkeys(key for case in cases for key in case.keys)
    ids = dict.fromkeys(one for case in cases for one in case.memories)
    texts = {text: folded(text) for case in cases for text in case.contains}
    cursor = None
    while keys or ids or texts:
        page = await memory.memories(bank, cursor=cursor, limit=1000)
        for one in page.items:
            keys.pop(one.key, None)
            ids.pop(one.id, None)
            said = folded(one.text) if texts else ""
            texts = {text: sought for text, sought in texts.items() if sought not in said}
        cursor = page.next
        if cursor is None:
            break
    return [
        *(f"no item has the key {key!r}" for key in keys),
        *(f"no memory has the id {one!r}" for one in ids),
        *(f"no memory contains {text!r}" for text in texts),
    ]


class _Told:
    """Counts the questions of all materials and variants together."""

    def __init__(self, data: Data, variants: int, progress: Progress) -> None:
        known = isinstance(data.materials, Sequence)
        self._of = sum(len(one.cases) for one in data.materials) * variants if known else None
        self._progress = progress
        self._done = 0

    def one(self, what: str, _done: int, _of: int | None) -> None:
        self._done += 1
        self._progress(what, self._done, self._of)


def _placed(material: Material) -> list[Case]:
    if not material.items:
        return list(material.cases)
    return [replace(case, bank=case.bank or material.bank) for case in material.cases]


async def _ask(memory: Recalls, case: Case, bank: Bank | None, asked: Asked) -> Result:
    where = case.bank or bank
    if where is None:
        raise BadInputError(f"The question {case.question!r} names no bank, and none is given for all.")
    options = asked.copy()
    if case.at is not None:
        options["at"] = case.at
    return judged(case, await memory.recall(where, case.question, **options))
