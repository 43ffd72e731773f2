"""What idioms behind "I" tell of somebody's likings: "I draw the line at sushi", "I could live on soup"."""

from __future__ import annotations

import re

from duramen.strategies.preference_grammar import FREQUENT, Stated, others
from duramen.strategies.preference_objects import STANDING, is_ruined, is_taste
from duramen.strategies.preference_rules import Reads, Said
from duramen.strategies.preference_topics import OTHER, categories
from duramen.strategies.preference_verbs import is_habit


def _of(liked: bool, *, known: bool = False) -> Reads:
    """Read a thing `o`, which must be one of taste, and one that is known if what is said of it may mean something else."""

    def reads(said: Said, found: re.Match[str]) -> Stated | None:
        thing = found["o"].strip(" ,")
        if not is_taste(thing, "like") or (liked and is_ruined(thing)):
            return None
        if known and categories(thing) == (OTHER,):
            return None
        return said.stated("likes" if liked else "dislikes")

    return reads


def _out_of(said: Said, found: re.Match[str]) -> Stated | None:
    """Read what makes somebody ill."""
    return said.stated("dislikes") if is_taste(found["o"]) else None


def _plainly(said: Said, found: re.Match[str]) -> Stated | None:
    return said.stated("dislikes" if "n" in found.groupdict() and found["n"] else "likes")


def _kept_off(said: Said, found: re.Match[str]) -> Stated | None:
    """Read "I'm off coffee" as lasting only where it is said to be."""
    return said.stated("dislikes") if STANDING.search(said.whole) and categories(found["o"]) != (OTHER,) else None


def _by_nature(said: Said, found: re.Match[str]) -> Stated | None:
    late = re.search(r"\b(?:late|early|light|alone|till|until)\b", found[0])
    return said.stated("likes", explicit=False) if late else None


def _never_does(said: Said, found: re.Match[str]) -> Stated | None:
    """Read "I do not accept parcels on Saturdays": what is not done at certain times, or on principle."""
    often = FREQUENT.search(found["w"]) or _FIRM.search(said.sentence)
    return said.stated("dislikes") if often and is_habit(found["w"]) else None


def _does_firmly(said: Said, found: re.Match[str]) -> Stated | None:
    """Read what is done "no exceptions", or only in one way."""
    firm = _FIRM.search(said.whole) or _FINAL.search(said.sentence)
    if not (firm or re.search(r" only$", found["w"])) or re.search(r"\byou\b", found["w"]):
        return None
    return said.stated("likes") if is_habit(found["w"]) and " " in found["w"] else None


_FINAL = re.compile(
    r"\b(?:no exceptions|without exception|on principle|full stop|in (?:this|our) (?:house|family))\b", re.IGNORECASE
)
_FIRM = re.compile(
    r"\b(?:no exceptions|without exception|on principle|no matter (?:what|who|where|how)|as a matter of (?:principle|course)|for (?:religious|health|ethical|medical|environmental) reasons|full stop|rain or shine|from (?:now|here) on|in (?:this|our|my) (?:house|household|family|home)|at ours|whatever the (?!weather is)\w+|each and every|every single \w+|come what may)\b",
    re.IGNORECASE,
)


def _plainly_not(said: Said, found: re.Match[str]) -> Stated | None:
    return said.stated("dislikes")


def _rule(pattern: str, reads: Reads) -> tuple[re.Pattern[str], Reads]:
    return re.compile(pattern, re.IGNORECASE), reads


_O = r"\s+(?P<o>.+)"
IDIOMS: tuple[tuple[re.Pattern[str], Reads], ...] = (
    _rule(
        r"(?:can not|could not|do not|will not) (?:really )?(?:deal|cope|be doing|be bothered|be dealing|get on|get along|put up|hold|function|handle|get along well|do well|bother)(?: (?:at all|well))? (?:with|on)"
        + _O,
        _of(False),
    ),
    _rule(
        r"(?:can not|do not|could never|never) (?:really )?(?:handle|touch|trust|see the (?:point|appeal) (?:of|in)|understand the (?:appeal|fuss|hype) (?:of|about|around)|get the (?:appeal|fuss|hype) (?:of|about|around)|go near|do(?: well)? (?:with|on)|digest|warm to|take to|go in for|go for)"
        + _O,
        _of(False, known=True),
    ),
    _rule(
        r"(?:have never|never) (?:really )?(?:seen the (?:point|appeal) (?:of|in)|got(?:ten)? on with|got(?:ten)? along with|warmed to|taken to|got(?:ten)? (?:into|used to)|understood|been one for|been able to (?:stand|stomach|bear)|had any time for|trusted|touched|set foot in|had a (?:drop|bite|sip) of|eaten|drunk|smoked|worn|owned)"
        + _O
        + r"(?:,? and never will)?$",
        _of(False, known=True),
    ),
    _rule(
        r"(?:have never )?had (?:a|one|even a) (?:\w+ )?(?:drop|bite|sip|puff|taste|drag) of (?P<o>.+)",
        lambda said, found: (
            said.stated("dislikes", says=f"has never {others(said.words.removeprefix('have never '))}")
            if "never" in said.whole.casefold()
            else None
        ),
    ),
    _rule(r"(?:could|can) (?:happily |easily |very well |really )*(?:do|live|go) without" + _O, _of(False)),
    _rule(
        r"(?:always |usually )?(?:pass|draw the line|turn (?:my|our) nose up|gag|cringe|break out|run a mile)(?: (?:on|at|from))"
        + _O,
        _of(False, known=True),
    ),
    _rule(
        r"(?:get|have always got|always get) (?:\w+ )?(?:migraines?|headaches?|hives|a rash|rashes|heartburn|nauseous|sick|seasick|carsick|dizzy|itchy|bloated|ill|cramps|a sore throat|blisters|anxious|stressed) (?:from|off|in|on|when|after|around)"
        + _O,
        _out_of,
    ),
    _rule(
        r"have (?:had it|had enough|no time|no room|no stomach|never had (?:any )?time|(?:a )?zero tolerance|a horror|a phobia|a hatred|no truck|no head) (?:with|of|for)"
        + _O,
        _of(False, known=True),
    ),
    _rule(
        r"(?:fail|refuse|decline) to (?:see the (?:point|appeal) (?:of|in)|touch|eat|drink|wear|buy|use|set foot in|fly|pay for)"
        + _O,
        _of(False),
    ),
    _rule(
        r"(?:am|are) (?:no|not much of an?|hardly an?|not one for|not (?:really )?(?:cut out|made|built) for|useless (?:with|at|before)|hopeless (?:with|at|before)|no good (?:with|at|before)|rubbish (?:with|at|before)|no friend of|no fan of|wary of|done for good with|scared of|terrified of|afraid of|squeamish about|phobic about)"
        + _O,
        _of(False, known=True),
    ),
    _rule(
        r"(?:am|are) (?P<n>not )?(?:really |very much |most definitely |still )*(?:an? )?(?:(?:total|real|true|proper|complete|firm|die-?hard|lifelong) )*(?:[\w'-]+ ){1,3}(?:person|man|woman|girl|guy|household|family|devotee|convert|loyalist|nut|junkie|freak|purist|believer) (?:through and through|at heart|for life|and always will be|forever|to the core|to the bone|born and bred|all the way)",
        _plainly,
    ),
    _rule(
        r"(?:could (?:happily )?(?:live|survive) on|(?:can|could) (?:eat|drink|listen to|watch|read) (?=.+ (?:all day|every day|forever|for ever|till the cows come home|for the rest of my life|on repeat|until))|live on|run on|survive on|thrive on|can not (?:get through (?:the|a) day|start (?:the|a) day|go a day|leave the house|say no to|do anything|begin)(?: without)?|can never (?:say no to|resist|have enough|get enough)|(?:will )?never (?:say no to|turn down|tire of|get tired of|get enough of|refuse)|(?:am|are) (?:sold on|devoted to|loyal to|faithful to|wedded to|married to|a slave to|powerless before|never without|lost without|useless without|nothing without|a disciple of|religious about|particular about|picky about|fussy about|firm about|strict about)|set great store by|hold dear|have a (?:thing|weakness|passion) for|always (?:come|go|keep coming) back to|reach for|plump for|settle for nothing (?:but|less than)|accept nothing but|drink nothing but|eat nothing but|wear nothing but|use nothing but|buy nothing but|read nothing but|fly nothing but|take nothing but|would (?:die|kill|sell my \w+|walk a mile|do anything) for)"
        + _O,
        _of(True),
    ),
    _rule(
        r"(?:want|take|choose|pick|need|prefer) (?P<o>.+?),? (?:no two ways about it|no questions asked|whatever it costs|no matter what|come what may|every single time|any day of the week)$",
        _of(True),
    ),
    _rule(
        r"(?P<w>[a-z]+ .+? only (?:at|in|on|after|before|when|with|from|by|during|if) (?!the (?:moment|weekend)|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b).+)",
        lambda said, found: said.stated("likes") if is_habit(found["w"]) else None,
    ),
    _rule(
        r"(?:eat|dine|get up|rise|sleep|start work|go to bed|go to sleep|wake up|travel|work) (?:(?:very |really |rather )?(?:late|early|light|alone)|(?:till|until) \w+)(?:,.*)?$",
        _by_nature,
    ),
    _rule(
        r"(?:take|spend|have|do|buy|get|book|plan) (?:my|our|all my|most of my) (?:holidays?|weekends?|evenings?|vacations?|lunch|breaks?|shopping|groceries|news|coffee|walks?|meals|trips|music|books|clothes|naps?) (?:in|at|on|from|by|with|near|off|during|as|online|alone|outdoors|without) ?(?P<o>.+)",
        lambda said, found: said.stated("likes", explicit=False),
    ),
    _rule(
        r"(?:am|are) an? (?P<o>(?:no-[\w-]+|[\w]+-free|[\w]+-only|[\w-]+)(?: [\w-]+)? (?:household|family|home|couple|team))$",
        lambda said, found: (
            said.stated("rule")
            if re.match(r"no-|\w+-(?:free|only)", found["o"]) or set(categories(found["o"].rsplit(" ", 1)[0])) - {OTHER}
            else None
        ),
    ),
    _rule(
        r"(?:make|made) it a (?:rule|habit|point|principle) (?P<n>never to|not to)?(?:to)? ?(?P<o>.+)",
        _plainly,
    ),
    _rule(
        r"will not (?:have|allow|tolerate|accept|eat|drink|touch|wear|buy|use|fly|watch|read|own|keep|pay for|set foot in) (?!time|any(?:thing|one)?\b|a chance|to\b|it\b|enough|been|you\b|much|another|more)(?P<o>.+)",
        _of(False, known=True),
    ),
    _rule(
        r"can not (?:work|sleep|think|focus|concentrate|eat|relax|read|function|study|breathe|rest) (?:with|in|on|next to|near|under|around|through) (?P<o>.+)",
        _of(False),
    ),
    _rule(
        r"(?:go through|get through|eat|drink|read|watch|smoke|play|run|swim|cycle|walk|listen to|cook) (?P<o>(?:an?|one|two|three|four|five|six|ten|\d+|a couple of|several|at least \w+|about \w+)(?: [\w'-]+){1,6}? (?:a|per|every|each) (?:day|week|month|year|night|morning))\b.*",
        lambda said, found: (
            said.stated("likes", explicit=False) if is_habit(said.words) or "through" in said.words[:12] else None
        ),
    ),
    _rule(
        r"(?:do not|never) (?:fly|drive|cook|dance|gamble|ski|camp|text|tweet|cycle|bake|party|diet)(?:,? (?:at all|ever|as a family|any ?more|on principle))*$",
        _plainly_not,
    ),
    _rule(
        r"(?P<n>do not) (?P<w>(?!know|think|have|want|need|get|see|feel|mean|remember|understand|mind|like)[a-z]+ .+)",
        _never_does,
    ),
    _rule(r"(?P<w>[a-z]+ .+)", _does_firmly),
    _rule(r"(?:am|are) (?:staying )?off (?P<o>[\w ]+)$", _kept_off),
)
