"""What is worth remembering of what is said in a chat: facts, and neither requests, reactions, fancies nor secrets."""

from __future__ import annotations

import regex

from duramen.language.function_words import ENGLISH
from duramen.language.sentences import is_question, is_small_talk

LONGEST = 1_000
"""Characters of a sentence; a longer one is no sentence but a log, a table or a list."""

_I = regex.IGNORECASE
_SECRET = regex.compile(
    r"(?i:\b(?:pass(?:word|code|phrase|wd)s?|pwd|pin(?: code| number)?|cvv2?|cvc|api[ _-]?key|secret(?: key)?|access[ _-]?token|auth[ _-]?token|bearer|private key"
    r"|contraseña|kennwort|passwort|mot de passe|senha)\b['\"]?(?:\s+(?:for|to|of|on)\b[^.:=]{1,60}?)?\s*(?:is|are|was|=|:|ist|est|es|é)\s*\S)"
    r"|\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{12,}|\b(?:ghp|gho|ghs|glpat|xox[abp]|hf)[-_][A-Za-z0-9-]{10,}|\bAKIA[0-9A-Z]{12,}|\bAIza[\w-]{20,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}|-----BEGIN|\b\d{3}-\d{2}-\d{4}\b|(?i:\bbearer\s+[\w.-]{16,})"
)
_DIGITS = regex.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)")
_ORDERS_THE_AGENT = regex.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.]{0,40}\b(?:instructions?|rules?|prompts?|guidelines|polic(?:y|ies)|everything (?:above|before|you)|restrictions|above)\b"
    r"|\bsystem prompt\b|\bdeveloper mode\b|\bjailbreak|\byou are now\b|\b(?:pretend|act) (?:to be|as|like|that)\b|\bfrom now on,? you\b"
    r"|\b(?:store|save|record|write|memori[sz]e|add)\b[^.]{0,30}\b(?:that|as a fact|in(?:to)? (?:your |the )?memory|to (?:your |the )?memory)\b|\bdo not tell (?:the user|anyone)\b"
    r"|<\/?(?:system|instructions?|memory|memories|conversation)\b|\[/?(?:system|inst)\]"
    r"|(?:^|[\]>]|\be\d+) *(?:system|assistant|developer) ?:",
    _I,
)
_CLAIMS_POWER = regex.compile(
    r"\b(?:i am|i'm|i have|i've|my (?:role|account|access|permissions?) (?:is|are|has))\b[^.]{0,30}\b(?:admins?|administrators?|root|superusers?|sudo|developer of (?:you|this)"
    r"|your (?:creator|owner|developer|admin)|authori[sz]ed|(?:full|unlimited|elevated) (?:access|permissions?|rights)|god mode)\b"
    r"|\b(?:(?:is|are) (?:the |an? )?(?:owners?|admins?|administrators?|root|superusers?|creators?|developers?) (?:of|for)|owns?) "
    r"(?:this|your|every|all(?: the)?) (?:whole |entire )?(?:system|assistant|agent|memory|memories|accounts?)\b",
    _I,
)
_REQUEST = regex.compile(
    r"(?:(?:ok(?:ay)?|so|now|then|and|also|great|thanks|thank you|hey|hi|well|alright|perfect|first|next|just|maybe|yes|no|instead)[ ,!.]+)*"
    r"(?:please\b|pls\b|kindly\b|can (?:you|we|i)\b|could (?:you|we|i)\b|would you\b|will you\b|help me\b|let me know\b|let's\b|lets\b|let us\b|go ahead\b|feel free\b|try to\b|make sure\b|be sure\b"
    r"|don't (?:forget|worry|hesitate|tell|use|be|do|ask|give|let|say|include)\b|do not (?:forget|use|tell|include)\b|never mind|stop \w+ing\b|i(?:'d| would) (?:like|love|want|need|appreciate) (?:you|it if|help|some (?:help|advice|ideas))\b"
    r"|i (?:really )?(?:need|want) (?:you|your help|help|some help|advice|some advice) ?(?:to|with|on|for)?\b|i'm (?:looking for|trying to (?:find|figure|understand))|i(?:'m| am) (?:wondering|curious)\b|i was wondering\b|i wonder\b"
    r"|i have (?:a|another|one more) question\b|you (?:must|should|need to|have to|can|could|are to|shall)\b"
    r"|(?:tell|show|give|send|remind|write|summari[sz]e|explain|translate|book|find|list|create|generate|draft|set|add|delete|remove|update|check|search|look|compare|calculate"
    r"|suggest|recommend|describe|rewrite|rephrase|shorten|expand|fix|open|close|play|call|order|buy|cancel|schedule|reschedule|answer|respond|reply|use|convert|turn|put|walk|guide|teach|ask|keep|say|sing"
    r"|imagine|assume|consider|continue|proceed|read|review|analy[sz]e|format|print|run|start|stop|pick|choose|change|switch|move|include|provide|share|outline|proofread|plan|come|wait|forget|ignore|take|bring|hold|stay|remember to|note down|check out|go(?: and)?|get)"
    r" (?:me|us|a|an|the|my|this|that|these|those|it|them|him|her|some|all|any|up|out|for|to|in|on|into|with|your|yourself|one|two|three|five|ten|\d+|both|more|each|every|about|how|what|why|why|as|at|by|through)\b"
    r"|(?:por favor|bitte|könntest du|kannst du|können sie|s'il (?:te|vous) pla[iî]t|peux-tu|pouvez-vous|puedes|podrías|puoi|potresti|pode(?:ria)?s?|você pode|lütfen|пожалуйста|请|請)\b)",
    _I,
)
_FANCY = regex.compile(
    r"(?:what if|suppos(?:e|ing)|imagine|pretend|hypothetically|in theory|let's say|say,|if only|had i|were i|assum(?:e|ing))\b"
    r"|if\b.*(?:\b(?:would|could|might)\b|'d\b)"
    r"|.*\bif (?:i|we|he|she|they|you|it|there|my \w+|the \w+) (?:were|was|had|could|would|ever|didn't|weren't|hadn't)\b.*\b(?:would|could|might|'d)\b"
    r"|.*\b(?:would|could|might)(?:'ve| have)\b.*\bif\b|.*\b(?:would|'d|could)\b.*\bif (?:i|we|he|she|they|you|it) (?:were|was|had|could|didn't|won)\b|.*\bin (?:my|a|the) (?:dream|story|novel|game|roleplay|role-play|hypothetical)s?\b",
    _I,
)
_JOKE = regex.compile(
    r"\b(?:just kidding|jk|j/k|only joking|just joking|i'm joking|i am joking|kidding(?:!|\.|$)|that was a joke|not really,? (?:lol|haha)|/s)(?!\w)|😜|🤡",
    _I,
)
_REACTS = regex.compile(
    r"(?:you(?:'ll| will|'d| would| should| could| can| might|'ve got| got| gotta| have to| must| deserve| rock| inspire| know| see| always|'re doing)\b"
    r"|you(?:'re| are|'ve been| have been| look| looked| seem| sound| did| always| really| definitely| truly| inspire| rock| deserve| got| make me| made me) ?(?:so|such|really|very|truly|an?|the|doing|always|just|most|absolutely|definitely|quite|be)?\b"
    r" ?(?:amazing|awesome|great|kind|sweet|best|right|welcome|wonderful|inspir\w+|talented|strong|brave|incredible|lucky|funny|good|well|true|there for|caring|thoughtful|helpful|it|this|proud|happy|fantastic|smile|laugh|creative|dedicated|supportive|beautiful)\b"
    r"|your (?:[\w'-]+ ){1,5}(?:is|are|looks?|sounds?|seems?|must be|was|were|means|really|shows?) (?:so |really |very |such |absolutely |truly |a |an |the |to )*(?:amazing|awesome|great|lovely|beautiful|cool|inspir\w+|incredible|wonderful|fantastic|nice|good|cute|gorgeous|delicious|important|admirable|impressive|interesting|fun|lot|perfect|stunning|adorable)\b"
    r"|i(?:'m| am)? ?(?:so |really |very |truly |super |just )*(?:glad|happy|proud|excited|sorry|thankful|grateful|impressed|jealous|curious|amazed|inspired)(?: to (?:hear|see|know|have you)| for (?:you|your)| (?:of|by|about) (?:you|your)| that you| you|$|[.!])"
    r"|i (?:totally |completely |really |so |can |definitely |do |100% |fully |only |just )*(?:agree|imagine|understand|get (?:it|that|you|what)|see (?:what|that|how|why|your)|hear you|feel you|relate|know (?:what you|the feeling|how you|exactly|right|that feeling)|appreciate (?:you|your|it|that|the (?:support|help|advice|kind)))\b"
    r"|i (?:can't|cannot|can not) (?:believe|imagine|thank|agree|wait to (?:see|hear|meet (?:you|up)|catch))\b|i bet\b|i (?:hope|guess|wish) (?:you|your|it|that|so|not)\b|i(?:'d| would) love (?:to (?:hear|see (?:it|that|them|some|your|the)|know|check|join|read (?:it|that)|try (?:it|that)|come|go with you)|that|it)\b|i(?:'ll| will) (?:let you know|keep you|be sure|make sure|check (?:it|that|them) out|keep (?:that|it) in mind|talk to you|see you|definitely (?:check|try|keep|let|do|think|give))"
    r"|(?:that|this|it)(?:'s| is| was| would be|'d be| sounds| looks| must| means| seems) (?:so |really |very |such |absolutely |truly |pretty |quite |definitely |a |an |like |awesome |great |good |cool |nice )*(?:amazing|awesome|great|lovely|beautiful|cool|inspir\w+|incredible|wonderful|fantastic|nice|good|cute|gorgeous|true|fun|tough|hard|sad|interesting|exciting|impressive|sweet|perfect|right|idea|point|question|a lot|the spirit|what friends|understandable|fascinating|sorry)\b[^,;]{0,25}$"
    r"|it(?:'s| is| was) (?:so |really |always |very )*(?:great|good|nice|lovely|wonderful|amazing|awesome|cool|inspiring|important|heartwarming) (?:to (?:hear|see (?:you|how|that)|know|have (?:you|people|someone)|talk|catch)|that you|you|seeing you|hearing|chatting|talking)"
    r"|(?:so|very|really) (?:proud|happy|glad|excited|sorry) (?:of|for|to) |can't wait to (?:see|hear)|looking forward to (?:seeing|hearing)|keep (?:it|up|on|going|doing|me|pushing|spreading|shining|being|that|working|following|believing|making|sharing|inspiring|chasing)\b|best of luck|all the best|good (?:for|on) you|way to|proud of|go for it"
    r"|(?:and |but |so )?(?:what|how) (?:a|an) \w+|sending|(?:great|nice|good|lovely|awesome|fun|so good) (?:chatting|talking|catching|seeing|hearing|to (?:chat|talk|catch|see|hear))\b|count me in|same here|me (?:too|neither)|likewise|you too|of course|speaking of|guess what|long story short|as i (?:said|mentioned)|like i said|(?:i )?told you|here(?:'s| is| are| you)\b[^,;]{0,40}$|check (?:it|this|that|them) out|take a look|look at\b|thanks?\b(?! to\b)|thank you\b|congrat|welcome|no worries|enjoy\b|wish|hope(?:fully)? (?:you|it|that|all|to)|happy (?:to|for)\b|i mean\b[^,]{0,20}$)",
    _I,
)  # fmt: skip
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:'[\p{L}]+)*")
_EMPTY = ENGLISH | frozenset(
    """
    amazing anyway anything awesome back bad beautiful best better bit came cause come comes cool definitely especially even everything everyone
    exactly feel feeling feels felt forward fun gave give given go goes going gonna good got gotta great guess happy hard help helps helped hope idea important
    inspiring keep kept kind know knows least let like literally little look looks lot lots love loved lovely made make makes making matter maybe mean means
    mind moment much need new nice nothing one ones people perfect pretty probably put real really right said saw say says see seem seems seen
    sense show somehow someone something stuff super sure take talk tell thing things think thought time times told took totally
    tough tried true try trying understand use want wanted wants way well whatever whole wonderful word words work worth wow yeah yes
    first last next today i'm i've i'd i'll it's that's don't didn't isn't wasn't can't won't doesn't you're you've we're we've they're he's she's there's
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)


def is_secret(sentence: str) -> bool:
    """Say whether `sentence` holds what nobody should remember: a password, a key, the number of a card or of an identity."""
    return _SECRET.search(sentence) is not None or any(_is_card(found[0]) for found in _DIGITS.finditer(sentence))


def orders_the_agent(sentence: str) -> bool:
    """Say whether `sentence` tells the agent to change its rules or what it remembers."""
    return _ORDERS_THE_AGENT.search(sentence) is not None


def claims_power(sentence: str) -> bool:
    """Say whether its speaker claims rights over the system, which is only ever what they said."""
    return _CLAIMS_POWER.search(sentence) is not None


def is_joke(sentence: str) -> bool:
    """Say whether `sentence` marks what was said as a joke."""
    return _JOKE.search(sentence) is not None


def is_told(sentence: str) -> bool:
    """Say whether `sentence` tells something that may be worth remembering.

    Questions, small talk, requests, reactions to the other one and what is only imagined do not; nor do secrets and
    attempts to tell the agent what to remember.

    Args:
        sentence: One sentence, with straight apostrophes.
    """
    if len(sentence) > LONGEST or is_question(sentence) or is_small_talk(sentence):
        return False
    if _REQUEST.match(sentence) or _REACTS.match(sentence) or _FANCY.match(sentence):
        return False
    return not (is_secret(sentence) or orders_the_agent(sentence) or is_joke(sentence))


def content_words(sentence: str) -> set[str]:
    """Return the words of a sentence that say something, in lower case: nouns, names, numbers, telling verbs."""
    return {word for word in map(str.lower, _WORD.findall(sentence)) if word not in _EMPTY}


def _is_card(digits: str) -> bool:
    """Check the last digit by the Luhn rule, which card numbers keep and others seldom do."""
    numbers = [int(digit) for digit in reversed(digits) if digit.isdigit()]
    doubled = (2 * number - 9 * (number > 4) for number in numbers[1::2])
    return len(set(numbers)) > 1 and (sum(numbers[::2]) + sum(doubled)) % 10 == 0
