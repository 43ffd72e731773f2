"""Words as they are typed in chats, in the words of plain English: "pls dont ring me" is "please do not ring me"."""

from __future__ import annotations

import re

_TYPED = {
    "dont": "do not", "cant": "can not", "wont": "will not", "didnt": "did not", "doesnt": "does not", "isnt": "is not",
    "arent": "are not", "wasnt": "was not", "werent": "were not", "hasnt": "has not", "havent": "have not", "couldnt": "could not",
    "im": "I am", "ive": "I have", "id rather": "I would rather", "id prefer": "I would prefer", "id love": "I would love",
    "id like": "I would like", "youre": "you are", "theyre": "they are", "hes": "he is", "shes": "she is", "thats": "that is",
    "whats": "what is", "shouldnt": "should not", "wouldnt": "would not", "u": "you", "ur": "your", "y'all": "you",
    "pls": "please", "plz": "please", "plss": "please", "plox": "please", "thx": "thanks", "thanx": "thanks", "tysm": "thanks",
    "bc": "because", "bcs": "because", "cuz": "because", "coz": "because", "tho": "though", "gimme": "give me", "lemme": "let me",
    "gonna": "going to", "wanna": "want to", "dunno": "do not know", "luv": "love", "rly": "really", "rn": "right now",
    "ppl": "people", "smth": "something", "abt": "about", "4 me": "for me", "4 us": "for us", "4 life": "for life",
    "4ever": "forever", "2day": "today", "2nite": "tonight", "alot": "a lot", "everytime": "every time",
    "prefered": "preferred", "perfer": "prefer", "allways": "always", "alway": "always", "definately": "definitely",
    "recieve": "receive", "vegeterian": "vegetarian", "vegitarian": "vegetarian", "alergic": "allergic", "allergik": "allergic",
    "usualy": "usually", "realy": "really", "nevr": "never", "evry": "every", "becuase": "because", "favorit": "favorite",
    "go 2": "go-to", "go to's": "go-tos", "w": "with", "w/": "with", "w/o": "without",
}  # fmt: skip
_LOOSE = re.compile(
    r"(?<![\w'/])(?:" + "|".join(re.escape(word) for word in sorted(_TYPED, key=len, reverse=True)) + r")(?![\w'/])",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"(?<![\w'/])(?:ngl|tbh|tbf|imo|imho|fwiw|lol|lmao|rofl|smh|ikr|iirc|haha+|hehe+|xd|btw|fyi|y'know)(?![\w'/])[,:]?\s*",
    re.IGNORECASE,
)


def written_out(text: str) -> str:
    """Return `text` with what is short for something written out, and without what is only a laugh or a remark."""
    return _LOOSE.sub(_long, _NOISE.sub("", text))


def _long(found: re.Match[str]) -> str:
    """Leave what is written in capitals: "300 BC" is no reason."""
    return found[0] if found[0].isupper() and len(found[0]) < 4 else _TYPED[found[0].casefold()]
