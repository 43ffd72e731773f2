"""What somebody says of themselves, said of them: "I live here" of Ada is "Ada lives here" (English)."""

from __future__ import annotations

from dataclasses import dataclass, field

import regex

from duramen.strategies.facts_conjoined import conjoined, is_loose
from duramen.strategies.facts_verbs import ADVERBS, ALIKE, is_adverb, present, third


@dataclass(frozen=True, slots=True)
class Voices:
    """Who speaks and who is spoken to, as they are called within a sentence.

    Attributes:
        me: A name, or "the user", "the assistant".
        you: None if it is not known who is meant.
        we: Whom "we" means, the speaker among them; None if only that is known.
    """

    me: str
    you: str | None = None
    we: str | None = None


_TOKEN = regex.compile(
    r"\"[^\"\n]{1,300}+\"|“[^”\n]{1,300}+”|`[^`\n]{1,300}+`|https?://\S++|[\p{L}\p{N}]++(?:['\-][\p{L}\p{N}]++)*+|[^\p{L}\p{N}\"“`]++|."
)
_SPLIT = regex.compile(r"(i|you|we|they|he|she|it|that|there|who)'(m|ve|ll|d|re|s)", regex.IGNORECASE)
_LOOSE = regex.compile(
    r"\b(?:im|ive|youre|youve|dont|didnt|cant|wont|doesnt|isnt|havent|wasnt|couldnt|wouldnt|thats|theyre|weve|gonna|wanna)\b",
    regex.IGNORECASE,
)
_TIGHT = {
    "im": "i'm", "ive": "i've", "youre": "you're", "youve": "you've", "dont": "don't", "didnt": "didn't", "cant": "can't",
    "wont": "won't", "doesnt": "doesn't", "isnt": "isn't", "havent": "haven't", "wasnt": "wasn't", "couldnt": "couldn't",
    "wouldnt": "wouldn't", "thats": "that's", "theyre": "they're", "weve": "we've", "gonna": "going to", "wanna": "want to",
}  # fmt: skip
_FIRST = frozenset("i me my mine myself".split())  # noqa: SIM905 - a row of words
_PLURAL = frozenset("we us our ours ourselves".split())  # noqa: SIM905 - as above
_SECOND = frozenset("you your yours yourself".split())  # noqa: SIM905 - as above
_SHORT = {"'m": "is", "'ve": "has", "'ll": "will", "'re": "is"}
_PARTICIPLE = regex.compile(
    r"(?:been|gone|done|seen|had|got|gotten|known|taken|never|always|already|made|met|heard|thought|become|come|lost|left|\w+ed)$"
)
_KIN = r"(?i:my|our|his|her|the|a|some)\s(?:(?:best|older|younger|elder|little|big|twin|oldest|youngest|other|late|good|old|new)\s)?[\w'-]+(?:\s\p{Lu}[\w'-]+)?"
_COMPANY = regex.compile(
    r"(?:^|[,;:]\s|\b(?i:because|that|when|where|since|while|so|but|and|if|as|after|before|then|both|today|yesterday|ago)\s)"
    rf"(?:(?i:both)\s)?(?:{_KIN}|\p{{Lu}}[\w'-]+(?:\s\p{{Lu}}[\w'-]+)?|(?i:he|she|they|you))"
    rf"(?:,\s(?:{_KIN}|\p{{Lu}}[\w'-]+),?)*+,? (?:and|&) (?P<i>[Ii])\b"
)
_ANYBODY = regex.compile(
    r"\b(?:if|when|whenever|once|unless|where|wherever|until|as|how|what) you\b|\b(?:makes?|made|lets?|letting|making|helps?|gives?|keeps?|gets?|"
    r"take[sn]?|teaches|shows?|surprises?) (?:you|your)\b|\byou(?:'ll| will)? (?:never|can|can't|cannot|could|have to|need to|must|just have|always|get to|know|see|guys|all|might|gotta|want to|learn)\b|"
    r"\byou (?:don't|do not) (?:have to|need)\b|\bthank you\b|\byour own\b|\byourself\b",
    regex.IGNORECASE,
)
_ALL_OF_US = regex.compile(
    r"\bwe(?:'re| are)? (?:both|all|need to|should|must|can all|as (?:a|humans|people))\b|\b(?:all of us|us all|let us|our (?:society|planet|world|lives))\b|\b(?:you and (?:i|me)|me and you)\b",
    regex.IGNORECASE,
)
_STARTS_CLAUSE = frozenset(
    "that because when where while since so but and if as after before although though then which what how who whether until".split()  # noqa: SIM905 - as above
)
_OF_YOU = frozenset(
    """
    are were have do don't 're 've 'll 'd did didn't can can't could will won't would should might may must haven't aren't weren't
    said told mentioned wrote asked recommended suggested gave sent promised found booked explained advised made
    live work moved like love want need prefer always never usually also already just still once recently
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)


def of_others(sentence: str, voices: Voices) -> str | None:
    """Return `sentence` in the third person, verbs and all; None where it is not clear enough who is meant.

    "We" is the speaker and others, unless `voices` knows better; what is said of everybody ("you never know", "we all")
    stays as it is. Quotations are left alone.

    Example:
        >>> of_others("I don't eat nuts and my sister told me you live in Rome.", Voices("Ada", "Bob"))
        "Ada doesn't eat nuts and Ada's sister told Ada Bob lives in Rome."
        >>> of_others("You never know what you get.", Voices("Ada", "Bob")) is None
        True
    """
    sentence = tightened(sentence)
    words = _words_of(sentence)
    if words & _SECOND and (voices.you is None or _ANYBODY.search(sentence)):
        return None
    if words & _PLURAL and _ALL_OF_US.search(sentence):
        return None
    if not words & (_FIRST | _PLURAL | _SECOND):
        return sentence
    rewriting = _Rewriting(_apart(sentence), voices, {found.start("i") for found in _COMPANY.finditer(sentence)})
    rewritten = rewriting.done()
    return rewritten[:1].upper() + rewritten[1:]


def tightened(sentence: str) -> str:
    """Return `sentence` with its contractions as they are spelt: "dont" as "don't", "gonna" as "going to"."""
    return _LOOSE.sub(lambda found: _TIGHT[found[0].lower()], sentence.replace("\u2019", "'"))


def possessive(name: str) -> str:
    """Return the name as an owner: "Ada's", "Ada and Tom's"."""
    return f"{name}'s"


def mentions(sentence: str) -> bool:
    """Say whether `sentence` speaks of its speaker or of whom it is said to."""
    return not _words_of(sentence.replace("\u2019", "'")).isdisjoint(_FIRST | _PLURAL | _SECOND)


def _words_of(sentence: str) -> set[str]:
    return {word.partition("'")[0].lower() for word in _TOKEN.findall(sentence)}


def _apart(sentence: str) -> list[tuple[str, int]]:
    """Give the words and what stands between them, contractions of pronouns as two words, each with its place."""
    found: list[tuple[str, int]] = []
    for match in _TOKEN.finditer(sentence):
        short = _SPLIT.fullmatch(match[0])
        if short and short[1].lower() in ("i", "you", "we"):
            found += [(short[1], match.start()), (f"'{short[2].lower()}", match.start() + len(short[1]))]
        else:
            found.append((match[0], match.start()))
    return found


@dataclass(slots=True)
class _Rewriting:
    """One sentence on its way into the third person."""

    tokens: list[tuple[str, int]]
    voices: Voices
    companies: set[int]
    words: list[str] = field(default_factory=list)
    together: bool = False

    def done(self) -> str:
        self.words = [token for token, _ in self.tokens]
        for at, (token, place) in enumerate(self.tokens):
            low = token.lower()
            if low == "i" and self._is_pronoun(at):
                self._i(at, place)
            elif low in _FIRST and low != "i":
                self.words[at] = {"me": self.voices.me, "myself": "themself"}.get(low) or possessive(self.voices.me)
            elif low in _PLURAL:
                self._we(at, low)
            elif low in _SECOND:
                self._you(at, low)
        return "".join(self.words)

    def _is_pronoun(self, at: int) -> bool:
        """Tell "I" from a number: "World War I", "Part I"."""
        if self.tokens[at][0] == "i":
            return True
        before = self.tokens[at - 2][0] if at > 1 else ""
        return not (
            before[:1].isupper()
            and before.lower() in ("war", "part", "chapter", "phase", "volume", "type", "elizabeth", "act")
        )

    def _i(self, at: int, place: int) -> None:
        self.words[at] = self.voices.me
        if place in self.companies:
            self.together = True
            if self._next(at) in ("'m", "'ve"):
                self.words[at + 1] = {"'m": " are", "'ve": " have"}[self._next(at)]
        else:
            self._agree(at)

    def _we(self, at: int, low: str) -> None:
        we = self.voices.we
        if low == "we":
            self.words[at] = "they" if self.together else we or f"{self.voices.me} and others"
            self.together = True
            short = self._next(at)
            if short.startswith("'"):
                self.words[at + 1] = {"'re": " are", "'ve": " have", "'ll": " will", "'d": f" {self._would(at)}"}.get(
                    short, short
                )
        elif self.together:
            self.words[at] = {"us": "them", "our": "their", "ours": "theirs"}.get(low, "themselves")
        elif low == "us":
            self.words[at] = we or f"{self.voices.me} and others"
        else:
            self.words[at] = possessive(we or self.voices.me)

    def _you(self, at: int, low: str) -> None:
        you = self.voices.you or "you"
        if low != "you":
            self.words[at] = possessive(you)
            return
        self.words[at] = you
        before = next((token.lower() for token, _ in reversed(self.tokens[:at]) if token.strip()), "")
        begins = not before or before in _STARTS_CLAUSE or not before[-1].isalnum()
        if self._next(at) in _OF_YOU or begins:
            self._agree(at)

    def _agree(self, at: int) -> None:
        """Bring the verb after the subject at `at` into the third person."""
        if self._next(at) == "'d":
            self.words[at + 1] = f" {self._would(at)}"
            return
        if self._next(at) in _SHORT:
            self.words[at + 1] = f" {_SHORT[self._next(at)]}"
            self._agree_conjoined(at + 1, at)
            return
        verb = self._verb_after(at)
        if verb is not None:
            self.words[verb] = third(self.tokens[verb][0])
            self._agree_conjoined(verb, at)

    def _agree_conjoined(self, verb: int, subject: int) -> None:
        """Bring along the other verbs of the same subject: "lives here and works there"."""
        tokens = [token for token, _ in self.tokens]
        before = tokens[max(0, subject - 8) : subject] if tokens[subject - 1 : subject] == [" "] else []
        others = conjoined(tokens, verb, beside=is_loose(before))
        for at in others:
            self.words[at] = present(tokens[at])
        if others and tokens[verb] in ALIKE and self.words[others[0]] != tokens[others[0]]:
            self.words[verb] = present(tokens[verb])

    def _verb_after(self, at: int) -> int | None:
        for place in range(at + 1, min(at + 9, len(self.tokens))):
            word = self.tokens[place][0]
            if not word.strip():
                continue
            if not word[0].isalpha() or not word.islower():
                return None
            if not (word in ADVERBS or is_adverb(word)):
                return place
        return None

    def _would(self, at: int) -> str:
        after = next((token.lower() for token, _ in self.tokens[at + 2 :] if token.strip()), "")
        return "had" if after == "better" or _PARTICIPLE.match(after) else "would"

    def _next(self, at: int) -> str:
        """Return what follows at once, which is a contraction, or the next word."""
        following = (token.lower() for token, _ in self.tokens[at + 1 : at + 3] if token.strip())
        return next(following, "")
