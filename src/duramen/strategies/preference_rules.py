"""What the verbs behind "I" tell of somebody's likings: one pattern and one reading each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from duramen.strategies.preference_grammar import ADVERB, DAYS, FREQUENT, Polarity, Stated, conjugated, others, third
from duramen.strategies.preference_objects import STANDING, WEEKDAY, is_ruined, is_served, is_taste
from duramen.strategies.preference_topics import OTHER, categories, is_about
from duramen.strategies.preference_verbs import is_habit, is_shunned

_FAN = (
    r"(?:(?:an? )?(?:(?:big|huge|massive|real|great|total|lifelong|long-time|die-?hard|major|avid|the biggest) )*(?:fan|lover|admirer) of|into|fond of|keen on|partial to|crazy about"
    r"|mad about|nuts about|wild about|passionate about|obsessed with|addicted to|hooked on|big on|a sucker for|a stickler for|drawn to|all about|one for|enthusiastic about|comfortable with)"
)
DIET = (
    r"(?:vegetarian|vegan|pescatarian|pescetarian|flexitarian|teetotal\w*|plant[- ]based|(?:gluten|dairy|lactose|sugar|meat|alcohol|caffeine)[- ]free|keto|paleo|kosher|halal"
    r"|c(?:o)?eliac|(?:\w+)[- ]intolerant|non-?smoker|non-?drinker|carnivore|sober|a raw foodist)s?"
)
_EVENT = r"(?:meeting|class|call|appointment|lesson|shift|exam|session|stand-?up|sync|deadline|check-?up|review|headache|problem|issue|trouble|question|flight|therapy|interview)"


@dataclass(frozen=True, slots=True)
class Said:
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


Reads = Callable[[Said, "re.Match[str]"], "Stated | None"]


def _liking(polarity: Polarity) -> Reads:
    def reads(said: Said, found: re.Match[str]) -> Stated | None:
        verb = found["v"].casefold() if "v" in found.groupdict() else "like"
        thing = found["o"]
        if said.topic and re.fullmatch(
            r"(?:it|them|that)(?: (?:now|much|better|so much|a lot|any ?more|more))?", thing, re.IGNORECASE
        ):
            words = re.sub(r"\b(?:it|them|that)\b", said.topic, said.words, count=1, flags=re.IGNORECASE)
            return replace(said, words=words).stated(polarity)
        if not is_taste(thing, verb) or (polarity == "likes" and is_ruined(thing)):
            return None
        return said.stated("dislikes" if re.match(r"neither\b|not (?:to )?\w", thing, re.IGNORECASE) else polarity)

    return reads


def _plainly(polarity: Polarity, *, explicit: bool = True) -> Reads:
    return lambda said, found: said.stated(polarity, explicit=explicit)


def _taken(said: Said, found: re.Match[str]) -> Stated | None:
    """Read what somebody does not eat, drink, wear or use."""
    thing, verb = found["o"] or "", found["v"].casefold()
    if not thing and verb not in ("smoke", "drink"):
        return None
    if verb == "have" and not is_about(thing, "food", "drink"):
        return None
    if verb == "take" and not is_about(thing, "food", "drink", "travel", "time"):
        return None
    if thing and (
        not is_taste(thing)
        or thing == "and drive"
        or re.match(r"(?:my|our|the|much|enough|as|so)\b", thing, re.IGNORECASE)
    ):
        return None
    return said.stated("dislikes")


def _person(said: Said, found: re.Match[str]) -> Stated | None:
    what = found["o"]
    sure = re.search(
        r"(?:lover|fan|enthusiast|drinker|eater|addict|aficionado|buff|fanatic|bird|owl|foodie|bookworm|homebody|habit)$",
        what,
    )
    if not sure and categories(what) == (OTHER,):
        return None
    return replace(said, words=found[0].strip(" ,")).stated("dislikes" if found["n"] else "likes")


def _rather(said: Said, found: re.Match[str]) -> Stated | None:
    wish = found["o"]
    if re.match(r"(?:you|if you|that you|it if you)\b", wish, re.IGNORECASE):
        return said.stated("rule") if not re.search(r"\b(?:this|that|it)\b.{0,12}$", wish) else None
    negative = re.match(r"not (?:to )?", wish, re.IGNORECASE)
    rest = wish[negative.end() :] if negative else wish
    if re.match(rf"(?:on |at )?(?:\d|noon|{WEEKDAY}\b(?! (?:mornings|evenings)))", rest, re.IGNORECASE) or (
        re.match(r"an? ", rest) and " than " not in rest and categories(rest) == (OTHER,)
    ):
        return None
    if not is_taste(f"to {rest}" if "rather" in found[0] or negative else rest, "love"):
        return None
    if re.search(r"\b(?:it|this|them|him|her|here|there|go home|leave|wait)$", rest) and " than " not in rest:
        return None
    if re.search(r"\bthe (?!agent)", rest) and not (
        " than " in rest or " over " in rest or is_taste(rest[rest.find("the ") :])
    ):
        return None
    return said.stated("dislikes" if negative else "likes") if len(rest.split()) > 1 or "prefer" in found[0] else None


def _wanted(said: Said, found: re.Match[str]) -> Stated | None:
    """Wanting something is a preference when it is wanted always."""
    frequent = STANDING.search(said.whole) or FREQUENT.search(said.adverbs)
    if not frequent or not is_taste(found["o"], "prefer") or re.match(r"you\b", found["o"], re.IGNORECASE):
        return None
    never = re.search(r"\bnever\b", said.adverbs, re.IGNORECASE) or found["n"]
    return said.stated("dislikes" if never else "wants")


def _served(said: Said, found: re.Match[str]) -> Stated | None:
    thing = found["o"]
    return said.stated("likes") if is_served(thing) and is_about(thing, "food", "drink") else None


def _given_up(said: Said, found: re.Match[str]) -> Stated | None:
    thing = found["o"] or ""
    if found["do"] and not thing:
        return said.stated("dislikes", explicit=False, says=f"no longer {conjugated(_base(found['do']))}")
    if not is_taste(thing) or re.match(
        r"(?:my|our|the|\w+ing|on|and|at|job|work|when|because|to|by|here|there)\b", thing, re.IGNORECASE
    ):
        return None
    thing = _since(re.split(r" and |,", thing)[0])
    done = found.groupdict().get("do")
    what = f"no longer {conjugated(_base(done))} {others(thing)}" if done else f"has given up {others(thing)}"
    return said.stated("dislikes", explicit=False, says=what.strip())


def _changed(said: Said, found: re.Match[str]) -> Stated | None:
    """Having changed to something counts once it is said to be for good."""
    if not _FOR_GOOD.search(said.sentence):
        return None
    to = _since(re.sub(r"\s+(?:and|for good|permanently)\b.*", "", found["o"]))
    return (
        said.stated("likes", explicit=False, says=f"has changed to {others(to)} for good")
        if is_taste(to, "prefer")
        else None
    )


def _since(words: str) -> str:
    """Leave out when somebody began."""
    return re.sub(
        r"\s*\b(?:(?:(?:two|three|four|five|ten|some|many|several|a few|a couple of|an?|\d+) )?(?:years?|months?|weeks?|days?|while) ago|in (?:january|february|march|april|may|june|july|august|september|october|november|december)|last \w+|(?:in|since) (?:19|20)\d\d|recently|completely|entirely|since .*)$",
        "",
        words,
        flags=re.IGNORECASE,
    )


def _base(gerund: str) -> str:
    stem = gerund.casefold().removesuffix("ing")
    return {"us": "use", "smok": "smoke", "tak": "take", "hav": "have", "shopp": "shop"}.get(stem, stem)


def _found_so(said: Said, found: re.Match[str]) -> Stated | None:
    if not is_taste(found["o"], "find") or re.match(r"(?:the|my)\b", found["o"], re.IGNORECASE):
        return None
    return said.stated("likes" if found["good"] else "dislikes")


def _never(said: Said, found: re.Match[str]) -> Stated | None:
    if not re.search(r"\b(?:never|rarely|seldom|hardly(?: ever)?|scarcely)\b", said.adverbs, re.IGNORECASE):
        return None
    words = re.sub(r"\b(?:it|them)\b", said.topic, said.words, count=1) if said.topic else said.words
    explicit = "never" in said.adverbs.casefold()
    return replace(said, words=words).stated("dislikes", explicit=explicit) if is_shunned(words) else None


def _only(said: Said, found: re.Match[str]) -> Stated | None:
    if not re.search(r"\bonly\b", said.adverbs, re.IGNORECASE) or len(said.words.split()) < 2:
        return None
    if re.match(r"have\b", said.words) and not is_about(said.words, "food", "drink"):
        return None
    return said.stated("likes") if is_habit(said.words) and is_taste(said.words.split(" ", 1)[1], "prefer") else None


def _usually(said: Said, found: re.Match[str]) -> Stated | None:
    if not (FREQUENT.search(said.whole) or DAYS.fullmatch(said.lead)) or re.search(
        rf"\bhave\b.*\b{_EVENT}", said.words, re.IGNORECASE
    ):
        return None
    if not is_habit(said.words) or re.search(r"\byou\b|\b(?:that|this) one$", said.words, re.IGNORECASE):
        return None
    avoided = re.match(
        r"(?:tend to |like to )?(?:avoid|skip|steer clear|stay away|decline)\b", said.words, re.IGNORECASE
    )
    return said.stated("dislikes" if avoided else "likes", explicit=False)


def _rule(pattern: str, reads: Reads) -> tuple[re.Pattern[str], Reads]:
    return re.compile(rf"{pattern}", re.IGNORECASE), reads


_A = rf"(?:{ADVERB}\s+|that |too |exactly |one bit |at all |much of )*"
_O = r"\s+(?P<o>.+)"
_EATEN = r"(?:eating|drinking|using|buying|watching|reading|smoking|ordering|taking|wearing|flying|playing|visiting|having|cooking|shopping)"
_FOR_GOOD = re.compile(
    r"\b(?:never (?:going|go|went|want to go|looked|looking|will go) back|(?:not|never) looked back|for good|permanently|not going back|and (?:I )?(?:really |absolutely )?love it|and never|much (?:happier|better)"
    r"|will not go back|no going back|will never go back|not miss|prefer it|all the way now)\b",
    re.IGNORECASE,
)
_CLEAR = r"(?P<good>easier|clearer|better|nicer|relaxing|calming|soothing|helpful|useful|comfortable|comforting|enjoyable|delicious|handy|inspiring|motivating|refreshing|cosy|cozy|more \w+)"
_PLAGUE = r"(?:annoying|distracting|boring|irritating|tiring|exhausting|stressful|confusing|disgusting|unpleasant|overwhelming|tedious|too \w+|rude|creepy|patronising|patronizing|uncomfortable|unbearable|gross|harder|frustrating|off-?putting|overrated|cluttered|noisy|claustrophobic)"
CHANGES: tuple[tuple[re.Pattern[str], Reads], ...] = (
    _rule(
        rf"(?:have )?(?:gave up|given up|quit|cut out|stopped|sworn off|swore off|given up on|dropped|ditched)(?: (?P<do>{_EATEN}))?(?: (?P<o>.+))?$",
        _given_up,
    ),
    _rule(
        r"(?:have )?(?:(?:switched|moved|changed|converted|gone over) (?:over |back |completely |entirely |all )?(?:from .+? )?to|made the (?:switch|move) to)"
        + _O,
        _changed,
    ),
)
RULES: tuple[tuple[re.Pattern[str], Reads], ...] = (
    _rule(r"(?P<v>prefer|like|love|adore|enjoy|favou?r|appreciate|relish|cherish|value)" + _O, _liking("likes")),
    _rule(
        rf"(?P<v>dislike|hate|detest|loathe|despise|abhor|can not {_A}(?:stand|bear|abide|tolerate|stomach))" + _O,
        _liking("dislikes"),
    ),
    _rule(
        rf"(?:do not {_A}|no longer )(?P<v>like|love|enjoy|care for|appreciate|prefer|fancy)" + _O, _liking("dislikes")
    ),
    _rule(
        r"(?:can|could) not (?:resist|live without|do without|go without|get enough of|(?:sleep|function|work|start (?:the|my) day) without)"
        + _O,
        _liking("likes"),
    ),
    _rule(
        rf"(?:do not {_A}|no longer |can not {_A}|must not )(?P<v>eat|drink|smoke|wear|use|watch|do|take|buy|order|read|digest|have)\b(?:\s+(?P<o>.+))?",
        _taken,
    ),
    _rule(rf"(?:am|are) {_A}not {_A}(?P<v>{_FAN})" + _O, _liking("dislikes")),
    _rule(rf"(?:am|are|have been) {_A}(?P<v>{_FAN})" + _O, _liking("likes")),
    _rule(
        rf"(?:am|are) {_A}(?:happiest|at my best|most (?:comfortable|productive|relaxed|creative)|more (?:comfortable|productive)) (?:when|with|in|at|on|by)\b",
        _plainly("likes"),
    ),
    _rule(
        rf"(?:am|are|have become|have turned into) {_A}(?P<n>not )?{_A}(?:more of )?(?:such )?(?:an?|the) (?P<o>(?:(?:[\w'-]+ ){{1,3}}?|[\w'-]+-)(?:person|people|guy|girl|gal|man|woman|lover|fan|enthusiast|drinker|eater|addict|aficionado|buff|fanatic)|(?:\w+ )?(?:early bird|night owl|foodie|bookworm|homebody|creature of habit))(?:$|[ ,])",
        _person,
    ),
    _rule(
        rf"(?:(?:am|are)|have (?:been|gone|become|turned)|went|became|turned|eat|keep|follow) {_A}(?:an? )?(?:(?:strict|strictly|lifelong|committed|ethical|complete|completely|fully|full-time) )*{DIET}\b",
        _plainly("rule"),
    ),
    _rule(
        rf"(?:am|are|have been) {_A}(?:\w+ly )?(?:allergic|intolerant|hypersensitive|averse) (?:to|of) \w+",
        _plainly("dislikes"),
    ),
    _rule(
        r"have (?:an? )?(?:\w+ ){0,3}(?:allergy|allergies|intolerance|aversion|dislike|hatred)\b", _plainly("dislikes")
    ),
    _rule(
        r"(?:am|are) on an? (?:[\w-]+ ){1,3}diet|follow an? (?:[\w-]+ ){1,3}diet|(?:am|are) off (?:sugar|dairy|gluten|caffeine|alcohol|meat|carbs|coffee|bread)",
        _plainly("rule"),
    ),
    _rule(
        r"have (?:an? )?(?:\w+ ){0,2}(?:(?:soft spot|weakness|preference|passion|thing|love|fondness|penchant) (?:for|about)|sweet tooth)\b",
        _plainly("likes"),
    ),
    _rule(
        r"have (?:no|zero|little) (?:interest in|patience for|desire for|use for|tolerance for)" + _O,
        _liking("dislikes"),
    ),
    _rule(
        rf"have never {_A}(?:liked|loved|enjoyed|cared for|been (?:an? )?(?:\w+ )?(?:fan of|into|keen on|fond of)|understood the appeal of)"
        + _O,
        _liking("dislikes"),
    ),
    _rule(
        r"have (?:always|long|come to|grown to|learned to|learnt to) (?:(?:really|been|much) )*(?:loved?|liked?|preferred?|prefer|enjoyed?|adored?|appreciated?|favou?red|(?:an? )?(?:\w+ )?(?:fan of|into|keen on|fond of))"
        + _O,
        _liking("likes"),
    ),
    _rule(
        r"have (?:always|long|come to|grown to|learned to) (?:(?:really|been) )*(?:hated?|disliked?|detested?|loathed?|despised?)"
        + _O,
        _liking("dislikes"),
    ),
    _rule(r"(?:have )?grown (?:very )?fond of" + _O, _liking("likes")),
    _rule(r"(?:have )?(?:gone|went) off" + _O, _liking("dislikes")),
    _rule(r"(?:would (?:much |far |really |always )*(?:rather|sooner|prefer))" + _O, _rather),
    _rule(
        r"(?:would|will) (?:\w+ )?(?:choose|pick|take|go for) .+ (?:over|instead of|rather than) .+", _plainly("likes")
    ),
    _rule(
        r"(?:would|will) always (?:choose|pick|take|go for|go with|prefer|order|opt for|stick with) .+",
        _plainly("likes"),
    ),
    _rule(
        r"(?:would|will) never (?:ever )?(?P<o>.+)",
        lambda said, found: said.stated("dislikes") if is_shunned(found["o"]) else None,
    ),
    _rule(r"(?P<n>do not )?(?:want|wish|expect|insist on|demand)(?: to (?:have|get|receive|see|be))?" + _O, _wanted),
    _rule(
        r"(?:(?:make|made) (?:it )?a (?:point|habit) of|swear by|live for|lean towards?|gravitate (?:to|towards)|insist on|stick (?:to|with)|thrive on|(?:root|cheer) for|choose|opt for|am all for)"
        + _O,
        _liking("likes"),
    ),
    _rule(
        r"(?:try (?:to|and) (?:avoid|stay away from|steer clear of|not)|avoid|stay away from|steer clear of|keep away from|boycott|shun)"
        + _O,
        _liking("dislikes"),
    ),
    _rule(r"refuse to (?!believe|accept|answer|comment|give up|admit|let|be)" + r"\w+\s+.+", _plainly("dislikes")),
    _rule(rf"find (?P<o>.+?) {_A}(?:{_CLEAR}|{_PLAGUE})\b", _found_so),
    _rule(r"(?:take|drink|eat|have|order)" + _O, _served),
    _rule(
        r"(?:sleep|work|think|focus|learn|concentrate|function|study|feel) (?:far |much )?(?:best|better|most (?:awake|productive|at home|comfortable)) (?:with|in|when|at|by|after|if|on|without|early|late|alone|before|under) ?.*",
        _plainly("likes"),
    ),
    _rule(
        r"(?:am|are) (?:trying|doing my best|cutting|working hard) (?:to )?(?:avoid|cut down on|cut out|down on|quit|limit|stay away from|(?:eat|drink|use|buy|fly|drive|spend|smoke|watch) (?:less|fewer|no))\b",
        _plainly("dislikes", explicit=False),
    ),
    _rule(
        r"(?:am|are) (?:very |quite |highly )*sensitive to (?P<o>.+)",
        lambda said, found: (
            said.stated("dislikes")
            if is_about(found["o"], "food", "drink", "health", "social", "fashion", "home")
            else None
        ),
    ),
    _rule(
        r"need (?P<o>.+) (?:to|before I can) (?:sleep|focus|work|concentrate|wake up|function|relax|think|fall asleep|unwind)\b",
        _plainly("likes", explicit=False),
    ),
    _rule(r"care (?:a lot|deeply|most|more|very much) about" + _O, _liking("likes")),
    _rule(
        r"(?:am|are) never (?:going back to|(?!being|going back|going to (?:be|know)|getting|sure)\w+ing) .+",
        _plainly("dislikes"),
    ),
    _rule(
        r"do (?:most of |all )?(?:of )?(?:my|our) (?:\w+ )?(?:shopping|groceries|banking|cooking|reading|workouts?|laundry) .+",
        _plainly("likes", explicit=False),
    ),
    _rule(
        r"(?:am|are) the (?:kind|sort|type) of (?:person|guy|girl|man|woman|people) (?:who|that) (?:always|never|usually|likes?|loves?|hates?|prefers?|enjoys?|needs?) .+",
        _plainly("likes"),
    ),
    _rule(
        r"(?:am|are) (?:done|finished|through) with (?P<o>.+)",
        lambda said, found: (
            said.stated("dislikes") if is_about(found["o"], "food", "drink", "social", "fashion") else None
        ),
    ),
    _rule(
        r"(?:buy|get|do|order|read|watch|make|cook|book|write) (?:all|most) (?:of )?(?:my|our) .+",
        _plainly("likes", explicit=False),
    ),
    _rule(
        r"can only (?:sleep|eat|drink|work|study|concentrate|focus|relax|wear|read|fly|think|drive|cook) .+",
        _plainly("likes"),
    ),
    _rule(
        r"(?:trust|eat|drink|buy|wear|use|fly|read|watch|listen to|take|drive|cook with) only (?P<o>.+)",
        _liking("likes"),
    ),
    _rule(
        r"need (?P<o>.+?) (?:when(?:ever)?|while|if) (?!you\b|he\b|she\b|they\b|it\b|the\b|my\b)(?:I am |I )?\w+",
        lambda said, found: (
            said.stated("likes", explicit=False)
            if is_taste(found["o"], "prefer") and not re.match(r"(?:to|your|some|an?|my)\b|.*\bhelp\b", found["o"])
            else None
        ),
    ),
    _rule(r"would not (?:dream of|touch|be caught dead|be seen dead|wish for|set foot in)" + _O, _liking("dislikes")),
    _rule(
        r"have (?:\w+ )?fallen in love with (?P<o>.+)",
        lambda said, found: (
            said.stated("likes") if found["o"].islower() and categories(found["o"]) != (OTHER,) else None
        ),
    ),
    _rule(r"(?=\w)", _never),
    _rule(r"(?=\w)", _only),
    _rule(r"(?=\w)", _usually),
)
