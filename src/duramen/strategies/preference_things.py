"""Preferences that are told of things: "my favourite colour is green", "mornings work best for me", "tea over coffee"."""

from __future__ import annotations

import re
from collections.abc import Callable

from duramen.strategies.preference_grammar import Clause, Polarity, Stated, others
from duramen.strategies.preference_objects import STANDING, is_once, is_ruined, is_taste
from duramen.strategies.preference_topics import OTHER, categories, is_common

_Reads = Callable[[str, "re.Match[str]"], "Stated | None"]

_INTRO = re.compile(
    r"(?:(?:and|but|so|also|well|oh|hey|hi|hello|yes|yeah|no(?=,)|ok|okay|honestly|frankly|personally|generally|btw|by the way|fyi|in general|overall|because|since|as|for me|to me|to be honest|i (?:think|find|would say|must say)(?: that)?"
    r"|remember(?: that)?|note that|as (?:I|you) (?:said|mentioned|know)|please (?:note|remember)(?: that)?)[\s,:]+)*",
    re.IGNORECASE,
)
_POINTED = re.compile(
    r"(?:it|this|that|these|those|I|we|he|she|they|you|your|his|her|their|there|which|who|what|everything|something|nothing|one|my \w+ (?:was|is) \w+ (?:and|but))\b|the (?!best way|(?:idea|smell|sound|taste|sight|feel) of|sea|beach|aisle|window|train|night|early|simple|old|cold|heat|rain|sun|outdoors|mountains|gym|countryside)",
    re.IGNORECASE,
)
_PERHAPS = re.compile(
    r"\b(?:my|our|me|us|I|over|beats?|rather than|instead of|before|all the way|the only|what|things?|nothing|all (?:I|we)|deal-?breakers?|no-go|must(?:-have)?|never (?:get|make|come|cross|enter|touch|see|pass)s?|door|can stay)\b",
    re.IGNORECASE,
)
_SOMEWHERE = re.compile(
    r"(?:on (?:holiday|vacation|leave|sale|strike|fire)|at home|in town)\b|(?:at|in|with|on|from|under) (?:the|my|her|his|a) (?!morning|evening|afternoon|night|summer|winter|spring|autumn|aisle|window|quiet)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|\d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?|\d+(?:st|nd|rd|th))(?: (?:morning|afternoon|evening))?$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]+(?:permanently|always|at all times|for good|for ?ever|on every occasion|every (?:single )?time|full stop|period|end of (?:story|discussion)|no exceptions|without exception|no two ways about it|no matter what|hands down|in all (?:its|their) forms"
    r"|now or later|as ever|as always|thanks|thank you|please|these days|nowadays|I am afraid|though|too|as well|so|big time|at all|every (?:single )?\w+|(?:at|in) (?:the )?(?:weekends?|night|mornings?|evenings?))$",
    re.IGNORECASE,
)
_SAID = re.compile(r", (?:says?|said|according|but|not|he|she|they|which|who|my \w+ says)\b", re.IGNORECASE)
_KIND = r"(?:absolute |all-time |personal |biggest |one |number one |number-one )*"
_FAVOURITE = rf"{_KIND}(?:favou?rites?|preferred|go-to|top|go to|ideal|default|first choice|preference|pet peeve|comfort food|guilty pleasure|passion|weakness|hobby|hobbies|(?:\w+ )?of choice|least favou?rite|most hated|poison of choice)"
_THING = r"(?:thing|jam|cup of tea|style|scene|bag|speed|vibe)"
_GOOD = r"(?:works?|suits?|fits?|are|is|feels?|would (?:work|suit|be))"
_PLAGUES = r"(?:annoys?|drains?|nauseates?|repulses?|sickens?|terrif(?:y|ies)|wears?|throws?|winds?|weirds?|bothers?|bugs?|irritates?|bores?|disgusts?|stress(?:es)?|tires?|scares?|exhausts?|frustrates?|depress(?:es)?|overwhelms?|distracts?|grosses|creeps|freaks|puts?|turns?|drags?|burns?|knocks?)"
_HOW = r" (?:out|off|down|to (?:death|tears|sleep|distraction|bits|no end)|stiff|senseless|rigid|silly|up the wall|round the bend|no end|big time|a lot|the wrong way)"
_PLEASES = r"(?:relaxes|relax|calms?|soothes?|inspires?|motivates?|delights?|fascinates?|energi[sz]es?|cheers?)"
_SPOILS = r"(?:(?:drives?|makes?) me (?:crazy|mad|nuts|insane|sick|nauseous|nervous|anxious|angry|uncomfortable|sad|up the wall|cringe|gag|itch|sleepy|bloated)|gives? me (?:\w+ )?(?:headaches?|migraines?|heartburn|the creeps|hives|a rash|anxiety|nightmares)|do(?:es)? not (?:agree|sit well|work|go down well) with me|do(?:es)? not (?:work for|suit|interest|appeal to) me|upsets? my stomach|keeps? me (?:awake|up)(?: at night)?|leaves? me cold|leaves? a bad taste|(?:does|do) (?:absolutely |precisely )?nothing for me|gets? (?:on|under) my (?:nerves|skin)|gives? me the (?:ick|shivers|heebie-jeebies)|turns? my stomach|does my head in|sends? me (?:straight )?to (?:sleep|hospital|bed|the (?:doctor|bathroom|toilet|moon))|mean(?:s)? nothing (?:to me|where I (?:come from|live))|(?:has|have) never (?:done anything|appealed|agreed|worked) (?:for|to|with) me|(?:is|are) (?:wasted|lost) on me|(?:is|are) (?:not in|against) my (?:nature|religion|principles|blood|dna)|(?:is|are) not how I (?:work|roll|do things|operate|live)|makes? (?:my (?:skin crawl|eyes water|head (?:ache|hurt|spin)|teeth hurt|blood boil|stomach turn)|me (?:\w+ )?(?:ill|sneeze|dizzy|drowsy|queasy|jittery|break out in \w+|lose (?:focus|my \w+)|want to scream))|(?:hurts?|burns?|ruins?|strains?|irritates?|kills?|spoils?|wrecks?) my (?:eyes|back|skin|ears|throat|stomach|concentration|focus|sleep|mood|appetite|day|nose)|(?:ruins?|spoils?|kills?|wrecks?) (?:(?:a|an|any|every|the) \w+|everything|it) for (?:me|us)|can stay (?:where (?:it is|they are)|away|out|off|on the shelf))"
_CHEERS = r"(?:(?:makes?|keeps?) me (?:so |really |very )?(?:happy|calm|relaxed|smile|focused|sane|productive)|helps? me (?:to )?(?:focus|concentrate|relax|sleep|think|unwind|wake up|work|remember))"
_HOME = r"(?:(?:my|our|the|this) (?:\w+ )?(?:door|house|home|kitchen|flat|wardrobe|trolley|basket|fridge|plate|table|household|skin|feet|shelf|shelves|desk|wine rack|car|garden|mouth|lips|phone|machine|body))"
_BARRED = rf"(?:(?:does|do|will) not (?:get|come|go|make it|fit|set foot) (?:through|into|in|past|on|onto|near|inside|across) {_HOME}|never (?:gets?|comes?|goes|makes? it|crosses|touches?|enters?|passes|sees?) (?:(?:through|into|in|past|on|onto|near|inside|across) )?{_HOME}|(?:has|have) no (?:place|business) (?:in|on|near) {_HOME}|(?:is|are) (?:not (?:allowed|welcome|permitted)|banned|forbidden|taboo) (?:in|on|from|near) {_HOME})"
_REFUSED = r"(?:an? )?(?:(?:hard|big|firm|definite|clear|absolute|total|straight|resounding|flat) )*(?:no|nope|pass|no-no|never|non-starter|no-go)(?: from| for| with| to) (?:me|us)|(?:out|out of the question|off the table|off the menu|off limits|ruled out|banned|forbidden|not on|not happening|not an option|a lost cause|a nightmare|torture|my (?:worst nightmare|idea of hell|nemesis|kryptonite|bugbear|b\u00eate noire))(?: for (?:me|us))?"
_HELD = r"(?:gets? my (?:vote|pick)|wins? (?:it )?(?:for me|every time)|(?:does|do) it for me|makes? my day|has my heart|(?:is|are|has always been) (?:my|our) (?:whole )?(?:life|lifeblood|religion|fuel|happy place|everything|bread and butter|comfort zone|(?:one )?true love|(?:first|great|one) love|therapy|ritual|escape|sanctuary|way of life|gospel|anchor|[\w-]+ (?:ritual|tradition|treat|staple|fix|spot|uniform|routine))|(?:is|are) (?:the (?:soundtrack|love|joy|highlight|high point|spice) of my \w+|(?:what|all) (?:matters|counts|I (?:look for|care about|live for|swear by|reach for|stick to|go for|stand by))(?: (?:to|for|with) me)?(?: most)?|how I (?:like|love|take|want) (?:it|them|my \w+)|sacred (?:in|at) (?:my|our) \w+|where I am (?:happiest|at home)|the (?:only )?way (?:to go )?for me|non-negotiable))"
_DULL = r"(?:pointless|useless|worthless|meaningless|unthinkable|unacceptable|a (?:chore|drag|waste of \w+|mystery|horror)|hard work|overkill|out of bounds|alien|anathema|no (?:use|good|fun)|of no (?:use|interest)|disgusting|boring|annoying|gross|unbearable|revolting|dull|too \w+|torture|hell|exhausting|stressful|distracting|hard to (?:read|follow)|uncomfortable|off limits|taboo|poison)"
_FINE = r"(?:a (?:treat|joy|pleasure|comfort|must)|everything|second nature|home|indispensable|vital|crucial|relaxing|soothing|heaven|bliss|paradise|fun|delicious|comforting|ideal|perfect|sacred|calming|very important|important|essential|easier to (?:read|follow))"
_ONLY_ORDER = re.compile(
    r"(?:problem|problems|worries|worry|rush|need|idea|reason|hurry|news|time|more|thanks|clue|luck|way|doubt|longer|pressure|one|plans?|questions?|issue|stress|big deal|matter|chance|complaints?|changes?|excuses?|comment)\b",
    re.IGNORECASE,
)


def of_things(clause: Clause, sentence: str) -> Stated | None:
    """Return the preference that `clause` tells of a thing, if it does.

    Args:
        clause: A clause of `sentence`, in the words of `plain`.
        sentence: As it was said.
    """
    if not _PERHAPS.search(clause.words):
        return None
    opening = _INTRO.match(clause.words)
    words = clause.words[opening.end() if opening else 0 :].strip(" ,.!")
    stated = _first(words, sentence)
    if stated is None and (bare := _bare(words)) != words:
        stated = _first(bare, sentence)
    if stated is None and "," in words and not _SAID.search(words):
        stated = _first(_bare(words.split(",")[0]), sentence)
    return None if stated is None or is_once(f"{words} {clause.lead}") else stated


def _first(words: str, sentence: str) -> Stated | None:
    for pattern, reads in _RULES:
        found = pattern.match(words)
        if found and (stated := reads(sentence, found)):
            return stated
    return None


def _bare(words: str) -> str:
    """Leave out how long and how surely it holds."""
    while (cut := _TAIL.sub("", words)) != words:
        words = cut
    return words


def _of(says: str, polarity: Polarity, *, explicit: bool = True) -> _Reads:
    """Read a thing `x`, which must be one of taste, into the words of `says`."""

    def reads(sentence: str, found: re.Match[str]) -> Stated | None:
        thing = found["x"].strip(" ,")
        if not _is_named(thing) or (polarity == "likes" and is_ruined(thing)):
            return None
        given = {name: others(text or "").strip() for name, text in found.groupdict().items()}
        return Stated(says.format(**{**given, "x": others(_lower(thing))}), polarity, sentence, explicit)

    return reads


def _favourite(sentence: str, found: re.Match[str]) -> Stated | None:
    thing, what = found["x"].strip(" ,"), " ".join(found["f"].split())
    if (
        not _is_named(re.sub(r"^the ", "", thing, flags=re.IGNORECASE))
        or re.search(r"\b(?:one|ones)$", thing)
        or _SOMEWHERE.match(thing)
    ):
        return None
    bad = re.search(r"peeve|least|hated", what)
    link = found["is"] if "is" in found.groupdict() and found["is"] in ("is", "are") else "is"
    says = f"{others(what)} {link} {others(_lower(thing))}"
    return Stated(says, "dislikes" if bad else "likes", sentence, True, "has")


def _usual(sentence: str, found: re.Match[str]) -> Stated | None:
    if re.match(
        r"(?:\w+ly |not |so )*(?:away|ill|closed|sick|off|busy|out|late|unavailable|gone|broken|full|available|good|bad|fine)\b",
        found["x"],
    ):
        return None
    stated = _favourite(sentence, found)
    return Stated(stated.says, "likes", sentence, False, "has") if stated else None


def _works(sentence: str, found: re.Match[str]) -> Stated | None:
    thing = found["x"].strip(" ,")
    if not _is_named(thing) or _WEEKDAY.search(thing) or re.match(r"(?:the|an?|my)\b", thing, re.IGNORECASE):
        return None
    return Stated(f"finds that {others(_lower(' '.join(found[0].split())))}", "likes", sentence)


def _for_me(sentence: str, found: re.Match[str]) -> Stated | None:
    thing = found["x"].strip(" ,")
    quantity = found["q"].casefold()
    if _ONLY_ORDER.match(thing) or not is_taste(thing, "prefer"):
        return None
    if quantity in ("no", "never any"):
        return Stated(f"wants no {others(thing)}", "dislikes", sentence)
    return Stated(f"{'always' if quantity == 'always' else 'only'} wants {others(thing)}", "wants", sentence)


def _habit(sentence: str, found: re.Match[str]) -> Stated | None:
    return Stated(f"{found['x']} {found['s']} {others(found['w'])}", "likes", sentence, False, "has")


def _refused(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what is refused "from me", or for good."""
    if not (re.search(r"\b(?:me|us|my)\b", found["s"]) or STANDING.search(sentence)):
        return None
    return _of("says that {x} is {s}" if re.search(r"\bis\b", found[0]) else "says that {x} are {s}", "dislikes")(
        sentence, found
    )


def _held(sentence: str, found: re.Match[str]) -> Stated | None:
    if re.match(r"(?:is|are) non-negotiable", found["s"]) and not STANDING.search(sentence):
        return None
    return _of("says that {x} {s}{w}" if not found["w"] else "says that {x} {s} {w}", "likes")(sentence, found)


def _reached(sentence: str, found: re.Match[str]) -> Stated | None:
    how = found["x"] or found["y"] or found["z"]
    return Stated(f"is best reached by {others(_lower(how))}", "wants", sentence) if is_taste(how, "prefer") else None


def _must(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what is a must "for me", or in a sentence that speaks of "I"."""
    if not (found["m"] or re.search(r"\b(?:I|we|my|our)\b", sentence)):
        return None
    return _of("must have {x} {s}", "wants")(sentence, found)


def _apart(sentence: str, found: re.Match[str]) -> Stated | None:
    thing = found["x"] or found["y"]
    if not is_taste(thing) or (categories(thing) == (OTHER,) and not (thing.islower() or is_common(thing))):
        return None
    return Stated(f"doesn't get on with {others(_lower(thing))}", "dislikes", sentence)


def _kept(sentence: str, found: re.Match[str]) -> Stated | None:
    """Read what somebody has at home: butter, and not that it is cold there."""
    if categories(found["x"]) == (OTHER,) or len(found["x"].split()) > 8 or _STATE.match(found["x"]):
        return None
    return Stated(f"says that {others(found[0][0].lower() + found[0][1:])}", "likes", sentence)


def _matters(sentence: str, found: re.Match[str]) -> Stated | None:
    if not is_taste(found["x"], "prefer"):
        return None
    return Stated(f"says that {others(found[0][0].lower() + found[0][1:])}", "wants", sentence)


_STATE = re.compile(
    r"(?:too |so |very |quite |always |often |a bit |\w+ly )*(?:cold|hot|warm|dark|quiet|loud|late|early|busy|clean|cool|noisy|tidy|a mess|raining|snowing)\b|\w+ing\b",
    re.IGNORECASE,
)


def _is_named(thing: str) -> bool:
    return (
        bool(thing)
        and len(thing.split()) <= 16
        and not re.search(r"\b(?:I|we) \w+(?: \w+){0,4} that\b", thing)
        and not _POINTED.match(thing)
        and is_taste(thing, "prefer")
    )


def _lower(thing: str) -> str:
    """Lower the first letter of a word that is no name, as far as can be told: of a plural or an -ing form."""
    first = thing.split(" ", 1)[0]
    return thing[0].lower() + thing[1:] if first[1:].islower() and is_common(first) else thing


def _rule(pattern: str, reads: _Reads) -> tuple[re.Pattern[str], _Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_SO = r"(?:(?:really|just|always|absolutely|simply|definitely|totally|still|usually|by far|only|so|also|mostly|generally|actually|probably|hands down|without a doubt)\s+)*"
_RULES: tuple[tuple[re.Pattern[str], _Reads], ...] = (
    _rule(
        r"(?P<x>[^,]+?) (?:is|are) what (?:I|we) (?:always |usually |normally )?(?P<s>eat|drink|wear|use|order|have|read|play|buy|take|watch)(?P<w>(?: .+)?)$",
        _of("likes {x} to {s}{w}", "likes"),
    ),
    _rule(
        r"(?:my|our) (?P<x>(?:mornings?|evenings?|days?|weekends?|sundays?|saturdays?|weeks?|nights?|holidays?|meals?)) (?P<s>(?:always|usually|normally|typically) (?:begins?|starts?|ends?|involves?|includes?)) (?P<w>.+)",
        _habit,
    ),
    _rule(
        rf"(?:my|our) (?P<f>{_FAVOURITE}(?: (?!is\b|are\b|was\b|were\b|has\b|used\b)[\w'-]+){{0,5}}?) {_SO}(?P<is>is|are|has always been|have always been|remains?|will always be) {_SO}(?P<x>(?!being|going|not\b|still not|out of|gone|missing|broken|closed|sold|cancel+ed|away|ill\b|sick|empty|lost|back\b|late\b|here|there|coming|(?:un)?available|over\b|dead|wrong).+)",
        _favourite,
    ),
    _rule(rf"(?:my|our) (?P<f>{_FAVOURITE})[:,] (?P<x>.+)", _favourite),
    _rule(
        rf"(?P<x>[^,]+?) (?P<is>is|are|has always been|will always be) {_SO}(?:one of )?(?:my|our) (?P<f>{_FAVOURITE}(?: [\w'-]+){{0,8}})$",
        _favourite,
    ),
    _rule(
        rf"(?:my|our) (?P<f>(?:usual|regular|standard|normal|standing) (?:order|seat|drink|choice|coffee|breakfast|lunch|table|place|room|meal|routine|pick|spot|dish|time)) {_SO}(?P<is>is|are) (?P<x>.+)",
        _usual,
    ),
    _rule(
        r"(?:my|our) (?P<f>(?:pronouns|diet|taste in [\w ]+|taste|dietary requirements|dietary restrictions)) {_SO}(?P<is>is|are) (?P<x>.+)".replace(
            "{_SO}", _SO
        ),
        _favourite,
    ),
    _rule(rf"(?P<x>[^,]+?) (?:is|are) {_SO}not {_SO}(?:my|our) {_THING}$", _of("dislikes {x}", "dislikes")),
    _rule(
        rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?:exactly |right up |(?:very )?much |more )*(?:my|our) (?:{_THING}|alley)$",
        _of("likes {x}", "likes"),
    ),
    _rule(rf"(?P<x>[^,]+?) (?:is|are) {_SO}not (?:really )?for me$", _of("dislikes {x}", "dislikes")),
    _rule(
        rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?:an? )?(?:absolute |total |complete |big |huge )*(?:deal-?breaker|(?:hard |big |firm )?no|no-go|turn-?off|no-no|red flag)s?(?: for (?:me|us))?$",
        _of("rules out {x}", "dislikes"),
    ),
    _rule(rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?P<s>{_REFUSED})$", _refused),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_BARRED})$", _of("says that {x} {s}", "dislikes")),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_HELD})(?P<w>(?: (?:when|if|on|in|during|at|for|with|every) .+)?)$", _held),
    _rule(
        r"(?:me and (?P<x>[^,]+?)|(?P<y>[^,]+?) and (?:I|me)) (?P<s>(?:will never be|are not|were never|have never been) (?:friends|a match|good friends|meant for each other|on speaking terms)|(?:do not|never) (?:mix|get on|get along|go together|see eye to eye))$",
        _apart,
    ),
    _rule(
        r"(?:in|on|for|at) (?:my|our) (?:[\w-]+ )?(?:kitchen|house|home|place|family|household|fridge|pantry|flat|car|desk|garden|bathroom|studio|book|world|wardrobe|cup|plate)(?:,)? it is (?:(?:always|only|strictly|just) )*(?P<x>.+)",
        _kept,
    ),
    _rule(
        r"(?:(?P<x>[\w' -]+?) (?:reaches|reach|gets|get) (?:me|us) (?P<s>best|fastest|quickest|most reliably)|the (?:best|easiest|quickest|fastest|surest|only) way to (?:reach|contact|get hold of) (?:me|us) is (?P<y>.+)|(?P<z>.+?) is the (?:best|easiest|quickest|fastest|surest|only) way to (?:reach|contact|get hold of) (?:me|us))$",
        _reached,
    ),
    _rule(
        r"it is always (?P<x>.+?) (?:with|for) (?:me|us)$",
        _of("always wants {x}", "wants"),
    ),
    _rule(
        r"my (?P<s>(?:wardrobe|playlist|fridge|bookshelf|breakfast|lunch|palette|uniform|style|look|drink|garden|snack|comfort food)) (?:is|consists of|runs to|is full of) (?:always |all |only |strictly |mostly )*(?P<x>.+)",
        _kept,
    ),
    _rule(rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?P<s>{_DULL}) (?:to|for) (?:me|us)$", _of("finds {x} {s}", "dislikes")),
    _rule(rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?P<s>{_FINE}) (?:to|for) (?:me|us)$", _of("finds {x} {s}", "likes")),
    _rule(
        r"(?P<x>[^,]+?) (?:is|are) the only (?P<s>[\w ]+?) (?:I|we) (?P<v>eat|drink|use|wear|watch|read|buy|like|enjoy|trust|take|listen to|fly|play|smoke)$",
        _of("likes only {x} of all {s}", "likes"),
    ),
    _rule(
        rf"(?P<x>[^,]+?) (?:is|are) {_SO}(?:an? )?(?:absolute )*(?:must(?:-have)?|essential|non-negotiable)s?(?P<m>(?: for (?:me|us))?)(?P<s>(?: (?:when|if|on|in|during|at|with) .+)?)$",
        _must,
    ),
    _rule(
        rf"(?P<x>[^,]+?) {_SO}(?:{_GOOD} {_SO}(?:much |far |way |a lot |loads |miles )?(?:best|better|easiest|easier|well|ideal|perfect) (?:for|with) (?:me|us)(?: than .+)?|(?:suits?|fits?) (?:me|us) (?:much |far )?(?:best|better|well|fine))$",
        _works,
    ),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_SPOILS})", _of("says that {x} {s}", "dislikes")),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_CHEERS})", _of("says that {x} {s}", "likes")),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_PLAGUES} me(?:{_HOW})?)$", _of("says that {x} {s}", "dislikes")),
    _rule(rf"(?P<x>[^,]+?) {_SO}(?P<s>{_PLEASES} me(?: (?:down|up))?)$", _of("says that {x} {s}", "likes")),
    _rule(
        rf"it {_SO}(?P<s>(?:{_SPOILS}|{_PLAGUES} me(?: (?:out|off|to death))?)) (?P<w>when|if|that|how) (?P<x>.+)",
        _of("says that it {s} {w} {x}", "dislikes"),
    ),
    _rule(
        rf"it {_SO}(?P<s>(?:{_CHEERS}|{_PLEASES} me(?: (?:down|up))?)) (?P<w>when|if|to) (?P<x>.+)",
        _of("says that it {s} {w} {x}", "likes"),
    ),
    _rule(
        r"nothing (?:\w+ )?(?:annoys|bothers|irritates|bugs|bores|disgusts|stresses) me (?:more|as much|so much) (?:than|as) (?P<x>.+)",
        _of("is annoyed most by {x}", "dislikes"),
    ),
    _rule(
        r"nothing (?:\w+ )?(?:(?:relaxes|calms|pleases|delights|helps) me (?:more|as much|so much) (?:than|as)|makes me happier than) (?P<x>.+)",
        _of("is pleased most by {x}", "likes"),
    ),
    _rule(
        r"all (?:I|we) (?:ever )?(?P<v>eat|drink|read|watch|wear|use|listen to|buy|order|cook|play) ?(?P<w>[\w ]*?) (?:is|are) (?P<x>.+)",
        _of("only likes to {v} {x} {w}", "likes"),
    ),
    _rule(
        r"(?:(?:there is )?(?:really |just |simply )?nothing(?: (?:is )?(?:quite |much )?(?:better|nicer))?|you can not|no \w+) (?:quite )?(?:beats?|than|like) (?P<x>.+)",
        _of("says that nothing beats {x}", "likes"),
    ),
    _rule(
        r"(?:give me|i will take) (?P<x>.+?) over (?P<y>.+?)(?:,? (?:any day|any time|anytime|every time|always)\b.*)$",
        _of("prefers {x} to {y}", "likes"),
    ),
    _rule(
        r"(?:always )?(?P<x>[^,]+?) (?:over|beats?|before|rather than|instead of) (?P<y>[^,]+?),? (?:any day|any time|anytime|every time|always|hands down|for me|in my book|if you ask me|to my mind|as far as I am concerned)\b",
        _of("prefers {x} to {y}", "likes"),
    ),
    _rule(r"(?:I am )?(?:team )?(?P<x>[^,]+?) all the way$", _of("prefers {x}", "likes")),
    _rule(
        r"(?:(?:please|there should be|i am afraid|strictly|absolutely) )*(?P<q>no|only|always|never any) (?P<x>[^,]+?) for (?:me|us)\b(?! to\b)",
        _for_me,
    ),
    _rule(
        r"nothing (?:\w+ )?(?:\w+s|gets|makes) (?:me|us) (?:up |down |going |happier |feel better )?(?:quite )?(?:like|more than|than) (?P<x>.+)",
        _of("says that nothing is like {x}", "likes"),
    ),
    _rule(
        r"(?:what|all that|the thing that) (?:really |always )?(?:matters|counts)(?: most)?(?: (?:to|for|with) me| (?:in|about|with|of|when) [\w ]+?)+(?:, (?:always|every time|above all|most of all|first of all))?(?: is| are|:|,) (?!always\b|every time\b|above all\b|most of all\b|first of all\b)(?P<x>.+)",
        _matters,
    ),
    _rule(
        r"(?:what|the (?:one )?thing(?:s)?(?: that)?|one thing(?: that)?|all) (?:I|we) (?:really |absolutely |truly |always )*(?:like|love|enjoy|prefer|value|appreciate|look for|care about|insist on|go for|ask for)(?: (?:the )?(?:most|best|above all)| (?:about|in|of) [\w ]+?)? (?:is|are) (?P<x>.+)",
        _of("likes {x}", "likes"),
    ),
    _rule(
        r"(?:what|the (?:one )?thing(?:s)?(?: that)?|one thing(?: that)?|if there is one thing) (?:I|we) (?:really |absolutely |truly |always )*(?:hate|dislike|detest|can not stand|can not bear|loathe|do not like)(?: (?:the )?(?:most|above all)| about [\w ]+?)?(?: is| are|,? it is) (?P<x>.+)",
        _of("dislikes {x}", "dislikes"),
    ),
)
