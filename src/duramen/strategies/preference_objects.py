"""What keeps a liking or a wish from being a preference: that it is of one occasion, polite, or not about taste at all."""

from __future__ import annotations

import re

from duramen.strategies.preference_topics import is_about

WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_ONCE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|at the moment|for now|for once|just this once|this once|asap|straight away|immediately"
    r"|(?:this|next|last|coming) (?:morning|afternoon|evening|weekend|week|month|year|time|trip|once|one|quarter|round|flight|meal|night"
    rf"|summer|winter|spring|autumn|fall|meeting|call|{WEEKDAY})|(?:by|until|till|before) (?:{WEEKDAY}|noon|lunch|the end of|eod|end of)"
    rf"|(?:on|for|this|next|by) (?:{WEEKDAY})(?! (?:mornings|evenings|afternoons|nights))|in (?:an?|one|two|three|five|ten|\d+) (?:minutes?|hours?|days?|weeks?)"
    r"|on the \d+(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th) of|in a (?:minute|moment|bit)|for a change|not yet|until further notice"
    r"|(?:for|to) (?:the|this|that|my|our|his|her|their) (?:\w+ )?(?:party|wedding|birthday|trip|meeting|interview|exam|presentation|guests?|dinner|flight"
    r"|event|project|occasion|report|visit|call|gift|present)|later)\b",
    re.IGNORECASE,
)  # fmt: skip
FINITE = re.compile(
    r"\b(?:is|are|was|were|has|had|will|did|does|do|came|went|left|arrived|got|forgot|thanks|thank|sorry|I|you|he|she|they|we|it|late|great|good|nice|fine|well|bad|helpful|right|wrong|busy|perfect)\b",
    re.IGNORECASE,
)
STANDING = re.compile(
    r"\b(?:from (?:now|here|today|this point) (?:on|onwards?|forward)|going forward|in (?:the )?future|henceforth|as of (?:now|today)|starting (?:now|today|tomorrow)"
    r"|always|never|ever|every time|each time|whenever|by default|at all times|as a rule|in general|at any time|any ?more|no more|permanently"
    r"|for good|all (?:of )?(?:my|your|our)|every(?: single)? (?!one\b)\w+|without exception|no exceptions|by (?:standard|principle)|on principle|until i say otherwise|unless (?:i|we)|on (?:every|each|all) occasions?"
    r"|from here on(?: in| out)?|in (?:all|any) (?:future|further|other) \w+|in every case|for (?:all|any) future \w+|now (?:or|and) later|as a (?:standing \w+|matter of (?:principle|course))|no matter (?:what|which|who|how|where|when)"
    r"|whatever (?:the|you|i|we)|whichever|for ?ever|for life|in perpetuity|until told otherwise|each and every|across the board|year in,? year out|(?:come )?rain or shine)\b",
    re.IGNORECASE,
)
_POINTED = re.compile(
    r"(?:it|this|these|those|them|him|her|you|yours?|u|y'all|y'know|one another|each other|here|there|all of (?:you|this|that|it)|some(?:one|body)|the idea|"
    r"(?:the )?(?:sound|look|looks|direction|thought) of (?:that|this|it)|that|how|what|where|who|why|which|whether|being here|hearing|myself|ourselves|everyone|everybody"
    r"|(?:every|any|some)thing (?:about|you|that|here|else|in this|i|at|so far)|everything$|nothing$|anything$|something$|so$|not$|well$|too$)\b",
    re.IGNORECASE,
)
_IT_WHEN = re.compile(
    r"(?:(?:it )?(?:when|if|whenever)|being|that you always|you to (?:always|never))\b", re.IGNORECASE
)
_SOCIAL = re.compile(
    r"(?:not )?(?:to |being able to )?(?:not )?(?:be rude|be a (?:bother|pain|nuisance|burden|downer)|thank|apologi[sz]e|say|admit|tell|ask|point out|bother|interrupt|disturb|think|know|believe"
    r"|add|mention|note|hear|see (?:that|you|this|it|what|how)|confirm|help|assist|inform|emphasi[sz]e|stress|remind|invite|propose|suggest|announce"
    r"|discuss|answer|comment|disclose|talk about (?:it|this|that)|go into|break it|disappoint|complain|brag|imagine|pretend|meet (?:you|up)|join|congratulate"
    r"|start by|begin by|get back to you|chat(?:ting)? with you|work(?:ing)? with you|talk(?:ing)? (?:to|with) you|order|book|make an?|request|schedule|cancel|return|report)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:any|all|the|all the|some|such|a)?\s*(?:quick |prompt |kind |extra |little |bit of )*(?:help|time|support|effort|patience|understanding|kindness|assistance|attention|thought|gesture"
    r"|response|reply|offer|advice|input|honesty|concern|heads[- ]up|update|reminder|work|hard work|suggestion|feedback)\b(?!.*\b(?:when|always)\b)",
    re.IGNORECASE,
)
_OWN = re.compile(r"(?:my|our|his|her|their)\s+(?:\w+['\w-]*\s*){1,3}$", re.IGNORECASE)
_ADDRESSED = re.compile(r"\b(?:you|your|you're)\b", re.IGNORECASE)
_TO_ME = re.compile(r"\b(?:when|if|that|whenever|how) you\b|\bfor you to\b", re.IGNORECASE)
_YOUR_STYLE = re.compile(
    r"your (?:\w+ )*(?:answers|replies|responses|explanations|messages|summaries|suggestions|examples|emails|code)\b",
    re.IGNORECASE,
)
_GENERIC_THE = re.compile(
    r"the (?:(?:smell|taste|sound|feel|feeling|sight|look|quiet|peace|colou?rs?|texture|flavou?r) of (?!this|that|your|it|the new)|beach|sea(?:side)?|ocean|mountains?|outdoors?|cold|heat|rain|snow|sun|city|country(?:side)?|theat(?:re|er)"
    r"|opera|cinema|movies|gym|woods?|forest|desert|dark|winter|summer|autumn|fall|spring|night|early|late|morning|mornings|evenings?|piano|violin|guitar|drums|blues|arts"
    r"|aisle|window|front|back|middle|upper|lower|top|left|right|ground|quiet|silent|train|bus|plane|car|bike|metro|tube|subway|ferry|stairs|elevator|lift|command|terminal|vegetarian|vegan|direct|cheapest|fastest"
    r"|shortest|simplest|original|classics?|old|traditional|local|small|independent|metric|imperial|short|long|dentist|zoo|museums?|library|parks?|circus|pub|market|farmers' market|news|internet|radio|phone|[5-9]0s|nineties|eighties|seventies|sixties|simple|little|peace|silence|freedom"
    r"|(?-i:[A-Z])\w+)\b(?! (?:one|version|draft|option|photo|picture|you)\b)",
    re.IGNORECASE,
)  # fmt: skip
_CHOSEN = re.compile(
    r"\b(?:the|that|this|(?-i:[A-Z])\w+'s) (?:\w+ ){0,2}(?:one|ones|option|version|draft|photo|picture|logo|design|layout|proposal|title|idea|plan|name|result|example|suggestion|answer|offer|quote|bid|candidate|estimate|contract|approach|variant|mock-?up|slide|wording|paragraph|sentence|part|article|link|recipe you)\b"
    r"|\b(?:first|second|third|last|former|latter) (?:one|option|version|draft|choice|suggestion)?$|\byou (?:sent|made|gave|suggested|showed|shared|wrote|found|picked|chose|recommended|mentioned|did|are wearing)\b|\boption (?:[a-d]|\d)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"(?:a (?:lot|bit|little|great deal)|much|more|less|most|best|least|better|well|indeed|as well|too|also|so|either|at all|that way|now|anyway|though|then|already|any ?more|instead)?$",
    re.IGNORECASE,
)
_THAT = re.compile(r"^\w+ing (?:that|this|it|about (?:it|this|that)|there|here)?$", re.IGNORECASE)
_RUINED = re.compile(
    r"\b(?:wait(?:ing)? (?:in|on|for) |queu|cancel+ed|delay|crash|broken?\b|break(?:s|ing)? down|fail|traffic jam|being ignored|spam|on hold|overtime|tax(?:es)?\b|late again|lose|losing|lost|stuck|wasted|wasting|paying (?:extra|for nothing))",
    re.IGNORECASE,
)


def is_once(words: str) -> bool:
    """Tell whether `words` are about one occasion: tonight, by Friday, for the party."""
    return _ONCE.search(words) is not None and STANDING.search(words) is None


def is_taste(thing: str, verb: str = "like") -> bool:
    """Tell whether `thing`, as the object of liking, hating or preferring, says anything of somebody's taste.

    Not so for what is merely pointed at ("it", "that song", "the blue one"), for politeness ("to thank you", "your idea"),
    and for people and possessions ("my wife", "my new bike").
    """
    thing = thing.strip(" ,.!")
    if _VAGUE.fullmatch(thing) or _CHOSEN.search(thing):
        return False
    if _IT_WHEN.match(thing) and not re.match(r"being (?:here|able)\b", thing, re.IGNORECASE):
        return True
    if _YOUR_STYLE.match(thing):
        return len(thing.split()) > 2
    return not (_is_pointed(thing) or _is_courtesy(thing, verb)) and _is_general(thing, verb)


def _is_pointed(thing: str) -> bool:
    if _POINTED.match(thing) or (_THAT.match(thing) and " " in thing):
        return True
    return bool(re.search(r"\b(?:this|these|that one|right here)\b(?! (?:kind|sort|type|days))", thing, re.IGNORECASE))


def _is_courtesy(thing: str, verb: str) -> bool:
    if re.match(r"(?:not )?to\b", thing, re.IGNORECASE) and _SOCIAL.match(thing):
        return True
    if verb == "appreciate" and _THANKS.match(thing):
        return True
    return bool(_ADDRESSED.search(thing) and not _TO_ME.search(thing))


def _is_general(thing: str, verb: str) -> bool:
    if _OWN.match(thing):
        return _is_served(thing) or is_about(thing, "food", "drink")
    if verb not in ("prefer", "avoid", "dislike") and re.match(r"the\b", thing, re.IGNORECASE):
        return _GENERIC_THE.match(thing) is not None
    return True


_DONE = re.compile(
    r"\b(?:black|white|rare|medium|well[- ]done|raw|hot|cold|iced|warm|cool|strong|weak|sweet|short|long|brief|quiet|simple|spicy|mild|plain|salty|dry|crispy|crunchy|soft|hard|toasted|boiled|fried|sunny[- ]side|decaf|unsweetened"
    r"|unsalted|straight|neat|early|late|bright|dark|loud|tidy|clean|minimal|concise|detailed|organi[sz]ed|firm|thick|thin|al dente|with|without|in (?:the|a)|on the|before|after|at|first|alone|separate|printed|delivered|vegetarian|vegan)\b",
    re.IGNORECASE,
)


def _is_served(thing: str) -> bool:
    """Tell whether it is said how somebody likes what is theirs: "my coffee black"."""
    return _DONE.search(thing.split(" ", 2)[-1]) is not None and len(thing.split()) > 2


def is_served(thing: str) -> bool:
    """Tell whether `thing` is something of somebody's own with how they like it: "my steak rare"."""
    return re.match(r"(?:my|our)\b", thing, re.IGNORECASE) is not None and _is_served(thing)


def is_ruined(thing: str) -> bool:
    """Tell whether nobody can like `thing`, so that who says so does not mean it."""
    return _RUINED.search(thing) is not None


_SECRET = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+|(?:\+|\b)\d(?:[ ()./-]*\d){6,}\b|\bsk-\w+|\b(?=\w*\d)(?=\w*[A-Za-z])\w{16,}\b"
    r"|\b(?:password|passcode|pass ?phrase|pin|secret|token|api[- ]key|ssn|cvv|iban|passwort|mot de passe|contrase\u00f1a|senha)\b(?: \w+){0,2}(?: is|:| =|=| \S*\d)"
    r"|\b\d+[a-z]? (?:[A-Z]\w+ ){1,3}(?:street|st|road|rd|avenue|ave|lane|drive|close|boulevard)\b",
    re.IGNORECASE,
)


def is_secret(text: str) -> bool:
    """Tell whether `text` holds what is not to be kept as a preference: passwords, card and phone numbers, addresses."""
    return _SECRET.search(text) is not None
