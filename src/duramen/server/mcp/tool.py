"""What a tool is: a name and a description for the model, and the request that it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from duramen.errors import BadQueryError

BANK = "bank_id"
_OF_BANK = {"type": "string", "description": "Which memory bank.", "minLength": 1}

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request to the HTTP API: `path` is below `/v1/default`, with everything encoded. If it is done, so is `then`."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    then: Call | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool.

    Attributes:
        arguments: JSON Schemas by name, in the words that `duramen.profiles.checking` knows.
        required: Names of arguments that must be given.
        call: Makes the request from bank and arguments; of these, none is null.
        of_bank: It is about one bank.
        reads: It changes nothing. `destroys`: what it changes cannot be had back. `repeats`: done twice, it is as if once.
    """

    name: str
    title: str
    description: str
    call: Callable[[str, Arguments], Call]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    required: Sequence[str] = ()
    of_bank: bool = True
    reads: bool = False
    destroys: bool = False
    repeats: bool = True

    def definition(self, *, fixed: bool) -> dict[str, Any]:
        """Return what clients are told of it; `fixed` says that the connection names the bank."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.schema(fixed=fixed),
            "annotations": {
                "title": self.title,
                "readOnlyHint": self.reads,
                "destructiveHint": self.destroys,
                "idempotentHint": self.repeats,
                "openWorldHint": False,
            },
        }

    def schema(self, *, fixed: bool) -> dict[str, Any]:
        """Return the JSON Schema of the arguments."""
        takes_bank = self.of_bank and not fixed
        return {
            "type": "object",
            "properties": {**({BANK: _OF_BANK} if takes_bank else {}), **self.arguments},
            "required": [*([BANK] if takes_bank else []), *self.required],
            "additionalProperties": False,
        }


def to(request: str, **renamed: str) -> Callable[[str, Arguments], Call]:
    """Return what makes `request`, such as `GET /directives`, below the path of the bank if there is one.

    Arguments that its path names go there, the others into the query or the body, called as `renamed` says.
    """
    method, _, path = request.partition(" ")

    def call(bank: str, arguments: Arguments) -> Call:
        named = {name: encoded(value) for name, value in arguments.items() if f"{{{name}}}" in path}
        rest = {renamed.get(name, name): value for name, value in arguments.items() if name not in named}
        where = (bank_path(bank) if bank else "") + path.format(**named)
        if method in ("GET", "DELETE"):
            return Call(method=method, path=where, query=rest)
        return Call(method=method, path=where, body=rest)

    return call


def chosen(arguments: Arguments, *names: str) -> dict[str, Any]:
    """Return those of `names` that were given."""
    return {name: arguments[name] for name in names if name in arguments}


def encoded(segment: object) -> str:
    """Return a segment of a path; an id may hold any character.

    Raises:
        BadQueryError: It is "." or "..": what lies between here and there may take it for a step to another path, and
            what was to delete a memory would delete its bank.
    """
    text = str(segment)
    if text in (".", ".."):
        raise BadQueryError(f"There is nothing called {text!r}.")
    return quote(text, safe="")


def bank_path(bank: str) -> str:
    """Return the path of a bank."""
    return f"/banks/{encoded(bank)}"
