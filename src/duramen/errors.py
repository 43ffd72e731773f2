"""Everything that Duramen raises on purpose.

    DuramenError
    ├── BadInputError (ValueError)        the caller's argument cannot be used
    │   ├── BadContentError               what was given to `retain`
    │   ├── BadQueryError                 what was given to `recall`, `reflect`, `forget` or a listing
    │   ├── NamespaceError                a namespace or a template of one
    │   ├── StrategyError                 a strategy, a trigger or a harness that cannot be used as it is
    │   ├── NotFoundError                 no document, task, directive … of that name
    │   ├── BadFileError                  a file to import that is damaged, cut off, or of a newer Duramen
    │   ├── ConflictError                 the name is taken by something else, or it is in another state
    │   └── AddressError                  the address given to `duramen.open`
    ├── IdentityError                     who this turn belongs to
    │   ├── BankResolutionError           no bank can be named safely, so none is
    │   └── AccessError                   a server does not let this key do this
    ├── StoreError                        where memories are kept
    │   ├── StoreUnavailableError         disk full, locked for too long, no permission, I/O error
    │   ├── StoreCorruptError             the files are damaged or not ours
    │   ├── SchemaVersionError            written by a newer Duramen
    │   ├── ChangedError                  somebody else changed what was to be changed
    │   └── EmbedderMismatchError         a bank's vectors come from another embedder
    ├── EmbedderError                     the model that makes vectors
    ├── RerankerError                     the second opinion; a recall goes on without it
    ├── LanguageModelError                the language model; the deterministic form answers instead
    │   ├── ModelUnavailableError         not reached, refused, or too slow
    │   ├── BadAnswerError                it answered something else than was asked for, twice
    │   └── QuotaError                    what a bank may use of it is used up
    ├── ProcessingError                   kept, but no memory could be made of it
    ├── UnsupportedError                  a memory behind a server cannot do this
    └── ClosedError                       used after `close()`

A message says what happened, why, and what to do now; the facts are attributes as well.
"""

from __future__ import annotations

from pathlib import Path


class DuramenError(Exception):
    """The root: `except DuramenError` catches all that this package raises on purpose."""


class BadInputError(DuramenError, ValueError):
    """An argument cannot be used. Nothing was read or written."""


class BadContentError(BadInputError):
    """What was given to `retain` cannot be kept as it is. Nothing was written."""


class BadQueryError(BadInputError):
    """What was asked of `recall`, `reflect`, `forget` or a listing makes no sense. Nothing was changed."""


class NamespaceError(BadInputError):
    """A namespace, or a template of one, cannot be used. Nothing was read or written."""


class StrategyError(BadInputError):
    """A strategy, its trigger, or the configuration of a harness cannot be used as it is. Nothing was changed."""


class NotFoundError(BadInputError):
    """There is nothing of that name in this bank. Nothing was changed."""


class ConflictError(BadInputError):
    """The name stands for something else already, or what it names is in a state that forbids this. Nothing was changed."""


class BadFileError(BadInputError):
    """A file that is to be imported is damaged, cut off, of another format, or was written by a newer Duramen.

    Attributes:
        path: The file.
        line: Where in it, from 1; None if it is about the whole of it.
    """

    def __init__(self, path: str, reason: str, *, line: int | None = None) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        where = path if line is None else f"{path}, line {line}"
        super().__init__(f"{where}: {reason}")


class AddressError(BadInputError):
    """The address given to `duramen.open` names no store that this installation can open."""


class IdentityError(DuramenError):
    """Something is wrong with whom a turn belongs to."""


class BankResolutionError(IdentityError, ValueError):
    """No bank can be named for this turn, so nothing is recalled and nothing retained (fail closed)."""


class AccessError(IdentityError):
    """A server does not know the key, or the key may not do this (`status` 401 or 403). Nothing was read or written."""

    def __init__(self, message: str, *, status: int = 403) -> None:
        self.status = status
        super().__init__(message)


class StoreError(DuramenError):
    """The place where memories are kept did not do what was asked."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached or written just now; what was acknowledged before is safe."""


class StoreCorruptError(StoreError):
    """A file in the memory directory, or a schema of a database, is damaged or was not written by Duramen.

    Attributes:
        path: The file, or the address of the database as text.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = path
        self.reason = reason
        anew = "name another schema" if isinstance(path, str) else "move it away and open the directory again"
        super().__init__(
            f"{path} is not a sound Duramen store: {reason}. Nothing was changed. "
            f"Restore it from a backup, or {anew} to begin anew."
        )


class SchemaVersionError(StoreError):
    """The store was written by a newer Duramen than this one."""

    def __init__(self, path: Path | str, found: int, known: int) -> None:
        self.path = path
        self.found = found
        self.known = known
        super().__init__(
            f"{path} has schema version {found}; this Duramen knows versions up to {known}. "
            f"Nothing was changed. Upgrade with `pip install --upgrade duramen`."
        )


class ChangedError(StoreError):
    """What stands on the shelf is not what was expected: somebody changed it meanwhile. Nothing was changed."""


class EmbedderMismatchError(StoreError):
    """A bank's vectors were made by another embedder than the one given."""

    def __init__(self, bank: str, *, kept: str, given: str) -> None:
        self.bank = bank
        self.kept = kept
        self.given = given
        super().__init__(
            f"The vectors of bank {bank!r} were made by {kept!r}, but this engine embeds with {given!r}; the two "
            f"cannot be compared. Open the store with the embedder {kept!r}, or call "
            f"`await memory.reembed({bank!r})` (`duramen reembed`) to make the vectors anew from the kept texts."
        )


class RerankerError(DuramenError):
    """A reranker could not say how well memories answer. A recall that meets it keeps its own order."""


class LanguageModelError(DuramenError):
    """The language model could not help. What needed it is done without, and that is counted."""


class ModelUnavailableError(LanguageModelError):
    """The model could not be reached, refused to answer, or took too long."""


class BadAnswerError(LanguageModelError):
    """The model answered in another shape than was asked for, also when told so."""


class QuotaError(LanguageModelError):
    """What a bank may use of the model is used up for now."""


class EmbedderError(DuramenError):
    """The embedder could not be loaded or gave vectors of the wrong shape."""


class ProcessingError(DuramenError):
    """What was retained is kept, but no memory could be made of it."""

    def __init__(self, bank: str, key: str, reason: str) -> None:
        self.bank = bank
        self.key = key
        self.reason = reason
        super().__init__(
            f"Item {key!r} is kept in bank {bank!r}, but could not be made searchable: {reason}. Mend the cause and "
            f"call `await memory.retry({bank!r})`; `memory.status()` lists what failed."
        )


class UnsupportedError(DuramenError):
    """What was asked for cannot be done by a memory behind a server. Nothing was changed.

    Attributes:
        what: What was asked for.
    """

    def __init__(self, what: str, instead: str) -> None:
        self.what = what
        super().__init__(f"{what} cannot be had over HTTP. {instead}")


class ClosedError(DuramenError):
    """The engine was closed. Open it again with `duramen.open`."""
