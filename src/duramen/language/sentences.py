# Full stops and question marks of many scripts, which resemble each other.
# ruff: noqa: RUF001
"""The sentences of a text as people write in chats, and which of them ask or merely greet."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

import regex

LONGEST_QUOTE = 300
"""Characters of a quotation or parenthesis that is kept whole; a longer one is cut like any other text."""

_FENCE = regex.compile(r"^[ \t]*(```|~~~)")
_MARKER = regex.compile(r"[ \t]*(?:[-*+•‣◦·–—][ \t]+|\(?(?:\d{1,3}|[a-zA-Z])[.)][ \t]+|#{1,6}[ \t]|>|\|)+")
_WHOLE = regex.compile(r"[ \t]*(?:```|~~~|#{1,6}[ \t]|\|)")
_WRAPPED_FROM = 60  # characters of a line that may go on in the next one
_FACE = r"(?:(?<!\S)(?:[:;=][-']?[)(\]DPpOo/|*]|<3+|x[dD]|XD|\^_?\^|:'[()])(?=\s|$))"
_EMOJI = rf"(?:[\p{{Extended_Pictographic}}\p{{Emoji_Modifier}}\p{{Regional_Indicator}}\uFE0F\u200D]|{_FACE})"
_CLOSE = r"[\"'”’»)\]*_`」』）】]"
_CUT = regex.compile(
    rf"(?<![.!?…‽])(?P<mark>[.!?…‽؟۔।॥։።]++)(?P<close>{_CLOSE}*+)(?P<face>(?:[ \t]*+{_EMOJI}++)*+)(?:\s++|(?<={_EMOJI})(?=\p{{Lu}})|$)"
    rf"|(?P<wide>[。！？｡]++{_CLOSE}*+(?:[ \t]*+{_EMOJI}++)*+)\s*+"
    rf"|(?P<feeling>(?<!{_EMOJI}){_EMOJI}++)[ \t]++(?=[\"“'¿¡]?\p{{Lu}})"
)
_KEPT_WHOLE = regex.compile(
    r"\"(?=\S)[^\"\n]{1,N}+\"|“[^”\n]{1,N}+”|„[^“”\n]{1,N}+[“”]|«[^»\n]{1,N}+»|「[^」\n]{1,N}+」|（[^（）\n]{1,N}+）|\([^()\n]{1,N}+\)".replace(
        "N", str(LONGEST_QUOTE)
    )
)
_LAST_WORD = regex.compile(r"[^\s(\[{\"“'«/]*$")
_FIRST_WORD = regex.compile(r"[\"“'«(\[*_¿¡]*([^\W_]+(?:['’][^\W_]+)?)")
_LETTERS_WITH_DOTS = regex.compile(r"(?:\p{L}\.)+\p{L}$")
_ORDINAL = regex.compile(
    r"\b(?:(?<!\bi )am|im|der|die|das|den|dem|des|vom|zum|beim|ab|bis|seit|vor|nach|ein|eine|einen|einem|jeden?)\s\d{1,2}$",
    regex.IGNORECASE,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A name, a number or the rest of an address follows these, so that they never end a sentence.
_LEADING = _words("""
    mr mrs ms mx dr prof rev fr sra srta st ste capt cmdr lt sgt maj adm gov vol nos nr approx ca cf vs viz eg ie e.g i.e z.b
    bzw bspw u.a d.h ggf evtl inkl zzgl hr dott dra dipl mme mlle p.ej ej núm resp bldg avg
""")  # fmt: skip
# These may end one: what follows decides.
_EITHER = _words("""
    etc inc ltd corp llc plc gmbh jr sr esq phd bros usw hrs mins ave blvd fig figs pp ed eds ext apt dept est excl incl misc gen
    col sen rep pres art sec mt ft tel hon std max op frau herr av esp ing mons jan feb apr jun jul aug sep sept oct nov dec
""")  # fmt: skip
# Words that begin sentences and are never the name after an initial.
_BEGINNERS = _words("""
    i he she it we you they my our your his her their its the a an this that these those there here what when where who why
    how and but so or if then also now because since after before while although though however anyway yes no not as at in on
    for to from with by please thanks thank let maybe perhaps just everyone everything someone nothing both all some
    most many one every each last next today yesterday tomorrow do does did is are was were can could will would should
    have has had ich er sie es wir ihr der die das und aber je il elle nous vous ils le la les el ella los las yo nosotros
    i'm i've i'll i'd it's that's he's she's we're we've they're there's let's what's don't
""")  # fmt: skip
_MONTHS = _words("""
    januar februar märz april mai juni juli august september oktober november dezember jänner jahrhundert klasse stock etage
""")  # fmt: skip


def sentences(text: str) -> list[str]:
    """Cut `text` into its sentences.

    A line is cut after full stops, question and exclamation marks (also those of Arabic, Hindi, Chinese and Japanese),
    after ellipses that a new beginning follows, and after emoji and emoticons, which stay with what they comment on. It
    is not cut after abbreviations, initials, decimals and ordinals, nor within quotations and parentheses of up to
    `LONGEST_QUOTE` characters. Each item of a list, each heading, each row of a table and each fenced block of code is
    one sentence; lines that were only wrapped are joined.

    Args:
        text: Any text. The time taken grows with its length alone.

    Returns:
        The sentences in order, none blank, without surrounding whitespace. Nothing but whitespace is lost.

    Example:
        >>> sentences("Dr. Kim moved to St. Ives in 2.5 hours. Wow!! 🎉 She asked “Really? Now?” and left")
        ['Dr. Kim moved to St. Ives in 2.5 hours.', 'Wow!! 🎉', 'She asked “Really? Now?” and left']
    """
    return [sentence for block in _blocks(text) for sentence in _cut(block)]


def is_question(sentence: str) -> bool:
    """Say whether `sentence` asks: by its mark, or by the way it begins if it has none (English).

    Example:
        >>> is_question("how are you doing"), is_question("How I met her is a long story.")
        (True, False)
    """
    end = _TRAILING.sub("", sentence[-_LONGEST_TRAIL:])
    if end.endswith(("?", "？", "؟", "⁇", "‽")) or sentence.startswith("¿"):
        return True
    if end.endswith(";") and _GREEK.search(end):
        return True
    return _ASKING.match(sentence) is not None


def is_small_talk(sentence: str) -> bool:
    """Say whether `sentence` only greets, thanks, wishes well or reacts, so that nothing is to be remembered of it.

    English is read whole; of other languages the usual expressions. A sentence that also tells something is no small
    talk: "Hi, I moved to Lisbon".

    Example:
        >>> [is_small_talk(said) for said in ("That sounds great, Tom!", "Muchas gracias 😊", "Great, the flat is mine.")]
        [True, True, False]
    """
    plain = sentence.replace("’", "'")
    reaction = _REACTION.match(plain)
    if reaction:
        return _TELLS.search(plain, reaction.end()) is None
    words = _WORD.findall(_ADDRESSED.sub(" ", plain[:_LONGEST_READ]).lower()) if len(plain) < _LONGEST_READ else ["-"]
    return len(words) <= _LONGEST_TALK and all(word in _TALK for word in words)


def _blocks(text: str) -> Iterator[str]:
    """Give the lines of the text, those that were only wrapped joined, and each block of code whole."""
    held: list[str] = []
    fence = ""
    last = ""
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if fence:
            held.append(line)
            fence = "" if line.strip().startswith(fence) else fence
            last = ""
        elif opened:
            yield from _joined(held)
            held, fence = [line], opened[1]
        elif held and _goes_on(last, line):
            held.append(line.strip())
            last = line.strip()
        else:
            yield from _joined(held)
            held, last = [line.strip()], line.strip()
    yield from _joined(held)


def _joined(lines: list[str]) -> Iterator[str]:
    block = ("\n" if lines and _FENCE.match(lines[0]) else " ").join(lines).strip()
    if block:
        yield block


def _goes_on(line: str, following: str) -> bool:
    start = following.strip()[:1]
    return (
        len(line) >= _WRAPPED_FROM
        and line[-1] not in ".!?…:;。！？|"
        and (start.islower() or line[-1] == ",")
        and not _MARKER.match(following)
    )


def _cut(block: str) -> Iterator[str]:
    if _WHOLE.match(block):
        yield block
        return
    whole = [match.span() for match in _KEPT_WHOLE.finditer(block)]
    starts = [start for start, _ in whole]
    marker = _MARKER.match(block)
    begin = 0
    for match in _CUT.finditer(block, marker.end() if marker else 0):
        place = match.end("close") if match["mark"] else match.end()
        around = bisect.bisect_right(starts, match.start()) - 1
        if around >= 0 and place < whole[around][1]:
            continue
        if match["mark"] and not _ends(block, begin, match):
            continue
        yield block[begin : match.end()].strip()
        begin = match.end()
    rest = block[begin:].strip()
    if rest:
        yield rest


def _ends(block: str, begin: int, match: regex.Match[str]) -> bool:
    """Say whether a sentence ends at this mark."""
    after = block[match.end() : match.end() + 40]
    lower = after[:1].islower()
    mark = match["mark"]
    if not after:
        return True
    if lower and match["close"].strip("*_`"):  # "Really?" she said
        return False
    if mark != ".":
        return not (lower and (mark[0] == "…" or mark.startswith("..")))
    return bool(match["face"]) or _ends_at_dot(block[max(begin, match.start() - 40) : match.start()], after)


def _ends_at_dot(before: str, after: str) -> bool:
    found = _LAST_WORD.search(before)
    word = found[0].lower() if found else ""
    opening = _FIRST_WORD.match(after)
    following = opening[1].replace("’", "'").lower() if opening else ""
    begins = following in _BEGINNERS and not after[:1].islower()
    if word.isdigit():
        return not (_ORDINAL.search(before) or following in _MONTHS)
    if word == "no":
        return not after[:1].isdigit()
    if word in _LEADING:
        return False
    if word in _EITHER or _LETTERS_WITH_DOTS.search(word):
        return begins or opening is None
    if len(word) == 1 and before[-1].isupper():
        return begins or word == "i"
    return True


_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*|\d+")
_ADDRESSED = regex.compile(
    r"(?:,\s*|(?<=\b(?i:hi|hey|hello|hiya|thanks|thank you|thx|dear|yo|morning|bye|night|congrats|wow|yes|yeah|hola|hallo|salut|ciao"
    r"|olá|bonjour|danke|gracias|merci|grazie)[ ,]+))\p{Lu}[\w-]*(?=\s*(?:[,.!?;:]|$))|^\p{Lu}[\w-]*,(?= )"
)
_GREEK = regex.compile(r"\p{Greek}")
_TRAILING = regex.compile(rf"(?:\s|{_EMOJI}|{_CLOSE}|[!.](?=[!?.]*\?))++$")
_ASKING = regex.compile(
    r"(?:(?:hey|hi|oh|ok|okay|so|and|but|well|um|wow|anyway|btw|by the way|also|then)[ ,]+|\p{Lu}\w+, )*"
    r"(?:(?:what|where|when|why|who|which|how|whose)(?: (?:much|many|long|often|far|old|else|kind of \w+|time|about))?"
    r"(?: (?:is|are|was|were|do|does|did|can|could|will|would|should|have|has|had)|['’](?:s|re|d|ve)) (?:you|your|he|she|they|we|it|i|the|this|that|there|his|her|their|my|our|up|going)\b"
    r"|(?:do|does|did|are|is|was|can|could|will|would|have|has|may|don't|didn't|doesn't|isn't|aren't|haven't|can't|won't|wouldn't) "
    r"(?:you|your|he|she|they|we|i|it|there|anyone|anybody|someone|this|that|the)\b"
    r"|(?:how|what) about (?:you|your|the|we|a)\b|any (?:ideas?|plans?|tips|news|advice|suggestions?)\b)",
    regex.IGNORECASE,
)

_LONGEST_TALK = 14  # words
_LONGEST_READ = 200
_LONGEST_TRAIL = 80
_FINE = (
    r"(?:great|good|nice|cool|amazing|awesome|wonderful|fantastic|lovely|beautiful|incredible|inspiring|impressive|sweet|cute"
    r"|fun|interesting|exciting|perfect|brilliant|excellent|fabulous|gorgeous|stunning|delicious|tasty|yummy|adorable|terrific"
    r"|super|neat|fair|true|right|sad|tough|hard|terrible|awful|horrible|rough|bad|crazy|wild|funny|hilarious|scary|weird"
    r"|strong|brave|talented|kind|thoughtful|helpful|special|powerful|meaningful|touching|refreshing|relaxing|peaceful|magical)"
)
_REACTION = regex.compile(
    r"(?:(?:oh|wow|aw+|haha+|yeah|yes|yep|no|well|hey|hi|hello|ok|okay|and|so|but|ah|omg|hmm+|sure|absolutely|definitely|totally"
    r"|anyway|\p{Lu}\w+)[ ,!.]+){0,3}"
    r"(?:thank(?:s| you)\b(?! to\b)|thx\b|many thanks|congrat|kudos|well done|way to go|good (?:luck|job|work|for you|to (?:see|hear))"
    r"|great (?:job|work|to (?:see|hear))|nice (?:work|job|one|to (?:see|meet|hear))|(?:lovely|so good|so nice|so great) to (?:see|hear|meet)"
    r"|(?:i'm |i am )?(?:(?:so|really|very|super|truly) )*(?:glad|happy|pleased|sorry|excited|stoked|thrilled|proud)"
    r" (?:to hear|for you|of you|you (?:like|love|enjoy|had|got|found|are|feel|think|could)|(?:that )?you're|to see you)\b"
    r"|(?:i )?(?:really |so )?(?:hope|bet|wish) (?:you|your|to see|it (?:goes|helps|works)|that (?:helps|you)|all (?:is|goes)|things)\b"
    r"|(?:that |it |this )?(?:sounds|looks|seems) (?:like (?:a|an|you|so|it|such)\b|so |really |absolutely |pretty |very |super )*" + _FINE + r"\b"
    r"|(?:sounds|looks|seems) like (?:you|a|an|it|your|such)\b"
    r"|(?:that|it|this)(?:'s| is| was| must be| must have been) (?:(?:so|really|very|truly|such|absolutely|pretty|quite|super|a|an|just|too)\b ?)*"
    + _FINE + r"(?: (?:to hear|news|idea|of you|point|question|way|thing|story|time|job|work|one|feeling))*\W*$"
    r"|(?:what|how) (?:(?:an?|so|very|really) )?(?:" + _FINE + r")\b[^,.;]{0,40}!?\W*$"
    r"|that(?:'s| is|'ll be| will be) (?:all|it|everything)(?: (?:for|from) (?:now|today|the moment|me|us))*\W*(?:thank.{0,20})?$"
    r"|take care\b|see you\b|talk (?:to you )?(?:soon|later)|catch (?:you|up) (?:later|soon)|keep (?:it up|up the|going|me posted|in touch|shining|rocking)"
    r"|let me know\b|stay (?:safe|strong|tuned|in touch)|have (?:a|an) (?:great|good|nice|wonderful|lovely|fun|safe|amazing|fantastic|blast)\b"
    r"|enjoy (?:your|the|it|yourself|every)\b|(?:you're|you are) (?:very |so |most )?welcome\b|no (?:problem|worries|rush)\b|my pleasure\b"
    r"|(?:i )?(?:really |so |totally |completely |couldn't )*(?:agree|appreciate (?:it|that|you|your))\b|(?:i )?(?:hear|feel) (?:you|ya)\b"
    r"|(?:i'm |i am )?(?:always )?(?:here|rooting|cheering) (?:for|to support|to help) you|(?:you|u) (?:got|can do) this\b|don't (?:worry|give up|mention it)\b"
    r"|long time no see|it's been (?:a while|ages|so long|too long|forever)\b|how(?:'s| is| are| have) (?:it|you|things|everything|life|your day)\b[^,.;]{0,30}$"
    r"|what'?s (?:up|new|going on)\b|sending (?:you|hugs|love)|(?:i )?can't wait to (?:see|hear)\b[^,;]{0,40}$|looking forward to (?:it|that|hearing|seeing (?:you|it|them))\b"
    r"|happy (?:birthday|new year|holidays|to (?:help|hear))|merry christmas|welcome back|wish(?:ing)? you\b)",
    regex.IGNORECASE,
)  # fmt: skip
_TELLS = regex.compile(
    r"(?:[,;:]|\s[-–—]|\bbut|\band)\s*(?:but |and |so |because )?(?:i|i'm|i've|i'd|i'll|my|we|we're|we've|our|he|she|they|there's)\s+(?!(?:bet|hope|guess|know|agree|love it)\b)\w+",
    regex.IGNORECASE,
)
_TALK = _words("""
    a about absolutely again ah aha ahh alright always am amazing an and another any anytime are as at aw awesome aww awwww back bad be beautiful been best bet
    better big bless brilliant but bye can catch cheers congrats congratulations cool course crazy cute damn day dear definitely did does
    enjoy evening ever exactly excellent excited fabulous fair fantastic feel fine for from fun funny gee glad go god good goodbye
    goodness goodnight gosh got gotcha great guess haha hahaha happy haven't hear heard hello here hey heya hi hmm hmmm hooray
    hope how hugs hurray i i'd i'll i'm i've idea if impressive incredible indeed inspiring interesting is isn't it it's just kidding kind know later let's like
    lol lot lots love loved lovely luck luckily luck ma'am many maybe me mean mhm mind mine moment morning much my nah neat never new news nice night no nope
    not nothing now of off oh ok okay omg one ooh oops ouch perfect phew please pleasure point pretty problem proud
    question quite rather real really right rock say see seem seems shame should so some soon sorry sounds
    speak special stuff stunning such super sure sweet talk talking thank thanks thanx that that'd that'll that's the then there
    they they're thing things think this thought thoughtful thrilled thx to too totally tough true truly tysm ugh uh
    um understand until up us very wait was we we'll we're welcome well what what's whatever whoa whoo why wild
    will wish with wonderful woah woohoo word words worries would wouldn't wow xoxo y'all ya yay yeah yep yes yet you you'll you're you've your yourself yup yummy
    hola adiós adios gracias muchas mil nada de buenos buenas días dias tardes noches bueno vale qué que tal cómo como estás estas sí si claro genial igualmente saludos hasta luego
    perfecto bien muy yo también
    bonjour salut merci beaucoup bonsoir bonne nuit journée ça ca va oui non d'accord super bienvenue au revoir à a bientôt coucou et toi génial parfait rien très
    hallo guten tag morgen abend nacht gute danke dankeschön schön bitte wie geht's geht es dir euch ja nein genau klar toll prima alles tschüss servus moin bis bald gern gerne vielen dank auch sehr gut und
    ciao grazie mille prego buongiorno buonasera buonanotte come stai sì certo bene anche arrivederci tutto
    olá ola oi obrigado obrigada tudo bem bom dia boa tarde noite tchau sim não valeu
    hoi hej hei tack takk tak dank je wel dag tot ziens goedemorgen goedenavond alsjeblieft god morgon moi kiitos dziękuję cześć dzień dobry tak děkuji ahoj köszönöm szia mulțumesc salut merhaba teşekkürler teşekkür ederim evet hayır
    привет здравствуйте спасибо большое пожалуйста да нет хорошо пока доброе утро добрый день вечер как дела
    γεια σου ευχαριστώ ναι όχι καλημέρα
    مرحبا شكرا جزيلا نعم لا أهلا السلام عليكم שלום תודה כן לא नमस्ते धन्यवाद हाँ शुक्रिया ठीक है
    你好 您好 谢谢 谢谢你 多谢 好的 早上好 晚安 再见 是的 嗯 好 ありがとう ありがとうございます こんにちは こんばんは おはよう おはようございます はい いいえ すごい なるほど お疲れ様です
    안녕하세요 안녕 감사합니다 고마워 고마워요 네 아니요 좋아요
""")  # fmt: skip
