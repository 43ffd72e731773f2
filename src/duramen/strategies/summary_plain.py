"""What is worth keeping of a conversation, without a language model: its sentences that say most, as they were said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from duramen.block import strip
from duramen.language.dates import FoundDate, find_dates, placed_dates
from duramen.language.entities import CapitalsEntityFinder
from duramen.language.sentences import is_question, is_small_talk, sentences
from duramen.language.terms import terms
from duramen.language.tokens import count_tokens_batch
from duramen.types import Event

LONGEST_TURN = 20_000
"""Characters of one turn that are read; what is behind them is no conversation."""

LONGEST_SENTENCE = 60
"""Words of one sentence that are kept."""

LEAST = 0.4
"""The least `worth` of a sentence that is kept at all."""

AGENT = "Assistant"

_AGENTS = frozenset({"assistant", "ai", "agent", "model"})
_LONGEST_SPEAKER = 60
_LONGEST_LED = 300
_FINDER = CapitalsEntityFinder()

_CODE = ("```", "~~~")
_MARKER = re.compile(r"^[ \t]*(?:[-*+•‣◦>|]+|#+|\d{1,2}[.)])[ \t]+")
_NOT_IN_SPEAKER = re.compile(r"[:.!?]")
_EMPHASIS = re.compile(r"\*\*|__|`")
_WRITTEN_DATE = re.compile(r" \(\d{4}(?:-\d\d){0,2}(?: to \d{4}-\d\d-\d\d)?\)")
_LINE = re.compile(rf"(?P<speaker>[^:.!?\n]{{1,{_LONGEST_SPEAKER}}}): (?P<text>.*)", re.DOTALL)

_DECIDED = re.compile(
    r"\b(?:decid\w+|agreed (?:to|on|that)|chose|chosen|settled on|go(?:ing)? with|booked|bought|ordered|cancel\w+|confirm\w+|reserved"
    r"|scheduled|signed up|hired|sold|moved|postponed|planned|(?:i|we)(?:'ll| will| have to| must| should)|let's|due"
    r"|deadline|going to|plan(?:s|ning)? to|instead of|changed?|fixed|solved|finished|failed|works? now|turned out)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:(?:can|could|would|will) you|please|(?:i|we) (?:need|want)|(?:i|we)(?:'d| would) like|remind me|help (?:me|us)"
    r"|make sure|don't forget|remember (?:to|that)|how (?:do|can|should) (?:i|we)|look(?:ing)? for)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:my|our|(?:i|we)(?:'m| am| are|'re| was| were|'ve| have| had| live| work| like| love| prefer| hate| use| got| took"
    r"| made| went| met| started| stopped| always| never)|allergic|favou?rite|birthday|call me)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred|thousand|dozen|half)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
_PAST = re.compile(
    r"\b(?:was|were|had|did|didn't|went|got|bought|met|came|took|saw|made|told|ate|left|began|spent|lost|won"
    r"|(?:i|we|he|she|they|it|you)\s+(?:just |also |\w+ly )?\w{2,}ed)\b",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"(?:yes|yeah|yep|no|nope|sure|ok|okay|please|go ahead|do it|agreed|exactly|correct)\b", re.IGNORECASE
)
_OFFER = re.compile(
    r"(?:\w+[!,.] )?(?:(?:how|what) (?:can|may|else can) i (?:help|assist|do)|(?:is there )?anything else|(?:just |please )?let me know"
    r"|feel free to|i(?:'ll| will) be here|i'?m (?:just )?(?:here|happy|glad) to (?:help|assist)|as an ai|if you (?:need|have)"
    r" (?:any|more|further|anything)|i(?:'m| am) (?:doing )?(?:fine|well|good|great)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and who said it; nobody in particular if `speaker` is empty."""

    speaker: str
    text: str

    def __str__(self) -> str:
        """Say it in a line: "Ada: We fly on Friday."."""
        return f"{self.speaker}: {self.text}" if self.speaker else self.text


def of_event(event: Event) -> list[Said]:
    """Read the sentences of a turn, without code, relative dates with those of the calendar beside them."""
    speaker = event.speaker or (AGENT if event.kind == "experience" else event.actor or "")
    return _of_turn(speaker, event.content, event.mentioned)


def worths(said: Sequence[Said]) -> list[float]:
    """Tell how much each sentence says, 0 or more, beside those before it; below `LEAST` it is small talk."""
    known: set[str] = set()
    speakers = {each.speaker.casefold() for each in said}
    found: list[float] = []
    asked: tuple[str, float] | None = None
    for each in said:
        bare = _WRITTEN_DATE.sub("", each.text).replace("\u2019", "'")
        words = set(terms(bare))
        worth = 0.0 if _is_talk(bare) else _worth(each, bare, words - known, speakers)
        if asked is not None and each.speaker not in (asked[0], AGENT) and _ANSWER.match(bare):
            worth = max(worth, asked[1])
        found.append(worth)
        asked = (each.speaker, worth) if is_question(bare) else None
        known |= words
    return found


def fitted(said: Sequence[Said], *, tokens: int, aging: float = 0.0, least: float = LEAST) -> list[Said]:
    """Return those sentences that are worth it and say most in `tokens` tokens, in their order, each once.

    Args:
        said: Sentences, oldest first.
        tokens: At most so many, by `written`. If there is room for none, one is cut short.
        aging: How much less the oldest is worth than the newest, in [0, 1].
        least: What is worth less is left out, also where there is room.
    """
    said = list(dict.fromkeys(said))
    last = max(1, len(said) - 1)
    worth = worths(said)
    # Judged before it aged: what was worth keeping goes only when there is no room.
    worthy = [place for place, much in enumerate(worth) if much >= least]
    costs = count_tokens_batch(str(said[place]) for place in worthy)
    aged = {place: worth[place] * (1 - aging * (1 - place / last)) for place in worthy}
    order = sorted(zip(worthy, costs, strict=True), key=lambda each: (-aged[each[0]], -each[0]))
    kept: list[int] = []
    left = tokens
    for place, cost in order:
        if cost <= left:
            kept.append(place)
            left -= cost
    if order and not kept:
        return _cut_short(said[order[0][0]], tokens)
    return [said[place] for place in sorted(kept)]


def shortened(said: Sequence[Said], *, tokens: int, aging: float) -> list[Said]:
    """Return a summary as it is if it has at most `tokens` tokens, else the sentences of it that say most."""
    if sum(count_tokens_batch(map(str, said))) <= tokens:
        return list(said)
    return fitted(said, tokens=tokens, aging=aging, least=0.0)


def written(said: Iterable[Said]) -> str:
    """Write sentences as lines, those of one speaker that follow each other in one line."""
    lines: list[str] = []
    speaker: str | None = None
    for each in said:
        if lines and each.speaker == speaker:
            lines[-1] += f" {each.text}"
        else:
            lines.append(str(each))
        speaker = each.speaker
    return "\n".join(lines)


def read(summary: str) -> list[Said]:
    """Read back what `written` wrote; of other text each sentence, said by nobody."""
    found: list[Said] = []
    for line in summary.splitlines():
        match = _LINE.fullmatch(line.strip())
        speaker, text = (match["speaker"], match["text"]) if match else ("", line)
        found += [Said(speaker, sentence) for sentence in sentences(text[:LONGEST_TURN])]
    return found


def _sentences(text: str) -> list[str]:
    """Cut a text into sentences, without code and marks, each on one line and at most `LONGEST_SENTENCE` words long."""
    parts = (part for part in sentences(text[:LONGEST_TURN]) if not part.startswith(_CODE))
    found: list[str] = []
    for part in parts:
        short = _short(_EMPHASIS.sub("", _MARKER.sub("", part)))
        if found and found[-1].endswith(":") and len(found[-1]) + len(short) < _LONGEST_LED:
            found[-1] += f" {short}"  # the first item of a list says what it is one of
        elif short:
            found.append(short)
    return found


def names_in(text: str, without: Collection[str] = ()) -> list[str]:
    """Find the names in a text, but not those `without`, casefolded."""
    return [name for name in _FINDER.find([text])[0] if name.casefold() not in without]


def dated(text: str, anchor: datetime) -> str:
    """Write the calendar's dates beside relative ones, where the day is sure: "next Friday (2026-03-06)"."""
    pieces: list[str] = []
    end = 0
    for placed in placed_dates(text, anchor):
        if _is_sure(placed.found, text, anchor):
            pieces += [text[end : placed.end], f" ({_calendar(placed.found)})"]
            end = placed.end
    return "".join(pieces) + text[end:]


def _is_sure(found: FoundDate, text: str, anchor: datetime) -> bool:
    """Tell whether a date is relative, and which way is known: "on Friday" may be the one before or the one after."""
    if found.open is not None or _YEAR.search(found.text):
        return False
    ahead = find_dates(f"We will go {found.text}", anchor)
    known = bool(ahead) and ahead[0].start == found.start
    return known or found.start > anchor or bool(_PAST.search(text))


def _of_turn(speaker: str, content: str, at: datetime | None) -> list[Said]:
    speaker = " ".join(_NOT_IN_SPEAKER.sub(" ", speaker).split())[:_LONGEST_SPEAKER]
    if speaker.casefold() in _AGENTS:
        speaker = AGENT
    elif speaker.casefold() == "user":
        speaker = "User"
    found = _sentences(strip(content[:LONGEST_TURN]))
    return [Said(speaker, dated(sentence, at) if at else sentence) for sentence in found]


def _short(sentence: str) -> str:
    words = sentence.split()
    short = " ".join(words[:LONGEST_SENTENCE])[: 12 * LONGEST_SENTENCE]
    if len(words) > LONGEST_SENTENCE or len(short) == 12 * LONGEST_SENTENCE:
        return f"{short}…"
    return f"{short}." if short[-1:].isascii() and short[-1:].isalnum() else short  # as an item of a list ends


def _cut_short(said: Said, tokens: int) -> list[Said]:
    length = len(said.text)
    while length:
        length = length * 3 // 4
        short = Said(said.speaker, f"{said.text[:length].rstrip()}…")
        if length and count_tokens_batch([str(short)])[0] <= tokens:
            return [short]
    return []


def _is_talk(text: str) -> bool:
    return (is_small_talk(text) and not _DECIDED.search(text)) or bool(_OFFER.match(text))


def _worth(said: Said, bare: str, fresh: Collection[str], speakers: Collection[str]) -> float:
    worth = 0.2 * min(len(fresh), 6)
    worth += 0.5 * min(len(names_in(bare, speakers)), 2)
    worth += 0.5 * bool(_NUMBER.search(bare))
    # The calendar knows the day that a relative date meant, whenever it was said.
    worth += 0.5 * bool(find_dates(bare, _SOME_DAY))
    worth += 0.8 * bool(_DECIDED.search(bare)) + 0.6 * bool(_PERSONAL.search(bare))
    asked = bool(_ASKED.search(bare))
    worth += 0.7 * asked
    if is_question(bare) and not asked:
        worth *= 0.5
    return worth * 0.7 if said.speaker == AGENT else worth


_SOME_DAY = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


def _calendar(found: FoundDate) -> str:
    first, last = found.start.date(), (found.end - timedelta(days=1)).date()
    if first == last:
        return first.isoformat()
    if first.day == 1 and found.end.day == 1:
        months = (found.end.year - first.year) * 12 + found.end.month - first.month
        if months == 12 and first.month == 1:
            return f"{first.year}"
        if months == 1:
            return f"{first:%Y-%m}"
    return f"{first.isoformat()} to {last.isoformat()}"
