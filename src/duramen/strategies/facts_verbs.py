"""English verbs: which are in the past, and what the third person of the others is."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ADVERBS = _words("""
    also always already almost both even ever finally first honestly just kinda longer mostly never no not now often once only perhaps
    maybe quite rather recently really seldom simply sometimes soon still then therefore though too totally truly usually
    actually currently personally originally definitely certainly probably absolutely normally generally basically literally
    officially secretly suddenly instead however again all clearly obviously sorta
""")
"""Words that may stand between a subject and its verb."""

_LY_VERBS = _words("rely apply fly reply supply multiply comply imply ally bully rally tally sully family")

UNCHANGING = _words("""
    can can't cannot could couldn't will won't would wouldn't shall shan't should shouldn't may might mightn't must mustn't
    had hadn't did didn't was wasn't used ought
""")
"""Verbs that are alike in all persons."""

IRREGULAR_PAST = _words("""
    arose ate became began bent bit bled blew bought bound bred broke brought built burnt came caught chose clung crept dealt dove
    drank dreamt drew drove dug fed fell felt flew forgave forgot fought found froze gave got grew ground heard held hid hung
    kept knelt knew laid lay leapt learnt led left lent lit lost made meant met mistook overcame overheard oversaw paid quit ran rang
    rebuilt redid resold retook rewrote rode rose said sang sat saw sent shone shook shot shrank slept slid smelt sold sought
    sped spelt spent spilt spoilt spoke spun stank stole stood strode struck stuck stung swam swept swore swung taught thought threw
    told took tore understood undertook undid upheld went wept withdrew woke won wore wound wove wrote
""")

ALIKE = _words(
    "put cut hit let set cost shut hurt spread beat bet split cast read burst upset quit bid forecast broadcast reset rid"
)
"""Verbs whose past is their base form: nothing tells which it is."""

_ED_BASES = _words("need feed bleed breed seed weed succeed proceed exceed speed embed shed wed heed exceed")

NO_VERBS = _words("""
    to and or but in on at of from with for by as than like if because when while after before a an the my your his her our their its
    me you him them us it this that these those who which what where how why whom with without about between under over
    so yes be am. i he she they we there here myself yourself alone together
""") - {"like"}  # fmt: skip

_THIRD = {
    "am": "is", "'m": "is", "are": "is", "'re": "is", "have": "has", "'ve": "has", "haven't": "hasn't", "do": "does",
    "don't": "doesn't", "ain't": "isn't", "aren't": "isn't", "were": "was", "weren't": "wasn't", "go": "goes", "gotta": "has to",
    "gonna": "is going to", "wanna": "wants to",
}  # fmt: skip

SURE_VERBS = _words("""
    accept achieve acquire adapt add admire adopt adore advise afford agree allow am analyse analyze apologise apologize appear apply appreciate
    argue arrange arrive ask assemble assist attend avoid bake become begin behave believe belong blend borrow breed bring brew build
    buy calculate carry celebrate choose chop clean climb collect combine commute compare compete compose configure connect consider consult
    consume contain continue contribute create crochet cultivate cycle debate decide decorate defend deliver depend deploy describe deserve
    destroy detest develop dictate die dig disagree discover discuss dislike distribute donate draw drive earn eat edit educate employ
    encourage enjoy enter entertain establish examine exist expand expect explain explore export express fear feed feel fetch fill find finish
    fix follow forget forgive gather generate get give go govern grill grow hang happen hate have hear hike hire hold host identify ignore
    illustrate imagine import improve include inform inspect install instruct integrate introduce invent invest invite join keep knit know
    lead learn leave lecture lend lift listen live loathe lose maintain make manage meditate meet memorise memorize migrate modify mow need obey
    observe occupy operate organise organize own pay perform persuade photograph pick plant play possess practise pray prefer prepare prescribe
    preserve pretend prevent produce promote propose protect prove provide publish pursue put raise read realise realize rebuild receive recite
    recognise recognize recommend record recycle refuse regret relax rely relocate remain remember remove renovate repair repeat replace
    rescue research resell restore retire review rewrite roast sail save say seek seem sell send serve sew share sing sit skate skip smell
    snore socialise socialize solve speak spend spread stand stay steal stitch stream struggle subscribe succeed suffer suggest supervise supply
    survive take tattoo teach tell tend think throw translate treat trim try tutor understand unwind upload use usher vacuum visit volunteer
    wait wake want wash watch wear weave weed weigh welcome win wish wonder write
    do don't haven't
""")
"""Verbs that after "and" are hardly ever anything else."""

EITHER_VERBS = _words("""
    answer back bike book brush camp care change chat check coach code comb contact cook cost cover craft cross cry cut dance date deal design
    dive draft dream dress drink drum exercise experiment farm fight file film fish fly force garden guide handle harvest head help hit
    hope hunt jog judge juggle jump kick laugh like link load love mentor mind miss mix move nurse offer order pack paint
    panic park pass pause plan post practice prep present press program promise pump push queue question quit race rate reply report rent
    request rest return ride rock row run rush search set shop shower sketch ski sleep smile smoke sort spar stop store stretch stress
    study support surf swim swing switch talk taste test text time tour track trade train travel trust turn type vape view vote
    walk water work worry worship
""")
"""Verbs that are nouns as well: "and work" is either."""

FREQUENCY = _words("""
    always usually never often rarely seldom sometimes normally generally typically regularly still now currently then also mostly occasionally
""")
"""Adverbs that stand before a verb that has a subject, and seldom before a noun."""

DROPPED = (
    IRREGULAR_PAST
    | _words("""
    moved started finished tried decided signed joined adopted visited booked ordered cooked baked watched played passed
    failed quit applied attended celebrated cancelled canceled cleaned completed launched ended enjoyed called cleared picked
    planted painted read received returned ran signed stayed survived switched talked travelled traveled turned upgraded
    walked wanted worked managed discovered realised realized noticed learned lived opened organised organized hosted planned
""")
) - _words(
    "found left lost made meant felt bound ground lay led lit saw paid held kept said thought hurt set laid sped"
)
"""Verbs in the past that begin a sentence whose "I" was left out."""


def is_adverb(word: str) -> bool:
    """Say whether a word in lower case ends like an adverb and is no verb."""
    return word.endswith("ly") and word not in _LY_VERBS and len(word) > 4


def is_past(word: str) -> bool:
    """Say whether a word in lower case is a verb in the past."""
    return word in IRREGULAR_PAST or (word.endswith("ed") and word not in _ED_BASES and len(word) > 3)


def present(word: str) -> str:
    """Return the form after he or she of what is known to be a verb in the present: "puts", where `third` cannot tell.

    >>> present("put"), present("carry"), present("don't")
    ('puts', 'carries', "doesn't")
    """
    return f"{word}s" if word in ALIKE else third(word)


def third(word: str) -> str:
    """Return the form of a verb after he or she; what is in the past, or no verb, stays as it is.

    >>> third("live"), third("try"), third("don't"), third("moved"), third("in")
    ('lives', 'tries', "doesn't", 'moved', 'in')
    """
    low = word.replace("\u2019", "'")
    if low in _THIRD:
        return _THIRD[low]
    if low in UNCHANGING or low in NO_VERBS or low in ALIKE or is_past(low) or not low.isalpha():
        return word
    if low.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{low}es"
    if low.endswith("y") and low[-2:-1] not in tuple("aeiou"):
        return f"{low[:-1]}ies"
    return (
        word if low.endswith("ing") and low not in ("bring", "sing", "ring", "swing", "cling", "string") else f"{low}s"
    )
