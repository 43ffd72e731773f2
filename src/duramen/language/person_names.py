"""Whether an id is how a person is called: "Jean-Luc" and "van der Berg" are, "user-123" and "ActorrUgUxG" are not."""

from __future__ import annotations

import unicodedata

import regex

LONGEST = 40
LONGEST_WORD = 20

_WHOLE = regex.compile(r"[\p{L}\p{M}](?:[\p{L}\p{M}]|[ '\u2019-](?=[\p{L}\p{M}])|\.(?= \p{L}|$))*")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_INITIALS = regex.compile(r"(?:\p{Lu}\.)(?: ?\p{Lu}\.)*(?= \p{Lu})")
_PREFIX = regex.compile(r"(?:Mc|Mac|De|Del|Di|Da|Du|La|Le|Lo|Van|Von|Fitz|San|O|D|Ó|Ní|Jo)(?=\p{Lu}\p{Ll}+$)")
_ONE_CASE = regex.compile(r"\p{Ll}+|\p{Lu}\p{Ll}*|\p{Lu}+|[\p{Lo}\p{Lm}]+")
_VOWELS = frozenset("aeiouyæøœəɛɔ\u0131")
_CLUSTERS = regex.compile(r"sch|[csptg]h|ck|ng|tz|dt|cz|rz|sz|dz")
_CONSONANTS = regex.compile(r"[^aeiouy]{6,}")
"""More than any name has in English letters, its clusters being one each."""

_SHORT = 4
"""Letters of a word that may do without a vowel beside one that has it: "Ng Wei", "Jan Vlk", "Dr. Weber"."""

_LATIN = regex.compile(r"\p{Latin}")
_SCRIPTS = tuple(
    regex.compile(rf"[{scripts}\p{{M}}]+")
    for scripts in (r"\p{Latin}", r"\p{Cyrillic}", r"\p{Greek}", r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Lm}")
)
_NOBODY = frozenset(
    """
    user users human assistant ai agent model tool function system unknown anonymous anon admin administrator root guest visitor customer
    client actor account member default test tester demo sample example bot robot chatbot session thread tenant owner person someone
    somebody nobody anyone everyone none null nil undefined id me myself self you support service team
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)
_BESIDE_NOBODY = frozenset({"the", "my", "new", "end", "main", "first", "second", "primary", "human"})


def is_person_name(id: str) -> bool:
    """Tell whether an id, a speaker's for one, reads like the name of a person, in any script.

    What has digits, signs or capitals inside a word does not, nor do roles ("user", "test user") and rows of letters that
    nobody can say. A name in small letters may be one.

    >>> [is_person_name(id) for id in ("Anna", "Jean-Luc", "o'brien", "van der Berg")]
    [True, True, True, True]
    >>> [is_person_name(id) for id in ("ActorrUgUxG", "user-123", "u_8f3a", "test user", "xkqz")]
    [False, False, False, False, False]
    """
    text = unicodedata.normalize("NFC", id)
    if len(text) > LONGEST or not _WHOLE.fullmatch(_INITIALS.sub("", text).lstrip()):
        return False
    words = _WORD.findall(text)
    return not (_is_nobody(words) or _is_label(text)) and all(map(_is_word, words)) and _is_said(words)


def _is_nobody(words: list[str]) -> bool:
    """Tell whether nothing is left without words for anybody: "test user", "User A", "my-agent"."""
    rest = [word for word in map(str.casefold, words) if word not in _NOBODY]
    return len(rest) < len(words) and all(len(word) == 1 or word in _BESIDE_NOBODY for word in rest)


def _is_label(text: str) -> bool:
    """Tell whether a role is a part of a word with hyphens: "customer-bob"."""
    return any(not _NOBODY.isdisjoint(word.casefold().split("-")) for word in text.split() if "-" in word)


def _is_word(word: str) -> bool:
    """Tell whether a word is written as a word is: in one script, with capitals at most where names have them."""
    plain = _PREFIX.sub("", word, count=1)
    letters = "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))
    if len(word) > LONGEST_WORD or not _ONE_CASE.fullmatch(letters):
        return False
    scripts = [script for script in _SCRIPTS if script.search(letters)]
    return not scripts or (len(scripts) == 1 and scripts[0].fullmatch(letters) is not None)


def _is_said(words: list[str]) -> bool:
    """Tell whether the words can be said: those in Latin letters have vowels, and no consonants without end."""
    vowels = [_has_vowel(word) for word in words]
    long = [word for word in words if len(word) > 1 or not word.isascii()]
    return (
        bool(long)
        and any(vowels)
        and all(has or len(word) <= _SHORT for has, word in zip(vowels, words, strict=True))
        and not any(_CONSONANTS.search(_CLUSTERS.sub("s", _bare(word))) for word in words if word.isascii())
    )


def _has_vowel(word: str) -> bool:
    return not _LATIN.search(word) or not _VOWELS.isdisjoint(_bare(word))


def _bare(word: str) -> str:
    """Return a word in small letters without accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word.casefold()) if letter.isalpha())
