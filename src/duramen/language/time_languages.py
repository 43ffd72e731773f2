"""The words of time in languages other than English, in the kinds of the English grammar.

The usual expressions are understood: days, dates, months, seasons, years, so many units ago or ahead, last and next,
since, before, after, until, between. What each language puts elsewhere (a mode after its unit, "ago" before its amount)
the readers allow for all of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from duramen.language.time_words import ENGLISH, Lexicon, lexicon


@dataclass(frozen=True, slots=True)
class Language:
    """A language.

    Attributes:
        words: What its words mean.
        phrases: Phrases and the one word, not longer, that stands for each.
    """

    words: Lexicon
    phrases: Mapping[str, str]

    def plain(self, text: str) -> str:
        """Put words for phrases, filled up with spaces, so that all else stays in its place."""
        for phrase, word in self.phrases.items():
            text = re.sub(phrase, partial(_filled, word), text, flags=re.IGNORECASE)
        return text


def _filled(word: str, found: re.Match[str]) -> str:
    return word.ljust(len(found[0]))


_GERMAN = Language(
    lexicon("""
    month: januar/jan/jänner februar/feb märz/mär april/apr mai juni juli august/aug september/sept/sep oktober/okt november/nov dezember/dez
    weekday: montag dienstag mittwoch donnerstag freitag samstag/sonnabend sonntag
    season spring: frühling frühjahr
    season summer: sommer
    season autumn: herbst
    season winter: winter
    holiday christmas: weihnachten
    holiday christmas eve: heiligabend
    holiday easter: ostern
    holiday new year's eve: silvester
    holiday new year: neujahr
    holiday halloween: halloween
    unit day: tag tage tagen
    unit week: woche wochen
    unit weekend: wochenende wochenenden
    unit month: monat monate monaten
    unit quarter: quartal quartale quartalen
    unit year: jahr jahre jahren jahres
    unit decade: jahrzehnt jahrzehnte jahrzehnten
    brief 1: minute minuten
    brief 60: stunde stunden
    hours: morgens abend nacht vormittag nachmittag mittag früh
    near -2: vorgestern
    near -1: gestern
    near 0: heute
    near 1: morgen
    near 2: übermorgen
    mode last: letzte letzten letzter letztes letztem vorige vorigen voriger voriges vorigem
    mode past: vergangene vergangenen vergangener vergangenes vergangenem
    mode this: diese diesen dieser dieses diesem
    mode next: nächste nächsten nächster nächstes nächstem kommende kommenden kommender kommendes kommendem
    part_of early: anfang
    part_of mid: mitte
    part_of late: ende
    count: eins/ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf
    article 1: eine einem einen einer
    few 2-5: paar einigen einige mehreren
    nth: erste/ersten/erstes zweite/zweiten/zweites dritte/dritten/drittes vierte/vierten/viertes
    the: der die das den dem
    of: des
    to: und
    lead in: in im am um
    lead during: während
    lead over: über
    since: seit
    before: vor
    until: bis
    after: nach
    from: von vom ab
    between: zwischen
    every: jeden jede jedes jeder
    ahead: werde wird werden wirst
    """),
    {r"\bein\s+paar\b": "paar"},
)

_SPANISH = Language(
    lexicon("""
    month: enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre
    weekday: lunes martes miércoles/miercoles jueves viernes sábado/sabado domingo
    season spring: primavera
    season summer: verano
    season autumn: otoño
    season winter: invierno
    holiday christmas: navidad
    holiday christmas eve: nochebuena
    holiday new year's eve: nochevieja
    holiday halloween: halloween
    unit day: día dia días dias
    unit week: semana semanas
    unit weekend: finde
    unit month: mes meses
    unit quarter: trimestre trimestres
    unit year: año años
    unit decade: década décadas
    brief 1: minuto minutos
    brief 60: hora horas
    hours: tarde noche
    near -2: anteayer antier
    near -1: ayer anoche
    near 0: hoy
    near 1: mañana
    mode last: pasado pasada último última pasados pasadas últimos últimas
    mode this: este esta estos estas
    mode next: próximo próxima próximos próximas
    part_of early: principios comienzos inicios
    part_of mid: mediados
    part_of late: finales fines
    count: uno dos tres cuatro cinco seis siete ocho nueve diez once doce
    article 1: un una
    few 2-5: unos unas varios varias
    few 2-2: par
    nth: primer/primera/primero segundo/segunda tercer/tercera cuarto/cuarta
    the: el la los las
    of: de del
    to: y a al
    lead in: en dentro
    lead during: durante
    since: desde
    before: antes
    until: hasta
    after: después despues tras
    between: entre
    every: cada todos todas
    ago_before: hace
    """),
    {r"\bfin de semana\b": "finde", r"\bque viene\b": "próxima", r"\bpor la mañana\b": "", r"\bdesde hace\b": "desde"},
)

_FRENCH = Language(
    lexicon("""
    month: janvier février/fevrier mars avril mai juin juillet août/aout septembre octobre novembre décembre/decembre
    weekday: lundi mardi mercredi jeudi vendredi samedi dimanche
    season spring: printemps
    season summer: été
    season autumn: automne
    season winter: hiver
    holiday christmas: noël
    holiday easter: pâques
    holiday halloween: halloween
    unit day: jour jours
    unit week: semaine semaines
    unit weekend: weekend weekends week
    unit month: mois
    unit quarter: trimestre trimestres
    unit year: an ans année années
    unit decade: décennie décennies
    brief 1: minute minutes
    brief 60: heure heures
    hours: matin soir nuit midi
    near -2: avanthier
    near -1: hier
    near 0: aujourdhui aujourd
    near 1: demain
    near 2: aprèsdemain
    mode last: dernier dernière derniers dernières passé passée
    mode this: ce cet cette ces
    mode next: prochain prochaine prochains prochaines
    part_of early: début
    part_of mid: mi milieu
    part_of late: fin
    count: un deux trois quatre cinq six sept huit neuf dix onze douze
    article 1: une
    few 2-5: quelques plusieurs
    nth: premier/première deuxième/seconde troisième quatrième
    the: le la les
    of: de du des
    to: et au à
    lead in: en dans
    lead during: pendant durant
    since: depuis
    before: avant
    until: jusqu
    after: après
    between: entre
    every: chaque tous toutes
    ago_before: ilya
    """),
    {
        r"\bil y a\b": "ilya",
        r"\bavant-hier\b": "avanthier",
        r"\bapr[eè]s-demain\b": "aprèsdemain",
        r"\baujourd['’]hui\b": "aujourdhui",  # noqa: RUF001 - both are written
        r"\bweek-end\b": "weekend",
        r"\bqui vient\b": "prochain",
        r"\bmi-": "mi ",
        r"\bjusqu['’](?:à|en|au)\b": "jusqu",  # noqa: RUF001
        r"\b[ldn]['’]": "  ",  # noqa: RUF001
        r"\bd(?:e|') ici\b": "",
    },
)

_ITALIAN = Language(
    lexicon("""
    month: gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
    weekday: lunedì martedì mercoledì giovedì venerdì sabato domenica
    season spring: primavera
    season summer: estate
    season autumn: autunno
    season winter: inverno
    holiday christmas: natale
    holiday easter: pasqua
    holiday new year: capodanno
    holiday halloween: halloween
    unit day: giorno giorni
    unit week: settimana settimane
    unit weekend: weekend
    unit month: mese mesi
    unit quarter: trimestre trimestri
    unit year: anno anni
    brief 60: ora ore
    hours: mattina sera notte pomeriggio
    near -2: altroieri
    near -1: ieri
    near 0: oggi
    near 1: domani
    near 2: dopodomani
    mode last: scorso scorsa scorsi scorse ultimo ultima ultimi ultime passato passata
    mode this: questo questa questi queste quest
    mode next: prossimo prossima prossimi prossime
    part_of early: inizio
    part_of mid: metà
    part_of late: fine
    count: uno due tre quattro cinque sei sette otto nove dieci undici dodici
    article 1: un una
    few 2-5: alcuni alcune qualche
    few 2-2: paio
    the: il la lo gli le i
    of: di del della
    to: e a al
    lead in: in nel nella tra fra a
    lead during: durante
    since: da dal dalla
    before: prima
    until: fino
    after: dopo
    ago: fa
    every: ogni
    """),
    {r"\bl['’]altro ieri\b": "altroieri", r"\bfino al?\b": "fino", r"\b(?:l|un|d|dell|nell|all)['’]": ""},  # noqa: RUF001
)

_PORTUGUESE = Language(
    lexicon("""
    month: janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
    weekday: segunda terça quarta quinta sexta sábado domingo
    season spring: primavera
    season summer: verão
    season autumn: outono
    season winter: inverno
    holiday christmas: natal
    holiday easter: páscoa
    holiday halloween: halloween
    unit day: dia dias
    unit week: semana semanas
    unit weekend: finde
    unit month: mês meses
    unit year: ano anos
    brief 60: hora horas
    hours: manhã tarde noite
    near -2: anteontem
    near -1: ontem
    near 0: hoje
    near 1: amanhã
    mode last: passado passada passados passadas último última últimos últimas
    mode this: este esta neste nesta deste desta
    mode next: próximo próxima próximos próximas
    part_of early: início começo
    part_of mid: meados
    part_of late: fim final
    count: um dois/duas três quatro cinco seis sete oito nove dez onze doze
    article 1: uma
    few 2-5: alguns algumas uns umas
    few 2-2: par
    the: o os a as
    of: de do da
    to: e ao
    lead in: em no na nos nas daqui
    lead during: durante
    since: desde
    before: antes
    until: até
    after: depois após
    between: entre
    ago_before: há
    ago: atrás
    every: cada todo toda todos todas
    """),
    {r"\bfim de semana\b": "finde", r"\bque vem\b": "próxima", r"(?<=[cdgst]a)-feira\b": "", r"\bdaqui a\b": "daqui"},
)

_DUTCH = Language(
    lexicon("""
    month: januari/jan februari/feb maart/mrt april/apr mei juni juli augustus/aug september/sept oktober/okt november/nov december/dec
    weekday: maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    season spring: lente voorjaar
    season summer: zomer
    season autumn: herfst najaar
    season winter: winter
    holiday christmas: kerst kerstmis
    holiday easter: pasen
    holiday halloween: halloween
    unit day: dag dagen
    unit week: week weken
    unit weekend: weekend weekenden
    unit month: maand maanden
    unit quarter: kwartaal kwartalen
    unit year: jaar jaren
    brief 60: uur
    hours: ochtend avond nacht middag
    near -2: eergisteren
    near -1: gisteren
    near 0: vandaag
    near 1: morgen
    near 2: overmorgen
    mode last: vorige vorig laatste afgelopen
    mode this: deze dit
    mode next: volgende volgend komende komend
    part_of early: begin
    part_of mid: midden half
    part_of late: eind einde
    count: één/een twee drie vier vijf zes zeven acht negen tien elf twaalf
    few 2-5: enkele paar
    the: de het
    of: van
    to: en tot
    lead in: in op over
    lead during: tijdens
    since: sinds
    before: voor
    until: tot
    after: na
    between: tussen
    ago: geleden
    every: elke elk iedere
    """),
    {r"\been paar\b": "paar"},
)

_LANGUAGES = (_GERMAN, _SPANISH, _FRENCH, _ITALIAN, _PORTUGUESE, _DUTCH)
_TIMELY = frozenset({"month", "weekday", "season", "unit", "near", "holiday", "brief", "part_of", "mode"})
_ALSO_ENGLISH = frozenset(
    ["mai", "mayo", "mars", "mi", "once", "six", "a", "fa", "da", "die", "den", "an", "as", "in", "am", "um", "des", "do", "no", "on", "me", "sera", "estate", "fine", "fin", "mi", "final", "fim", "half", "natal", "passé", "passe", "ultimo", "dit", "quest", "este", "passed", "martes", "ora", "ore", "an", "ce", "tag", "begin", "minute", "minutes", "weekend", "week", "winter", "herbst", "natale", "sexta", "mei", "kerst", "uur", "dia", "august", "dit", "september", "november", "december", "april", "halloween", "sept", "aug", "jan", "feb", "trimestre", "segunda"]
)  # fmt: skip
FOREIGN_GATE = frozenset(
    word
    for language in _LANGUAGES
    for word, (kind, _) in language.words.items()
    if kind in _TIMELY and word not in ENGLISH and word not in _ALSO_ENGLISH
) | frozenset(
    {"mai", "mayo", "mars", "mei", "hace", "vor", "seit", "im", "avant", "depuis", "antes", "desde", "en", "nel", "em"}
)
"""Words of time that are no English words, or that seldom are."""


def language_of(words: Sequence[str]) -> Language | None:
    """Return the language of which most of the `words`, in lower case, are words of time or small words.

    None if more of them are English.
    """
    best = max(_LANGUAGES, key=lambda each: _known(words, each.words))
    return best if _known(words, best.words) >= _known(words, ENGLISH) else None


def _known(words: Sequence[str], known: Lexicon) -> int:
    return sum(1 + (known[word][0] in _TIMELY) for word in words if word in known)
