"""An episode in words: what was wanted, what was done, and how it came out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from duramen.strategies.episodic_assessing import Judged, quoted
from duramen.strategies.episodic_reports import is_order
from duramen.strategies.episodic_spans import Span
from duramen.strategies.episodic_turns import Turn
from duramen.strategies.episodic_words import after
from duramen.strategy import Candidate
from duramen.trace import Interval
from duramen.types import Memory

MOST_ACTIONS = 12
"""Actions that are kept: the first and the last; those between are left out."""

_TOLD = 3
_ACTION = 160
_F = re.IGNORECASE

_GREETING = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear)(?: (?:there|all|team|everyone))?[,!. ]+|(?:ok(?:ay)?|so|now|well|also|and|then|thanks|thank you|great|perfect|next)[,!.: ]+",
    _F,
)
_REQUESTS = tuple(
    (re.compile(pattern, _F), written)
    for pattern, written in (
        (r"(?:please )?(?:can|could|would|will) you (?:please |kindly |maybe |possibly |just |also |help me (?:to )?)*(?P<rest>.+)", "asked to {}"),
        (r"(?:please |pls |kindly |just )+(?P<rest>.+)", "asked to {}"),
        (r"help me (?:to |with )?(?P<rest>.+)", "asked for help: {}"),
        (r"(?:i|we) (?:really |just |also |still |urgently |now )*(?:need|want|would like|'d like) (?:you )?to (?P<rest>.+)", "wanted to {}"),
        (r"(?:i'd|we'd) (?:like|need) (?:you )?to (?P<rest>.+)", "wanted to {}"),
        (r"(?:i'm|i am|we're|we are) (?:just |currently )?(?:trying|looking|hoping) to (?P<rest>.+)", "tried to {}"),
        (r"(?:i'm|i am|we're|we are) looking for (?P<rest>.+)", "looked for {}"),
        (r"(?:i|we) (?:really |just |also |still |urgently )*(?:need|want|would like) (?P<rest>.+)", "wanted {}"),
        (r"(?:i'd|we'd) like (?P<rest>.+)", "wanted {}"),
        (r"how (?:do|can|should|would|could) (?:i|we|one|you) (?P<rest>.+)", "asked how to {}"),
    )
)  # fmt: skip
_THEIRS = (
    (r"\bI'm\b|\bI am\b|\bwe're\b|\bwe are\b", "they are"),
    (r"\bI've\b|\bwe've\b", "they have"),
    (r"\bI'd\b|\bwe'd\b", "they would"),
    (r"\bI'll\b|\bwe'll\b", "they will"),
    (r"\bI was\b", "they were"),
    (r"\bI\b|\bwe\b", "they"),
    (r"\bmy\b|\bour\b", "their"),
    (r"\bme\b|\bus\b", "them"),
    (r"\bmine\b|\bours\b", "theirs"),
    (r"\bmyself\b|\bourselves\b", "themselves"),
)
_THEM = ((r"\byour\b", "their"), (r"\byours\b", "theirs"), (r"\byou(?:'re| are)\b", "they are"), (r"\byou\b", "them"))
_DID = re.compile(
    r"(?:(?:ok(?:ay)?|sure|great|done|good news|alright|yes)[,.!:]+ *)*(?:i|we)(?:'ve| have)? (?P<rest>(?:(?:also|just|now|already|successfully) )*(?:\w+ed|found|sent|made|put|set|built|wrote|ran|paid|bought|took|gave|got|did|reset)\b.*)",
    _F | re.DOTALL,
)
_ENDED: Mapping[str, str] = {
    "success": "it succeeded",
    "failure": "it failed",
    "partial": "it succeeded in part",
    "unknown": "how it came out is not known",
}


def episode(span: Span, how: Judged) -> Candidate:
    """Write an episode that has ended as a memory of the kind `episode`."""
    events = [turn.event for turn in span.turns]
    who = _who(span.request)
    wanted, intent = _wanted(span.request)
    actions = _actions(span.turns)
    details = {
        "situation": _situation(span),
        "intent": intent,
        "actions": actions,
        "outcome": _outcome(span),
        "assessment": how.assessment,
        "justification": how.justification,
        "reflection": lesson(intent, actions, how.assessment),
    }
    return Candidate(
        text=_told(f"{who} {wanted}", [_third(turn) for turn in _doing(span.turns)][-_TOLD:], span, how),
        kind="episode",
        sources=tuple(dict.fromkeys(event.id for event in events)),
        mentioned=events[-1].mentioned,
        occurred=Interval(events[0].mentioned, max(event.mentioned for event in events)),
        details=details,
        settled=True,
    )


def revised(known: Memory, said: Turn, how: Judged) -> Candidate:
    """Write an episode anew of which the user said later how it came out."""
    told = known.text.rpartition(f"; {_ENDED.get(str(known.details.get('assessment')), '')}")[0] or known.text.rstrip(
        "."
    )
    actions = [str(action) for action in known.details.get("actions") or ()]
    since = known.occurred.start if known.occurred is not None else known.mentioned
    return Candidate(
        text=f"{told}; {_ENDED[how.assessment]}: “{quoted(said.text, _ACTION)}”.",
        kind="episode",
        sources=(*known.sources, said.event.id),
        mentioned=said.event.mentioned,
        occurred=Interval(since, max(since, said.event.mentioned)),
        details={
            **known.details,
            "assessment": how.assessment,
            "justification": how.justification,
            "reflection": lesson(str(known.details.get("intent") or ""), actions, how.assessment),
        },
        replaces=known.id,
        settled=True,
    )


def lesson(intent: str, actions: Sequence[str], assessment: str) -> str:
    """Say in one sentence what to do alike or otherwise next time; empty where that is not known.

    >>> lesson("reset the router", ["I restarted it."], "failure")
    'To reset the router, this was not enough: I restarted it.'
    """
    if not actions or assessment == "unknown":
        return ""
    did = quoted(actions[-1] if assessment == "success" else actions[0], _ACTION).rstrip(".!")
    goal = intent.rstrip(".?!")
    if assessment == "success":
        return f"To {goal}, this helped: {did}."
    return f"To {goal}, this was {'only a part' if assessment == 'partial' else 'not enough'}: {did}."


def _told(wanted: str, did: Sequence[str], span: Span, how: Judged) -> str:
    parts = [wanted]
    if did:
        parts.append("; then ".join(did))
    last = span.turns[-1]
    word = f": “{quoted(last.text, _ACTION)}”" if last.by == "user" and last is not span.request else ""
    return f"{'; '.join(parts)}; {_ENDED[how.assessment]}{word}."


def _who(turn: Turn) -> str:
    speaker = (turn.event.speaker or "").strip()
    return "The user" if not speaker or speaker.casefold() in {"user", "human", "customer"} else speaker


def _wanted(turn: Turn) -> tuple[str, str]:
    """Return what was wanted, as the end of a sentence, and as an intent."""
    asked = (turn.wants or turn.troubles or turn.sentences)[0]
    bare = quoted(after(_GREETING, asked).strip() or asked, _ACTION * 2)
    for pattern, written in _REQUESTS:
        found = pattern.match(bare)
        if found:
            rest = _shifted(found["rest"].rstrip(" .?!,"), _THEIRS)
            return written.format(rest), rest
    if turn.wants and is_order(bare):
        rest = _shifted(_lowered(bare.rstrip(" .!,")), _THEIRS)
        return f"asked to {rest}", rest
    return f"{'asked' if turn.wants else 'reported'}: “{bare}”", bare


def _situation(span: Span) -> str:
    """What was the case: what the user tells beside the request, and what they said just before it."""
    asked = (span.request.wants or span.request.troubles)[:1]
    told = [one for turn in span.turns[: span.turns.index(span.request)] for one in turn.sentences]
    told += [one for one in span.request.sentences if one not in asked]
    return quoted(" ".join(told) or span.request.text, _ACTION * 3)


def _doing(said: Sequence[Turn]) -> list[Turn]:
    return [turn for turn in said if turn.by != "user" and turn.report.acts]


def _actions(said: Sequence[Turn]) -> list[str]:
    actions = [quoted(turn.report.gist, _ACTION) for turn in _doing(said)]
    actions = list(dict.fromkeys(action for action in actions if action))
    half = MOST_ACTIONS // 2
    return actions if len(actions) <= MOST_ACTIONS else [*actions[:half], *actions[-half:]]


def _third(turn: Turn) -> str:
    """Tell what was done from outside: "I found a seat for you" is "the agent found a seat for them"."""
    gist = quoted(turn.report.gist, _ACTION).rstrip(".!")
    if turn.by == "tool":
        return f"a tool gave “{gist}”"
    found = _DID.match(gist)
    if found:
        return f"the agent {_shifted(found['rest'], _THEM)}"
    return f"the agent said “{gist}”"


def _outcome(span: Span) -> str:
    """What came of it: the last report, or the last word of the user if there is none."""
    reports = [turn.report.gist for turn in span.turns if turn.by != "user" and turn.report.gist]
    return quoted(reports[-1] if reports else span.turns[-1].text)


def _shifted(text: str, rules: Sequence[tuple[str, str]]) -> str:
    for pattern, instead in rules:
        text = re.sub(pattern, instead, text, flags=_F)
    return text


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def brief(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of an episode's details that a reflection keeps of it."""
    actions = [str(action) for action in details.get("actions") or ()]
    return {
        "intent": str(details.get("intent") or ""),
        "action": actions[-1] if actions else "",
        "assessment": str(details.get("assessment") or "unknown"),
        "outcome": str(details.get("outcome") or ""),
    }
