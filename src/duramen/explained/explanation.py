"""An explanation of a recall: for people, for programs, and for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

from duramen.explained.account import Account
from duramen.explained.picture import picture
from duramen.explained.understood import spent, understood
from duramen.plain import plain
from duramen.types import AllOf, AnyOf, NoneOf, Recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a recall gave what it gave. Print it; `to_dict` has it as data; a notebook draws it.

    Attributes:
        recall: The recall itself, just as `recall` gives it.
        why: An account of each hit, in their order.
        why_not: An account of each memory that was named, hit or not, and of what is not there.
    """

    recall: Recall
    why: tuple[Account, ...] = ()
    why_not: tuple[Account, ...] = ()

    def __str__(self) -> str:
        """Tell it to people, in lines that no memory can break or begin."""
        recall = self.recall
        lines = [plain(recall.query.text)]
        lines += [f"  {name}: {said}" for name, said in understood(recall).items()]
        lines += [f"  {spent(recall)}", ""]
        for account in self.why:
            lines += [f"{account.hit}. {account.score:.2f}  {account.title()}"]
            lines += [f"   {line}" for line in account.lines()]
        if not self.why:
            lines.append("Nothing was found.")
        if self.why_not:
            lines += ["", "What you asked about:"]
        for account in self.why_not:
            lines += [f"- {account.title()}", *(f"  {line}" for line in account.lines())]
        if recall.notes:
            lines += ["", *(f"Note: {plain(note)}" for note in recall.notes)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, object]:
        """Return it as data that `json.dumps` takes: times in ISO 8601, sets sorted."""
        data = jsonable(self)
        for account, record in zip((*self.why, *self.why_not), [*data["why"], *data["why_not"]], strict=True):
            record["words"] = account.lines()
        return {**data, "understood": understood(self.recall)}

    def html(self) -> str:
        """Return it as one piece of HTML: a picture and words, without scripts, and with nothing to be loaded."""
        return picture(self.recall, self.why, self.why_not)

    def _repr_html_(self) -> str:
        """Draw it in a notebook."""
        return self.html()


def jsonable(value: Any) -> Any:
    """Return a value of ours in what JSON knows: mappings, lists, texts, numbers. Tag groups are named by what they ask.

    >>> jsonable({"tags": frozenset("ba"), "at": datetime(2026, 3, 2)})
    {'tags': ['a', 'b'], 'at': '2026-03-02T00:00:00'}
    """
    if isinstance(value, AllOf | AnyOf | NoneOf):  # which differ in nothing but their names
        parts = jsonable(value.group if isinstance(value, NoneOf) else value.groups)
        return {{AllOf: "all", AnyOf: "any", NoneOf: "none"}[type(value)]: parts}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: jsonable(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): jsonable(one) for name, one in value.items()}
    if isinstance(value, Set):
        return sorted(map(jsonable, value))
    if isinstance(value, list | tuple):
        return [jsonable(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
