"""The preferences that one message states, in English or one of five other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from duramen.language.sentences import is_question, sentences
from duramen.strategies.preference_english import own, topic_of
from duramen.strategies.preference_foreign import foreign
from duramen.strategies.preference_grammar import Clause, Stated, clauses, of_agent, others, plain
from duramen.strategies.preference_habits import habit
from duramen.strategies.preference_joined import joined
from duramen.strategies.preference_names import renamed
from duramen.strategies.preference_needs import allergy, need
from duramen.strategies.preference_objects import FINITE, STANDING, is_once, is_secret
from duramen.strategies.preference_orders import corrected, order
from duramen.strategies.preference_things import of_things
from duramen.strategies.preference_topics import OTHER, categories
from duramen.strategies.preference_verdicts import about, inverted, verdict
from duramen.strategies.preference_wishes import REMINDS, Around, wish

LONGEST = 8_000
"""Characters of a message that are read: who states a preference does not write a book."""

LONGEST_SENTENCE = 600
"""Characters of a sentence that is read; a longer one is a list or a paste."""

MOST_OF_NAMES = 6
"""Sentences of a message that is read for a name in the place of another."""

_REQUEST = re.compile(
    r"(?:(?:please|hi|hello|hey|ok|okay|and|so|then|thanks)[,! ]+)*(?:(?:can|could|would|will) (?:you|I|we)\b|I (?:need|want|am looking for|would like|have to|am about to)\b|(?:book|find|get|give|order|send|make|put|add|show|tell|write|draft|recommend|suggest|plan|look|check|set|remind|help|translate|summari[sz]e|turn|fix|buy|reserve|play|open|change|move|cancel|list|compare)\b)",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"(?:(?:and|please|so|ok|okay|yes)[, ]+)*(?:(?:that|this|it) is (?:just |simply )?(?:my|our|a|the|an old|the house) (?:\w+ )?(?:rule|policy|principle)|always|ever|every (?:single )?time|for good(?:,? I mean)?|for ever|forever|no exceptions|permanently|(?:that|this|same|the same) (?:goes|holds|applies)?\s?(?:for|to) (?:all|every|everything|any)\b.*|(?:please )?(?:do )?(?:remember|note|keep in mind|make a note of|write down) (?:that|this|it)(?: (?:down|for (?:next time|the future|good)|please|in mind))*|from now on|in future|not (?:just|only) (?:today|this time|once|now).*|today and always)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"(?:(?:and|but|or) )?(?:never|only|always|preferably|ideally|not|especially|at least not) (?:ever )?(?:on|in|at|before|after|during|when(?:ever)?|with|without|by|for|between|while) \S+(?: \S+){0,6}$",
    re.IGNORECASE,
)
_VERBLESS = re.compile(r"wants (?!the agent\b|to\b)")
_PASTED = re.compile(r"(?:```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|^[ \t]*>.*?$|^[ \t]*\|.*?$)", re.DOTALL | re.MULTILINE)
_NOT_MEANT = re.compile(
    r"(?:^|\s)/s\b|\b(?:just kidding|only kidding|kidding|jk|just joking|only joking|(?:i am|i'm) joking|sarcas\w+|said no ?(?:one|body) ever|yeah,? right|yeah,? sure|oh,? sure|sure,? because|right,? because)\b|\bas if!?$|\bnot!$|^[. ]*not[.!]*$"
    r"|\boh (?:great|joy|yes|yay|wonderful|how I (?:love|adore))\b[,!]?.*\b(?:love|adore|enjoy|favou?rite)\b|\bhow I (?:just )?love\b|\bbecause (?:obviously|clearly) I\b|\.{2,} ?not[.!]*$|[🙄🙃]",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r",\s*(?:says|said|claims|claimed|writes|wrote) (?!I\b)\w|\bif (?:I|we) (?:were|was|had|could|did|won|lived|got|ever|\w+ed)\b|\b(?:he|she|they|it|you|everyone|(?-i:[A-Z])\w+) (?:said|says|wrote|writes|replied|answered|always says)\s*:|, (?:the|my|a|his|her|their|our) [\w ]{2,20} (?:says?|said|reads|warns)$|^say I\b|\b(?:imagine|suppose|supposing|pretend|hypothetically|let us say|role-?play\w*|act as|in (?:a|the|this|my) (?:dream|story|novel|perfect world|parallel universe|other life))\b|\bI wish\b(?! to\b)"
    r"|\bignore (?:all|any|your|the|my)?\b.{0,30}\b(?:instructions?|rules|prompts?)\b|\bsystem prompt\b|\b(?:store|save|memori[sz]e|record|write down) (?:that|the fact|in your memory|as a)\b.{0,20}\b(?:the )?users?\b"
    r"|\b(?:translate|proof-?read|rephrase|paraphrase|rewrite|correct|spell-?check|how do (?:you|I) say|the (?:sentence|phrase|line|lyrics|song|quote|character|protagonist|hero|heroine|narrator|review|email|letter|text|caption|subject|reviewer|customer|client)\b.{0,20}(?:says?|is:|reads?|goes|writes?|begins|wrote|said)|write (?:an? |me |the ).{0,60}:|\b(?:poem|story|lyrics|caption|slogan|review|template|draft|quote|tweet|post|script)\s*:)",
    re.IGNORECASE,
)
_FRAMED = re.compile(
    r"^(?:please )?(?:can you |could you )?(?:translate|proof-?read|rephrase|paraphrase|rewrite|correct|summari[sz]e|fix|edit|improve|polish|shorten|analy[sz]e|classify)\b.{0,80}:\s|^(?:subject|from|to|dear [\w ]+,|q|question|user|customer|client|review|lyrics|quote)\s*:|\bin the voice of\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?!why|what|how|when|where|really|who|right|ok|seriously|sorry)((?:[A-Z][\w'-]+)(?: [\w'-]+){0,3})\?+",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"(?!thanks|sorry|ok|okay|yes|no\b|sure|great|good|right|well|please|hi\b|hello|hey)((?:[a-z][\w'-]+)(?: [a-z][\w'-]+){0,2})[.!\u2026]+",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"[,\s]+(?:remember|ok|okay|right|you know|you see|got it|please|understood|alright|yeah|clear|will you|can you|would you|deal)\s*\?+$",
    re.IGNORECASE,
)
_ASKS_FIRST = re.compile(
    r"(?:do|does|did|is|are|am|was|were|can|could|would|will|should|shall|may|what|where|when|why|who|which|how|whose|have|has|had|any)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:since|because|as|given that|considering(?: that)?|seeing that|now that|if you remember that|knowing(?: that)?)\s+(?=I (?:am|do not|can not|hate|love|prefer|never|always|only|usually|keep|follow|eat|avoid|have))",
    re.IGNORECASE,
)
_THEN_ASKS = re.compile(
    r"(?P<told>[^,]+(?:, [^,]+)??), (?:so |and |but )?(?:what|which|where|who|how|can|could|is|are|do|does|any|should|shall|will)\b.*\?",
    re.IGNORECASE,
)
_MAY_ASK = re.compile(
    r"^(?:(?:and|so|also|please|hey|ok|okay|but)[, ]+)*(?:can|could|would|will) (?:you|we)\b", re.IGNORECASE
)
_ENGLISH = re.compile(r"\b(?:the|and|I|my|to|of|with|that|you|it|was|for|this|are|at|have|would|not)\b")
_FOR_ALWAYS = re.compile(
    rf"{STANDING.pattern}|\b(?:stop|quit|avoid|not|without|fewer|less|your (?:\w+ )*(?:answers|replies|responses|messages|explanations|summaries))\b",
    re.IGNORECASE,
)
_USUAL = re.compile(
    r"^(?:(?:ok|okay|yes|yeah|hi|hello|hey|oh|so|and|just|please|well)[,\s]+)*(?:(?:as|like) (?:per )?(?:usual|always|ever|every \w+|each \w+)|the usual(?: (?:format|way|order|size|place|style|thing|setup))?|same as (?:always|usual|ever|before)|my usual)(?:,? please)?[,:;\s-]+(?:for me[,:]? )?(?P<a>(?:an?|the|my|no|some|extra|just|with|without|black|two|one|window|aisle)\b.+|[\w' -]{3,40})$"
    r"|^(?:(?:ok|okay|yes|yeah|hi|hello|and|please|just|make it|I will (?:take|have|go for|go with)|give me|get me|book me|I am (?:having|taking)|let me have|can I (?:have|get)|could I (?:have|get))[,\s]+)*(?P<b>(?:an?|the|my|no|some|extra)?\s?[\w' -]{3,60}?),? (?:please,? )?(?:as|like|same as) (?:per )?(?:usual|always|ever|every time)(?:,? (?:please|for (?:the|my|all|me)\b.*))?$",
    re.IGNORECASE,
)


def read(text: str, before: str = "") -> list[Stated]:
    """Return what a message of somebody states of their own preferences, in the order in which it is said.

    What is quoted, pasted, meant as a joke, imagined, or secret is passed over.

    Args:
        text: The message.
        before: What the agent said right before it, if that is known.
    """
    cut = len(text) > LONGEST
    text = text[:LONGEST]
    if "\n" in text or "`" in text or text.startswith(">"):
        text = _PASTED.sub("\n", text)
    parts = sentences(text)[: -1 if cut else None]
    spoken = [plain(part) if len(part) <= LONGEST_SENTENCE else "" for part in parts]
    message = _Message(parts, spoken, before)
    found: list[tuple[int, Stated]] = []
    topic = ""
    for place, part in enumerate(parts):
        if _FRAMED.search(part):
            break
        if words := spoken[place]:
            stated = _of_sentence(words, part, topic, message.around(place))
            # These say more often no than what they are asked about is found, so they are asked last.
            if stated and not (is_secret(part) or _UNREAL.search(words) or _is_not_meant(parts, place)):
                found += [(place, one) for one in stated]
            topic = _named_by(part, words)
    return _once_each([*joined(found), *_names(message, found)])


class _Message:
    """What the sentences of a message mean for each other."""

    def __init__(self, parts: Sequence[str], spoken: Sequence[str], before: str) -> None:
        self.spoken, self.before = spoken, before
        self.asked = any(is_question(part) for part in parts)
        self._free = not (self.asked or before.rstrip().endswith("?") or any(_REQUEST.match(words) for words in spoken))
        self._lasting = [_MARKS.fullmatch(words.strip(" .!")) is not None for words in spoken]
        self._reminding = [REMINDS.search(words) is not None for words in spoken]

    def around(self, place: int) -> Around:
        """Return what is said beside the sentence at `place`."""
        return Around(
            free=self._free,
            reminds=any(self._reminding[max(0, place - 2) : place + 3]),
            lasting=any(self._lasting[max(0, place - 1) : place + 2]),
            asked=self.asked,
            before=" ".join(self.spoken[:place]),
        )


def _names(message: _Message, found: Sequence[tuple[int, Stated]]) -> list[Stated]:
    if any("to be called" in stated.says for _, stated in found) or len(message.spoken) > MOST_OF_NAMES:
        return []
    stated = renamed(message.spoken, message.before)
    return [stated] if stated else []


def _named_by(sentence: str, words: str) -> str:
    """Return what the next sentence may mean by "it": of "Olives? Can't stand them." the olives."""
    asked = _NAMED.fullmatch(sentence) or _NAMES.fullmatch(sentence)
    if asked and (asked[0].endswith("?") or categories(asked[1]) != (OTHER,)):
        return f"{asked[1][0].lower()}{asked[1][1:]}"
    return topic_of(Clause(words.strip(" .!")))


def _is_not_meant(parts: Sequence[str], place: int) -> bool:
    after = parts[place + 1] if place + 1 < len(parts) else ""
    return _NOT_MEANT.search(parts[place]) is not None or (
        len(after.split()) <= 5 and _NOT_MEANT.search(after) is not None
    )


def _of_sentence(words: str, sentence: str, topic: str, around: Around) -> list[Stated]:
    said = " ".join(sentence.split())
    found = list(_english(words, said, topic, around))
    if not found and not is_question(said):
        found = list(_by_parts(words.strip(" .!"), said, around))
    if not found and len(_ENGLISH.findall(words)) < 2 and not is_question(said):
        found = list(foreign(words.strip("¡")))
    return found


def _english(words: str, said: str, topic: str, around: Around) -> Iterator[Stated]:
    words = _TAG.sub("", words)
    asking = is_question(words) and not _is_order(words)
    if again := corrected(words):
        yield Stated(f"wants answers that are {again}", "rule", said, explicit=False)
        return
    if usual := _usual(words):
        yield Stated(f"usually wants {usual}", "likes", said, explicit=False)
        return
    parts = list(clauses(words))
    if asking:
        lasting = around.lasting or around.reminds
        parts, may_ask = _beside_question(words, parts)
        yield from (
            stated
            for clause in may_ask
            if (lasting or _FOR_ALWAYS.search(words)) and (stated := order(clause, said, lasting=lasting))
        )
    last: Stated | None = None
    for clause in parts:
        if last is not None and last.form == "does" and _GOES_ON.match(clause.words) and not is_once(clause.words):
            joint = "" if re.match(r"and|but|or", clause.words, re.IGNORECASE) else "but "
            last = replace(last, says=f"{last.says}, {joint}{of_agent(clause.words)}")
            continue
        if last is not None:
            yield last
        last = _of_clause(clause, said, topic, around)
        topic = topic_of(clause) or topic
    if last is not None:
        yield last


def _of_clause(clause: Clause, said: str, topic: str, around: Around) -> Stated | None:
    lasting = around.reminds or around.lasting
    if not clause.carried and (ordered := order(clause, said, asked=around.asked, lasting=lasting)):
        return replace(ordered, sort="wish" if _VERBLESS.match(ordered.says) else "order")
    if food := allergy(clause.words, around.before):
        return Stated(f"is allergic to {food}", "rule", said)
    turned = Clause(inverted(clause.words), clause.lead, clause.carried)
    if stated := own(turned, said, topic):
        return stated
    named = Clause(about(clause.words, topic), clause.lead) if topic else clause
    if told := of_things(named, said) or verdict(named, said, topic):
        return replace(told, sort="thing")
    return _whole(clause.words, said, around, clause.lead)


def _by_parts(words: str, said: str, around: Around) -> Iterator[Stated]:
    """Read the sentence as one, or, if that says nothing, what stands between its commas."""
    if stated := _whole_sentence(words, said, around):
        yield stated
        return
    parts = words.split(", ")
    if 1 < len(parts) <= 4:
        yield from (stated for part in parts if part and (stated := _whole_sentence(part, said, around)))


def _whole_sentence(words: str, said: str, around: Around) -> Stated | None:
    told = of_things(Clause(words), said) or verdict(Clause(words), said)
    return replace(told, sort="thing") if told else _whole(words, said, around)


def _whole(words: str, said: str, around: Around, lead: str = "") -> Stated | None:
    """Read what is said by more, or by less, than a clause with "I"."""
    if needed := need(Clause(words, lead), said) or habit(Clause(words, lead), said):
        return replace(needed, sort="need")
    wished = None if lead else wish(words, around, said)
    return replace(wished, sort="wish") if wished else None


def _beside_question(words: str, parts: list[Clause]) -> tuple[list[Clause], list[Clause]]:
    """Return what a question says beside what it asks, and what it asks for if that is a thing to be done."""
    reason = _REASON.search(words)
    told = [Clause(words[reason.end() :].split(",")[0].strip(" ?.!"))] if reason else []
    if _MAY_ASK.match(words):
        return told, parts[:1]
    if _ASKS_FIRST.match(words):
        return told, []
    if len(parts) == 1 and (found := _THEN_ASKS.match(words)):
        return list(clauses(found["told"])), []
    return [clause for clause in parts[:-1] if not _ASKS_FIRST.match(clause.words)] or told, []


def _is_order(words: str) -> bool:
    """Tell whether what begins like a question has no mark and is an order: "When booking flights, …"."""
    return not words.rstrip().endswith("?") and (":" in words or re.match(r"when", words, re.IGNORECASE) is not None)


def _usual(words: str) -> str:
    found = _USUAL.match(words.strip(" .!"))
    if not found:
        return ""
    thing = re.sub(
        r",?\s*(?:please|thanks|for me|thank you)$",
        "",
        (found["a"] or found["b"] or "").strip(" ,"),
        flags=re.IGNORECASE,
    )
    if not thing or FINITE.search(thing) or is_once(thing) or not 1 <= len(thing.split()) <= 12:
        return ""
    return others(thing[0].lower() + thing[1:])


def _once_each(found: Sequence[Stated]) -> list[Stated]:
    return list({stated.says.casefold(): stated for stated in reversed(found)}.values())[::-1]


def is_told_plainly(reply: str) -> bool:
    """Tell whether a short reply names a thing and makes no sentence of its own."""
    return FINITE.search(reply) is None and not _ASKS_FIRST.match(reply)
