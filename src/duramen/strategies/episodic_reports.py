"""What an agent or a tool says of its own work: whether it did anything, whether it came off, and what it asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from duramen.language.sentences import is_question, is_small_talk, sentences
from duramen.language.stemming import DEFAULT, guess
from duramen.strategies.episodic_feeling import plain
from duramen.strategies.episodic_words import CHECKS, NO_VERBS, OFFERS_MORE, VERBS, after, words

Asks = Literal["nothing", "all right", "anything else", "to go on"]
"""What an agent's turn ends with: no question, whether it is all right now, whether there is more, or something it needs
to know or to be allowed before it can go on."""

_F = re.IGNORECASE
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

_DID_NOT_END = r"(?!(?:been )?(?:tried|attempted|checked|looked|searched|asked|noticed|reviewed|received|understood|seen|escalated|forwarded|failed|reached|noted|heard|read|run|contacted|opened a ticket|requested|wanted|hoped|needed|been|thought|considered|started|wondered|assumed|missed|aborted|stopped|halted|paused|skipped|rolled back|given up|gave up|left|apologi[sz]ed)\b)"
_DONE = r"(?:\w{2,}ed|sent|made|put|set|built|written|rewritten|paid|bought|taken|given|got|gotten|done|split|cut|drawn|chosen|undone|rebuilt|resent|reset|shut|shrunk|frozen|sold|told|kept|brought|left|laid|held)"
_PAST = r"(?:\w{2,}ed|sent|made|put|set|built|wrote|rewrote|paid|bought|took|gave|got|did|split|cut|drew|chose|undid|rebuilt|resent|reset|moved|brought|shut|kept|held)"
_STATES = r"(?:booked|rebooked|confirmed|fixed|resolved|solved|complete[d]?|cancell?ed|scheduled|rescheduled|sent|updated|created|saved|deployed|merged|installed|reset|restored|refunded|processed|submitted|added|removed|activated|deactivated|enabled|disabled|unlocked|approved|shipped|delivered|passed|passing|published|uploaded|downloaded|transferred|reserved|ordered|placed|renewed|extended|changed|configured|applied|generated|finished|ready|attached|corrected|replaced|moved|deleted|credited|waived|reverted|registered|issued|paid|migrated|connected|working|running|set|set up|in place|back (?:online|up)|online|live|done|closed|on (?:its|the) way|green|converted|translated|translated|formatted|renamed|exported|imported|linked|verified|off|on|upgraded|restarted|granted|assigned|printed|posted|pushed|shared|invited|notified|archived|muted|synced|filed|labell?ed|tagged|backed up|checked in|organi[sz]ed|sorted|up to date)"

_SUCCESS = words(
    rf"(?:i|we)(?:'ve| have)(?: also| just| now| already| successfully| gone ahead and| finally)* {_DID_NOT_END}{_DONE}",
    rf"(?:i|we)(?: also| just| now| already| successfully| went ahead and| finally| then)* {_DID_NOT_END}{_PAST}",
    rf"(?:is|are|'s|'re|has been|have been|was|were|got|should be|been)(?: now| all| already| successfully| finally| fully| both| also| been| back)* {_STATES}(?! to (?:be|fail)| by (?:the|a) (?:bank|issuer))",
    r"success(?:ful|fully)?|succeeded|all set|all done|you're all set|mission accomplished|(?:confirmation|booking|order|tracking|reference|ticket) (?:number|code|id)|here (?:is|are|'s|you go|it is)|here's|(?:tests?|checks?|build) (?:now )?(?:pass|passes|passed)|exit code:? 0|200 ok|http 20\d|20[01] created|status\W{1,4}(?:ok|success|completed?|200|done|confirmed)|(?:it|that|this|everything|now) works|ok: true",
    r"(?:erledigt|gebucht|behoben|gelöst|gesendet|verschickt|erfolgreich|storniert|umgebucht|aktualisiert|erstellt|reserviert)|c'est fait|(?:réservé|résolu|envoyé|corrigé|annulé|modifié|remboursé)e?|(?:hecho|reservad[oa]|resuelto|enviad[oa]|corregid[oa]|cambiad[oa]|reembolsad[oa]|actualizad[oa]|listo)|(?:fatto|prenotat[oa]|risolto|inviat[oa]|corrett[oa]|cambiat[oa]|rimborsat[oa]|aggiornat[oa])|(?:feito|reservad[oa]|resolvido|enviad[oa]|corrigid[oa]|alterad[oa]|reembolsad[oa]|atualizad[oa]|pronto)",
)
_BARE_SUCCESS = re.compile(
    rf"\W*(?:(?:ok(?:ay)?|sure|great|good news|yes|perfect|alright|now)[,.!: ]+)*(?:done|{_STATES}|all {_STATES}|found)(?=\W|$)(?! (?:by|to be|me|is|are|was)\b)(?!\?)|\W*[✅✓✔]",
    _F,
)
_CANNOT = words(
    r"(?:i|we)(?:'m| am|'re| are| was| were)?(?: still| currently| sadly| really| also| just| afraid i| simply)* (?:unable|not able|wasn't able|weren't able|am not able|couldn't|could not|can't|cannot|can not|won't be able|don't have (?:that|this|access|permission|the (?:ability|means|rights?)|any (?:\w+))|do not have (?:access|permission|the ability|any)|(?:know|see|have|can think of) (?:of )?(?:none|nothing|no other)|haven't been able|have not been able|failed|didn't manage|did not manage|don't know|do not know|have no (?!doubt|problem|issue)\w+|didn't find|found (?:nothing|none)|did not find|found no|see no|(?:have )?r[au]n out of|(?:are|am) out of|have no more|(?:was|were) not able|gave up)",
    r"unfortunately|regrettably|regret to|i'm afraid|i am afraid|we're afraid|sadly|(?:sorry|apologies|apologi[sz]e),? but|sorry,? (?:i|we) (?:can|could|do|am|was|have)(?:n't| not)|(?:is|are|was|were|it's|that's)(?:n't| not) (?:possible|available|supported|allowed|permitted|eligible|refundable|able)|impossible|(?:all|every|each|both|everything) (?:[\w-]+ ){0,6}?(?:is|are|was|were) (?:already )?(?:taken|gone|occupied|full|sold|in use|unavailable|booked out)|no way to|not possible|unavailable|sold out|fully booked|out of stock|no (?:\w+ ){0,3}(?:available|left|found|exists?)|nothing (?:available|left|found|matches|matched)|not eligible|against (?:our|the) policy|beyond (?:my|what i)|outside (?:of )?(?:my|what i)",
    r"leider|kann (?:ich )?nicht|konnte (?:\w+ )*nicht|malheureusement|désolé,? (?:mais|je)|je ne (?:peux|trouve) pas|impossible|lamentablemente|desafortunadamente|por desgracia|no (?:puedo|pude|es posible|hay)|purtroppo|non (?:posso|è possibile|riesco|sono riuscit[oa])|infelizmente|não (?:posso|consigo|consegui|é possível|há)",
)
_FAILED = words(
    r"(?:(?:can't|cannot|can not|couldn't|could not|won't|will not|wasn't|weren't) be(?:en)? \w+|(?:she|he|they|it|nobody|no one|\w+s) (?:did|has|have)(?:n't| not) \w+|failed|timed out|timeout|crashed|did(?:n't| not) (?:work|succeed|help|go through|complete|respond|answer|reply|fix|change|solve)|(?:was|were|been|got) (?:denied|declined|rejected|refused|blocked|unsuccessful|aborted)|unsuccessful(?:ly)?|(?:was|were|been) not (?:yet |been )?(?!needed|required|necessary|affected|damaged|charged|touched|lost|changed)(?:\w{2,}ed|read|sent|made|put|set|built|written|paid|found|done)|(?:stopped|aborted|halted|stalled|broke off|cut off|interrupted|died|quit) (?:at|after|with|on|in|because|early|halfway|midway|before)|disk full|no space left|out of (?:memory|space)|(?:gave|gives|returned|returns|got|received|has|have|holds|contains?|shows?|lists?|delivered|sent) no (?:\w+ )?(?:data|values?|answers?|entry|entries|records?|readings?|response|reply|results?|information|info|details|numbers?|prices?)|(?:is|are|was|were) (?:\w+ )?(?:unreadable|illegible|corrupt(?:ed)?|inaccessible|unreachable)|refus(?:es|ed) (?:to|the|me|my|access)|still (?:not|fails|failing|broken|down|errors?|getting|returns|crash\w*|shows|the same)|(?:returned|returns|got|getting|threw|throws|with|gave|hit|an?) (?:an? )?(?:\w+ )?error|same error|no (?:results?|matches|response|luck)|not found|went wrong|(?:does(?:n't| not)|do(?:n't| not)) (?:work|respond|exist|seem to (?:work|be))|(?:is|are) (?:still )?(?:offline|unreachable|down)|found (?:nothing|none|no \w+)|there (?:is|are|was|were) no (?!need|problem|charge|fee|extra|cost|doubt|risk|limit|rush|hurry|more|longer)\w+|[1-9]\d* (?:\w+ )?(?:failed|failures?|errors?|missing|skipped)|still fails?)"
)
_NOT_DONE = words(
    rf"(?:no (?!charges?|fees?|costs?|errors?|issues?|warnings?|problems?|data loss|conflicts?|duplicates?|changes?)(?:[\w-]+ ){{1,3}}|nothing |none of (?:\w+ ){{1,3}}|neither (?:\w+ ){{0,3}})(?:has|have|was|were|is|are|could be|got)(?: yet)?(?: been)? (?:{_STATES}|\w{{2,}}ed|made|written|read)(?! (?:needed|required|necessary|lost|affected))"
)
"""What says of nothing that it was done."""
_TOOL_FAILED = words(
    r"(?:error|errors|failed|failure|exception|traceback|timeout|timed out|denied|rejected|declined|forbidden|refused|unauthori[sz]ed|invalid|unavailable|not found|fatal|aborted|crash(?:ed)?|(?<!\d)0 (?:results|rows|matches|hits|items|found)|no (?:answer|response|reply|results?|matches|rows|seats|availability|flights|rooms)|4(?:0[0-9]|2[29])|50[0-4]|(?:exit code|exited with(?: code)?|return(?:ed)? code|status):? [1-9]\d*|success\W{1,4}false|\"?(?:results|items|flights|rows|slots|seats)\"?: ?(?:\[\]|0))"
)
_NO_FAILURE = words(
    r"(?:fix(?:ed)?|corrected|resolved|removed|cleared|marked|repaired|eliminated) (?:[\w']+ ){0,3}(?:errors?|failures?|issues?|bugs?)",
    r"(?:0|no|zero|without|any) (?:errors?|failures?|failed|exceptions?)|(?:errors?|failed|failures?)\W{1,3}(?:0|null|none|false|\[\])|errors? (?:\w+ )?(?:fixed|resolved|gone|cleared)",
)
_LEAD = re.compile(
    r"(?:please|then|first|next|now|instead|also|just|simply)(?=[\s,]|$)|(?:to|in) \w[^,]*,|[^\w\s]+|\d+|\s+", _F
)
_OPENERS = re.compile(
    r"(?:oh|wow|ah|yes|sure|okay|ok|great|and|well|hi|hello|hey|no|absolutely|certainly|of course|also)(?=[\s,.!]|$)(?!\W*$)|\w+,|[^\w\s]+|\s+",
    _F,
)
_MAY = re.compile(
    r"you(?:'ll)? (?:can|could|should|need|may|might|have to|want to)\b|(?:boot|hold|press|click|tap|clear|boil|blot|bake|soak|rinse|wash|wipe|unplug|plug|make sure|go|take|use|set|turn|let(?! me| us)|keep|leave|be|do|have|give|pour|stir|hang|plant|feed|rest|drink|eat|walk|ride|stay|stand|sit|wear|ask|cover|tuck|lay|fold|roll|allow|wait|pull|push|loosen|tighten|divide|multiply)\b",
    _F,
)
_PROMISE = words(
    r"(?:let me|i'll|i will|i'm going to|i am going to|we'll|we will|allow me to) (?:just |now |quickly |go and |go ahead and |also |try to |be right )*(?:check|look|see|investigate|find out|search|take|get back|dig|work on|have a|pull|verify|get (?:on|to|that|right)|fetch|try|start|do that|review|go through|analy[sz]e|prepare|put)",
    r"(?:one|just a|a) (?:moment|second|sec|minute)|(?:checking|looking into|searching|working on|on it|i'm on)|right away|hold on|bear with me|einen moment|un instant|un momento|um momento",
)
_REACTS = re.compile(
    r"(?:(?:duly )?noted|got it|understood|(?:i'll|i will|will) (?:remember|keep|make a note|note|bear)|i've (?:noted|made a note)|(?:i'm |i am |so |very |really )*(?:sorry|glad|happy|excited|thrilled) (?:to hear|for|about|that|you|for the)|(?:my )?(?:apologies|condolences)|sorry (?:about|for|to)|(?:that|this|it) (?:sounds|must|looks|seems)|that's|congrat|how (?:\w+)!?$|what (?:a|an) |good (?:to know|luck|for you)|nice|(?:thanks|thank you) for|enjoy|i hope|hope |have (?:a|fun)|welcome|you're welcome|my pleasure|happy to help|glad (?:i|to|it|that)|no problem|anytime|take care|sure thing|of course$|i understand|i see$|i (?:can )?(?:totally |completely )?(?:relate|agree|feel|hear))\b",
    _F,
)
_CONCRETE = re.compile(r"\d|https?://|`|\"|“|:\s*\S|^\s*[-*•]", re.MULTILINE)
_UNKNOWN_VERB = re.compile(
    r"[A-Za-z]{2,}(?<!s)(?<!ed)(?<!ing)(?<!ly) (?:the|a|an|my|me|it|this|that|all|our|us|them|these|those|every|each|both|your)\b",
    _F,
)
_STATES_INSTEAD = re.compile(
    r"\w+\s+(?:is|are|was|were|has|have|had|seems?|looks?|feels?|works?|did|does|went|me too)\b", _F
)
_AGAIN = words(r"(?:check|try|look|test)(?: \w+)? (?:again|once more|now)|another (?:try|go|look)")
_BEFORE = words(r"(?:has|have|was|were|is|are|had) already (?:been )?\w+|already (?:been )?\w+ed")
_ENDS_DONE = re.compile(rf"(?<!to be )\b{_STATES}\W*$", _F)
_SHARE = re.compile(r"\b(\d{1,6}) (?:out )?of (?:the |all |your )?(\d{1,6})\b")
_FOUND = words(
    r"(?:found|have|got|collected|gathered|identified|extracted|read|matched) (?:[\w-]+ ){0,3}(?:[1-9]\d*|two|three|four|five|six|seven|eight|nine|ten)"
)
_LISTS = re.compile(r"[^,;:]*\d[^,;:]*[,;][^,;]*\d|:\s*\S+[^,;]*[,;]|[^,;]+;[^,;]+", re.DOTALL)
_OF_ONE = words(
    r"^(?:but |however,? |only )?(?:for|from|as for|of)|the (?:rest|others?|remaining|last|other|second|third|fourth|fifth|sixth|final)|one of|(?:two|three|\d+) (?:others?|more)|except|apart from"
)
_OF_ALL = re.compile(r"\W*(?:(?:unfortunately|sadly|but|however)[, ]+)?(?:they|both|all|none|neither|it)\b", _F)
_SUGGESTS = re.compile(
    r"(?:(?:have|did) you (?:already )?(?:try|tried|check|checked)|(?:how|what) about (?!\d)(?!.* at \d))",
    _F,
)
_EXPLAINS = words(
    r"most likely|probably|usually|typically|that means|this (?:means|happens)|because|the (?:cause|reason|culprit|fix|trick|answer)"
)
_OFFER = re.compile(r"(?:would you like|do you want|shall i|should i|want me)\b", _F)
_PIECES = re.compile(r"[,;]\s+|\s+(?=(?:but|however|so|and|although)\s)", _F)
_PERMISSION = words(
    r"(?:shall|should|may|can|could) (?:i|we)|(?:would|do) you (?:like|want|prefer|mind)|is that (?:ok|okay|fine|alright)|ok(?:ay)? (?:with you|to proceed|if i)|ready to|does that (?:work|suit)|which|what|when|where|who|how|could you|can you|please (?:confirm|tell|provide|share|send)|soll ich|möchten sie|(?:voulez|souhaitez)-vous|quiere(?:s)? que|vuoi che|quer que"
)
_NEEDED = words(
    r"^(?:please )?(?:tell me|send me|give me|provide|share with me|let me know (?:when|once|which|what|where|your|how))",
    r"(?:could|can|would|will) you (?:please |also |just |kindly )*(?:upload|send|provide|share|give|tell|confirm|specify|attach|paste|show|describe|clarify|let me know)(?! it (?:again|works))",
    r"please (?:upload|send|provide|share|give|tell|confirm|specify|attach|paste|describe|clarify|let me know (?:which|what|when|where|your|how|whether))",
    r"i(?:'ll| would| will|'d)?(?: just| also| still| only)? need (?:you|your|the|a|an|some|to know|more)",
)


@dataclass(frozen=True, slots=True)
class Report:
    """What an agent's or a tool's turn comes to.

    Attributes:
        acts: It did, answered or advised something, beyond reacting, promising and asking.
        needs: It asks for something that it needs for the work.
        concretely: It says what it did or what to do, so that it is no mere chat.
        promises: It only says that something is going to be done.
        signs: 1 for a sentence that reports success, -1 for a failure, -2 for what cannot be done, 0 for advice; in order.
        asks: What it ends with.
        gist: The sentence that says most of what was done; empty if there is none.
    """

    acts: bool
    needs: bool
    concretely: bool
    promises: bool
    signs: tuple[int, ...]
    asks: Asks
    gist: str


def report(text: str, *, tool: bool = False) -> Report:
    """Read a turn of an agent, or of a `tool`."""
    read = plain(text)
    if tool:
        return Report(True, False, True, False, _tool_signs(read), "nothing", " ".join(read.split()))
    said = sentences(read)
    told = [one for one in said if not _asks(one) and not is_small_talk(one)]
    doing = [one for one in told if not _REACTS.match(after(_OPENERS, one)) or _sign(one) > 0 or re.search(r"\d", one)]
    done = [one for one in doing if not _PROMISE.search(one) or _sign(one) or _advises(one)]
    # A question of the agent's may well be its answer: "Have you tried turning it off?"
    done += [one for one in said if _asks(one) and _SUGGESTS.match(after(_OPENERS, one))]
    signs = tuple(sign for one in done for sign in (_signs(one) or ([0] if _advises(one) else [])))
    signs = (1, *signs) if _delivers_a_part(done) else signs
    return Report(
        acts=bool(done),
        needs=any(map(_NEEDED.search, said)),
        concretely=any(map(_is_concrete, done)) or (bool(done) and _is_foreign(read)),
        promises=bool(doing) and not done,
        signs=signs,
        asks=_question(said, succeeded=bool(signs) and signs[-1] > 0),
        gist=_gist(done),
    )


def outcome(signs: tuple[int, ...]) -> int:
    """Say how reports taken together came out: 2 for success, 1 for success in part, 0 for unknown, -1 for failure."""
    worth = [sign for sign in signs if sign]
    if not worth:
        return 0
    if worth[-1] > 0:
        return 2
    if 1 in worth:
        return 1
    return 0 if signs[-1] == 0 and -2 not in worth else -1


def _is_foreign(text: str) -> bool:
    """Say whether a text is in a language whose advice is not told by its words here."""
    words_ = _WORD.findall(text.casefold())
    return guess(words_) != DEFAULT or any(not word.isascii() for word in words_)


def is_order(sentence: str) -> bool:
    """Say whether a sentence begins as an order does: "Book a table", and not "Book clubs are fun"."""
    found = _WORD.match(sentence)
    if found is None or _STATES_INSTEAD.match(sentence) or len(sentence.split()) < 2:
        return False
    return found[0].casefold() in VERBS or bool(_UNKNOWN_VERB.match(sentence) and found[0].casefold() not in NO_VERBS)


def _delivers_a_part(done: list[str]) -> bool:
    """Say whether it tells some of what was wanted, before what it could not: "North 3, South 5. For East I have no data"."""
    for at, one in enumerate(done):
        if _sign(one) < 0 and not _OF_ALL.match(one):
            well = [earlier for earlier in done[:at] if _sign(earlier) >= 0 and not _advises(earlier)]
            numbered = one[:1].isdigit() and any(earlier[:1].isdigit() for earlier in well)
            listed = bool(_OF_ONE.search(one)) and any(map(_LISTS.search, well))
            return numbered or listed or any(map(_FOUND.search, well))
    return False


def _advises(sentence: str) -> bool:
    core = after(_LEAD, sentence)
    return is_order(core) or bool(_MAY.match(core))


def _asks(sentence: str) -> bool:
    return is_question(sentence) or bool(_NEEDED.search(sentence))


def _signs(sentence: str) -> list[int]:
    """What a sentence reports, piece by piece; nothing of what it supposes."""
    if re.match(r"\W*(?:if|once|when|unless|in case|after|as soon as|should)\b", sentence, _F):
        return []
    signs = [sign for piece in _PIECES.split(sentence) if piece and (sign := _piece(piece))]
    share = _SHARE.search(sentence)
    if share and signs[-1:] == [1] and int(share[1]) < int(share[2]):
        signs.append(-1)
    return signs


def _sign(sentence: str) -> int:
    signs = _signs(sentence)
    return signs[-1] if signs else 0


def _piece(piece: str) -> int:
    if _CANNOT.search(piece):
        return -2
    if _BEFORE.search(piece):
        return 0
    if _NOT_DONE.search(piece):
        return -1
    if _FAILED.search(piece) and not _NO_FAILURE.search(piece):
        return -1
    if _SUCCESS.search(piece) or _BARE_SUCCESS.match(piece) or _ENDS_DONE.search(piece):
        return (
            0
            if re.search(r"\b(?:not|never|n't|will|would|could|might|may|to be|needs? to|once|if)\b|n't\b", piece, _F)
            else 1
        )
    return 0


def _tool_signs(text: str) -> tuple[int, ...]:
    sign = _tool_sign(text)
    share = _SHARE.search(text)
    if share and 0 < int(share[1]) < int(share[2]):
        return (1, -1)
    return (sign,) if sign else ()


def _tool_sign(text: str) -> int:
    cleaned = _NO_FAILURE.sub(" ", text)
    if _TOOL_FAILED.search(cleaned) or _CANNOT.search(cleaned) or _FAILED.search(cleaned):
        return -1
    return 1 if _SUCCESS.search(text) or _BARE_SUCCESS.match(text) or _NO_FAILURE.search(text) else 0


def _is_concrete(sentence: str) -> bool:
    return bool(
        _sign(sentence) or _advises(sentence) or _CONCRETE.search(sentence) or _EXPLAINS.search(sentence)
    ) and not is_small_talk(sentence)


def _question(said: list[str], *, succeeded: bool) -> Asks:
    asked = [one for one in said[-2:] if _asks(one)]
    if not asked:
        return "nothing"
    last = asked[-1]
    if OFFERS_MORE.search(last):
        return "anything else"
    if _SUGGESTS.match(after(_OPENERS, last)) and not last.casefold().startswith(("have", "did")):
        return "all right"
    if CHECKS.search(last) and not (_PERMISSION.match(last) and not _AGAIN.search(last)):
        return "all right"
    # An offer after the work was done may be passed over: "Booked! Would you like the receipt by mail?"
    return "anything else" if succeeded and _OFFER.match(after(_OPENERS, last)) else "to go on"


def _gist(done: list[str]) -> str:
    best = [one for one in done if _sign(one)] or done
    return best[-1] if best else ""
