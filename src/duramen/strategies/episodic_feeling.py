"""How a user finds what an agent did: clause by clause, with negation, from what they say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from duramen.strategies.episodic_words import BYE, HEDGED, IRONY, SETTLES, THANKS, words

LONGEST = 4000
"""Characters of a text that are read: the first and the last half of them."""

_F = re.IGNORECASE

_GOOD = frozenset(
    """
    works working worked fixed solved resolved sorted perfect perfectly great excellent awesome amazing fantastic wonderful
    brilliant superb super lovely nice good fine better helpful helped helps success successful successfully succeeded
    beautiful beautifully lifesaver genius yay hooray woohoo bingo flawless flawlessly stable smooth smoothly happy glad delighted
    thrilled love loved satisfied pleased impressed exactly neat cool sweet stellar terrific spotless ideal fabulous delicious gorgeous stunning adorable incredible outstanding best hero tasty yummy magnificent phenomenal splendid wonderfully excellently clever smart bravo neatly elegant correct correctly
    properly legend star magic green compiles passes loads opens starts boots connects connected prints syncs arrived
    received accepted accurate impressive marvelous marvellous useful handy yess yesss spot-on wow nailed
    funktioniert geklappt klappt läuft gelöst perfekt prima super toll wunderbar hervorragend großartig genial ausgezeichnet
    parfait parfaite marche fonctionne résolu réglé génial excellent formidable nickel impeccable réussi
    perfecto perfecta genial estupendo funciona funcionó resuelto solucionado arreglado excelente fenomenal maravilloso
    perfetto perfetta funziona risolto ottimo ottima fantastico eccellente bravissimo
    perfeito perfeita funcionou resolvido ótimo ótima excelente maravilha maravilhoso resultou
    unlocked opened loaded started printed appeared booted charged paired downloaded installed uploaded synced saved arrivé
    gefunden angekommen llegado arrivato arrivata chegou
    phew whew hallelujah eureka hooray hurray
    👍 🎉 🙌 👏 💯 ✅ 🥳 😍 🤩 🙏 ❤
    """.split()  # noqa: SIM905 - as above
)
_SOLVED = frozenset(
    """
    works working worked fixed solved resolved sorted helped succeeded compiles passes loads opens starts boots connects
    connected prints syncs arrived received exactly nailed perfect perfectly success successful successfully
    funktioniert geklappt klappt läuft gelöst perfekt parfait parfaite marche fonctionne résolu réglé perfecto funciona
    funcionó resuelto solucionado arreglado unlocked opened loaded started printed appeared booted charged paired downloaded installed uploaded synced arrivé
    gefunden angekommen llegado arrivato arrivata chegou perfetto funziona risolto perfeito funcionou resolvido ✅ 💯
    """.split()  # noqa: SIM905 - as above
)
_BAD = frozenset(
    """
    broken fails failing failed fail crash crashes crashing crashed wrong incorrect incorrectly useless worse worst bad
    terrible awful horrible disappointed disappointing disappointment frustrated frustrating frustration annoying annoyed
    ridiculous unacceptable hopeless pointless stuck frozen freezes freezing missing denied rejected declined refused
    unhelpful nonsense garbage rubbish unusable slow timeout disconnects disconnecting hangs hanging nope joke outdated
    inaccurate invalid unreadable misleading unfortunately sadly mess messed ruined pathetic duplicated garbled
    irrelevant hallucinated nowhere empty blank unresolved unsolved fehlgeschlagen leider sucks sucked lies lying
    kaputt falsch schlecht fehlerhaft unbrauchbar nutzlos enttäuscht faux fausse cassé inutile mauvais nul pire déçu
    roto mal incorrecto equivocado peor inútil decepcionado sbagliato rotto inutile peggio male deluso
    errado errada partido pior inútil dececionado quebrado 👎 😡 😠 😤 😞 😢 😭 ❌ 🤬 🙁
    """.split()  # noqa: SIM905 - as above
)
_NOUNS = frozenset(
    [
        "error",
        "errors",
        "issue",
        "issues",
        "problem",
        "problems",
        "bug",
        "bugs",
        "warning",
        "warnings",
        "exception",
        "failure",
        "trouble",
    ]
)
_FIXES = frozenset(
    [
        "fixed",
        "fixes",
        "fix",
        "solved",
        "solves",
        "resolved",
        "resolves",
        "sorted",
        "cleared",
        "removed",
        "eliminated",
        "cured",
        "gone",
        "disappeared",
        "vanished",
    ]
)
_NOT = frozenset(
    """
    not no never none nothing hardly barely neither nor without cannot cant dont doesnt didnt isnt wasnt wont havent hasnt
    nobody nowhere nicht kein keine keinen nie pas jamais aucun rien non nessun niente mai nunca nada ningún não nem
    nenhum
    """.split()  # noqa: SIM905 - as above
)
_STILL = frozenset(["still", "immer", "toujours", "encore", "todavía", "aún", "sigue", "ancora", "ainda", "continua"])
_SCOPE = 5

_CLAUSES = re.compile(
    r"(?<=[.!?;:…\n])\s*|\s[-\u2013\u2014]+\s|\s*,\s*|\s+(?!and (?:running|about|span|dandy|sound|dusted)\b)(?=(?:but|however|although|though|yet|except|and|while|whereas|aber|mais|pero|ma|però|mas|because|since)\s)",
    _F,
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n")
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[👍🎉🙌👏💯✅🥳😍🤩🙏❤👎😡😠😤😞😢😭❌🤬🙁]")

_OPEN = words(
    r"if|whether|unless|in case|hopefully|(?:i |we )?hope(?:s|d)?|should|might|may|fingers crossed|supposed to|wish|wenn|falls|si|se",
    r"(?:would|'d|could|will|'ll|going to|gonna|can)(?!n't| not)(?: (?:be|really|also|just|you|work|do|love|like|i|we|make|help|get|it))+",
    r"(?:let me|lemme|i'll|try to|trying to|want to|need to|wanted to|needed to|supposed to|in order to|so that)",
    r"good (?:morning|afternoon|evening|day|night|luck|idea|point|question|to know|enough)|nice (?:to meet|day|weekend|evening|idea|try)|great (?:day|weekend|idea|question|point|week)|makes sense|fair enough|right now|looks? like|sounds? (?:good|great|fine|perfect|nice|like)",
    r"^(?:and |so |then |but )?(?:i'm |i am |we're )?working (?:on|from|with|around)|(?:you're|are you|you) (?:working|done)|(?:i'm|i am|we're|he's|she's) (?:working|not working (?:today|tomorrow|on))",
)
"""What is open, wished or only agreed to, and so praises nothing that was done."""

_SURE_GOOD = words(
    r"(?:could|can)(?:n't|not| not) (?:be happier|be better|have (?:asked|hoped|done|wished)|thank you enough|complain|fault)|never been better",
    r"(?:no|without) (?:more |further |any |other |longer any )*(?:errors?|problems?|issues?|crash\w*|warnings?|glitch\w*|complaints?)(?: any ?more| at all| now| so far)?|(?:error|problem|issue|warning|bug|message|noise|lag|leak|glitch)s? (?:is|are|was|were|has|have|'s)? ?(?:now |finally |all |been |just )*(?:gone|went away|disappeared|vanished|fixed|solved|resolved|cleared|sorted|went)",
    r"(?:runs?|starts?|opens?|loads?|prints?|plays?|charges|boots?|connects?|syncs?|saves|rings?|fits|builds?|compiles?|imports?|exports?|renders?|turns on|lights up|comes? (?:up|on|through)|goes through|shows up|shuts|closes|drains?|flushes|scrolls) (?:\w+ )?(?:now|again|fine|through|perfectly|smoothly|properly|at last|finally)|(?:is|are|it's|they're|all|'s) (?:all |both |nice and )?(?:dry|clean|clear|quiet|fast|fine|green|visible|straight|sharp|smooth|tidy|crisp|complete|readable|stable|online|live|level|even|bright|charged|normal|legible|in sync)(?: now| at last| finally)|light(?:'s| is) (?:\w+ )?(?:green|blue|white|steady)|all (?:green|fine|clear|sorted|done) now|no more \w+ing|(?:is|are|it's|they're)(?: all| both)? (?:there|here|visible|back|in)(?: now| again)|(?:is|are|it's|they're|all) (?:all |both |nice and )?(?:green|fine|well|healthy|ok|okay|normal|good|fast|quiet|warm|cold|cool|smooth|clean|clear|happy) again|(?:no longer|doesn't|does not|don't|hasn't|not|isn't|stopped|without|never) (?:\w+ )?(?:crash\w*|fail\w*|freez\w*|hang\w*|leak\w*|disconnect\w*|flicker\w*|lag\w*|overheat\w*|stuck)(?: any ?more| again| since)?",
    r"like (?:a (?:charm|dream|glove|pro|treat|breeze|beauty)|clockwork|magic|butter|silk)|work(?:ed|s) (?:wonders|a treat|out (?:well|fine|great|nicely))|(?:a|what a|piece of) (?:breeze|cake|hit|success|winner|keeper)|hits? the spot|job done|mission accomplished|there (?:we|you) go|(?:that's|now that's) more like it|bull'?s-?eye|(?:10|ten) out of (?:10|ten)|10/10|five stars|top (?:notch|marks|tip)|no complaints|(?:like|as) new|did the (?:trick|job)|(?:that|this|it) (?:answers|settles|explains|clarifies|clears|covers|sorts|solves|cures|nails|answered|settled|explained|clarified|cleared|covered|sorted|solved|cured|nailed|helped|freed|unblocked|unlocked|loosened) (?:it|that|this|my|the|our|all|everything|things|them|us|me)\b|(?:that|this|it) (?:brought|got|made|set) (?:it|them|everything|things|all|the \w+|my \w+) (?:back|going|work|working|right|straight|running|moving|over|through|in|up|clear)|(?:i|we) (?:see|get|understand|understood|got) (?:it|that|this|why|how) now|now (?:i|we) (?:see (?:it|why|how|what)|get it|understand|can\b|know (?:why|how|what))|got it (?:working|going|running|right|done)|crystal clear|squeaky clean|that(?:'s| is| was| did| does)? (?:it|the one|the ticket)(?= *(?:[!.,]|$|exactly|thanks?|thank))|(?:that|this|it) (?:did|does|has done) it|exactly what|(?:that's|is) what i(?:'m talking about| call| was hoping)|just what (?:i|we)|what (?:i|we) (?:needed|wanted|was looking for|were looking for)|not bad|spot on|you(?:'ve)? (?:nailed|did|solved|fixed|saved|made|cracked) (?:it|my|me|this|that)|up and running|back (?:up|online|to normal|in business)|good as new|came through|went through|all good|(?:we're|i'm|i am|we are|all) (?:good|set)(?: now| to go)?|good to go|problem solved|(?:i|we) can (?:\w+ ){0,4}?(?:now|again|finally)|(?:i|we) can (?:now|finally) |(?:i'm|we're|i am) (?:back )?in(?: now| again|$)|(?:got|have|received|see) (?:it|them|the \w+)(?: now| today| just now| working)?(?=[!.,]|$| thank| now)|(?:just )?(?:got|arrived|came in|showed up|received)(?= *[!.,]|$)|(?:it|that)'s (?:all )?(?:there|in|up|on|back)(?: now| again)(?! wrong)|looks? (?:good|great|right|perfect|correct|amazing|fantastic|fine|much better|better|lovely|nice|like it works)(?: now)?|(?:tests?|build|checks?|everything|it|that|all) (?:\w+ )?(?:pass(?:es|ed)?|is green|are green|runs|ran fine|loads|opens|checks out)(?: now)?",
    r"(?:hat|es) (?:geklappt|geholfen|funktioniert)|alles (?:gut|klar|bestens)|(?:geht|läuft|klappt|funktioniert) (?:\w+ )?(?:wieder|jetzt|nun)|ça (?:marche|fonctionne|a marché)|vient d'arriver|c'est (?:bon|parfait|réglé)|ya (?:funciona|está)|(?:je|on|nous) (?:peux|peut|pouvons|vois|voit|voyons) (?:\w+ ){0,4}(?:maintenant|enfin|à nouveau)|maintenant (?:ça|je peux|c'est bon)|(?:ich|wir) (?:kann|können|komme|sehe|habe) (?:\w+ ){0,4}(?:jetzt|wieder|endlich)(?! nicht)|jetzt (?:geht|klappt|läuft|funktioniert|stimmt|passt|kann ich|komme ich)|passt (?:so|jetzt|genau|perfekt)|(?:ya|ahora|por fin) (?:sí |ya )?(?:puedo|funciona|veo|entra|abre|va|enciende)|(?:ora|adesso|finalmente) (?:posso|riesco|va|vedo|si apre|parte)|(?:já|agora) (?:consigo|posso|vejo|abre|funciona|dá)|adesso funziona|tutto (?:bene|a posto|ok)|já (?:funciona|está)|deu certo|tudo certo",
)
_SURE_BAD = words(
    r"(?:did|does|do|is|are|was|were|has|have|had|wo|ca|could|would|must)(?:n't| not) (?:seem to (?:work|help|do)|(?:even |really |actually |quite |yet )*(?:work|help|fix|solve|change|do (?:anything|it|the trick)|make (?:any|a|it)|what|right|correct|it\b|there|my|the (?:right|one|same)|in |on |helping|showing|receiv\w+|arriv\w+|see\w*|go through|understand|get it|any better|accept\w*))(?: yet| at all)?",
    r"no (?:luck|change|difference|use|good|help|effect|improvement|response|sign|joy|success|answer|dice)|(?:of )?no (?:use|help)|nothing (?:happens|happened|changed|works|worked|helped|helps|is happening|shows|came|there|new)|none of (?:it|that|them|this|those|these|your)|(?:makes?|made) no (?:sense|difference)",
    r"stopped (?:working|responding)|same (?:error|problem|issue|thing|result|message|story|behaviou?r|as before|again|here)|(?:an?other|a new|a different|different|new|more|now an?|getting an?|get an?|got an?|gives? me an?|throws? an?|says|shows? an?) (?:error|exception|problem|issue|warning|bug)|not (?:what i|the one|the right|it\b|helpful|helping|working|fixed|there yet|solved|resolved|right|correct|true|acceptable|good enough|even close|yet\b|really|at all)|that(?:'s| is|s) not|already (?:tried|did|done|told|said|checked)|i (?:said|asked for|told you|meant)\b|you (?:didn't|did not|forgot|missed|ignored|misunderstood|got it wrong|keep|still haven't|messed|broke|deleted)|waste of time|wasting my|going (?:in|round in) circles|not impressed|let (?:me )?down|(?:even )?worse|(?:(?:looks?|seems?|feels?|way|bit|little|slightly|totally|completely|still|which|that|it|total|sum|numbers?|count|dates?|times?|timing|colou?rs?|alignment|formatting|results?)(?: is| are|'s| was| were)? off(?= *[.!,;]|$)|off by)|back to square one|to no avail|(?:a|complete|total) (?:flop|dud|fail|disaster|fiasco|write-off)|fell (?:flat|apart)|no (?:go|cigar|better|hope|way round|chance)|(?:wo|did|does)(?:n't| not) (?:budge|cut it|hold|last)|beyond repair|down the drain|in vain|back where (?:i|we) (?:started|were)|comes? back|came back|keeps? (?:\w+ing|on)|happened again|again the same|too (?:slow|late|expensive|long|short|small|big|vague)",
    r"(?:funktioniert|geht|klappt|hilft|läuft|stimmt) (?:\w+ ){0,2}nicht|immer noch|hat nicht|(?:bringt|nützt|hilft|ändert|passiert|geht|tut sich) (?:\w+ )?nichts|(?:ne|n') ?\w+ (?:rien|toujours pas)|sans (?:succès|effet)|(?:sigue|está) igual|sin éxito|no cambia|non (?:cambia|serve|succede)|niente da fare|não (?:adianta|muda)|continua igual|sem sucesso|^(?:nothing|nada|nichts|rien|niente|zilch|nil)(?=\W*$)|ne marche pas|(?:marche|fonctionne) (?:toujours )?pas|toujours pas|(?:todavía|aún|sigue) (?:no|sin|igual|fallando)|no (?:funciona|sirve|me ayud\w+)|(?:ancora )?non (?:funziona|va|ha funzionato)|(?:ainda )?não (?:funciona|funcionou|resolveu|deu)|même (?:erreur|problème)|gleiche[rsn]? fehler|mismo (?:error|problema)|stesso (?:errore|problema)|mesmo (?:erro|problema)",
)
_BENIGN = words(
    r"(?:do|did|does|would|ca|could|wo)(?:n't| not) (?:worry|need|know|think|realis?ze|expect|mind|notice|matter|hurt|have to|want to (?:bother|keep)|wait|believe|even (?:know|think))",
    r"no (?:problem|problems|worries|need|rush|thanks|thank you|doubt|idea|questions?|more questions)|not (?:sure|only|just|yet tried|a problem|to worry)|why (?:not|don't)|nothing (?:else|more|further)|no one|never ?mind|isn't it|won't (?:need|bother|keep)",
)
_NEGATED = words(
    r"(?:does|is|are|was|were|has|wo|ca|could|would|must|had)(?:n't| not)|(?:do|did|have|can)(?:n't| not)(?= (?:\w+ )?(?:see|get|have|find|receive|received|work|open|load|log|use|access|show|start|save|send|print|hear|connect|arrive|arrived|come|got|gotten|want|match|look|add|include|understand|like|help|fix|solve|change))|cannot|never (?:got|arrived|came|received|worked|did)"
)
_BUT = re.compile(r"(?:but|however|except|although|only that|aber|mais|pero|però|mas)\b\W*\w+", _F)
_STILL_FINE = words(
    r"still (?:logged|up|running|holding|going|connected|stable|have|need|want|wondering|curious|got|love|works?|working|fine|good|open|on|in time|think|waiting for you|would|like|planning|a (?:question|bit))"
)


@dataclass(frozen=True, slots=True)
class Feeling:
    """What a user says of what was done.

    Attributes:
        signs: 2 for a clause that says it is solved, 1 for praise, -1 for one that says it is not; in order.
        hedged: Something takes a part of it back.
        settles: They take it though it is not the whole.
    """

    signs: tuple[int, ...] = ()
    hedged: bool = False
    settles: bool = False

    @property
    def good(self) -> bool:
        """Something is well."""
        return any(sign > 0 for sign in self.signs)

    @property
    def bad(self) -> bool:
        """Something is not."""
        return any(sign < 0 for sign in self.signs)

    @property
    def solved(self) -> bool:
        """Something is said to be as it should."""
        return 2 in self.signs

    @property
    def last(self) -> int:
        """The sign said last; 0 if there is none."""
        return self.signs[-1] if self.signs else 0


def plain(text: str) -> str:
    """Return what is read of a text: in Unicode's usual form, with straight apostrophes, and not too long."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    read = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'").replace("\ufe0f", "")
    return _BLANKS.sub(" ", _LINES.sub("\n\n", read))


def feeling(text: str) -> Feeling:
    """Read how a user finds it.

    >>> feeling("Great, the first part works, but the export is still broken").signs
    (1, 2, -1)
    >>> feeling("it's not working yet").signs, feeling("no more errors").signs
    ((-1,), (2,))
    """
    read = plain(text).casefold()
    if IRONY.search(read):
        return Feeling((-1,))
    signs: tuple[int, ...] = ()
    for clause in clauses(read):
        sign = _sign(clause) or (-1 if any(one > 0 for one in signs) and _objects(clause) else 0)
        signs += (sign,) if sign else ()
    rest = BYE.sub(" ", read)
    return Feeling(signs, bool(HEDGED.search(rest)), bool(SETTLES.search(rest)))


def clauses(read: str) -> list[str]:
    """Cut a text where one statement ends and the next begins."""
    return [clause.strip() for clause in _CLAUSES.split(read) if clause and clause.strip()]


def _sign(clause: str) -> int:
    asks = clause.endswith("?")
    if _OPEN.search(clause) and not _insists(clause):
        return 0
    if _SURE_GOOD.search(clause) and not asks and not _takes_back(clause):
        return 2
    if _SURE_BAD.search(clause):
        return -1
    polarity = _polarity(_TOKEN.findall(clause))
    if polarity:
        return 0 if asks and polarity > 0 else polarity
    if _BENIGN.search(clause):
        return 0
    if _NEGATED.search(clause) and not asks:
        return -1
    return -1 if _is_still(clause) else 0


def _objects(clause: str) -> bool:
    """After praise, a clause that begins with "but" takes exception to something, in whatever words."""
    return bool(_BUT.match(clause)) and not (_BENIGN.search(clause) or THANKS.search(clause) or SETTLES.search(clause))


def _insists(clause: str) -> bool:
    """A wish or a trial in words, but a report in fact: "it still won't do what it should"."""
    return bool(_SURE_BAD.search(clause)) and not re.match(
        r"(?:and |but |or )?(?:if|unless|in case|wenn|si|se)\b", clause
    )


def _takes_back(clause: str) -> bool:
    found = _SURE_GOOD.search(clause)
    before = clause[: found.start()] if found else ""
    return bool(re.search(r"(?:\bnot|n't|\bnever|\bhardly|\bisn't) (?:\w+ ){0,2}$", before))


def _is_still(clause: str) -> bool:
    return bool(_STILL.intersection(_TOKEN.findall(clause))) and not _STILL_FINE.search(clause)


def _polarity(tokens: list[str]) -> int:
    """Sum up the words of one clause: the worst of them counts, each turned round by a negation before it."""
    found: list[int] = []
    negated = -_SCOPE - 1
    mends = False
    for at, token in enumerate(tokens):
        if token in _NOT or token.endswith("n't"):
            negated = at
        turned = at - negated <= _SCOPE and at != negated
        if token in _GOOD:
            found.append(-1 if turned else 2 if token in _SOLVED else 1)
            mends = mends or (token in _FIXES and not turned)
        elif token in _BAD and not mends:
            found.append(1 if turned else -1)
        elif _is_trouble(token) and not mends and turned:
            found.append(1)
        elif _is_trouble(token) and not mends and (_STILL | {"now", "get", "getting"}).intersection(tokens):
            found.append(-1)
    return min(found) if found and min(found) < 0 else max(found, default=0)


def _is_trouble(token: str) -> bool:
    return token in _NOUNS or token.endswith(("error", "exception"))
