"""The turns of a conversation as an episode sees them: who asks for what, who does it, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from duramen.language.sentences import is_question, is_small_talk, sentences
from duramen.language.terms import terms
from duramen.strategies.episodic_feeling import Feeling, feeling, plain
from duramen.strategies.episodic_reports import Report, is_order, report
from duramen.strategies.episodic_results import came_off, does_the_rest, is_glad, only_tried, resigned, takes_a_part
from duramen.strategies.episodic_words import (
    AGREES,
    ANAPHORA,
    ASKS,
    BYE,
    CHAT,
    CONSENT,
    EARLY_THANKS,
    ELSEWHERE,
    FAINT_TROUBLE,
    FOLLOWS,
    GIVES_UP,
    GO_ON,
    IRONY,
    NOT_GIVING_UP,
    OTHERWISE,
    OTHERWISE_NOW,
    PENDING,
    PICKS,
    PLEASANTRIES,
    REFINES,
    REFUSES,
    REMEMBERED,
    RESIGNS,
    SWITCH,
    THANKS,
    TROUBLE,
    VAIN_THANKS,
    WEAK_SWITCH,
    after,
)
from duramen.strategies.facts_filter import orders_the_agent
from duramen.types import Event

By = Literal["user", "agent", "tool"]

_AGENTS = frozenset({"assistant", "ai", "agent", "model", "bot"})
_TOOLS = frozenset({"tool", "function", "tool_result", "observation"})
_F = re.IGNORECASE
_LEAD = re.compile(
    r"(?:task|job|to-?do|request|question|ticket|assignment|goal|instruction)s?\b[^:.?!\n]{0,30}:|(?:\d+[.)]|hey|hi|hello|ok(?:ay)?|so|now|then|also|and|next|first|please|pls|plz|alright|right|great|thanks?(?: you)?|cool|perfect|just|quickly|kindly|let's|lets|let us|well|hmm+|dear \w+|no|yes|but|instead)(?=[\s,.!:;-]|$)|\w+,|[^\w\s]+|\s+",
    _F,
)
_EFFORT = re.compile(
    r"(?:thanks?|thank you|thx|appreciate)\b(?!,? but)[^,;]*\b(?:for|your|the|though|time|help|effort)\b(?!.*\bbut\b)",
    _F,
)
_DO = re.compile(
    r"(?:do|make|keep|have|let|give|go|tell) (?:the|it|that|this|a|an|me|us|some|another|also|both|all|them|on|over|through|ahead)\b",
    _F,
)
_ACCEPTS = re.compile(
    r"\W*(?:ok(?:ay)?|k|alright|all right|cool|noted|understood|got it|right|fine|gut|bien|va bene|vale)\W*", _F
)
_ENQUIRES = re.compile(
    r"\b(?:when|where|which|why|who|whose|how (?:do|does|did|can|could|should|much|many|long|often|far)|what (?:now|next|then|is|are|do|does|did|time|else)|can i|could i|should i|do i|is (?:it|that|this|there)|are (?:they|there|these|those))\b.*\?",
    _F,
)
_HAVE_ALL = re.compile(
    r"\b(?:all|what|everything|anything|just what|the one) (?:that )?(?:i|we) (?:really )?(?:need|want|require)(?:ed|d)?\b",
    _F,
)
_SAME = re.compile(r"\b(?:same|again|too|as well|also|another|one more|more)\b", _F)
_FAILURES = re.compile(
    r"\b(?:how many|which|what|list|count|show|find|any|are there|number of|whether)\b.*\b(?:missing|failed|failing|failures?|errors?|exceptions?|crashes|skipped|timeouts?|outages?|rejected|declined|unavailable|out of stock|sold out|offline)\b",
    _F,
)
_WRITES = re.compile(
    r"\b(?:write|draft|compose|word|rephrase|reword|rewrite|paraphrase|translate|proofread|polish|e-?mail|letter|message|note|reply|text|speech|toast|poem|story|how do (?:i|you) say)\b",
    _F,
)
_LETTER = re.compile(r"\W*(?:[^.!?\n]{0,60}:\s*)?(?:[\"“«„']|(?:dear|subject|hi|hello|to whom)\b)", _F)
_OWN_DEEDS = re.compile(r"\bi(?:'ll| will) (?:just |then )?do (?:that|it)\b", _F)
_TAGGED = re.compile(
    r",\s*(?:right|ok(?:ay)?|yeah|huh|eh|you know|isn't it|doesn't it|don't you think|hm+)\s*\?+\s*$", _F
)


@dataclass(frozen=True)
class Turn:
    """One event, as it is read here. What is read is worked out once, when it is asked for."""

    event: Event

    @cached_property
    def by(self) -> By:
        """Who says it: an agent, a tool of it, or anybody else, who is then whom it works for."""
        speaker = (self.event.speaker or "").strip().casefold()
        if speaker in _TOOLS or speaker.startswith("tool:"):
            return "tool"
        return "agent" if self.event.kind == "experience" or speaker in _AGENTS else "user"

    @cached_property
    def text(self) -> str:
        """What is said, in a usual form."""
        return plain(self.event.content)

    @cached_property
    def sentences(self) -> list[str]:
        """What is said, sentence by sentence."""
        return sentences(self.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The words of content."""
        return frozenset(terms(self.text))

    @cached_property
    def report(self) -> Report:
        """What an agent or tool says of its work."""
        return report(self.text, tool=self.by == "tool")

    @cached_property
    def is_glad(self) -> bool:
        """An agent only says how good it is what it was told."""
        report_ = self.report
        more = report_.asks == "anything else"
        only = more or (report_.asks == "nothing" and not report_.acts)
        return self.by == "agent" and only and is_glad(self.sentences, asks_for_more=more)

    @cached_property
    def feeling(self) -> Feeling:
        """How a user finds what was done."""
        return feeling(self.text)

    @cached_property
    def wants(self) -> list[str]:
        """The sentences that ask for something to be done or told; not those that are after the agent's own rules."""
        return [one for one in self.sentences if _wants(one) and not orders_the_agent(one)]

    @cached_property
    def troubles(self) -> list[str]:
        """The sentences that say what does not work."""
        return [
            one for one in self.sentences if (TROUBLE.search(one) or FAINT_TROUBLE.search(one)) and not CHAT.search(one)
        ]

    @cached_property
    def may_only_tell(self) -> bool:
        """It is no more than a statement that may be a complaint: "my soup is cold"."""
        return not self.wants and not any(TROUBLE.search(one) for one in self.troubles)

    @cached_property
    def thanks(self) -> bool:
        """The user thanks for what was done."""
        return (
            bool(THANKS.search(EARLY_THANKS.sub(" ", self.text)))
            and not IRONY.search(self.text)
            and not self.refuses_thanking
        )

    @cached_property
    def thanks_at_last(self) -> bool:
        """The user thanks for the effort at the end, whatever they said before."""
        return bool(self.sentences) and bool(_EFFORT.search(self.sentences[-1])) and self.thanks

    @cached_property
    def refuses_thanking(self) -> bool:
        """The user declines with thanks: "no thanks, that one is too dear"."""
        rest = re.sub(r"\bno,? (?:thanks|thank you)\b", " ", self.text, flags=_F)
        return rest != self.text and not THANKS.search(rest) and not self.leaves and len(self.terms) > 3

    @cached_property
    def thanks_in_vain(self) -> bool:
        """The user thanks for an attempt."""
        return bool(VAIN_THANKS.search(self.text) or IRONY.search(self.text))

    @cached_property
    def leaves(self) -> bool:
        """The user says good-bye, or that there is nothing more."""
        return bool(BYE.search(self.text))

    @cached_property
    def gives_up(self) -> bool:
        """The user no longer wants it, or not from the agent."""
        said = NOT_GIVING_UP.sub(" ", self.text)
        return bool(GIVES_UP.search(said))

    @cached_property
    def goes_elsewhere(self) -> bool:
        """The user takes it in their own hands, or to others."""
        gone = self.feeling.bad and not self.wants and bool(RESIGNS.search(self.text))
        return gone or bool(ELSEWHERE.search(self.text))

    @cached_property
    def does_otherwise(self) -> bool:
        """The user says no, and what they do in place of it: "nah, I'm ordering pizza"."""
        if self.wants or not (self.refuses or self.resigned or self.feeling.bad):
            return False
        instead = OTHERWISE if self.refuses or self.resigned else OTHERWISE_NOW
        return bool(instead.search(self.text) or (instead is OTHERWISE and RESIGNS.search(self.text)))

    @cached_property
    def resigned(self) -> bool:
        """The user takes it as it is that it did not come off."""
        return resigned(self.text)

    @cached_property
    def came_off(self) -> bool:
        """The user made use of it, or is relieved how it is, and says nothing of praise or complaint."""
        open_ = self.wants or self.waits or self.goes_elsewhere or self.gives_up or self.feeling.bad
        return not open_ and came_off(self.sentences)

    @cached_property
    def only_tried(self) -> bool:
        """The user did as they were told, and says nothing of what came of it."""
        return only_tried(self.text)

    @cached_property
    def does_the_rest(self) -> bool:
        """The user has a part, and sees to the rest of it."""
        return not self.wants and does_the_rest(self.sentences)

    @cached_property
    def takes_a_part(self) -> bool:
        """The user takes what there is of several things."""
        return takes_a_part(self.text)

    @cached_property
    def waits(self) -> bool:
        """The user is about to find out whether it is well."""
        return bool(PENDING.search(self.text))

    @cached_property
    def picks(self) -> bool:
        """The user chooses one of several things."""
        return bool(PICKS.search(self.text))

    @cached_property
    def consents(self) -> bool:
        """The user lets the agent go on."""
        return bool(CONSENT.match(self.text) or GO_ON.search(self.text))

    @cached_property
    def lets_go_on(self) -> bool:
        """The user tells the agent to go on with what it found."""
        return bool(GO_ON.search(_OWN_DEEDS.sub(" ", self.text)))

    @cached_property
    def accepts(self) -> bool:
        """The user takes note, and says nothing else."""
        return bool(_ACCEPTS.fullmatch(self.text))

    @cached_property
    def agrees(self) -> bool:
        """The user begins with a yes."""
        return bool(AGREES.match(self.text))

    @cached_property
    def refuses(self) -> bool:
        """The user begins with a no."""
        return bool(REFUSES.match(self.text))

    @cached_property
    def switches(self) -> bool:
        """The user says that another thing follows."""
        return bool(SWITCH.search(self.text))

    @cached_property
    def adds(self) -> bool:
        """The user begins with what may add to the same thing or begin another: "also", "now"."""
        return any(WEAK_SWITCH.match(one) for one in self.sentences)

    @cached_property
    def refines(self) -> bool:
        """What is asked changes what was done: "make the second paragraph shorter"."""
        return any(REFINES.search(after(PLEASANTRIES, one)) for one in self.wants or self.sentences)

    @cached_property
    def asks_of_failures(self) -> bool:
        """What is asked is about failures: which there were, or how many."""
        return not self.troubles and any(_FAILURES.search(one) for one in self.wants)

    @cached_property
    def asks_for_a_text(self) -> bool:
        """A text is to be written or translated, whose words report nothing."""
        return any(_WRITES.search(one) for one in self.wants)

    @cached_property
    def is_a_text(self) -> bool:
        """It looks like a letter or a quotation rather than like what an agent says itself."""
        return bool(_LETTER.match(self.text))

    @cached_property
    def wants_the_same(self) -> bool:
        """What is asked is more of what was just done."""
        return any(_SAME.search(one) for one in self.wants)

    @cached_property
    def points_back(self) -> bool:
        """What is asked refers to what was said before."""
        asked = self.wants or self.troubles or [self.text]
        return any(FOLLOWS.match(after(PLEASANTRIES, one)) or ANAPHORA.search(one) for one in asked)


def turns(events: Iterable[Event]) -> list[Turn]:
    """Read events as turns, without those that say nothing."""
    return [turn for event in events if (turn := Turn(event)).text.strip()]


def _wants(sentence: str) -> bool:
    sentence = _HAVE_ALL.sub(" ", sentence)
    core = after(_LEAD, sentence)
    if (
        (is_small_talk(core or sentence) and not _ENQUIRES.search(sentence))
        or CHAT.search(sentence)
        or REMEMBERED.search(sentence)
        or EARLY_THANKS.search(sentence)
    ):
        return bool(ASKS.search(sentence)) and bool(EARLY_THANKS.search(sentence)) and is_question(sentence)
    if _TAGGED.search(sentence) and not ASKS.search(_TAGGED.sub("", sentence)):
        return False
    return is_question(sentence) or bool(ASKS.search(sentence)) or is_order(core) or bool(_DO.match(core))
