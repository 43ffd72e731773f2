"""What English speakers say of their own likings and habits: patterns over verbs, objects and adverbs of time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from duramen.strategies.preference_grammar import (
    ADVERB,
    FREQUENT,
    INTRO,
    Clause,
    Polarity,
    Stated,
    is_adverbial,
    others,
    conjugated,
    third,
)
from duramen.strategies.preference_objects import (
    STANDING,
    is_once,
    is_ruined,
    is_served,
    is_taste,
)
from duramen.strategies.preference_topics import OTHER, categories, is_about
from duramen.strategies.preference_verbs import is_habit, is_shunned

_I = re.compile(
    r"(?<![\w'])(?:(?:my (?:wife|husband|partner|girlfriend|boyfriend|family|kids|friends|\w+)|\w+) and I|I|we|(?:both|all) of us)(?: (?:both|all))?\s+(?=\w)",
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"\b(?:said|says|told|tells|thinks?|thought|claims?|asked|asks|heard|wrote|guess|wonder|wish|hope|bet|doubt|maybe|perhaps|not think|forgot)\b"
    r"|\b(?:when|whenever|if|every time|each time|after|before|until|while|unless|whether|what|how|where|who|which|why|that|than|in case|as long as|because)$"
    r"|^if\b.*\b(?:were|was|had|could|did|would)\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(r"\b(?:maybe|perhaps|possibly|might|supposedly|not sure|in theory|hypothetically)\b", re.IGNORECASE)
_ADVERBS = re.compile(rf"(?:{ADVERB}\s+)*", re.IGNORECASE)
_TAIL = re.compile(
    r"[\s,]+(?:please|thanks|thank you|btw|by the way|you know|as you know|(?:as|like) I (?:said|told you|mentioned)(?: before)?|lol|haha+|though|remember|too|so much|very much|a lot|by far"
    r"|I think|as well|to be honest|tbh|actually|honestly|of course|for sure|anyway|so)$",
    re.IGNORECASE,
)
_FAN = (
    r"(?:(?:an? )?(?:(?:big|huge|massive|real|great|total|lifelong|long-time|die-?hard|major|avid|the biggest) )*(?:fan|lover|admirer) of|into|fond of|keen on|partial to|crazy about"
    r"|mad about|nuts about|wild about|passionate about|obsessed with|addicted to|hooked on|big on|a sucker for|a stickler for|drawn to|all about|one for|enthusiastic about|comfortable with)"
)
_DIET = (
    r"(?:vegetarian|vegan|pescatarian|pescetarian|flexitarian|teetotal\w*|plant[- ]based|(?:gluten|dairy|lactose|sugar|meat|alcohol|caffeine)[- ]free|keto|paleo|kosher|halal"
    r"|c(?:o)?eliac|(?:\w+)[- ]intolerant|non-?smoker|non-?drinker|carnivore|sober|a raw foodist)s?"
)
_EVENT = r"(?:meeting|class|call|appointment|lesson|shift|exam|session|stand-?up|sync|deadline|check-?up|review|headache|problem|issue|trouble|question|flight|therapy|interview)"


@dataclass(frozen=True, slots=True)
class _Said:
    """What "I" is said to do: `adverbs` before the verb, `words` from the verb on, `lead` what was set before it."""

    adverbs: str
    words: str
    lead: str
    sentence: str
    topic: str = ""

    @property
    def whole(self) -> str:
        return f"{self.adverbs} {self.words} {self.lead}"

    def stated(self, polarity: Polarity, *, explicit: bool = True, says: str | None = None) -> Stated:
        """Return it as a preference, in the words of its speaker unless others are given."""
        done = third(f"{self.adverbs} {self.words}".strip()) if says is None else says
        lead = self.lead if not self.lead or self.lead[:2] == "I " else f"{self.lead[0].lower()}{self.lead[1:]}"
        return Stated(f"{done} {others(lead)}".strip(), polarity, self.sentence, explicit)


_Reads = Callable[[_Said, "re.Match[str]"], "Stated | None"]


def own(clause: Clause, sentence: str, topic: str = "") -> Stated | None:
    """Return what its speaker likes, dislikes, wants, or usually does, as `clause` says.

    Args:
        clause: A clause of `sentence`, in the words of `plain`.
        sentence: As it was said.
        topic: What "it" would mean here, if that is known.
    """
    if _UNSURE.search(clause.words):
        return None
    for said in _readings(clause, sentence, topic):
        for pattern, reads in _CHANGES if is_once(said.whole) else (*_CHANGES, *_RULES):
            found = pattern.match(said.words)
            if found and (stated := reads(said, found)):
                return stated
    return None


def topic_of(clause: Clause) -> str:
    """Return what a clause brings up that the next ones may mean by "it": what was once liked, tried, or changed to."""
    found = _BROUGHT_UP.search(clause.words)
    return _untailed(found["o"]) if found else ""


def _readings(clause: Clause, sentence: str, topic: str) -> Iterator[_Said]:
    if clause.carried or _DROPPED.match(clause.words):
        yield _said(_with_verb(clause.words), clause.lead, sentence, topic)
    for found in _I.finditer(clause.words):
        before = clause.words[: found.start()]
        opening = INTRO.match(before)
        lead = before[opening.end() :].strip(" ,:") if opening else before
        lead = before.strip(" ,:") if lead and is_adverbial(before) else lead
        if lead and (_BLOCKED.search(lead) or not is_adverbial(lead)):
            continue
        yield _said(clause.words[found.end() :], lead or clause.lead, sentence, topic)


def _said(words: str, lead: str, sentence: str, topic: str) -> _Said:
    opening = _ADVERBS.match(words)
    at = opening.end() if opening else 0
    return _Said(words[:at].strip(), _untailed(words[at:]), lead, sentence, topic)


def _untailed(words: str) -> str:
    words = words.strip(" ,.!")
    while (cut := _TAIL.sub("", words)) != words:
        words = cut
    return words


_DROPPED = re.compile(
    r"(?:(?:yes|yeah|no|well|honestly|personally|also|btw|fyi|oh|ok|okay),?\s+)?(?:(?:really|absolutely|definitely|just|strongly|much|generally|still|definitely)\s+)*(?:prefer\b|love (?!is|was|can|and|from|at first|will)|hate (?!is|speech|crime|mail|was|and)"
    r"|dislike\b|can not (?:stand|bear|eat|drink)|do not (?:like|eat|drink|enjoy|care for)|would rather|would prefer|adore\b|detest\b|loathe\b|not (?:really |much |particularly |exactly )*(?:a |an |into|keen|fond|the biggest)"
    rf"|(?:huge|big|massive|lifelong) fan of|allergic to|(?:strict |lifelong )?{_DIET} (?:here|since|myself|for years)|more of an? |never (?:eat|drink|fly|wear|use|smoke)|usually \w+|normally \w+|always (?:go|take|choose|pick|order|fly|have|get|drink|eat|travel) )",
    re.IGNORECASE,
)  # fmt: skip
_NO_VERB = re.compile(rf"(?:not|(?:huge|big|massive|lifelong) fan|allergic|more of|(?:strict |lifelong )?{_DIET})\b", re.IGNORECASE)


def _with_verb(words: str) -> str:
    words = re.sub(r"^(?:yes|yeah|no|well|honestly|personally|also|btw|fyi|oh|ok|okay),?\s+", "", words, flags=re.IGNORECASE)
    if not _NO_VERB.match(words):
        return words
    words = f"{words[0].lower()}{words[1:]}"
    return f"am {'a ' if ' fan of' in words[:20] and not words.casefold().startswith('not') else ''}{words}"


def _liking(polarity: Polarity) -> _Reads:
    def reads(said: _Said, found: re.Match[str]) -> Stated | None:
        verb = found["v"].casefold() if "v" in found.groupdict() else "like"
        thing = found["o"]
        if said.topic and re.fullmatch(r"(?:it|them|that)(?: (?:now|much|better|so much|a lot|any ?more|more))?", thing, re.IGNORECASE):
            words = re.sub(r"\b(?:it|them|that)\b", said.topic, said.words, count=1, flags=re.IGNORECASE)
            return replace(said, words=words).stated(polarity)
        if not is_taste(thing, verb) or (polarity == "likes" and is_ruined(thing)):
            return None
        return said.stated(polarity)

    return reads


def _plainly(polarity: Polarity, *, explicit: bool = True) -> _Reads:
    return lambda said, found: said.stated(polarity, explicit=explicit)


def _taken(said: _Said, found: re.Match[str]) -> Stated | None:
    """Not eating, drinking, wearing, using …"""
    thing, verb = found["o"] or "", found["v"].casefold()
    if not thing and verb not in ("smoke", "drink"):
        return None
    if verb == "have" and not is_about(thing, "food", "drink"):
        return None
    if verb == "take" and not is_about(thing, "food", "drink", "travel", "time"):
        return None
    if thing and (not is_taste(thing) or re.match(r"(?:my|our|the|much|enough|as|so)\b", thing, re.IGNORECASE)):
        return None
    return said.stated("dislikes")


def _person(said: _Said, found: re.Match[str]) -> Stated | None:
    what = found["o"]
    sure = re.search(r"(?:lover|fan|enthusiast|drinker|eater|addict|aficionado|buff|fanatic|bird|owl|foodie|bookworm|homebody|habit)$", what)
    if not sure and categories(what) == (OTHER,):
        return None
    return replace(said, words=found[0].strip(" ,")).stated("dislikes" if found["n"] else "likes")


def _rather(said: _Said, found: re.Match[str]) -> Stated | None:
    wish = found["o"]
    if re.match(r"(?:you|if you|that you|it if you)\b", wish, re.IGNORECASE):
        return said.stated("rule") if not re.search(r"\b(?:this|that|it)\b.{0,12}$", wish) else None
    negative = re.match(r"not (?:to )?", wish, re.IGNORECASE)
    rest = wish[negative.end() :] if negative else wish
    if not is_taste(f"to {rest}" if "rather" in found[0] or negative else rest, "love"):
        return None
    if re.search(r"\b(?:it|this|them|him|her|here|there|go home|leave|wait)$", rest) and " than " not in rest:
        return None
    if re.search(r"\bthe (?!agent)", rest) and not (" than " in rest or " over " in rest or is_taste(rest[rest.find("the ") :])):
        return None
    return said.stated("dislikes" if negative else "likes") if len(rest.split()) > 1 or "prefer" in found[0] else None


def _wanted(said: _Said, found: re.Match[str]) -> Stated | None:
    """Wanting something is a preference when it is wanted always."""
    frequent = STANDING.search(said.whole) or FREQUENT.search(said.adverbs)
    if not frequent or not is_taste(found["o"], "prefer") or re.match(r"you\b", found["o"], re.IGNORECASE):
        return None
    never = re.search(r"\bnever\b", said.adverbs, re.IGNORECASE) or found["n"]
    return said.stated("dislikes" if never else "wants")


def _served(said: _Said, found: re.Match[str]) -> Stated | None:
    thing = found["o"]
    return said.stated("likes") if is_served(thing) and is_about(thing, "food", "drink") else None


def _given_up(said: _Said, found: re.Match[str]) -> Stated | None:
    thing = found["o"] or ""
    if found["do"] and not thing:
        return said.stated("dislikes", explicit=False, says=f"no longer {conjugated(_base(found['do']))}")
    if not is_taste(thing) or re.match(r"(?:my|our|the|\w+ing|on|and|at|job|work|when|because|to|by|here|there)\b", thing, re.IGNORECASE):
        return None
    thing = _since(thing)
    done = found.groupdict().get("do")
    what = f"no longer {conjugated(_base(done))} {others(thing)}" if done else f"has given up {others(thing)}"
    return said.stated("dislikes", explicit=False, says=what.strip())


def _changed(said: _Said, found: re.Match[str]) -> Stated | None:
    """Having changed to something counts once it is said to be for good."""
    if not _FOR_GOOD.search(said.sentence):
        return None
    to = _since(re.sub(r"\s+(?:and|for good|permanently)\b.*", "", found["o"]))
    return said.stated("likes", explicit=False, says=f"has changed to {others(to)} for good") if is_taste(to, "prefer") else None


def _since(words: str) -> str:
    """Leave out when somebody began."""
    return re.sub(r"\s*\b(?:(?:(?:two|three|four|five|ten|some|many|several|a few|a couple of|an?|\d+) )?(?:years?|months?|weeks?|days?) ago|last \w+|(?:in|since) (?:19|20)\d\d|recently|completely|entirely|since .*)$", "", words, flags=re.IGNORECASE)


def _base(gerund: str) -> str:
    stem = gerund.casefold().removesuffix("ing")
    return {"us": "use", "smok": "smoke", "tak": "take", "hav": "have", "shopp": "shop"}.get(stem, stem)


def _found_so(said: _Said, found: re.Match[str]) -> Stated | None:
    if not is_taste(found["o"], "find") or re.match(r"(?:the|my)\b", found["o"], re.IGNORECASE):
        return None
    return said.stated("likes" if found["good"] else "dislikes")


def _never(said: _Said, found: re.Match[str]) -> Stated | None:
    if not re.search(r"\b(?:never|rarely|seldom|hardly(?: ever)?|scarcely)\b", said.adverbs, re.IGNORECASE):
        return None
    return said.stated("dislikes", explicit="never" in said.adverbs.casefold()) if is_shunned(said.words) else None


def _only(said: _Said, found: re.Match[str]) -> Stated | None:
    if not re.search(r"\bonly\b", said.adverbs, re.IGNORECASE) or len(said.words.split()) < 2:
        return None
    return said.stated("likes") if is_habit(said.words) and is_taste(said.words.split(" ", 1)[1], "prefer") else None


def _usually(said: _Said, found: re.Match[str]) -> Stated | None:
    if not FREQUENT.search(said.whole) or re.search(rf"\bhave\b.*\b{_EVENT}", said.words, re.IGNORECASE):
        return None
    if not is_habit(said.words):
        return None
    avoided = re.match(r"(?:tend to |like to )?(?:avoid|skip|steer clear|stay away|decline)\b", said.words, re.IGNORECASE)
    return said.stated("dislikes" if avoided else "likes", explicit=False)


def _rule(pattern: str, reads: _Reads) -> tuple[re.Pattern[str], _Reads]:
    return re.compile(rf"{pattern}", re.IGNORECASE), reads


_A = rf"(?:{ADVERB}\s+|that |too |exactly |one bit |at all |much of )*"
_O = r"\s+(?P<o>.+)"
_EATEN = r"(?:eating|drinking|using|buying|watching|reading|smoking|ordering|taking|wearing|flying|playing|visiting|having|cooking|shopping)"
_FOR_GOOD = re.compile(
    r"\b(?:never (?:going|go|went|want to go|looked|looking|will go) back|(?:not|never) looked back|for good|permanently|not going back|and (?:I )?(?:really |absolutely )?love it|and never|much (?:happier|better)"
    r"|will not go back|no going back|will never go back|not miss|prefer it|all the way now)\b",
    re.IGNORECASE,
)
_CLEAR = (
    r"(?P<good>easier|clearer|better|nicer|relaxing|calming|soothing|helpful|useful|comfortable|comforting|enjoyable|delicious|handy|inspiring|motivating|refreshing|cosy|cozy|more \w+)"
)
_PLAGUE = (
    r"(?:annoying|distracting|boring|irritating|tiring|exhausting|stressful|confusing|disgusting|unpleasant|overwhelming|tedious|too \w+|rude|creepy|patronising|patronizing|uncomfortable|unbearable|gross|harder|frustrating|off-?putting|overrated|cluttered|noisy|claustrophobic)"
)
_CHANGES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(rf"(?:have )?(?:gave up|given up|quit|cut out|stopped|sworn off|swore off|given up on|dropped|ditched)(?: (?P<do>{_EATEN}))?(?: (?P<o>.+))?$", _given_up),
    _rule(r"(?:have )?(?:(?:switched|moved|changed|converted|gone over) (?:over |back |completely |entirely |all )?(?:from .+? )?to|made the (?:switch|move) to)" + _O, _changed),
)
_RULES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(r"(?P<v>prefer|like|love|adore|enjoy|favou?r|appreciate|relish|cherish|value)" + _O, _liking("likes")),
    _rule(rf"(?P<v>dislike|hate|detest|loathe|despise|abhor|can not {_A}(?:stand|bear|abide|tolerate|stomach))" + _O, _liking("dislikes")),
    _rule(rf"(?:do not {_A}|no longer )(?P<v>like|love|enjoy|care for|appreciate|prefer|fancy)" + _O, _liking("dislikes")),
    _rule(r"can not (?:resist|live without|do without|go without|get enough of|(?:sleep|function|work|start (?:the|my) day) without)" + _O, _liking("likes")),
    _rule(rf"(?:do not {_A}|no longer |can not {_A}|must not )(?P<v>eat|drink|smoke|wear|use|watch|do|take|buy|order|read|digest|have)\b(?:\s+(?P<o>.+))?", _taken),
    _rule(rf"(?:am|are) {_A}not {_A}(?P<v>{_FAN})" + _O, _liking("dislikes")),
    _rule(rf"(?:am|are) {_A}(?P<v>{_FAN})" + _O, _liking("likes")),
    _rule(rf"(?:am|are) {_A}(?:happiest|at my best|most (?:comfortable|productive|relaxed|creative)|more (?:comfortable|productive)) (?:when|with|in|at|on|by)\b", _plainly("likes")),
    _rule(rf"(?:am|are) {_A}(?P<n>not )?{_A}(?:more of )?(?:such )?(?:an?|the) (?P<o>(?:[\w'-]+ ){{0,3}}?[\w'-]*(?:person|people|guy|girl|gal|man|woman|lover|fan|enthusiast|drinker|eater|addict|aficionado|buff|fanatic|early bird|night owl|foodie|bookworm|homebody|creature of habit))(?:$|[ ,])", _person),
    _rule(rf"(?:(?:am|are)|have (?:been|gone|become|turned)|went|became|turned|eat|keep|follow) {_A}(?:an? )?(?:(?:strict|strictly|lifelong|committed|ethical|complete|completely|fully|full-time) )*{_DIET}\b", _plainly("rule")),
    _rule(rf"(?:am|are|have been) {_A}(?:\w+ly )?(?:allergic|intolerant|hypersensitive|averse) (?:to|of) \w+", _plainly("dislikes")),
    _rule(r"have (?:an? )?(?:\w+ ){0,3}(?:allergy|allergies|intolerance|aversion|dislike|hatred)\b", _plainly("dislikes")),
    _rule(r"(?:am|are) on an? (?:[\w-]+ ){1,3}diet|follow an? (?:[\w-]+ ){1,3}diet|(?:am|are) off (?:sugar|dairy|gluten|caffeine|alcohol|meat|carbs|coffee|bread)", _plainly("rule")),
    _rule(r"have (?:an? )?(?:\w+ ){0,2}(?:soft spot|weakness|preference|passion|thing|love|fondness|penchant|sweet tooth)\b(?: for)?", _plainly("likes")),
    _rule(r"have (?:no|zero|little) (?:interest in|patience for|desire for|use for|tolerance for)" + _O, _liking("dislikes")),
    _rule(rf"have never {_A}(?:liked|loved|enjoyed|cared for|been (?:an? )?(?:\w+ )?(?:fan of|into|keen on|fond of)|understood the appeal of)" + _O, _liking("dislikes")),
    _rule(r"have (?:always|long|come to|grown to|learned to|learnt to) (?:(?:really|been|much) )*(?:loved?|liked?|preferred?|prefer|enjoyed?|adored?|appreciated?|favou?red|(?:an? )?(?:\w+ )?(?:fan of|into|keen on|fond of))" + _O, _liking("likes")),
    _rule(r"have (?:always|long|come to|grown to|learned to) (?:(?:really|been) )*(?:hated?|disliked?|detested?|loathed?|despised?)" + _O, _liking("dislikes")),
    _rule(r"(?:have )?grown (?:very )?fond of" + _O, _liking("likes")),
    _rule(r"(?:have )?(?:gone|went) off" + _O, _liking("dislikes")),
    _rule(r"(?:would (?:much |far |really |always )*(?:rather|sooner|prefer))" + _O, _rather),
    _rule(r"(?:would|will) (?:\w+ )?(?:choose|pick|take|go for) .+ (?:over|instead of|rather than) .+", _plainly("likes")),
    _rule(r"(?:would|will) always (?:choose|pick|take|go for|go with|prefer|order|opt for|stick with) .+", _plainly("likes")),
    _rule(r"(?:would|will) never (?:ever )?(?P<o>.+)", lambda said, found: said.stated("dislikes") if is_shunned(found["o"]) else None),
    _rule(r"(?P<n>do not )?(?:want|wish|expect|insist on|demand)(?: to (?:have|get|receive|see|be))?" + _O, _wanted),
    _rule(r"(?:(?:make|made) (?:it )?a (?:point|habit) of|swear by|live for|lean towards?|gravitate (?:to|towards)|insist on|stick (?:to|with)|thrive on|(?:root|cheer) for|choose|opt for|am all for)" + _O, _liking("likes")),
    _rule(r"(?:try (?:to|and) (?:avoid|stay away from|steer clear of|not)|avoid|stay away from|steer clear of|keep away from|boycott|shun)" + _O, _liking("dislikes")),
    _rule(r"refuse to (?!believe|accept|answer|comment|give up|admit|let|be)" + r"\w+\s+.+", _plainly("dislikes")),
    _rule(rf"find (?P<o>.+?) {_A}(?:{_CLEAR}|{_PLAGUE})\b", _found_so),
    _rule(r"(?:take|drink|eat|have|order)" + _O, _served),
    _rule(r"(?:sleep|work|think|focus|learn|concentrate|function|study|feel) (?:far |much )?(?:best|better|most (?:awake|productive|at home|comfortable)) (?:with|in|when|at|by|after|if|on|without|early|late|alone|before|under) ?.*", _plainly("likes")),
    _rule(r"(?:am|are) (?:trying|doing my best|cutting|working hard) (?:to )?(?:avoid|cut down on|cut out|down on|quit|limit|stay away from|(?:eat|drink|use|buy|fly|drive|spend|smoke|watch) (?:less|fewer|no))\b", _plainly("dislikes", explicit=False)),
    _rule(r"(?:am|are) (?:very |quite |highly )*sensitive to (?P<o>.+)", lambda said, found: said.stated("dislikes") if is_about(found["o"], "food", "drink", "health", "social", "fashion", "home") else None),
    _rule(r"need (?P<o>.+) (?:to|before I can) (?:sleep|focus|work|concentrate|wake up|function|relax|think|fall asleep|unwind)\b", _plainly("likes", explicit=False)),
    _rule(r"care (?:a lot|deeply|most|more|very much) about" + _O, _liking("likes")),
    _rule(r"(?:am|are) never (?:going back to|(?!being|going back|going to (?:be|know)|getting|sure)\w+ing) .+", _plainly("dislikes")),
    _rule(r"(?=\w)", _never),
    _rule(r"(?=\w)", _only),
    _rule(r"(?=\w)", _usually),
)
_BROUGHT_UP = re.compile(
    r"(?:^|\b(?:I|we)\s+(?:\w+ )?)(?:used to (?:really )?(?:love|like|hate|enjoy|adore|prefer|eat|drink|dislike)|tried|discovered|started (?:drinking|eating|using|doing)|(?:switched|moved|changed) (?:over )?to|bought)\s+(?P<o>.+)",
    re.IGNORECASE,
)
