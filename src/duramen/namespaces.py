"""Namespaces: the paths at which strategies file, inside a bank.

A *template* such as `/strategies/{memoryStrategyId}/actors/{actorId}/` is resolved to a *path* with the values of its
variables. Paths are compared segment by segment, never as strings: `/facts/a1/` is not above `/facts/a10/`. A path
begins and ends with a slash; `/` alone is above all others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from duramen.errors import NamespaceError

ACTOR, SESSION, STRATEGY = "actorId", "sessionId", "memoryStrategyId"
"""The variables that every template may use. `strategyId` is an old name of the last."""

KNOWN_VARIABLES = (STRATEGY, ACTOR, SESSION)

ABSENT = "-"
"""The segment of an actor or session that there is none of. A value `-` becomes `%2D`, so that no value meets it."""

MAX_TEMPLATE = 1024
"""The longest template, in characters. The path that it resolves to may be longer."""

PER_ACTOR = "/strategies/{memoryStrategyId}/actors/{actorId}/"
PER_SESSION = "/strategies/{memoryStrategyId}/actors/{actorId}/sessions/{sessionId}/"

SEMANTIC = PER_ACTOR
PREFERENCES = PER_ACTOR
SUMMARIES = PER_SESSION
EPISODES = PER_SESSION
REFLECTIONS = PER_ACTOR
OBSERVATIONS = PER_ACTOR
"""Where each strategy files if nothing else is said."""

_OLD_NAME = "strategyId"
_A_PATH = "Give a path such as `/facts/ada/`."
_OWN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_RESERVED = re.compile("[/%{}*\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MISREAD = re.compile(r"-|\.+")  # as a whole: the absent, and what URLs and directories take for a way up


def check_template(template: str, own: Collection[str] = ()) -> str:
    """Return `template` with a slash at both ends, if it is one that never mixes up two values.

    Args:
        template: Segments with slashes between them; a variable stands in braces and may be a part of a segment.
        own: Names of the variables that may be used beside `KNOWN_VARIABLES` and `strategyId`.

    Raises:
        NamespaceError: Braces that are not a variable, an unknown variable, two variables in one segment, an empty
            segment, control characters, `*`, or over `MAX_TEMPLATE` characters.

    >>> check_template("facts/{actorId}")
    '/facts/{actorId}/'
    """
    _check_own(own)
    normalised = _normalised(template, "template")
    if len(template) > MAX_TEMPLATE:
        raise _bad(
            "template", template, f"has {len(template):,} characters; it may have {MAX_TEMPLATE:,}", "Shorten it."
        )
    for segment in _segments(normalised):
        _check_segment(template, segment, {*KNOWN_VARIABLES, _OLD_NAME, *own})
    return normalised


def check_reflections(reflections: str, episodes: str) -> None:
    """Check that reflections are filed where their episodes are, or above.

    Args:
        reflections: The template of the reflections.
        episodes: The template of the episodes that they are drawn from.

    Raises:
        NamespaceError: They are filed elsewhere, or deeper, or a template is not text.

    >>> check_reflections("/notes/{actorId}/", "/notes/{actorId}/{sessionId}/")
    """
    if not within(_modern(_text(episodes, "template")), _modern(_text(reflections, "template"))):
        raise NamespaceError(
            f"Reflections are filed at {reflections!r}, which is neither {episodes!r}, where the episodes are, nor "
            f"above it: they would be drawn from episodes that whoever reads them may not see. Use the template of the "
            f"episodes, or leave segments out at its end."
        )


def variables_of(template: str) -> tuple[str, ...]:
    """Return the variables of `template` in order, each once, `strategyId` by its new name.

    >>> variables_of("/strategies/{strategyId}/actors/{actorId}/")
    ('memoryStrategyId', 'actorId')
    """
    return tuple(dict.fromkeys(_VARIABLE.findall(_modern(template))))


def own_variables(templates: Iterable[str]) -> tuple[str, ...]:
    """Return the variables of `templates` that are the user's own, in order, each once.

    Raises:
        NamespaceError: A template is not text.

    >>> own_variables(["/{tenant}/facts/{actorId}/", "/{tenant}/"])
    ('tenant',)
    """
    named = (name for template in templates for name in variables_of(_text(template, "template")))
    return tuple(dict.fromkeys(name for name in named if name not in KNOWN_VARIABLES))


def variables(
    strategy: str, actor: str | None, session: str | None, own: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the values that the templates of a strategy are resolved with.

    Args:
        strategy: The name of the strategy.
        actor: None if there is none: it is then the empty text here, and `ABSENT` in a path.
        session: None likewise.
        own: The values of the user's own variables.

    Raises:
        NamespaceError: The name of an own variable is taken or no name, or its value is blank or not text.
    """
    given = own or {}
    _check_own(given)
    for name, value in given.items():
        _check_value(name, value)
    return {STRATEGY: strategy, ACTOR: actor or "", SESSION: session or "", **given}


def resolve(template: str, variables: Mapping[str, str]) -> str:
    """Return the path that `template` stands for.

    A value stays inside its segment: `/`, `%`, `{`, `}`, `*` and control characters in it are percent-encoded (as
    UTF-8), and so is a value that is `-` or dots only. Other values give other paths, none of them below another.
    Values are neither trimmed, folded nor shortened.

    Args:
        template: As `check_template` returns it.
        variables: A value for each variable, as `variables` returns them.

    Raises:
        NamespaceError: A variable has no value, or one that is blank or not text.

    >>> resolve("/facts/{actorId}/", {"actorId": "ada/1"})
    '/facts/ada%2F1/'
    """
    return _VARIABLE.sub(lambda found: _value(template, found[1], variables), template)


def normal(path: str) -> str:
    """Return a path given by a user with a slash at both ends; `/` is the path above all others.

    Raises:
        NamespaceError: It has an empty segment, braces, `*` or control characters, or is blank or not text.

    >>> normal("facts/a1")
    '/facts/a1/'
    """
    normalised = _normalised(path, "namespace")
    if "{" in path or "}" in path:
        raise _bad(
            "namespace",
            path,
            "has braces, so that it reads like a template",
            "Give the path that it resolves to, as `duramen.namespaces.resolve` makes it.",
        )
    return normalised


def within(path: str, above: str) -> bool:
    """Tell whether `path` is `above` or stands below it. Slashes at the ends do not matter.

    >>> within("/facts/a1/x/", "/facts/a1"), within("/facts/a10/", "/facts/a1")
    (True, False)
    """
    outer = _segments(above)
    return _segments(path)[: len(outer)] == outer


def _segments(path: str) -> list[str]:
    inner = path.removeprefix("/").removesuffix("/")
    return inner.split("/") if inner else []


def _normalised(path: str, name: str) -> str:
    if not _text(path, name).strip():
        raise _bad(name, path, "is no path", _A_PATH)
    if found := _UNPRINTABLE.search(path):
        raise _bad(name, path, f"holds {found[0]!a}, a character that cannot be seen or kept", "Leave it out.")
    if "*" in path:
        raise _bad(
            name, path, "holds `*`, which stands for nothing here", "Name the path above: all below it belongs to it."
        )
    segments = _segments(path)
    if "//" in path or not all(segment.strip() for segment in segments):
        raise _bad(name, path, "has an empty segment", "Write one slash between two segments.")
    return f"/{'/'.join(segments)}/" if segments else "/"


def _text(given: object, name: str) -> str:
    if not isinstance(given, str):
        raise _bad(name, given, "is not text", _A_PATH)
    return given


def _check_segment(template: str, segment: str, allowed: Collection[str]) -> None:
    names = _VARIABLE.findall(segment)
    rest = _VARIABLE.sub("", segment)
    if "{" in rest or "}" in rest:
        raise _bad("template", template, "has a brace without its partner", "A variable is written `{actorId}`.")
    for name in names:
        if name not in allowed:
            raise _bad(
                "template",
                template,
                f"has the variable {name!r}, which is not known",
                f"Use {', '.join(sorted(allowed))}, or declare it as one of your own.",
            )
    if len(names) > 1:
        raise _bad(
            "template",
            template,
            f"has {len(names)} variables in the segment {segment!r}, so that the values of two users could give the "
            f"same path",
            "Put a slash between them.",
        )


def _check_own(own: Collection[str]) -> None:
    for name in own:
        if name in (*KNOWN_VARIABLES, _OLD_NAME):
            raise NamespaceError(f"The variable {name!r} has its value from the event. Give yours another name.")
        if not _OWN_NAME.fullmatch(name):
            raise NamespaceError(
                f"{name!r} is no name of a variable. Begin with a letter, and go on with at most 63 letters, digits or "
                f"underscores (ASCII)."
            )


def _value(template: str, name: str, values: Mapping[str, str]) -> str:
    name = STRATEGY if name == _OLD_NAME and name not in values else name
    value = values.get(name)
    if value is None:
        raise NamespaceError(
            f"The namespace template {template!r} needs a value for {name!r}, and there is none. Give one, or take the "
            f"variable out of the template."
        )
    if value == "" and name in (ACTOR, SESSION):
        return ABSENT
    _check_value(name, value)
    if _MISREAD.fullmatch(value):
        return _encoded(value)
    return _RESERVED.sub(lambda found: _encoded(found[0]), value)


def _check_value(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise NamespaceError(
            f"The value of the variable {name!r} is {value!r}. Give text that is not blank; a blank one would mix up "
            f"what belongs to several."
        )
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NamespaceError(
            f"The value of the variable {name!r} is not valid Unicode (a lone surrogate): {value!a}."
        ) from error


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _modern(template: str) -> str:
    return template.replace(f"{{{_OLD_NAME}}}", f"{{{STRATEGY}}}")


def _bad(name: str, given: object, why: str, what_now: str) -> NamespaceError:
    shown = repr(given)
    shown = shown if len(shown) <= 200 else f"{shown[:200]}…"
    return NamespaceError(f"The {name} {shown} {why}. {what_now} Nothing was changed.")
