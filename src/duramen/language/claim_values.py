"""What a claim says: reading a place, a name, a time or another value out of the words behind a verb.

Each reader takes the words that follow the verb and returns the value in a form in which a repeat is the same text, or
"" where there is no value of its kind: it is better to see no claim than a wrong one.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

MOST_WORDS = 5
"""Words of a value that is neither a name nor a time; a longer one describes, and does not name."""

_BREAK = re.compile(
    r",(?!\d)|[;:!?()\[\]\n\"]|\.(?!\w)|\s[-\u2013\u2014]+\s"
    r"|\s(?:and|but|or|so|because|since|with|for|from|to|on|in|at|by|of course|who|which|that|where|when|while|as|after"
    r"|before|until|till|during|about|over|under|than|rather|instead|not|though|although|too|is|are|was|were|has|have|had|if|then)\s"
    r"|\s(?:now|nowadays|currently|again|today|yesterday|tomorrow|recently|lately|already|last|this|next|these days"
    r"|right now|at the moment|any ?more|anyway|actually|please|everyone|guys|full[- ]time|part[- ]time)(?=[\s.]|$)"
)
_CAPITALS = re.compile(
    r"(?:[^\W\d_a-z][\w'&.+-]*|\d[\w.-]*)(?:\s+(?:(?:of|de|del|do|da|la|le|el|am|den|upon|and the|of the|&)\s+)?"
    r"(?:[^\W\d_a-z][\w'&+-]*(?:\.\w+)*|\d+))*"
)
_SUFFIX = re.compile(
    r"[\s,]+(?:inc|corp|corporation|ltd|llc|plc|gmbh|co|company|ag|sa|group|city|area)\.?$", re.IGNORECASE
)
_LOWER_NAME = re.compile(r"[a-z][\w.-]+(?: [a-z][\w.-]+)?")
_NO_NAMES = frozenset(
    """
    a an the my our his her their your it this that these those me us you him them home night day school work college
    university least all once first last present times peace free fear one two here there work life love town bed what
    hope need touch charge i we he she they monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_ARTICLE = re.compile(
    r"^(?:(?:the|a|an|my|our|called|named|about|around|roughly|exactly|only|just|still|currently)\s+)+", re.IGNORECASE
)
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|doctor|sir)\.?\s+", re.IGNORECASE)

# What a description begins with: "my boss is really nice" names nobody.
_DESCRIBES = frozenset(
    """
    very so really too quite pretty rather extremely super such more most less better worse best worst the same still
    not never always when where how what why who that this it its these those there here to if because like when going
    getting being making doing coming looking feeling working probably definitely maybe either both all any some one no
    nothing everything something anything hard easy tough difficult great good bad nice fine amazing awesome incredible
    fantastic wonderful terrible horrible awful crazy insane ridiculous high low big small huge tiny long short close far
    near tight unclear unknown important special different similar right wrong perfect beautiful lovely cool fun funny
    interesting boring exciting ready gone over up down off out on in at late early full empty broken stressful busy sad
    happy worth just kind sort also already definitely obviously clear expensive cheap reasonable strict supportive
    understanding helpful about from with for by you your me mine my his her their our us they we i he she them him it unchanged
    changing growing moving tbd pending-decision undecided amazingly absolutely simply truly well gorgeous stunning
    available optional required mandatory valid invalid unique null none undefined missing given taken shown known stored
    written used set as also free case-sensitive case-insensitive unlimited limited private public common standard
    """.split()  # noqa: SIM905 - as above
)
COLOURS = frozenset(
    """
    red green blue yellow orange purple pink black white grey gray brown teal turquoise violet indigo magenta cyan gold
    silver beige maroon navy lavender lilac crimson scarlet olive coral mint burgundy
    """.split()  # noqa: SIM905 - as above
)

# A country or a large region: somebody who lives in Porto and in Portugal contradicts nobody.
_REGIONS = frozenset(
    re.split(
        r",\s*",
        """argentina, australia, austria, belgium, brazil, bulgaria, canada, chile, china, colombia, costa rica, croatia,
        cuba, cyprus, czechia, czech republic, denmark, ecuador, egypt, estonia, ethiopia, finland, france, georgia,
        germany, ghana, greece, hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy, jamaica, japan,
        jordan, kenya, korea, latvia, lebanon, lithuania, malaysia, malta, mexico, morocco, nepal, netherlands, holland,
        new zealand, nigeria, norway, pakistan, peru, philippines, poland, portugal, romania, russia, saudi arabia,
        serbia, slovakia, slovenia, south africa, south korea, spain, sri lanka, sweden, switzerland, taiwan, tanzania,
        thailand, tunisia, turkey, uganda, ukraine, united arab emirates, united kingdom, united states, uruguay, usa,
        us, uk, venezuela, vietnam, england, scotland, wales, northern ireland, europe, asia, africa, south america,
        north america, scandinavia, catalonia, andalusia, bavaria, tuscany, sicily, brittany, provence, ontario, quebec,
        british columbia, alberta, queensland, new south wales, victoria, alabama, alaska, arizona, arkansas,
        california, colorado, connecticut, delaware, florida, hawaii, idaho, illinois, indiana, iowa, kansas, kentucky,
        louisiana, maine, maryland, massachusetts, michigan, minnesota, mississippi, missouri, montana, nebraska,
        nevada, new hampshire, new jersey, new mexico, north carolina, north dakota, ohio, oklahoma, oregon,
        pennsylvania, rhode island, south carolina, south dakota, tennessee, texas, utah, vermont, virginia,
        west virginia, wisconsin, wyoming""".strip(),
    )
)
# What teams move to, and nobody lives in.
_TOOLS = frozenset(
    """
    postgres postgresql sqlite mysql mongodb mongo redis oracle mariadb dynamodb cassandra kafka rabbitmq elasticsearch
    kubernetes docker podman terraform ansible aws azure gcp heroku vercel netlify cloudflare github gitlab bitbucket
    jira linear notion slack discord teams zoom asana trello figma react vue angular svelte python rust golang go java
    kotlin swift typescript javascript node deno bun django flask fastapi rails laravel linux ubuntu debian fedora macos
    windows android iphone ios chrome firefox safari vim neovim emacs vscode obsidian gmail outlook spotify netflix
    snowflake bigquery databricks airflow jenkins circleci grafana prometheus datadog s3 graphql grpc rest sql nosql
    openai claude gemini llama bedrock langchain excel google microsoft apple
    """.split()  # noqa: SIM905 - as above
)
_TOOL_TALK = re.compile(
    r"\b(?:database|backend|frontend|codebase|code|stack|repo|repository|deploy\w*|server|service|cluster|hosting|infra\w*"
    r"|pipeline|framework|library|api|cloud|production|staging|migrat\w+|version|branch|subscription|plan|sprint|agile)\b",
    re.IGNORECASE,
)

_WORD = re.compile(r"[^\W_]+(?:[.'@&-][^\W_]+)*[+#]*")
_LITTLE = frozenset(
    {"the", "a", "an", "my", "our", "your", "some", "of", "for", "and", "new", "current", "latest", "updated", "actual"}
)
_NUMBER = re.compile(r"\d[\d,.' ]*\d|\d")
_CONTACT = re.compile(r"\+?\(?\d[\d\s().-]{3,}\d")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905 - as above
}
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_WEEKDAY = re.compile(
    r"\b(?:(mon|tues|wednes|thurs|fri|satur|sun)days?|(?-i:(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|r|rs)?))\b", re.IGNORECASE
)
_DATE = re.compile(
    rf"\b(?:(?P<year>\d{{4}})-(?P<mm>\d\d)-(?P<dd>\d\d)|(?P<month>{_MONTH})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"|(?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month2>{_MONTH}))\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b(?:(?P<hour>\d{1,2})(?:[:h](?P<minute>[0-5]\d)(?!\d|[.:]\d)(?:\s?[ap]\.?m\b)?|\.(?P<dotted>[0-5]\d)\s?[ap]\.?m\b)|(?P<round>\d{1,2})\s?(?:[ap]\.?m\b|o'clock|h\b)"
    r"|(?P<word>noon|midday|midnight))",
    re.IGNORECASE,
)
_BARE_CLOCK = re.compile(
    r"(\d{1,2})(?=$|[.,;!]|\s+(?:on|now|instead|every|each|not|rather|sharp|in the|for)\b)", re.IGNORECASE
)

_HOURS = 24
_AT = re.compile(r"\b(?:at|to)\b", re.IGNORECASE)
_BEFORE_TIME = re.compile(
    r"(?:(?:at|on|by|for|to|around|about|the|this|next|every|each|early|late|exactly)\s+)+", re.IGNORECASE
)
_TIME = re.compile(
    "|".join(re.sub(r"\?P<\w+>", "", part.pattern) for part in (_DATE, _WEEKDAY, _CLOCK, _BARE_CLOCK)), re.IGNORECASE
)


def phrase(words: str) -> str:
    """Return `words` up to where another thought begins."""
    found = _BREAK.search(f" {words}")
    return (words[: max(0, found.start() - 1)] if found else words).strip(" .'\u2026")


def name(words: str, *, cased: bool = True) -> str:
    """Read the name that `words` begin with. Where the text has no capitals at all, one or two words may be one."""
    match = _CAPITALS.match(words)
    found = match[0] if match else ""
    if not found and not cased:
        given = phrase(words)
        found = given if _LOWER_NAME.fullmatch(given) else ""
    found = _SUFFIX.sub("", found.rstrip(" .'")).casefold()
    parts = found.split()
    return "" if not parts or parts[0] in _NO_NAMES or not any(map(str.isalpha, found)) else " ".join(parts)


def place(words: str, sentence: str, *, cased: bool = True) -> str:
    """Read the place that `words` begin with; none where the talk is of tools, which one moves to as well."""
    found = name(re.sub(r"^(?:the (?:city|town) of|downtown|central)\s+", "", words, flags=re.IGNORECASE), cased=cased)
    if found.split(" ")[0] in _TOOLS or _TOOL_TALK.search(sentence):
        return ""
    return found


def is_region(place: str) -> bool:
    """Tell whether `place` is so large that it holds many of the places one lives in."""
    return place in _REGIONS


def person(words: str, *, cased: bool = True) -> str:
    """Read whose name `words` begin with: the first name, or the last where a title stands before it."""
    found = name(_TITLE.sub("", words), cased=cased)
    return found.split()[0] if found else ""


def thing(words: str, most: int = MOST_WORDS) -> str:
    """Read the thing that `words` name: the stems of a short phrase that does not describe."""
    given = phrase(_ARTICLE.sub("", words))
    parts = given.split()
    if not parts or len(parts) > most or parts[0].casefold().strip("'") in _DESCRIBES or parts[0].endswith("ly"):
        return ""
    return stems(given)


def colour(words: str) -> str:
    """Read a colour, with what shades it."""
    given = thing(words)
    return given if given and any(word in COLOURS for word in phrase(words).casefold().split()) else ""


def amount(words: str) -> str:
    """Read a number, whatever its unit."""
    given = words if _CONTACT.match(words) else phrase(_ARTICLE.sub("", words))
    found = _NUMBER.search(given[:60])
    return re.sub(r"[,' ]", "", found[0]).rstrip(".") if found else ""


def contact(words: str) -> str:
    """Read a telephone number, an e-mail address, or the first line of a postal one."""
    if mail := _MAIL.search(words[:120]):
        return mail[0].casefold().rstrip(".")
    if number := _CONTACT.search(words[:60]):
        return re.sub(r"\D", "", number[0])
    given = re.split(r"[,;!?\n]|\.(?!\w)|\snow\b", words)[0]
    return stems(given) if any(map(str.isdigit, given)) else ""


def moments(words: str) -> Iterator[tuple[str, str]]:
    """Read the times that `words` begin with: pairs of a sort (`date`, `weekday`, `clock`) and which one it is.

    What is told from today ("tomorrow") is none, and a number alone is an hour only behind "at".
    """
    before = _BEFORE_TIME.match(words)
    given = words[before.end() if before else 0 :][:80]
    if not _TIME.match(given):
        return
    if date := _DATE.search(given):
        month = date["mm"] or _MONTHS[(date["month"] or date["month2"])[:3].casefold()]
        yield "date", f"{int(month)}-{int(date['dd'] or date['day'] or date['day2'])}"
    if weekday := _WEEKDAY.search(given):
        yield "weekday", (weekday[1] or weekday[2])[:3].casefold()
    if clock := _CLOCK.search(given):
        yield "clock", _clock(clock)
    elif before and _AT.search(before[0]) and (bare := _BARE_CLOCK.match(given)) and int(bare[1]) <= _HOURS:
        yield "clock", f"{int(bare[1]) % 12}:00"


@functools.lru_cache(4096)
def stems(words: str) -> str:
    """Return `words` without articles and plurals, which a repeat in another form shares.

    Unlike search terms, they do not depend on the language that the whole text is taken for.
    """
    folded = unicodedata.normalize("NFKC", words).casefold()
    for british, american in (("colour", "color"), ("favour", "favor"), ("grey", "gray"), ("licence", "license")):
        folded = folded.replace(british, american)
    return " ".join(word for found in _WORD.findall(folded) if (word := _singular(found)) not in _LITTLE)


def _singular(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui" else word


def _clock(found: re.Match[str]) -> str:
    if found["word"]:
        return "0:00"
    hour = int(found["hour"] or found["round"])
    return f"{hour % 12}:{found['minute'] or found['dotted'] or '00'}"
