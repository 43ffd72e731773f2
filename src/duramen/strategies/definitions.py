"""Strategies as plain data, so that another process can build them anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from typing_extensions import Required, TypedDict

from duramen.errors import StrategyError
from duramen.language_model import LanguageModel
from duramen.namespaces import KNOWN_VARIABLES, check_template, own_variables
from duramen.strategies.custom import BASES, CustomStrategy, Options, built_in
from duramen.strategies.delivered import DeliveredStrategy
from duramen.strategies.inferred import InferredLabel, read_label
from duramen.strategies.labelled import LabelledStrategy
from duramen.strategies.usual import check_name
from duramen.strategy import Strategy, Trigger

MOST_VARIABLES = 5

CODE = "code"
CUSTOM = "custom"
DELIVERED = "delivered"

_SAYS_NONE = ("reflections",)
_VARIABLE = re.compile(r"[a-z][a-z0-9]*")
_TYPES = (*BASES, CUSTOM, DELIVERED, CODE)
_LABELS = ("keeps", "apart", "inferred")
_DAYS = "record_days"
_BESIDE = ("type", "variables", *_LABELS, _DAYS)


class Definition(TypedDict, total=False):
    """A strategy as `json.dumps` writes it. What is left out is as the strategy of that type has it.

    Attributes:
        type: `semantic`, `summary`, `preference`, `episodic`, `observation`; `custom` for one of them with other prompts;
            `delivered` for a self-managed one, `to` a directory or webhook; `code` for what cannot be written down and has to be registered in each process.
        base: Of a `custom` one: the type that it changes.
        reflections: Where an episodic one files its reflections; None for no reflections.
        trigger: `messages`, `tokens`, `idle_seconds` and `history`.
        model: The name of its own language model.
        keeps: Keys of the metadata that memories take from their events, and `apart` those of them that keep memories
            apart; `inferred` the labels that a language model gives them, each with the fields of an `InferredLabel`. See
            `LabelledStrategy`.
        record_days: After how many days its memories expire as records.
        variables: The names of the user's own variables in the templates: at most 5, lower case letters and digits. Each
            event gives their values by its metadata.
    """

    type: Required[str]
    name: Required[str]
    base: str
    namespace: str
    prompt: str
    consolidation_prompt: str
    reflection_prompt: str
    reflections: str | None
    trigger: Mapping[str, float | None]
    model: str
    keeps: Sequence[str]
    apart: Sequence[str]
    inferred: Sequence[Mapping[str, Any]]
    record_days: int
    variables: Sequence[str]


def define(strategy: Strategy) -> dict[str, Any]:
    """Write a strategy down: a `Definition`, with further keys if its type has further fields.

    The user's own code cannot be written down: of it only `type`, `name` and `namespace` are.

    Example:
        >>> from duramen.strategies.summary import SummaryStrategy
        >>> written = define(SummaryStrategy(name="minutes"))
        >>> written["type"], written["trigger"]["messages"]
        ('summary', 4)
    """
    if isinstance(strategy, LabelledStrategy):
        inferred = [label.written() for label in strategy.inferred]
        labels: dict[str, Any] = {"keeps": list(strategy.keeps), "apart": list(strategy.apart), "inferred": inferred}
        labels[_DAYS] = strategy.record_days
        return {**define(strategy.plain), **{key: given for key, given in labels.items() if given}}
    type_ = _type_of(strategy)
    if type_ == CODE:
        return {"type": CODE, "name": strategy.name, "namespace": strategy.namespace}
    written: dict[str, Any] = {"type": type_, "name": strategy.name}
    if isinstance(strategy, CustomStrategy):
        written |= {"base": strategy.base, **strategy.options}
    else:
        written |= {field.name: getattr(strategy, field.name) for field in fields(_class_of(type_))}
    written |= {"namespace": strategy.namespace, "trigger": asdict(strategy.trigger)}
    model: LanguageModel | None = written.pop("model", None)
    if model is not None:
        written["model"] = model.name
    variables = own_variables(strategy.namespaces)
    if variables:
        written["variables"] = list(variables)
    return _without_none(written)


def build(
    definition: Mapping[str, Any],
    *,
    models: Mapping[str, LanguageModel] | None = None,
    code: Mapping[str, Strategy] | None = None,
) -> Strategy:
    """Build a strategy from what `define` wrote.

    Args:
        definition: A `Definition`.
        models: Language models by name. A strategy whose own is not among them uses the engine's.
        code: Strategies that are the user's own code, by name.

    Raises:
        StrategyError: An unknown type or key, a value that is none, or code that is not in `code`.
        NamespaceError: A template that cannot be used.
    """
    type_, name = _named(definition)
    if type_ == CODE:
        if name not in (code or {}):
            raise StrategyError(
                f"The strategy {name!r} is code of the application, and this process does not have it. Register it with "
                f"`StrategyBook.register` before."
            )
        return (code or {})[name]
    given = _without_none({key: value for key, value in definition.items() if key not in _BESIDE})
    known = {"base", "name", *Options.__annotations__} if type_ == CUSTOM else _fields_of(type_)
    _check_keys(definition, {*known, *_LABELS, _DAYS}, f"The definition of {name!r}")
    _check_values(given, name)
    if "trigger" in given:
        given["trigger"] = _trigger(given["trigger"], name)
    if "model" in given:
        given["model"] = (models or {}).get(given["model"])
    strategy = _built(type_, name, given)
    _check_variables(strategy, definition.get("variables"))
    days = definition.get(_DAYS)
    if any(definition.get(key) for key in _LABELS) or days is not None:
        keeps, apart, inferred = (definition.get(key) or () for key in _LABELS)
        return LabelledStrategy(strategy, keeps, apart, _inferred(inferred, name), days)
    return strategy


def check(definition: Mapping[str, Any]) -> None:
    """Check that `definition` can be built, code aside.

    Raises:
        StrategyError, NamespaceError: It cannot.
    """
    type_, name = _named(definition)
    if type_ != CODE:
        build(definition)
        return
    _check_keys(definition, ("name", "namespace"), f"The definition of {name!r}")
    if "namespace" in definition:
        check_template(definition["namespace"], own_variables([definition["namespace"]]))


def _without_none(given: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None, unless that says something."""
    return {key: value for key, value in given.items() if value is not None or key in _SAYS_NONE}


def _type_of(strategy: Strategy) -> str:
    if type(strategy) is CustomStrategy:
        return CUSTOM
    if type(strategy) is DeliveredStrategy:
        return DELIVERED
    own = (type(strategy).__module__, type(strategy).__qualname__)
    return next((type_ for type_, home in BASES.items() if home == own), CODE)


def _named(definition: Mapping[str, Any]) -> tuple[str, str]:
    given: object = definition
    if not isinstance(given, Mapping):
        raise StrategyError(f"The definition {given!r} of a strategy is no mapping. Give `type`, `name` and the rest.")
    type_, name = definition.get("type"), definition.get("name")
    if type_ not in _TYPES:
        raise StrategyError(f"A strategy is of type {type_!r}, which is not known. Known are {', '.join(_TYPES)}.")
    if name is None and type_ in BASES:
        name = next(field.default for field in fields(built_in(type_)) if field.name == "name")
    check_name(str(name) if name is not None else "")
    return str(type_), str(name)


def _fields_of(type_: str) -> set[str]:
    return {field.name for field in fields(_class_of(type_))}


def _class_of(type_: str) -> type[Any]:
    return DeliveredStrategy if type_ == DELIVERED else built_in(type_)


def _check_keys(definition: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    known = {"type", "variables", *known}
    unknown = sorted(str(key) for key in definition if key not in known)
    if unknown:
        raise StrategyError(
            f"{what} has {', '.join(map(repr, unknown))}, which is not known. Known are {', '.join(sorted(known))}."
        )


def _check_values(given: Mapping[str, Any], name: str) -> None:
    for key, value in given.items():
        absent = value is None and key in _SAYS_NONE
        number = isinstance(value, int | float) and key not in Definition.__annotations__
        if key != "trigger" and not (absent or number or isinstance(value, str)):
            raise StrategyError(f"The definition of {name!r} has {key}={value!r}. Give text, or leave it out.")


def _trigger(given: object, name: str) -> Trigger:
    if not isinstance(given, Mapping):
        raise StrategyError(
            f"The trigger of {name!r} is {given!r}. Give `messages`, `tokens`, `idle_seconds`, `history`."
        )
    known = {"messages": 1, "tokens": 1, "idle_seconds": 0, "history": 0}
    unknown = sorted(str(key) for key in given if key not in known)
    if unknown:
        raise StrategyError(
            f"The trigger of {name!r} has {', '.join(map(repr, unknown))}, which is not known. Known are {', '.join(known)}."
        )
    for key, value in given.items():
        absent = value is None and key in ("tokens", "idle_seconds")
        number = isinstance(value, int if key != "idle_seconds" else int | float) and not isinstance(value, bool)
        if not absent and not (number and value >= known[key]):
            raise StrategyError(f"The trigger of {name!r} has {key}={value!r}. Give a number, {known[key]} or more.")
    return Trigger(**given)


def _built(type_: str, name: str, given: dict[str, Any]) -> Strategy:
    given.pop("name", None)
    if type_ != CUSTOM:
        strategy: Strategy = _class_of(type_)(name=name, **given)
        return strategy
    if "base" not in given:
        raise StrategyError(f"The custom strategy {name!r} has no `base`. Give one of {', '.join(BASES)}.")
    return CustomStrategy(base=given.pop("base"), name=name, **given)


def _inferred(given: object, name: str) -> list[InferredLabel]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise StrategyError(f"The strategy {name!r} has inferred={given!r}. Give a list of labels.")
    return [read_label(one) for one in given]


def _check_variables(strategy: Strategy, declared: object) -> None:
    used = own_variables(strategy.namespaces)
    if declared is None:
        declared = used
    if not isinstance(declared, Sequence) or isinstance(declared, str):
        raise StrategyError(f"The variables of {strategy.name!r} are {declared!r}. Give a list of names.")
    for name in declared:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name) or name in KNOWN_VARIABLES:
            raise StrategyError(
                f"{name!r} cannot name a variable of {strategy.name!r}. Use lower case letters and digits, a letter first."
            )
    if len(set(declared)) > MOST_VARIABLES:
        raise StrategyError(f"{strategy.name!r} has {len(set(declared))} variables; it may have {MOST_VARIABLES}.")
    missing = sorted(set(used) - set(declared))
    if missing:
        raise StrategyError(
            f"The templates of {strategy.name!r} use {', '.join(map(repr, missing))}, which `variables` does not name. "
            f"Known are {', '.join((*KNOWN_VARIABLES, *declared))}."
        )
