"""The words by which an episode is told: what asks, ends, praises, complains, and reports. English, and the commonest others."""

from __future__ import annotations

import re

from duramen.language.function_words import ENGLISH

_F = re.IGNORECASE


def words(*lines: str) -> re.Pattern[str]:
    """Compile alternatives that begin and end at the edge of a word."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(lines)})(?!\w)", _F)


def after(lead: re.Pattern[str], text: str) -> str:
    """Return `text` without what matches `lead` at its beginning, again and again.

    A loop, since a repeated group of overlapping alternatives may take a time exponential in the length.
    """
    place = 0
    while (found := lead.match(text, place)) and found.end() > place:
        place = found.end()
    return text[place:]


PLEASANTRIES = re.compile(
    r"(?:thanks?(?: you)?(?: so much| a lot)?|great|ok(?:ay)?|cool|perfect|nice|good|alright|thx|please|now|also|just|maybe)\b\W*|[^\w\s]+\s*|\s+",
    _F,
)
"""What stands before what somebody has to say."""

VERBS = frozenset(
    """
    accept activate add adjust advise analyse analyze answer apply approve arrange assign attach authenticate backup ban
    block book bring build buy calculate call cancel change charge check choose clean clear clone close collect combine
    compare compile compose compute configure confirm connect contact convert copy correct count create cut deactivate
    debug decide decrypt define delete deliver deploy describe design determine diagnose disable disconnect dispute
    divide double download draft draw edit email enable encrypt enter escalate estimate evaluate exchange exclude execute
    expand explain export extend extract fetch figure fill filter find finish fix flag format forward free generate get
    give grab group handle help identify implement import improve include increase inform insert install install
    invite invoice issue join list locate lock log look lower mail make map mark measure merge message modify
    monitor move mute notify open optimise optimize order organise organize outline park pause pay perform pick ping plan
    play plot post prepare print process proofread propose provide publish pull purchase push put query raise rank read
    rebook rebuild recalculate recommend recover redo reduce refactor refill refund register reinstall remind remove
    rename renew repair replace reply report reproduce request reschedule research resend reserve reset resize resolve
    restart restore return reverse revert review revoke rewrite rotate rsvp run save scan schedule search select send
    separate set setup bump tag pack continue rotate share ship shorten show sign simplify solve sort split start stop submit subscribe suggest sum
    summarise summarize swap switch sync tell test text track transfer translate troubleshoot try turn undo uninstall
    unlock unsubscribe update upgrade upload use validate verify view withdraw write
    """.split()  # noqa: SIM905 - a paragraph of words reads better than hundreds of quoted strings
)
"""What people ask agents to do, in the form that a request begins with."""

NO_VERBS = ENGLISH | frozenset(
    """
    love like hate hope guess think thank thanks bless enjoy congrats wow yes yeah nope ok okay such quite half maybe wait
    made got did found saw went took had bought sold sent lost won met felt kept left told gave came read wrote broke knew
    ate drank drove flew grew heard held hurt led paid ran said sat slept spoke spent stood taught thought threw wore
    imagine consider remember note notice forget mind trust believe bet know see hear feel want need wish miss mean
    except despite given besides regarding concerning inside outside around across along among behind beside beyond
    near like unlike via minus plus what which who whose where when why how good great nice bad same true nothing
    something everything anything somebody someone everybody everyone anybody anyone nobody hi hello hey dear welcome
    sorry please cool perfect sure right well fine awesome amazing lovely beautiful wonderful happy sad glad
    lol lmao rofl haha hahaha hehe omg ugh oh ah aww hm hmm yay damn gosh yikes oops phew whoa meh
    """.split()  # noqa: SIM905 - as above
)
"""Words that an order does not begin with, though an article may follow them."""

ASKS = words(
    r"(?:can|could|would|will|might) (?:you|u|ya|someone|somebody|anyone|we|i)\b(?! be(?:lieve| happier))",
    r"please",
    r"pls|plz",
    r"(?:i|we)(?:'d| would) (?:like|need|appreciate|prefer)\b(?! to thank)",
    r"(?:i|we) (?:really |just |also |still |urgently |now |only )*(?:need|want|require)\b(?! to thank)",
    r"(?:i'm|i am|we're|we are|i was|been) (?:just |also |currently )?(?:trying|looking|hoping|searching|wondering|planning) (?:to|for|if|whether|how)",
    r"(?:could|can) use (?:some |a |your )?(?:help|hand|advice)",
    r"help(?=[!,.])",
    r"help (?:me|us|with|needed|please)",
    r"(?:don't|do not|can't|cannot) (?:know|understand|remember|figure out|work out|find|see|get|tell) (?:how|why|what|where|which|when)",
    r"how (?:do|can|should|would|could|does|did|to|much|many|long|often|far|come)\b(?! you do\b)",
    r"is (?:it|there|this) (?:a way|any way|possible)",
    r"any (?:idea|ideas|tips|advice|suggestions?|recommendations?|chance|way)",
    r"my (?:goal|task|question|request) is",
    r"your task|the task is|you are to",
    r"what(?:'s| is| are| was| were) (?:the|my|our|a|an|going wrong|wrong)",
    r"what about",
    # German, French, Spanish, Italian, Portuguese
    r"bitte|(?:kannst|könntest) du|(?:können|könnten|würden) sie|ich (?:brauche|möchte|will|suche|hätte gern\w*)|wie (?:kann|komme|mache)",
    r"s'il (?:vous|te) pla[iî]t|svp|stp|(?:pouvez|pourriez)[- ]vous|(?:peux|pourrais)[- ]tu|j'ai besoin|je (?:voudrais|veux|cherche)|j'aimerais|comment (?:puis|faire)",
    r"por favor|(?:puede|puedes|podr[ií]as?|podr[ií]a)|necesito|quiero|quisiera|me gustar[ií]a|busco|c[oó]mo (?:puedo|hago)",
    r"per (?:favore|piacere|cortesia)|(?:puoi|può|potresti|potrebbe)|ho bisogno|vorrei|voglio|cerco|come (?:posso|faccio)",
    r"(?:pode|podes|poderia|consegue)|preciso|quero|queria|gostaria|procuro|como (?:posso|faço)",
)
"""What asks for something wherever it stands in a sentence."""

TROUBLE = words(
    r"(?:does|did|do|is|was|are|were|has|have|had|wo|ca|could|would)(?:n't| not) (?:\w+ ){0,2}?(?:work|start|open|load|turn|connect|print|boot|respond|sync|charge|arriv|receiv|show|log|sign|send|sav|updat|upload|download|run|compil|build|pass|ship|deliver|access|find|play|ring|pair|install|match|accept|go through|let me|come|reach|add up)\w*(?: \w+)?",
    r"cannot (?:\w+ )?(?:work|start|open|load|connect|print|log|sign|send|save|access|find|install|reach|reset|see|get|pay|upload|download|update)\w*",
    r"(?:can't|cant|unable to) (?:seem to )?(?:\w+ )?(?:work|start|open|load|connect|print|log|sign|send|save|access|find|install|reach|reset|see|get|pay|upload|download|update|use|edit|delete|join|view|hear)\w*",
    r"(?:fail|fails|failed|failing|crash|crashes|crashed|crashing|freezes|freezing|frozen|hangs|broken|broke|corrupted?|leaks?|leaking|overheats?|overheating|flickers?|flickering|lags?|lagging|disconnects?|disconnecting|jammed|stuck|locked out|bricked)",
    r"(?:an?|the|this|some|following|strange|weird|another|getting|getting an|get) (?:\w*error|\w*exception|warning|bug|glitch|timeout)s?",
    r"errors?(?: (?:code|message))?[ :]+\w*\d+",
    r"(?:throws?|throwing|returns?|returning|gives?|giving|shows?|showing|says?|saying|displays?) (?:me |us |only |just )?(?:an? |the )?(?:\w+ )?(?:error|blank|empty|nothing|wrong|old|4\d\d|5\d\d|\w*error|\w*exception|nan|null|none|undefined|garbage)\w*",
    r"(?:have|having|had|got|there's|there is|there are|run into|facing|with) (?:an?|some|a few|the|this) (?:\w+ )?(?:problem|issue|trouble)s?",
    r"(?:problem|issue|trouble)s? (?:with|when|logging|accessing)",
    r"(?:it's|it is|is|are|they're|they are|was|were) (?:still )?not (?:here|there|showing|visible|working|responding|charging|turning|loading|in stock|correct|right|starting|syncing|printing|opening)",
    r"something(?:'s| is| went| seems)? (?:\w+ )?(?:wrong|off|broken|up)",
    r"keeps? (?:\w+ing|on \w+ing)",
    r"(?:was|were|been|got|am|is|are) (?:\w+ )?(?:cancell?ed|charged|overcharged|billed|double[- ]charged|declined|rejected|denied|delayed|damaged|locked|blocked|hacked|stolen|suspended|disabled|lost|missing|expired|deleted|wrong|incorrect|down|slow|too slow|late|out of)",
    r"(?:my|the|our|this|your|it|they|some|all) (?:[\w']+ ){0,3}?(?:is|are|was|were|do|does|did|has|have|wo|ca)(?:n't| not) [\w']+",
    r"(?:charged|billed) (?:me )?(?:twice|two times|double)",
    r"(?:hasn't|has not|haven't|have not|never|didn't|did not|still waiting for|not) (?:yet )?(?:arriv\w+|received?|got|gotten|come|been \w+ed|delivered|shipped)",
    r"(?:lost|forgot|forgotten|misplaced) (?:my|the|our) (?:\w+ )?(?:password|pin|card|key|keys|phone|luggage|bag|suitcase|passport|parcel|package|order|login|code|account|data|file|files|ticket|tickets|username|wallet|files?)",
    r"(?:stopped|quit) (?:working|responding|charging|syncing|loading|printing)",
    r"segfaults?|stack ?trace|traceback|exception",
    r"(?<!he )(?<!she )(?<!they )(?<!everyone )(?<!everybody )(?<!my \w\w\w )(?<!my \w\w\w\w )(?:says|complains|reads|reports|tells me|warns|prints|throws|responds with|answers with|comes up with|fails with|shows|displays)[: ]+[\"“'`]\w+",
    r"(?:been|i'm|i am|we're) (?:at (?:it|this|that)|(?:struggling|fighting|wrestling|battling|fiddling|messing(?: around)?|having a hard time) with|stuck (?:on|with|at)|banging my head|puzzling over|staring at)",
    r"(?:shows?|appears?|displays?|lists?|sends?|prints?|charges?|comes?) (?:\w+ ){0,4}(?:twice|double|wrong(?:ly)?|upside down|sideways|blurry|garbled)",
    r"since (?:the|this|last|my|our) (?:\w+ )?(?:update|upgrade|release|change|installation|move|reset|restart)|all of a sudden|for no reason",
    r"(?:funktioniert|geht|läuft|klappt|startet|lädt) (?:\w+ )?nicht|kaputt|abgestürzt|fehler(?:meldung)?|storniert|(?:ist|sind) (?:\w+ )?nicht (?:angekommen|da|gekommen)|(?:kann|bekomme|kriege|komme|finde|krieg) (?:[\w-]+ ){0,6}nicht|(?:zieht|druckt|lädt|öffnet|speichert|zeigt|findet|nimmt|erkennt|reagiert|heizt|leuchtet) (?:[\w-]+ ){0,4}(?:nicht|kein\w*)",
    r"(?:marche|fonctionne|démarre|s'ouvre) (?:pas|plus)|en panne|erreur|un problème|annulée?|n'(?:est|ai|ont|a) pas (?:arrivée?|reçu|marché|fonctionné)|je n'arrive (?:pas|plus)|je ne (?:peux|parviens|reçois|trouve|comprends) (?:pas|plus)|impossible (?:de|d')|refuse de|ne (?:s'\w+|veut|se \w+|démarre|répond|charge|imprime) (?:pas|plus)",
    r"no (?:funciona|anda|abre|arranca|carga|puedo)|está (?:roto|rota)|error|un problema|cancelad[oa]|no ha llegado|no me llega|no (?:puedo|consigo|logro|encuentro|recibo|enciende|imprime|responde|se (?:abre|ve|conecta)|me (?:deja|sale|aparece))",
    r"non (?:funziona|va|parte|si apre|riesco)|rotto|errore|annullat[oa]|non è arrivat[oa]|non (?:riesco|posso|trovo|ricevo|si (?:accende|connette|carica)|stampa|risponde)",
    r"não (?:funciona|abre|liga|carrega|consigo)|avariad[oa]|erro|um problema|não chegou|não (?:encontro|recebo|imprime|responde|me deixa|se (?:liga|abre))",
)
"""What somebody complains of who wants it mended."""

FAINT_TROUBLE = words(
    r"(?:stays|remains|goes|went|turns|turned|comes out|came out|is|are) (?:\w+ )?(?:cold|dark|black|blank|silent|stuck|full|flat|soggy|clogged|blocked|mouldy|moldy|cracked|burnt|unreadable|unresponsive|sluggish)(?! of)",
    r"(?:won't|will not|refuses to|wouldn't|doesn't want to) (?:\w+)",
    r"(?:an?|some|this|the) (?:\w+ )?(?:noise|rattle|rattling|squeak|squeaking|grinding|buzzing|clicking|humming|leak|stain|smell)(?! (?:of (?:the|fresh)|machine))|(?:weird|strange|odd|funny|bad) (?:sound|noise|smell|message|behaviou?r|taste)s?",
)
"""What may be a complaint, or only told."""

CHAT = words(
    r"how (?:are|were|was|is|'s) (?:you|your|it going|everything|life|things)",
    r"how's (?:it going|your|everything|life|things)|how about you|and you|what about you|how do you feel",
    r"what(?:'s| is) (?:up|new|your (?:name|favou?rite))|what are you (?:up to|doing)|what do you (?:like|enjoy|think of me|do for fun)",
    r"what (?:did|have) you (?:do|been|done)(?! to| with| about| wrong)",
    r"(?:do|did|don't|would|have|had|are|were|aren't) you (?:ever |also |really |still )?(?:like|love|enjoy|prefer|dream|sleep|get (?:tired|bored|lonely)|feel|feeling|have (?:a|any|feelings|hobbies|favou?rite|plans|siblings|kids|pets)|had a|been to|seen (?:the|that|it)|watch|read any|human|real|a (?:robot|bot|human|person|machine)|an ai|there|awake|happy|ok|okay|tired|busy|excited|having|good|well|sure you)",
    r"who (?:made|created|built|are) you|tell me (?:about yourself|a (?:\w+ )?(?:joke|story)|something (?:funny|nice|fun|interesting))|sing (?:me|a)|make me laugh",
    r"(?:any|got any|have any|what are your|big) (?:\w+ )?plans(?: for| this| tonight|$|\?)",
    r"can you believe|who knew|you know what|guess what|guess (?:who|where)|know what i mean|how cool is that|isn't (?:it|that|this) (?:\w+ )?(?:great|nice|lovely|beautiful|amazing|crazy|funny|weird|wild|cute)",
    r"don't you (?:think|agree|love)|wouldn't you say|what a (?:day|week|night|life)|why me|what could go wrong|who cares|who wouldn't|why not",
    r"(?:i )?(?:can't|cannot|couldn't) (?:wait|complain|believe|stand|eat|drink|stop (?:laughing|smiling|thinking))",
    r"(?:some ?day|one day|always wanted|dream(?:ing|ed)? (?:of|about)|bucket list|when i (?:retire|grow up)|i wish|if i (?:won|had|were))",
    r"(?:i|we) (?:want|wanted|need|needed) (?:you to know|to (?:say|tell you|share|let you know|thank)|a (?:vacation|holiday|break|nap|hug|coffee|drink))",
    r"(?:you can |just |please )?call me \w+(?: from now on)?(?=[.!]|$)",
    r"how (?:nice|lovely|sweet|funny|cute|cool|sad|awful|time flies)",
)
"""What is asked and wished without anybody being to do anything about it."""

REMEMBERED = words(
    r"(?:please |just |can you |could you |also )*(?:remember|note|keep in mind|bear in mind|don't forget|make a note)(?: down)? (?:that|of|this|my|i|for)",
    r"^\W*(?:please )?(?:always|never|from now on|in (?:the )?future)",
    r"(?:keep|bear) (?:that|this|it) in mind|remember (?:that|this|it)(?=[.!,]|$)|fyi|for your information|just so you know|just letting you know|for the record|merk dir|note bien|recuerda que|ricorda(?:ti)? che|lembre-se",
)
"""What is told to be kept, which is a statement and no task."""
NOTED = words(
    r"(?:noted|remembered|i'll remember|i will remember|memori[sz]ed|made a note|your (?:\w+ )?(?:profile|preferences?|memory)|to (?:the|your) (?:notes|profile|preferences|memory)|(?:saved|updated|stored|added|recorded) (?:that|this|it|your \w*preference))"
)
"""What agents say who only take something down."""

ANAPHORA = words(
    "it|its|that|this|these|those|they|them|their|he|him|his|she|her|there|then|one|ones|same|above|instead|again|still|else|both|too|either|which|so|the other|you said"
)
FOLLOWS = re.compile(
    r"(?:and|but|or|so|why|hmm+|wait|are you sure|what about|how about|what if|what do you mean|really|which|actually|sorry|no|yes|ok,? but|is (?:it|that|this)|does (?:it|that|this)|do (?:i|they)|will (?:it|that|i)|should i|it's|its|that|i meant|to)\b",
    _F,
)
"""How people go on with the same thing."""
REFINES = re.compile(
    r"^(?:can you |could you |please )*(?:make|change|shorten|lengthen|add|remove|replace|include|drop|keep|use|turn|move|put|fix|rewrite|rephrase|update|leave|cut|swap|try|explain)\b|\b(?:more|less|bit|version|instead|too|paragraph|sentence|line|step|option|column|part|\w+er (?:please|than|one))\b",
    _F,
)
"""What asks for a change of what was just done."""

SWITCH = words(
    r"(?:another|different|separate|unrelated|new|next|second|other|one more|last) (?:\w+ )?(?:thing|question|topic|matter|task|issue|problem|request|subject|favou?r)",
    r"something (?:else|different|completely different|new)|on (?:another|a different|a separate) (?:note|topic|subject)",
    r"(?:moving|move) on|chang(?:e|ing) (?:of )?(?:the )?(?:topic|subject)|switch(?:ing)? (?:topics?|gears|to (?:something|another))",
    r"by the way|btw|unrelated(?:ly)?|separately|apart from that|besides that|while (?:i have you|i'm (?:here|at it)|you're at it)|forget (?:that|about that|it) for now",
    r"(?:noch|eine) (?:etwas|andere frage)|übrigens|autre (?:chose|question)|otra (?:cosa|pregunta)|un'altra (?:cosa|domanda)|outra (?:coisa|pergunta)",
)
"""What says that another thing follows."""

WEAK_SWITCH = re.compile(
    r"\s*(?:also|now|next|then|additionally|additional|secondly|lastly|finally|one more|besides|okay,? now|alright,? now|great,? now|ok,? now|außerdem|aussi|también|anche|também)\b",
    _F,
)

THANKS = words(
    r"thanks?(?: you| u)?|thankyou|thx|thnx|tysm|ty|tks|ta|cheers|much appreciated|(?:i |really )*appreciate (?:it|that|your|the|you|all)|appreciated|grateful|thankful|kudos|bless you|you rock",
    r"danke\w*|vielen dank|dank(?:e)? (?:dir|ihnen)|merci\w*|gracias|grazie|obrigad[oa]|valeu|agradezco|remercie",
)
EARLY_THANKS = words(
    r"(?:thanks?|thank you|thx|danke|merci|gracias|grazie|obrigad[oa])(?: so much| a lot)? (?:in advance|im voraus|d'avance|por adelantado|in anticipo|desde já)",
    r"(?:thanks|thank you) for (?:your (?:interest|prompt reply|quick reply|reply|response)|getting back|asking|reaching out|looking into|checking|offering|letting|the offer|waiting|being)",
    r"would (?:really )?(?:appreciate|be (?:grateful|thankful|much appreciated))|(?:i'd|i would|we'd) (?:really )?appreciate",
)
"""Thanks for what has not been done, or has not helped yet."""

IRONY = words(
    r"thanks? (?:you )?for nothing|no thanks to you|thanks a lot for (?:nothing|wasting)|great job (?:breaking|ruining)"
)
VAIN_THANKS = words(
    r"(?:thanks?|thank you|thx|cheers)(?: you)?(?: so much| a lot| though)? (?:anyway|anyways|for (?:trying|the (?:attempt|effort)|your effort\w*)|all the same|regardless|nonetheless)",
    r"(?:anyway|regardless|all the same|still),? (?:thanks|thank you|thx)|appreciate (?:the|your) (?:effort|attempt)|trotzdem danke|merci quand même|gracias de todos modos|grazie lo stesso|obrigad[oa] mesmo assim",
)

BYE = words(
    r"(?:good ?)?bye(?: bye)?|goodnight|good night|see (?:you|ya)(?: \w+)?|cya|take care|talk (?:to you )?(?:later|soon|tomorrow)|ttyl|until next time|farewell|signing off|have a (?:good|nice|great|lovely|wonderful|pleasant) \w+|enjoy your \w+|(?:i )?(?:gotta|got to|have to|need to|must|i've got to) (?:run|go|dash|leave|be off)(?= *(?:[.!,]|now|$))|(?:i'm )?off to (?:bed|work|the|lunch|dinner|school|sleep)|catch you later|later[,!.]? *$|laters|speak (?:soon|later|tomorrow)|until (?:tomorrow|next time|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?= *[.!]?$)",
    r"that(?:'s|'ll be| is| will be| would be|s) (?:all|everything|it)(?: (?:for (?:now|today)|from me|i (?:need|needed|wanted|have)))?(?=$|[\s,.!]*(?:$|thank|thx|bye|cheers|then|for))",
    r"(?:nothing|no) (?:else|more questions|further questions|other questions)|nothing (?:further|more) (?:for|from|today|thanks)|i'm (?:all )?(?:done|set|good)(?: here| now| for (?:now|today))?(?=$|[\s,.!])|we're (?:all )?(?:done|good|set)|all set|we can close (?:this|the)|you can close (?:this|the)|case closed|ticket can be closed|(?:close|closing) (?:this|the) (?:ticket|case|issue|chat)",
    r"tschüss|tschau|auf wiedersehen|schönen (?:tag|abend)|au revoir|bonne (?:journée|soirée)|adi[oó]s|hasta (?:luego|pronto)|arrivederci|buona (?:giornata|serata)|tchau|até (?:logo|breve)|das (?:war'?s|wars|ist alles)|c'est tout|eso es todo|è tutto|é tudo",
)

GIVES_UP = words(
    r"never ?mind|nvm|nm|forget (?:it|about (?:it|this|that)|this|the whole)|(?:i|i'll|i'm going to|we) (?:just |really )?give up|giving up|(?:i|i've|we) (?:quit|gave up|given up|had enough)|i'm (?:out|giving up|done (?:with|trying|wasting))",
    r"(?:let's|lets|let us) (?:just )?(?:leave|drop|stop|forget|skip|abandon|call it|not bother|scrap|park)(?: it| this| that| the| here)?|(?:just )?(?:leave|drop|skip|scrap) it|don't bother|do not bother|no need (?:anymore|any more|to (?:continue|bother))|(?:no longer|don't) need (?:it|this|that|the|your help|help)(?: \w+)*?(?: anymore| any more)?",
    r"(?:too late|not worth (?:it|the)|waste of (?:my )?time|this is (?:hopeless|pointless|useless|going nowhere)|had enough|had it (?:for (?:today|now)|with)|fed up|sick of (?:it|this)|call(?:ing)? it a day|no point(?: in|$|[.!,])|to hell with|screw (?:it|this)|not bothering|(?:^|i'm |i am |we're |just |[,.!;:] ?|\.\. )(?:throwing|tossing|chucking|binning|scrapping|ditching|abandoning|skipping|dropping) (?:it|this|that|them|the \w+)|it's hopeless|abort(?: mission)?|cancel (?:that|my request|the request|this request))",
    r"vergiss es|egal|schon gut|lass (?:es|gut sein)|ich gebe? auf|ich geb'? auf|laisse(?:z)? tomber|tant pis|j'abandonne|olv[ií]dalo|d[eé]jalo|da igual|me rindo|lascia (?:perdere|stare)|non importa|mi arrendo|deixa (?:pra lá|para lá|estar)|esque[cç]e|desisto",
)
ELSEWHERE = words(
    r"(?:i'll|i will|we'll|we will) (?:\w+ ){1,5}(?:by hand|myself|manually|ourselves|the old way)",
    r"ich (?:mach|mache|bringe?|rufe?|frage?|gehe?|suche?|kaufe?|hole?|lasse?) (?:\w+ ){0,4}(?:selbst|selber|an|woanders|stattdessen|jemand\w*|reparatur|werkstatt|einen \w+|in die|zum)|je vais (?:\w+ ){0,3}(?:appeler|demander|moi-même|ailleurs)|(?:lo|la) (?:haré|hago|llamo|llevo) (?:yo|a)|voy a (?:llamar|preguntar|comprar|llevar)\w*|(?:lo|la) (?:faccio|porto|chiamo) (?:io|da)|vou (?:ligar|perguntar|comprar|levar)",
    r"(?:i'm|i am|we're|we are|time to) (?:switch(?:ing)?|chang(?:e|ing)|leav(?:e|ing)|going to|go to) (?:to )?(?:\w+ )?(?:banks?|providers?|compan(?:y|ies)|carriers?|shops?|stores?|hotels?|insurers?|doctors?|apps?|tools?|another|somewhere|someone|elsewhere)",
    r"(?:i'll|i will|i'd rather|i'd better|i think i'll|guess i'll|i guess i'll|i'm going to|going to have to|i'll just|i'll have to) (?:just |then |rather |simply |have to |try to |go and |probably )*(?:do it (?:myself|by hand|manually)|handle it myself|figure it out|fix it myself|call (?:them|the|a|my|someone|support|customer)|phone (?:them|the|a)|ask (?:someone|somebody|a|my|the|another|around|them)|contact (?:the|a|them|someone|my|support)|go (?:to|with|elsewhere|somewhere)|look elsewhere|try (?:elsewhere|someone|somewhere|another (?:shop|store|company|provider|service))|find (?:another|someone|somebody|a different)|use (?:another|something|a different)|switch to|buy (?:it )?(?:elsewhere|somewhere)|live with|take it to|hire)",
)
"""What people say who take it elsewhere, unless they are asked to."""

RESIGNS = words(
    r"(?:i'll|i will|we'll|we will|let me) (?:then |now |rather )?(?:ask|call|phone|go|contact|find|look|buy|use|do|handle|order|take|see|visit|talk|write|postpone|cancel|return)(?! back| if| whether| it again)",
    r"(?:i'll|i will|we'll|we will|guess i'll|i'd) (?:just|rather|simply|have to|probably|better|then) (?:\w+ )?(?!try|check|test|see|wait|restart|ask you)\w+",
)
"""What people say who find another way, once they have said that this one does not work."""

OTHERWISE = words(
    r"(?:i'm|i am|we're|we are) (?:just |now |then |simply )?(?!not|trying|testing|checking|on|using|running|looking for)\w+ing",
    r"(?<!please )(?:working|going|sticking|staying|making do|starting|leaving|ordering|getting|calling|asking|buying|switching|taking|doing) \w+",
)
"""What people say who do another thing, once they have said no."""

OTHERWISE_NOW = words(
    r"(?:i'm|i am|we're|we are) (?:just |now |then |simply )?(?:doing|ordering|buying|calling|phoning|switching|going|taking|hiring|leaving|sticking|returning|cancelling) (?!crazy|mad|nuts|insane|through|round|in circles)\w+",
)
"""The same, of those who said that it does not work."""

NOT_GIVING_UP = words(
    r"(?:not|n't|never|without|before i|before we|almost|nearly) (?:\w+ ){0,3}(?:give up|giving up|quit|bother|forget)",
    r"(?:don't|do not|never|won't|can't) (?:forget|leave|drop|skip|quit)",
)

PENDING = words(
    r"(?:i'll|i will|let me|lemme|i'm going to|i am going to|gonna|going to|i'm about to|will) (?:just |quickly |go |now |also |then |first )*(?:and )?(?:give (?:it|that|this) a (?:try|go|shot)|try|check|test|see|look(?! at)|restart|reboot|reinstall|verify|have a look|take a look|get back|report(?: back)?|let you know|tell you|keep you posted|find out|do that|do this|run|ask my)",
    r"(?:trying|testing|checking|restarting|rebooting|installing|updating|running|downloading|doing) (?:it|that|this|now|right now|them)|(?:one|a|just a|give me a|hold on a) (?:sec|second|moment|minute|min)|hold on|hang on|wait|brb|be right back|will (?:try|check|do|report|test)|bear with me|(?:and|then) (?:tell|inform|report to|update|write to|get back to) you",
    r"(?:let me know|tell me|ping me|keep me posted|update me)(?: (?:when|once|if|as soon as|how)|[.!]|$)|i'll wait|waiting for",
    r"let's see|we'll see|let us see|fingers crossed|time will tell",
    r"ich (?:probiere|versuche|teste|schaue)|moment|je vais (?:essayer|voir|tester)|voy a (?:probar|ver)|provo|vado a|vou (?:tentar|testar|ver)",
)
"""What says that the result is not known yet."""

CONSENT = re.compile(
    r"\s*(?:yes|yeah|yep|yup|ya|sure|ok(?:ay)?|please|go ahead|do it|absolutely|definitely|of course|sounds (?:good|great|perfect|fine)|that (?:would|'d) be|let's do|works for me|(?:perfect|great|good|excellent|lovely|nice|fine|wonderful|awesome),? (?:please|go|do|book|yes|let's|that would)|ja|gerne|oui|d'accord|s[ií]|vale|claro|va bene|sim)\b",
    _F,
)
GO_ON = words(
    r"go ahead|please do|do it|do that|proceed|continue|carry on|yes,? please|sure,? please|please|book it|(?:i'll |we'll )?take (?:it|that|this|the \w+)|get (?:it|that|the \w+ one)|let's do (?:it|that)|go for it|that works for me|works for me|make it so|mach das|allez-y|adelante|procedi|pode (?:ser|fazer)"
)
REFUSES = re.compile(r"\s*(?:no|nope|nah|not really|nein|non|não)\b", _F)
AGREES = re.compile(r"\s*(?:yes|yeah|yep|yup|it did|it does|it is|indeed|ja|oui|s[ií]|sim|correct|all good)\b", _F)

HEDGED = words(
    r"(?:one|two|three|four|five|six|seven|eight|nine|\d+) (?:out )?of (?:the )?(?:two|three|four|five|six|seven|eight|nine|ten|\d+)|part(?:ly|ially)?(?: of)?|half(?:way)?|almost|mostly|nearly|most of|some of|only (?:one|two|some|part|half|the)|not (?:everything|all|entirely|completely|fully|quite|perfect|ideal|exactly)|the rest|except|apart from|aside from|good enough|(?:will|that'll|it'll|would) have to do|for now|better than nothing|isn't (?:perfect|ideal)|to some extent|somewhat|(?:a )?(?:bit|little) better|i can live with|not great,? not terrible|teilweise|fast|en partie|presque|en parte|casi|quase|in parte|quasi",
)
"""What takes a part of praise back."""
SETTLES = words(
    r"good enough|(?:will|'ll|would|it) have to do|(?:that|it)(?:'ll| will) do|better than nothing|(?:i )?can (?:live|work) with (?:it|that)|(?:fine|ok|okay|good|works|enough|alright) for now|for the part|(?:it's|is|that's|'s) a start|close enough|well enough|make do|(?!(?:i|we|it|you|that|they|he|she) )\w+ will (?:do|suffice)(?= (?:till|until|for|then)|[.!,]|$)|at least|reicht|ça ira|suffit|me vale|può bastare|serve"
)
"""What people say who take a part for the whole."""

PICKS = words(
    r"(?:den|die|das|dann|es|ihn|beide) (?:nehm|buch|bestell)\w* (?:ich|wir)|(?:passt|geht) (?:auch|mir|uns)|je (?:le|la|les) prends|(?:lo|la|los|las|li|le) (?:tomo|cojo|prendo|prendiamo|quiero)|(?:i'm |we're )?going (?:with|for) (?:the|that|this|\w+)|(?:i|we)(?:'ll| will) (?:go with|have) (?:the|that|this)|(?:the )?(?:\w+ )?\d[\w:.]* (?:works|is (?:fine|good|perfect|great|ok|okay)|would (?:work|be)|it is|please|then)|(?:the )?(?:first|second|third|last|latter|former|other|morning|afternoon|evening|earlier|later|cheaper|\w+ one|\w+day) (?:one |option )?(?:works|is (?:fine|good|perfect|great|ok|okay)|would (?:work|be)|please|then)|i'll take (?:the|it|that)|let's (?:take|go with|go for)|i(?:'d| would)? prefer"
)
"""How people choose one of several that they were offered."""

OFFERS_MORE = words(
    r"(?:any|some)thing else|(?:any ?thing|any|more|something) (?:other|further|more)|(?:other|more|further|additional|any) questions|else (?:i can|can i|you need|you'd like)|how else|sonst noch|noch etwas|autre chose|algo más|qualcos'altro|altro|mais alguma"
)
CHECKS = words(
    r"(?:did|does|do|has|is|was|are|can|were) (?:that|this|it|the|you|things|everything|they|your) (?:\w+ ){0,4}?(?:work\w*|help\w*|fix\w*|solv\w*|resolv\w*|now|better|right|correct|answer|ok|okay|clear|good|look\w*|go through|arriv\w*|see it|get it|in now|make sense|satisf\w*|sound\w*)",
    r"(?:check|try|look|test)(?: it| that| this| now)? (?:again|once more|now)|(?:another|a) (?:try|go|look)|(?:let me know|tell me|confirm|see|check|verify) (?:if|whether|that) (?:it|that|this|everything|all)",
    r"any (?:better|luck|change|improvement)|how (?:is|does|did) (?:it|that|this) (?:look|go|work|sound|now)|how about now|better now|all good|make sense|what do you (?:think|see)|working now|klappt|geht es|ça marche|funciona|funziona",
)
"""An agent's question whether it is all right now."""
