"""Standing instructions to the agent: how to answer, what to call somebody, what always or never to do."""

from __future__ import annotations

import re

from duramen.strategies.preference_grammar import FREQUENT, Clause, Polarity, Stated, of_agent
from duramen.strategies.preference_names import named
from duramen.strategies.preference_objects import FINITE, STANDING, is_once

_LANGUAGES = r"(?:English|German|French|Spanish|Italian|Portuguese|Dutch|Russian|Chinese|Mandarin|Japanese|Korean|Arabic|Hindi|Polish|Turkish|Swedish|Danish|Norwegian|Finnish|Greek|Czech|Ukrainian|Catalan)"
_STYLE = (
    r"(?:answers?|repl(?:y|ies)|responses?|explanations?|messages?|summaries|emojis?|emoticons?|smileys?|bullet(?: ?points?|ed lists?|s)?|numbered lists?|tone|jargon|buzzwords|disclaimers?|apolog\w+|headings?|headers"
    r"|markdown|tables?|metric|imperial|celsius|fahrenheit|kilomet\w+|miles|24[- ]hour|12[- ]hour|exclamation marks?|small talk|fluff|filler|slang|swear\w*|abbreviations?|acronyms?|plain (?:text|language|words)|simple (?:words|language|terms)"
    r"|(?:british|american|uk|us)(?: english)?(?: spelling)?|formal(?:ly)?|informal(?:ly)?|(?:first|last|full|real) name|surname|flattery|compliments?|sugar-?coat\w*|pleasantries|code comments|type hints|em[- ]dash\w*|follow-up questions|caveats|repeat\w*|rambl\w+"
    rf"|euros?|dollars|pounds|{_LANGUAGES}|lecture|hedg\w+|sentences?|paragraphs?|details?|examples?|sources|links|footnotes|humou?r|jokes|sarcas\w+|greetings?|pronouns|waffl\w+|preambles?|chit-?chat|niceties|pep talks?|padding|motivational \w+|exclamation points?|all caps|hashtags|gifs?|stickers|memes|puns|clich\w+|legalese|anglicisms|boilerplate|introductions?|intros?|sign-?offs?|recaps?|small print|sales talk|marketing|caps)"
)
_HOW = r"(?:brief(?:ly|er)?|concise(?:ly)?|short(?:er|ly)?|direct(?:ly)?|blunt(?:ly)?|succinct(?:ly)?|simple|simpler|simply|formal(?:ly)?|informal(?:ly)?|casual(?:ly)?|polite(?:ly)?|friendly|friendlier|honest|frank|precise|specific|detailed|in detail|thorough|less \w+|more \w+|to the point|long(?:er)?|slow(?:er|ly)?|quiet(?:er)?|straight|plain(?:ly)?|step by step|in (?:short|full|plain|simple|bullet|one|two|a few|lists?|tables?|prose)\b.*)"
_VERBS = frozenset(
    """
    answer reply respond write use keep be give send book order suggest recommend remind call address speak talk explain show include add leave
    skip avoid stop start begin end format summarise summarize translate ask tell check confirm schedule plan choose pick put make say mention assume
    treat stick quote cite list provide offer present limit round convert sign spell wait let play set remember refer sort organise organize wake
    notify text email message mark return focus get cut drop omit refrain consider take run test document comment type name save open read contact
    reach mail phone ring prefer ensure find search buy pay reserve select turn switch water feed lock charge turn greet thank repeat apologise apologize
    interrupt correct point create draft generate seat pour cook wrap pack park ship bill invoice price label archive file route reformat try follow do block decline accept invite copy cc bcc attach print deliver warn alert update
    double-check deploy commit push merge share store delete break split highlight spare bother lecture sugarcoat guess invent ping
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_PAST = {
    "gave": "give", "kept": "keep", "told": "tell", "wrote": "write", "sent": "send", "spoke": "speak", "left": "leave", "made": "make", "showed": "show",
    "did": "do", "chose": "choose", "began": "begin", "put": "put", "let": "let", "got": "get", "took": "take", "said": "say",
}  # fmt: skip
_ANSWERING = frozenset(
    """
    answer reply respond write use keep be give explain speak talk address format skip avoid stop cut drop omit spare refrain summarise summarize say
    limit stick include make show add leave lecture greet repeat apologise apologize ramble sugarcoat flatter spell
    """.split()  # noqa: SIM905 - as above
)
_LEAD = re.compile(
    r"(?:(?:please|kindly|and|but|so|also|ok|okay|well|hey|hi|hello|no(?=,)|yes|again|once more|just|simply|oh|btw|by the way|fyi|note|then|now|thanks|sorry|one more thing|one thing|another thing|for me|with me|(?-i:[A-Z])\w+(?=,)"
    r"|(?:as|like) (?:I|we) (?:already |just )?(?:said|mentioned|told you|asked|noted)(?: (?:before|already|earlier|last time|yesterday|twice|many times))?|(?:I|we) (?:have )?(?:already |just )?(?:said|told you|asked(?: you)?|mentioned)(?: (?:before|already))?(?: (?:that|to))?"
    r"|(?:please )?(?:do )?(?:remember|note|be aware|keep in mind)(?: (?:that|to))?|make sure(?: (?:that|to|you|that you))?|be sure (?:to|and)|try (?:to|and)|do not forget to|it is important (?:that you|to)"
    r"|would you (?:please )?mind|(?:could|can|would|will|might) (?:you|we)(?: please| kindly| maybe)?|you (?:should|must|can|need to|have to|may|are to|ought to|had better)|(?:I|we) (?:(?:really|always|just|do|only) )*(?:want|need|expect|ask|would (?:really )?(?:like|love|prefer|appreciate)|prefer)(?: for)? (?:you to|it if you(?: could| would| can)?|that you|if you(?: could| would)?)"
    r"|(?:it would be (?:great|nice|good|helpful|lovely|best)|(?:I|we) would be (?:grateful|happy|glad)|(?:I|we) (?:would )?(?:appreciate|love|like)(?: it)?) if you(?: could| would| can)?|there is no need to|you do not (?:need|have) to|no need to|(?:I|we) (?:do|would) (?:really )?not (?:want|need|like|wish)(?: for)? you to"
    r"|from (?:now|here|this point) on(?:wards?)?|in (?:the )?future|going forward|henceforth|as of now|starting (?:now|today)|in general|generally|as a rule|by default|every time|each time|whenever possible|for (?:all|any) (?:future|my|our) [\w ]+?(?=,)|with all [\w ]+?(?=,)"
    r"|for the record|for (?:future )?reference)[\s,:.-]+)*",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?P<not>(?:do not|never|not|stop|quit|no longer|refrain from|no need to|there is no need to)(?: ever)?(?: please)?)\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_EVER = re.compile(r"(?P<ever>(?:(?:always|only|just|please|also|ever|simply|to) )*)(?P<rest>.+)", re.IGNORECASE)
_SPECIFIC = re.compile(
    r"\b(?:this|these|it|them|the (?:answer|reply|response|question)s? (?:to|of|about)|the (?:first|second|third|fourth|last|next|other|new|old|whole) \w+|following|below|above|that|those|him|her|attached|again|yet|first one|the (?:text|email|letter|report|story|poem|article|essay|paragraph|document|file|list|table|code|function|summary|meeting|hotel|flight|tickets?|table|invoice|window|door|light|lights|oven|car|dog|kids|milk|rest))\b"
    r"|\b(?:an? )?(?:\w+ )?(?:poem|essay|story|letter|limerick|haiku|blog ?post|cover letter|speech|script|function|tweet|caption|headline|bio|song|joke about|recipe|paragraph about|summary of|list of|table of|email to|message to|text to|reply to|explanation of)\b",
    re.IGNORECASE,
)
_IDIOM = re.compile(
    r"(?:never|always|do not|no|only|stop|not) (?:mind|worry|fear|forget|be (?:silly|shy|sad|afraid|ridiculous|sorry|scared|a stranger)|a (?:pleasure|problem|dull moment)|say never|happy|glad|give up|too late|better|again|heard|thought|knew|kidding|joking|lying|teasing|looking|thinking|feeling|worrying|get me wrong|hesitate|bother me|think|know|panic|sweat|tell (?:anyone|anybody|him|her|mum|mom|my)|judge|laugh|one|need|idea|wonder|way|matter|thanks|been|had|look back|problem|rush)\b",
    re.IGNORECASE,
)
_REACH = re.compile(
    r"(?:contact|reach|e-?mail|text|message|write(?: to)?|call|phone|ring|notify) (?:me|us)\b.*\b(?:only|rather than|instead of|instead|never|always|by (?:email|phone|text|mail)|on weekdays|before \d|after \d|during (?:the day|work))",
    re.IGNORECASE,
)
_FRAGMENT = re.compile(
    rf"(?:no|without(?: any)?|fewer|less|zero) (?:more )?(?P<thing>(?:[\w'-]+ ){{0,3}}?{_STYLE})\b(?! (?:today|yet|for this))(?P<rest>.*)|(?P<only>(?:only |always )?(?:in )?(?:metric|celsius|fahrenheit|bullet points?|plain text|{_LANGUAGES}) only|only (?:in )?(?:metric|bullet points?|plain text|{_LANGUAGES}))",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"no (?:more )?(?!problem|worr|rush|need|idea|reason|hurry|news|time\b|thanks|clue|luck|way\b|doubt|longer|one\b|chance|matter|wonder|good|use\b)(?:[\w'-]+ ?){1,7}(?:,.*)?$",
    re.IGNORECASE,
)
_FUTURE = re.compile(r"for (?:all (?:my )?)?(?:future|my next|all) |in future|from now on|next time", re.IGNORECASE)
_NO_MORE = re.compile(
    r"\bno more (?!questions|excuses|changes|comments)(?:[\w'-]+ )*?[\w'-]+s,? please\b", re.IGNORECASE
)
_ONLY = re.compile(
    r"(?P<thing>(?:only )?(?!what\b|which\b|who\b|I\b|we\b|it\b|this\b|that\b|you\b|so\b|no\b)[\w' -]{3,40}?(?: only)?),? (?:from now on|going forward|in (?:the )?future|every time)$",
    re.IGNORECASE,
)
_ALWAYS_THING = re.compile(
    r"(?P<ever>always|never|only ever|nothing but) (?P<thing>(?:an?|the|any|before|after|on|in|with|without|more than|less than|earlier than|later than)\s+.+)",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"(?:I|we) (?:(?:really|only|just|always|do|would) )*(?P<not>do not )?(?:want|need|expect|like) (?P<thing>(?:any |all |your |my |the )*(?:[\w-]+ ){0,4}?(?:answers|replies|responses|explanations|messages|emojis|summaries|apologies|disclaimers|lectures|bullet points|small talk|jargon)\b(?! to\b| from\b)(?P<how>.*))",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:whenever|every time|each time|any time|anytime|(?:when|if) (?:I (?:ask|say|send|write|request|want|give|type|mention|need)\b|you (?:book|answer|write|reply|give|suggest|recommend|explain|send|plan|pick|choose|schedule|order|show|format|translate|summari[sz]e|code|quote|cite|make|are not sure|do not know|are unsure)\b)|when \w+ing|for (?:any|all|every|each|my)\b|in (?:all|every|any|your|my)\b)",
    re.IGNORECASE,
)


STYLE = re.compile(rf"\b(?:{_STYLE}|units?|pdfs?|font|capitals)\b", re.IGNORECASE)
"""Words for how an answer looks or sounds."""


def is_verb(word: str) -> bool:
    """Tell whether `word` may begin an order."""
    return word.casefold() in _VERBS and STYLE.fullmatch(word) is None


def order(clause: Clause, sentence: str, *, asked: bool = False, lasting: bool = False) -> Stated | None:
    """Return the standing instruction that `clause` gives, if it does.

    Args:
        clause: A clause of `sentence`, in the words of `plain`.
        sentence: As it was said.
        asked: The message asks for something too, so that what does not say that it holds always is about that.
        lasting: The sentence beside it says that it holds always, or was said before.
    """
    opening = _LEAD.match(clause.words)
    if stated := named(clause.words, clause.words[opening.end() if opening else 0 :], sentence):
        return stated
    if _IDIOM.match(clause.words):
        return None
    stated = (
        _of_wanting(clause, sentence, asked)
        or _of_doing(clause, sentence, asked, lasting)
        or _of_fragment(clause, sentence, asked)
    )
    return stated if stated and not is_once(f"{clause.words} {clause.lead}") else None


def _of_wanting(clause: Clause, sentence: str, asked: bool) -> Stated | None:
    found = _WANTED.search(clause.words)
    if not found or asked or len(found["thing"].split()) < 2 or _SPECIFIC.search(found["thing"]):
        return None
    if found["not"]:
        return Stated(f"doesn't want {of_agent(found['thing'])}", "rule", sentence)
    return Stated(f"wants {of_agent(found['thing'])}", "rule", sentence)


def _of_doing(clause: Clause, sentence: str, asked: bool, lasting: bool) -> Stated | None:
    opening = _LEAD.match(clause.words)
    intro = clause.words[: opening.end()] if opening else ""
    words = clause.words[len(intro) :].strip(" ,.!?")
    needless = re.search(
        r"no need to|not (?:need|have) to|not (?:want|need|like|wish)(?: for)? you to", intro, re.IGNORECASE
    )
    negative = _NOT.match(words)
    bare = _EVER.match(negative["rest"] if negative else words)
    if bare is None:
        return None
    first, _, rest = bare["rest"].partition(" ")
    verb = _base(
        first.casefold(),
        stopping=bool(
            re.search(r"would you (?:please )?mind", intro, re.IGNORECASE)
            or (negative and re.match(r"stop|quit|refrain", negative[0], re.IGNORECASE))
        ),
    )
    if re.search(r"\bif you\b", intro, re.IGNORECASE) and (present := _present(first.casefold())) in _VERBS:
        words = words.replace(f"{first} {rest}", f"{present} {rest}")
        verb = present
    if verb == "be" and not re.match(rf"be (?:\w+ly )?{_HOW}", bare["rest"], re.IGNORECASE):
        return None
    if verb not in _VERBS or _is_statement(bare["rest"]) or _IDIOM.match(words):
        return None
    standing = lasting or bool(
        STANDING.search(words) or STANDING.search(intro) or FREQUENT.search(words) or FREQUENT.search(intro) or STANDING.search(clause.lead) or _WHEN.match(clause.lead)
        or (re.search(r"\bonly\b", bare["ever"], re.IGNORECASE) and _is_plural(bare["rest"])) or _REACH.match(bare["rest"]) or re.search(r"\bbefore (?:you )?\w+ (?:any|anything|anyone)\b", words)
    )  # fmt: skip
    spared = needless and re.match(
        r"(?:explain|add|include|repeat|thank|apologi[sz]e|greet|introduce|justify|remind|summari[sz]e) \w",
        bare["rest"],
        re.IGNORECASE,
    )
    if not standing and not spared and not _is_style(verb, bare["rest"], bool(negative or needless), asked):
        return None
    if (not standing and _SPECIFIC.search(bare["rest"])) or (
        standing and re.search(r"\b(?:this time|the following)\b", words)
    ):
        return None
    return Stated(_as_wish(words, clause.lead, negated=bool(needless)), "rule", sentence)


def _as_wish(words: str, lead: str, *, negated: bool) -> str:
    words = re.sub(r"^(?:please|ever|just|simply)\s+", "", words, flags=re.IGNORECASE)
    words = re.sub(
        r",?\s+(?:please|thanks|thank you|ok|okay|will you|(?:as|like) I .*)$", "", words, flags=re.IGNORECASE
    )
    if found := re.match(r"do not (?:ever )?(?:please )?(.+)", words, re.IGNORECASE):
        words = f"not to {found[1]}"
    elif found := re.match(r"(always|never|only|not) (?:to )?(.+)", words, re.IGNORECASE):
        words = f"{found[1].lower()} to {found[2]}"
    else:
        words = f"{'not ' if negated else ''}to {words[0].lower()}{words[1:]}"
    lead = f" {lead[0].lower()}{lead[1:]}" if lead else ""
    return f"wants the agent {of_agent(words + lead)}"


def _of_fragment(clause: Clause, sentence: str, asked: bool) -> Stated | None:
    opening = _LEAD.match(clause.words)
    words = clause.words[opening.end() if opening else 0 :].strip(" ,.!?")
    words = re.sub(r",?\s+(?:please|thanks|thank you)$", "", words, flags=re.IGNORECASE)
    if found := _FRAGMENT.match(words):
        whole = len(found["rest"] or "") < 40 and not re.match(
            r" (?:is|are|was|were|has|have|came|needed)\b", found["rest"] or ""
        )
        return (
            Stated(f"wants {of_agent(_lowered(words))}", "rule", sentence)
            if whole and not _SPECIFIC.search(words)
            else None
        )
    if (found := _NONE.match(words)) and (
        re.search(r",? (?:ever|always)$", words) or _REMINDS.search(sentence) or _NO_MORE.search(sentence)
    ):
        return Stated(f"wants {of_agent(_lowered(words))}", "rule", sentence)
    if (
        not asked
        and _FUTURE.match(clause.lead)
        and not FINITE.search(words)
        and _base(words.split(" ")[0].casefold(), stopping=False) not in _VERBS
    ):
        return Stated(f"wants {of_agent(_lowered(words))} {of_agent(_lowered(clause.lead))}", "wants", sentence)
    if not asked and (found := _ONLY.match(words)) and not FINITE.search(found["thing"]):
        return Stated(f"always wants {of_agent(_lowered(found['thing']))}", "wants", sentence)
    found = _ALWAYS_THING.match(words)
    if (
        not found
        or asked
        or (found["ever"].casefold() == "never" and re.match(r"(?:on|in|at)\b", found["thing"]))
        or re.search(r"\b(?:is|are|was|were|a pleasure|an? (?:honou?r|joy|problem|surprise|delight))\b", found["thing"])
    ):
        return None
    polarity: Polarity = "dislikes" if found["ever"].casefold() == "never" else "wants"
    return Stated(f"{found['ever'].lower()} wants {of_agent(found['thing'])}", polarity, sentence)


def _is_style(verb: str, words: str, negative: bool, asked: bool) -> bool:
    """Tell whether an order without "always" is about how to answer, which holds until something else is said."""
    if asked and not negative:
        return False
    if (
        negative
        and re.search(r"\b(?:any|anything|anyone)\b", words, re.IGNORECASE)
        and not re.match(r"(?:do|take|make|say|tell|touch|change)\b", words)
    ):
        return True
    if (negative and re.match(r"call(?:ing)? me\b", words, re.IGNORECASE)) or re.match(
        r"(?:call|address|refer to) (?:me|us|my) .*\bas\b", words, re.IGNORECASE
    ):
        return True
    if verb not in _ANSWERING:
        return (
            negative
            and _is_plural(words)
            and verb
            in (
                "suggest",
                "recommend",
                "offer",
                "send",
                "book",
                "order",
                "schedule",
                "show",
                "quote",
                "cite",
                "mention",
                "assume",
                "invent",
                "propose",
            )
        )
    if re.search(rf"\b{_STYLE}\b", words.partition(" ")[2], re.IGNORECASE):
        return not re.match(r"(?:give|show|write|make|add|include)\b.*\ban? ", words, re.IGNORECASE) or negative
    return re.match(
        rf"(?:answer|reply|respond|be|explain|speak|talk|keep (?:your \w+|everything))\b(?: (?:to |with )?me)?(?: \w+ly)? {_HOW}(?: with me)?$",
        words,
        re.IGNORECASE,
    ) is not None or (
        negative and verb in ("apologise", "apologize", "lecture", "sugarcoat", "ramble", "repeat", "flatter")
    )


def _base(verb: str, *, stopping: bool) -> str:
    if not stopping or not verb.endswith("ing"):
        return verb
    stem = verb[:-3]
    for base in (stem, f"{stem}e", stem[:-1]):
        if base in _VERBS or base in _ANSWERING:
            return base
    return verb


def _present(verb: str) -> str:
    """Return the base form of a verb that may stand in the past: "if you kept it short"."""
    if verb in _PAST:
        return _PAST[verb]
    if verb in _VERBS or not verb.endswith("ed"):
        return verb
    return next((base for base in (verb[:-2], verb[:-1], verb[:-3], f"{verb[:-3]}y") if base in _VERBS), verb)


def _is_statement(words: str) -> bool:
    """Tell whether what looks like an order goes on as a statement: "Answer was wrong"."""
    return re.match(r"\w+ (?:is|are|was|were|has|had|will|would|can)\b", words) is not None


def _is_plural(words: str) -> bool:
    return (
        re.match(r"[\w-]+(?: me| us)? (?!the\b|this\b|that\b|my\b|a\b|an\b)(?:[\w'-]+ ){0,4}?[\w-]+s\b", words)
        is not None
    )


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


_SHAPED = re.compile(
    rf"(?:(?:a (?:bit|little) |much |even )?(?:short|brief|simpl|clear|plain|slow|long)er|(?:a (?:bit|little) )?(?:more|less) (?:concise|brief|detailed|formal|casual|direct|technical|verbose|detail|details|depth|polite|precise)(?: (?:answers|tone))?|(?:in )?(?:bullet points?|plain text|one sentence|two sentences|short|{_LANGUAGES}|metric|celsius)|too (?:long|verbose|wordy|formal|technical))"
    r"(?: (?:answers|replies|sentences|responses|messages))?",
    re.IGNORECASE,
)
_PLEASE = re.compile(r"^(?:(?:please|again|still|even),? )+|,?\s*(?:please|again)$", re.IGNORECASE)
_REMINDS = re.compile(
    r"\b(?:(?:as|like) (?:I|we) (?:have )?(?:already |just )?(?:said|told you|asked|mentioned)|(?:I|we) (?:have )?(?:already |just )?(?:said|told you|asked(?: you)?|mentioned)|once (?:more|again)|how (?:many times|often)|I keep (?:asking|telling|saying)|as (?:before|agreed|always|usual)|like (?:last time|before|always)|again)\b",
    re.IGNORECASE,
)


def corrected(sentence: str) -> str:
    """Return how answers are wanted, as `sentence` asks once more: "shorter" of "Shorter, please, as I said"; else "".

    Args:
        sentence: In the words of `plain`.
    """
    if not _REMINDS.search(sentence) or len(sentence.split()) > 16:
        return ""
    for part in re.split(r"[,:;!.?]|\s-+\s|\b(?:but|please|again|and)\b", sentence):
        rest = _REMINDS.sub("", part).strip()
        if found := _SHAPED.fullmatch(rest):
            return _turned(found[0])
    return ""


def _turned(shape: str) -> str:
    """Return what is wanted instead of what is "too long"."""
    if found := re.match(r"too (\w+)", shape, re.IGNORECASE):
        return "shorter" if found[1].casefold() in ("long", "verbose", "wordy") else f"less {found[1].casefold()}"
    return shape[0].lower() + shape[1:] if re.search(_LANGUAGES, shape) else shape.lower()


def is_correction(words: str) -> bool:
    """Tell whether `words` are nothing but how answers are wanted: "Shorter, please"."""
    return _SHAPED.fullmatch(_PLEASE.sub("", words.strip(" .!")).strip(" ,")) is not None


def shape_of(words: str) -> str:
    """Return a correction without its "please"."""
    bare = _PLEASE.sub("", words.strip(" .!")).strip(" ,")
    return _turned(bare) if bare else ""
