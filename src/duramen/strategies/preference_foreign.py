"""The commonest ways to state a preference in German, French, Spanish, Italian and Portuguese, kept in their own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from duramen.strategies.preference_grammar import Polarity, Stated


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language states preferences.

    Attributes:
        signs: What a sentence must have to be read at all.
        rules: Patterns within a clause; a group `o` is the object, which `pointed` must not match.
        unsure: What takes the meaning out of the whole clause: conditions, wishes, the past, one occasion.
        cut: Where clauses end.
    """

    signs: re.Pattern[str]
    rules: tuple[tuple[re.Pattern[str], Polarity, bool], ...]
    pointed: re.Pattern[str]
    unsure: re.Pattern[str]
    cut: re.Pattern[str]


def foreign(sentence: str) -> Iterator[Stated]:
    """Return the preferences that a sentence in one of the five languages states, each as its clause, word for word.

    Args:
        sentence: As it was said, quotations emptied.
    """
    for language in _LANGUAGES:
        if language.signs.search(sentence):
            stated = [found for clause in language.cut.split(sentence) if (found := _read(clause, sentence, language))]
            if stated:
                yield from stated
                return


def _read(clause: str, sentence: str, language: _Language) -> Stated | None:
    words = clause.strip(" ,;.!¡:")
    if language.unsure.search(words):
        return None
    for pattern, polarity, explicit in language.rules:
        for found in pattern.finditer(words):
            thing = found.groupdict().get("o")
            if thing is not None and (not thing.strip() or language.pointed.match(thing.strip())):
                continue
            return Stated(f"{words[0].upper()}{words[1:]}", polarity, sentence, explicit, "quote")
    return None


def _compiled(*rules: tuple[str, Polarity, bool]) -> tuple[tuple[re.Pattern[str], Polarity, bool], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), polarity, explicit) for pattern, polarity, explicit in rules)


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_REST = r"(?P<o>[^,;]+)"
_O = rf"\s+{_REST}"

_GERMAN_OFTEN = r"(?:immer|stets|normalerweise|gewöhnlich|üblicherweise|meistens|meist|grundsätzlich|jeden (?:tag|morgen|abend|\w+tag)|jede woche|(?:mon|diens|donners|frei|sams|sonn)tags|mittwochs|morgens immer|wie immer)"
_GERMAN_FROM_NOW = r"(?:immer|stets|nie(?:mals)?|künftig|zukünftig|in zukunft|ab (?:jetzt|sofort|heute)|von (?:jetzt|nun) an|grundsätzlich|jedes mal)"
_GERMAN_ADV = r"(?:(?:wirklich|sehr|echt|total|einfach|ja|eigentlich|besonders|am liebsten|auch|halt|absolut|überhaupt|lieber|selbst|persönlich|generell|immer|noch)\s+)*"
_GERMAN = _Language(
    signs=_any(r"\b(?:ich|mein\w*|mir|mich|bitte|nenn\w*|kein\w*|wir|grundsätzlich|ausschließlich|nie(?:mals)?|nur noch)\b"),
    rules=_compiled(
        (rf"\bich bin {_GERMAN_ADV}(?:strenge?r? |überzeugte?r? )?(?:vegetarier(?:in)?|veganer(?:in)?|vegan|vegetarisch|pescetarier(?:in)?|\w*intolerant|allergisch (?:gegen|auf)|kein (?:fan|freund) von|keine freundin von|(?:ein )?(?:großer |riesen)?fan von|\w+mensch\b|frühaufsteher(?:in)?|nachteule)", "rule", True),
        (r"\bich (?:ernähre mich|habe eine \w*(?:allergie|unverträglichkeit))", "rule", True),
        (rf"\b(?:ich|wir) {_GERMAN_ADV}(?:hasse|verabscheue|hassen)\b{_O}", "dislikes", True),
        (r"(?:\bich mag|\bmag ich|^mag) (?P<o>(?!nicht\b|es\b)[^,;]*?)\s*\b(?:nicht|gar nicht|überhaupt nicht)(?: so| besonders)?$", "dislikes", True),
        (rf"(?:\bich mag|\bmag ich|^mag) {_GERMAN_ADV}kein\w*{_O}", "dislikes", True),
        (r"(?:\bich kann|\bkann ich|^kann) (?P<o>[^,;]+?) (?:gar |überhaupt |absolut )*nicht (?:leiden|ausstehen|ertragen|ab|vertragen|essen|trinken|riechen)$", "dislikes", True),
        (rf"(?:\bich |^)(?:vertrage|esse|trinke|rauche|fliege|nehme|trage|nutze|benutze|kaufe|schaue|fahre|lese) (?:ich )?{_GERMAN_ADV}(?:kein\w*|nie(?:mals)?|nicht)\b(?P<o>[^,;]+)", "dislikes", True),
        (rf"\b(?:ich|wir) {_GERMAN_ADV}(?:mag|liebe|bevorzuge|mögen|lieben|bevorzugen)\b{_O}", "likes", True),
        (rf"\b(?:mag|liebe|bevorzuge) ich\b{_O}", "likes", True),
        (r"\b(?:ich ziehe|ziehe ich)\b(?P<o>[^,;]+)\bvor$", "likes", True),
        (r"\b(?:mein\w*|unser\w*) (?:absolut\w* )?(?:lieblings\w+|bevorzugt\w+ \w+|favorit\w*)\b[^,;]*\b(?:ist|sind)\b", "likes", True),
        (r"\b(?:ist|sind) (?:mein\w*|unser\w*) (?:absolut\w* )?lieblings\w+", "likes", True),
        (rf"\bich (?:will|möchte|brauche) {_GERMAN_ADV}{_GERMAN_FROM_NOW}\b", "wants", True),
        (r"\b(?:ich (?!würde|hätte|wäre|möchte|könnte|habe|hatte|bin|will|kann|muss|soll)\w+e|(?!würde|hätte|wäre|möchte|könnte|habe|hatte)\w+e ich)\b(?P<o>[^,;]*\b(?:lieber|am liebsten|ungern|gerne?)\b)", "likes", True),
        (r"\b(?:am liebsten|lieber) (?!würde|hätte|wäre|möchte|könnte|habe|hatte)\w+e ich\b", "likes", True),
        (rf"\bich (?!würde|hätte|wäre|möchte|könnte|habe|hatte|bin|will|kann|muss|soll|vergesse|glaube|denke|verliere)\w+e {_GERMAN_ADV}{_GERMAN_OFTEN}\b(?P<o>[^,;]+)", "likes", False),
        (rf"\b{_GERMAN_OFTEN} (?:nehme|trinke|esse|fliege|fahre|gehe|bestelle|laufe|jogge|schwimme|koche|backe|lese|arbeite) ich\b", "likes", False),
        (r"(?:^|\b)(?:bitte )?kein(?:e|en)? (?P<o>(?!problem|ahnung|angst|sorge|zeit|lust)[\w-]+(?: [\w-]+)?) für mich\b", "dislikes", True),
        (r"\b(?:nenn(?:en sie|t)?|nenne) mich (?:bitte |einfach )*(?P<o>\w+)$", "rule", True),
        (r"\b(?:duze?|siezen? sie|sieze?|duzen sie) mich\b", "rule", True),
        (rf"^(?:bitte )?(?:antworte\w*|schreib\w*|sprich|sprechen|verwende\w*|benutze?\w*|nutze?\w*|gib|geben|fass\w*|buche?\w*|schick\w*|erkläre?\w*|halte?\w*|zeige?\w*|nimm|nehmen|schlage?\w*|erinnere?\w*|ruf\w*|sag\w*)\b(?=.*\b{_GERMAN_FROM_NOW}\b)", "rule", True),
        (r"^(?:bitte )?(?:antworte\w*|schreib\w*|sprich|verwende\w*|benutze?\w*|fasse? dich|halte? (?:deine antworten|dich))\b.*\b(?:kurz|knapp|kürzer|auf (?:deutsch|englisch)|keine (?:emojis|floskeln)|deine antworten)\b", "rule", True),
        (rf"^(?:bitte )?{_GERMAN_FROM_NOW} (?:bitte )?[^,;]*(?:antworten|schreiben|verwenden|benutzen|buchen|nur|auf deutsch|duzen|siezen)\b", "rule", True),
        (r"\b(?:kommt|kommen) (?:mir|uns) nicht (?:ins haus|auf den tisch|in die \w+)|\b(?:ist|sind) nichts für mich\b|\b(?:geht|gehen) (?:bei mir |für mich )?gar nicht$|\b(?:nervt|nerven|stört|stören|langweilt|langweilen|ekelt|ekeln) mich\b|\b(?:geht|gehen) mir auf (?:die nerven|den keks|den wecker)|\b(?:ist|sind) mir ein gräuel|\b(?:lässt|lassen) mich kalt|\b(?:macht|machen) mich (?:wahnsinnig|verrückt|krank|nervös)|\b(?:bekommt|bekommen|liegt|liegen) mir nicht\b|\bverzichte ich gern|\bich verzichte auf", "dislikes", True),
        (r"\b(?:ist|sind) (?:genau )?mein ding|\bgeht (?:mir )?nichts über\b|\bich schwöre auf|\bich stehe (?:total |sehr )?auf|\bohne (?!mich)\w+ (?:geht bei mir|kann ich) nicht", "likes", True),
        (r"\b(?:will|möchte|trinke|esse|nehme|fliege|fahre|sitze|lese|kaufe|trage|zahle|schlafe|wohne|reise) ich?\b[^,;]*\b(?:immer|stets|grundsätzlich|nur|ausschließlich|prinzipiell|seit jahren)\b|\bich (?:trinke|esse|nehme|fliege|fahre|sitze|lese|kaufe|trage|zahle|schlafe|wohne|reise) (?:\w+ ){1,4}(?:immer|stets|grundsätzlich|nur|ausschließlich|seit jahren)\b", "likes", False),
        (r"\bbitte (?:nie(?:mals)?|nie wieder|immer|stets|künftig|nur noch|grundsätzlich|ausschließlich)\b(?! noch)", "rule", True),
        (r"^(?:bitte )?(?:grundsätzlich|ausschließlich|nie(?:mals)?|nur noch) (?!wieder$|mehr$)[\w-]+", "rule", True),
        (r"^(?=.*\bbitte\b)(?=.*\bwie (?:immer|üblich|gewohnt|jedes mal)\b)", "likes", False),
    ),
    pointed=_any(r"(?:das|es|dich|dir|sie|ihn|euch|dein\w*|ihre?\w*|eure?\w*|dies\w*|jene\w*|wie|was|dass|wo|hier|nur mal|ein(?:e|en)? (?:taxi|tisch)|meine? (?:frau|mann|mutter|katze|hund|kinder|job|arbeit)|zurück|zu spät|an)\b"),
    unsure=_any(r"\b(?:vielleicht|eventuell|wahrscheinlich|würde|hätte gerne?|früher|damals|heute|morgen (?:um|früh|abend)|gestern|gerade|diesmal|dieses mal|jetzt gerade|ob|wenn ich|sagt\w*|meint\w*|angenommen|bis (?:morgen|freitag|montag))\b"),
    cut=_any(r"\s*;\s*|,?\s+(?:aber|doch|sondern|während)\s+|,\s+(?:und\s+|weil\s+)?(?=(?:ich|mein\w*|er|sie|wir|du|also|bitte|nenn)\b)|\s+und\s+(?=(?:ich|mein|er|sie|wir|du)\b)"),
)  # fmt: skip

_FRENCH_ADV = (
    r"(?:(?:vraiment|bien|beaucoup|trop|surtout|plutôt|toujours|absolument|aussi|énormément|particulièrement)\s+)*"
)
_FRENCH_OFTEN = r"(?:toujours|d'habitude|habituellement|généralement|normalement|en général|d'ordinaire|tous les (?:jours|matins|soirs|\w+dis|dimanches)|toutes les semaines|chaque \w+|comme d'habitude|systématiquement)"
_FRENCH_FROM_NOW = (
    r"(?:toujours|jamais|désormais|dorénavant|à partir de maintenant|à l'avenir|à chaque fois|systématiquement)"
)
_FRENCH = _Language(
    signs=_any(r"\b(?:j'|je |mon |ma |mes |moi\b|appelle[sz]?-moi|s'il (?:te|vous) pla[iî]t|réponds|répondez|utilise|comme toujours|comme d'habitude|jamais|dorénavant|désormais|à partir de maintenant|on )"),
    rules=_compiled(
        (r"\bje (?:ne )?(?:l')?suis (?:\w+ )?(?:végétarien(?:ne)?|végan\w*|vegan\w*|végétalien(?:ne)?|pescétarien(?:ne)?|intolérante?|allergique)", "rule", True),
        (r"\bje (?:ne |n')(?:suis pas (?:fan|amateur|du matin|très))", "dislikes", True),
        (r"\bje suis (?:plutôt |très |vraiment )?(?:fan|accro|adepte|du matin|gourmand|thé\b|café\b)", "likes", True),
        (rf"\bje (?:ne )?(?:déteste|hais)\b{_O}", "dislikes", True),
        (rf"\bj'(?:ai horreur|ai une sainte horreur) (?:de|du|des)\b{_O}", "dislikes", True),
        (rf"\bje (?:ne |n')?(?:aime|supporte|tolère|apprécie|raffole|mange|bois|fume|prends|porte|utilise|regarde|digère) (?:vraiment |plus |du tout )*(?:pas|jamais|plus)\b(?: du tout| trop| beaucoup)?{_O}", "dislikes", True),
        (rf"\bj'aime (?:vraiment )?pas\b{_O}", "dislikes", True),
        (rf"\bj'(?:aime|adore|apprécie|affectionne) {_FRENCH_ADV}(?P<o>(?!pas\b)[^,;]+)", "likes", True),
        (rf"\bje (?:préfère|privilégie|raffole)\b{_O}", "likes", True),
        (r"\b(?:mon|ma|mes|nos|notre) (?:[\w'éèê-]+ ){1,3}?(?:préférée?s?|favorite?s?|favoris?)\b[^,;]*\b(?:est|sont|c'est)\b", "likes", True),
        (r"\b(?:est|sont) (?:mon|ma|mes) (?:[\w'éèê-]+ ){1,3}?(?:préférée?s?|favorite?s?|favoris?)\b", "likes", True),
        (rf"\bje veux {_FRENCH_FROM_NOW}\b", "wants", True),
        (rf"\b(?:je|j')\s?(?!ai\b|oublie|pense|crois|voudrais|suis)\w+ {_FRENCH_OFTEN}\b(?P<o>[^,;]+)", "likes", False),
        (rf"\b{_FRENCH_OFTEN},? (?:je |j')(?:prends|bois|mange|vais|cours|fais|commande|choisis|voyage|lis|cuisine|nage|réserve)\b", "likes", False),
        (r"\b(?:je |j')(?:prends|bois|mange|vais|cours|fais|commande|choisis|voyage|lis|cuisine|nage|réserve)\b[^,;]*\b(?:tous les (?:jours|matins|soirs|\w+dis|dimanches)|chaque \w+|d'habitude)", "likes", False),
        (r"\b(?:pas|jamais) (?:de |d')(?P<o>(?!problème|souci|idée)[\wéèêâ-]+(?: [\wéèêâ-]+)?) pour moi\b", "dislikes", True),
        (r"\b(?:appelle|appelez)-moi (?:simplement |juste )?(?P<o>(?!demain|plus|ce|quand|un|avant|après|dès)\w+)$", "rule", True),
        (r"\b(?:tutoie|vouvoie|tutoyez|vouvoyez)[sz]?-moi\b", "rule", True),
        (rf"^(?:s'il (?:te|vous) pla[iî]t,? )?(?:réponds|répondez|écris|écrivez|utilise[sz]?|parle[sz]?|donne[sz]?|réserve[sz]?|envoie|envoyez|propose[sz]?|explique[sz]?|reste[sz]?|n'utilise[sz]?|ne \w+)(?:-moi)?\b(?=.*{_FRENCH_FROM_NOW})", "rule", True),
        (rf"^{_FRENCH_FROM_NOW},? (?:s'il (?:te|vous) pla[iî]t,? )?(?:réponds|répondez|écris|écrivez|utilise|parle|donne|réserve|envoie)", "rule", True),
        (r"^(?:s'il (?:te|vous) pla[iî]t,? )?(?:réponds|répondez|écris|écrivez)(?:-moi)? .*\b(?:en français|en anglais|brièvement|plus court|courtes?|sans emojis?)\b", "rule", True),
        (r"\btrès peu pour moi|\bce n'est pas (?:du tout )?(?:mon truc|pour moi|ma tasse de thé)|\bme (?:dégoûte|gêne|stresse|fatigue|donne la nausée|rend malade|laisse (?:de marbre|froid))|\bm'(?:agace|énerve|ennuie|insupporte|épuise|horripile)|\bj'ai horreur|\b(?:est|sont) une horreur pour moi|\bje me passe (?:très )?(?:bien|volontiers) d|\bje fuis\b|\bj'évite\b", "dislikes", True),
        (r"\b(?:c'est|sont) (?:vraiment |tout à fait )?mon truc|\bje ne jure que par|\bje carbure|\bje raffole|\bje suis (?:plutôt|très|un fan|une fan|accro|du matin|du soir)|\brien ne vaut|\bje ne (?:pars|sors|voyage) jamais sans|\bje ne (?:mange|bois|lis|prends|porte|voyage|regarde|paie|achète) qu[e']", "likes", True),
        (r"^(?:surtout )?(?:pas|jamais|plus jamais|plus) (?:de |d')(?P<o>(?!problème|souci|idée|nouvelles|chance)[^,;]+)\b(?:dans (?:mes|mon|ma)|chez moi|à la maison|pour moi|avec moi)\b", "dislikes", True),
        (r"^(?:toujours|uniquement|exclusivement) (?!en retard|pas|la même|aussi)[\wàâéèêîôû'-]+ [^,;]+$", "rule", True),
        (rf"^évite[sz]-(?:les|moi|le|la)\b(?=.*{_FRENCH_FROM_NOW})", "rule", True),
        (r"^(?=.*\bcomme (?:toujours|d'habitude)\b)(?=.*\b(?:pour moi|sans|s'il (?:vous|te) pla[iî]t)\b)", "likes", False),
    ),
    pointed=_any(r"(?:ça|cela|ce\b|cette|cet|ces|ton|ta|tes|votre|vos|toi|vous|te|que|comment|quand tu dis|l'idée|être ici|y\b|bien$|mon (?:mari|chien|chat|travail|fils)|ma (?:femme|fille|mère)|mes (?:enfants|parents)|vous remercier|te remercier|de l'aide)"),
    unsure=_any(r"\b(?:peut-être|probablement|aimerais|voudrais|préférerais|aimais|adorais|préférais|détestais|avant,|autrefois|aujourd'hui|ce soir|demain|hier|cette fois|pour l'instant|en ce moment|dit que|pense que|si j'|si je)\b"),
    cut=_any(r"\s*;\s*|,?\s+(?:mais|tandis que|alors que)\s+|,\s+(?:et\s+|donc\s+|car\s+)?(?=(?:je|j'|mon|ma|il|elle|on|tu|appelle|merci)\b)|\s+et\s+(?=(?:je |j'|mon |ma |il |elle ))"),
)  # fmt: skip

_SPANISH_FROM_NOW = r"(?:siempre|nunca|jamás|a partir de ahora|de ahora en adelante|en (?:el|lo) (?:futuro|sucesivo)|cada vez|en adelante)"
_SPANISH_OFTEN = r"(?:siempre|normalmente|generalmente|habitualmente|por lo general|suelo|todos los (?:días|\w+)|todas las (?:mañanas|tardes|noches|semanas)|cada (?:día|mañana|noche|semana|\w+)|como siempre)"
_SPANISH = _Language(
    signs=_any(r"\b(?:me|mi|mis|yo|prefiero|odio|detesto|adoro|soy|no|nunca|siempre|ll[aá]m[ae]me|resp[oó]nd[ea]me|suelo|todos|todas|cada|normalmente|a partir de ahora|de ahora en adelante|nada de|amo)\b"),
    rules=_compiled(
        (r"\b(?:yo )?soy (?:muy |estrictamente )?(?:vegetarian[oa]|vegan[oa]|celíac[oa]|celiac[oa]|intolerante|alérgic[oa]|alergic[oa]|más de|fan de|amante de)", "rule", True),
        (r"\btengo (?:alergia|intolerancia)", "rule", True),
        (rf"\bno me (?:gustan?|agradan?|convencen?|interesan?) (?:nada |mucho |para nada )*{_REST}", "dislikes", True),
        (rf"\b(?:odio|detesto|aborrezco|no soporto|no aguanto|no tolero)\b{_O}", "dislikes", True),
        (rf"\b(?:yo )?(?:no|nunca|jamás) (?:como|bebo|tomo|fumo|uso|veo|llevo|compro)\b{_O}", "dislikes", True),
        (r"\b(?:yo )?(?:no (?:bebo|fumo)|nunca (?:bebo|fumo))$", "dislikes", True),
        (r"\bno soy (?:muy )?(?:fan|amigo|amiga|de\b)", "dislikes", True),
        (rf"(?<!no )\bme (?:gustan?|encantan?|fascinan?|apasionan?|chiflan?) (?:mucho |muchísimo |más |bastante )*{_REST}", "likes", True),
        (rf"\b(?:prefiero|adoro|amo)\b{_O}", "likes", True),
        (r"\b(?:mi|mis|nuestro|nuestra) (?:[\wáéíóúñ]+ ){1,3}?(?:favorit[oa]s?|preferid[oa]s?)\b[^,;]*\b(?:es|son)\b", "likes", True),
        (r"\b(?:es|son) (?:mi|mis) (?:[\wáéíóúñ]+ ){1,3}?(?:favorit[oa]s?|preferid[oa]s?)\b", "likes", True),
        (rf"\bquiero {_SPANISH_FROM_NOW}\b|\bsiempre quiero\b", "wants", True),
        (rf"\b{_SPANISH_OFTEN},? (?:me )?(?:tomo|bebo|como|elijo|pido|viajo|voy|corro|leo|cocino|desayuno|ceno|reservo|uso|compro|tomar|beber|comer|elegir|pedir|viajar|ir|correr|leer|cocinar|desayunar|cenar|reservar|usar|(?!tengo|debo|puedo|siento|olvido|pierdo|creo|pienso|trabajo|llego|he\b|vivo|quiero|hago cola|recibo|veo que)\w{{3,}}o)\b", "likes", False),
        (r"\b(?:tomo|bebo|como|voy|corro|leo|cocino|desayuno|nado)\b[^,;]*\b(?:todos los (?:días|\w+)|todas las \w+|cada (?:día|mañana|noche|semana|\w+))\b", "likes", False),
        (r"\b(?:nada de|sin|ningún|ninguna) (?P<o>(?!problema|duda)[\wáéíóúñ]+(?: [\wáéíóúñ]+)?) para mí\b", "dislikes", True),
        (r"\bll[aá]m[ae]me (?:simplemente |solo )?(?P<o>(?!mañana|luego|cuando|a\b|un|el|por|antes)\w+)$", "rule", True),
        (r"\b(?:tutéame|tuteame|tráteme de usted|háblame de tú)\b", "rule", True),
        (rf"^(?:por favor,? )?(?:resp[oó]nd[ea](?:me)?|contest[ae](?:me)?|escrib[ea](?:me)?|us[ae]|utiliz[ae]|habl[ae](?:me)?|háblame|escríbeme|contéstame|reserv[ae](?:me)?|envíame|mánda(?:me)?|no \w+)\b(?=.*{_SPANISH_FROM_NOW})", "rule", True),
        (rf"^(?:por favor,? )?{_SPANISH_FROM_NOW},? (?:por favor,? )?(?:resp[oó]nd|contest|escr[ií]b|us[ae]\b|utiliz|h[aá]bl|reserv)\w*", "rule", True),
        (r"^(?:por favor,? )?(?:resp[oó]nd[ea]me|contést[ae]me|escríb[ea]me|responde|contesta) .*\b(?:en español|en inglés|brevemente|más corto|sin emojis?)\b", "rule", True),
        (r"\bno (?:es|son) lo mío|\b(?:no )?me (?:agobian?|molestan?|irritan?|aburren?|ponen? (?:de los nervios|enferm[oa])|dan? (?:asco|alergia|grima)|sientan? (?:mal|fatal)|cansan?|estresan?|dejan? frí[oa])\b|\bno puedo con\b|\bevito\b|\bhuyo de\b|\bpaso de\b", "dislikes", True),
        (r"\bsoy (?:más )?de (?!madrid|aquí|allí|méxico|españa)\w+|\bme (?:pirran?|vuelven? loc[oa]|pierden?|relajan?|flipan?|molan?)\b|\bnada como\b|\bno hay nada como\b|\bsolo (?:como|bebo|tomo|compro|uso|viajo|leo|veo)\b|\bno salgo sin\b", "likes", True),
        (r"^(?:siempre|nunca|jamás|solo|únicamente) (?:con|sin|en|de|por|un|una|el|la|los|las)\b [^,;]+$", "rule", True),
        (r"^nada de (?P<o>(?!problema|eso|esto|nada)[^,;:]+?) (?:por la|por las|de noche|en mi|en casa|conmigo|antes|después|los (?:lunes|viernes|sábados|domingos|fines))\b", "dislikes", True),
        (r"^(?=.*\bcomo siempre\b)(?=.*\b(?:para mí|sin|por favor)\b)", "likes", False),
    ),
    pointed=_any(r"(?:esto|eso|ese|esa|este|esta|estos|estas|aquello|tu|tus|su|sus|vuestr\w+|tú|usted|que (?!me)|la idea|cómo|como (?:lo|has)|lo que (?:has|dices)|mi (?:marido|mujer|esposa|perro|gato|trabajo|hijo|hija|madre)|saber|ayudarte|agradecer\w*|no decir)\b"),
    unsure=_any(r"\b(?:quizás?|tal vez|a lo mejor|probablemente|gustaría|encantaría|quisiera|gustaban?|encantaban?|prefería|odiaba|antes me|hoy|esta (?:noche|tarde|vez)|mañana (?:a las|por)|ayer|por ahora|de momento|dice que|dijo|cree que|si me|si yo)\b"),
    cut=_any(r"\s*;\s*|,?\s+(?:pero|aunque|mientras que)\s+|,\s+(?:y\s+|así que\s+|porque\s+)?(?=(?:me|mi|yo|no|él|ella|prefiero|odio|soy|tu|llámame|gracias)\b)|\s+y\s+(?=(?:me|mi|yo|no me|odio|prefiero|detesto|soy|ella|él)\b)"),
)  # fmt: skip

_ITALIAN_FROM_NOW = r"(?:sempre|mai|d'ora in poi|da ora in poi|in futuro|ogni volta|da adesso in poi)"
_ITALIAN_OFTEN = r"(?:sempre|di solito|normalmente|generalmente|in genere|solitamente|ogni (?:giorno|mattina|sera|settimana|\w+)|tutti i giorni|tutte le (?:mattine|sere|domeniche)|come (?:al solito|sempre))"
_ITALIAN = _Language(
    signs=_any(r"\b(?:mi|mio|mia|miei|mie|io|preferisco|adoro|amo|odio|detesto|sono|non|sempre|chiamami|mi chiami|rispondi\w*|risponda|usa|niente|d'ora in poi|bevo|prendo|di solito)\b"),
    rules=_compiled(
        (r"\b(?:io )?sono (?:molto |rigorosamente )?(?:vegetarian[oa]|vegan[oa]|celiac[oa]|intollerante|allergic[oa]|un tipo da|fan di|un amante|mattinier[oa])", "rule", True),
        (r"\bho (?:un'allergia|un'intolleranza|l'allergia)", "rule", True),
        (rf"\bnon mi (?:piace|piacciono|va|interessa|interessano) (?:molto |per niente |affatto |proprio )*{_REST}", "dislikes", True),
        (rf"\b(?:odio|detesto|non sopporto|non tollero|non reggo)\b{_O}", "dislikes", True),
        (rf"\b(?:io )?non (?:mangio|bevo|fumo|uso|prendo|guardo|porto|compro|metto) (?:mai |più )?{_REST}", "dislikes", True),
        (r"\b(?:io )?non (?:bevo|fumo)$", "dislikes", True),
        (r"\bnon sono (?:un |una )?(?:grande )?(?:fan|amante|tipo)\b", "dislikes", True),
        (rf"(?<!non )\bmi (?:piace|piacciono|entusiasma) (?:molto |moltissimo |tanto |di più )*{_REST}", "likes", True),
        (rf"\b(?:preferisco|adoro|amo)\b{_O}", "likes", True),
        (r"\b(?:il mio|la mia|i miei|le mie) (?:[\wàèéìòù]+ ){1,3}?(?:preferit[oaie]|favorit[oaie])\b[^,;]*(?:\bè|\bsono\b)", "likes", True),
        (r"(?:\bè|\bsono) (?:il mio|la mia|i miei|le mie) (?:[\wàèéìòù]+ ){1,3}?(?:preferit[oaie]|favorit[oaie])\b", "likes", True),
        (rf"\bvoglio {_ITALIAN_FROM_NOW}\b", "wants", True),
        (rf"\b{_ITALIAN_OFTEN},? (?:prendo|bevo|mangio|vado|corro|scelgo|ordino|viaggio|leggo|cucino|nuoto|uso|compro|prenoto|faccio colazione)\b", "likes", False),
        (rf"\b(?:prendo|bevo|mangio|vado|corro|scelgo|ordino|viaggio|leggo|cucino|nuoto|uso|prenoto)\b (?:\w+ ){{0,5}}?{_ITALIAN_OFTEN}\b", "likes", False),
        (r"\b(?:niente|nessun[oa]?|senza) (?P<o>(?!problema|dubbio)[\wàèéìòù]+(?: [\wàèéìòù]+)?) per me\b", "dislikes", True),
        (r"\b(?:chiamami|mi chiami) (?:pure |semplicemente |solo )?(?P<o>(?!domani|dopo|quando|un|a\b|alle|prima|appena)\w+)$", "rule", True),
        (r"\b(?:dammi del (?:tu|lei)|mi dia del (?:tu|lei))\b", "rule", True),
        (rf"^(?:per favore,? )?(?:rispondi(?:mi)?|risponda|scrivi(?:mi)?|scriva|usa|usi|parla(?:mi)?|parli|prenota(?:mi)?|prenoti|manda(?:mi)?|spiega(?:mi)?|non \w+)\b(?=.*{_ITALIAN_FROM_NOW})", "rule", True),
        (rf"^(?:per favore,? )?{_ITALIAN_FROM_NOW},? (?:per favore,? )?(?:rispond|scriv|us[ai]\b|parl|prenot|non )\w*", "rule", True),
        (r"^(?:per favore,? )?(?:rispondi(?:mi)?|risponda|scrivi(?:mi)?) .*\b(?:in italiano|in inglese|brevemente|più brev[ei]|senza emoji)\b", "rule", True),
        (r"\bnon (?:fa|fanno) per me|\bnon (?:è|sono) (?:roba|cosa|il mio genere|la mia passione)|\bmi (?:danno|dà) (?:fastidio|il voltastomaco|sui nervi|noia)|\bmi (?:innervosisc\w+|annoia\w*|stanca\w*|stressa\w*|irrita\w*)\b|\bmi lascia\w* indifferente|\bne faccio volentieri a meno|\bevito\b", "dislikes", True),
        (r"\bvado (?:matt[oa]|pazz[oa]) per|\bnon (?:rinuncio|rinuncerei) mai|\bè il massimo|\bnon c'è niente di meglio|\b(?:bevo|mangio|leggo|compro|uso|viaggio|prendo) solo\b", "likes", True),
        (r"^(?:per me )?niente (?P<o>(?!problema|paura|di|da|male)[^,;]+)$", "dislikes", True),
        (r"^(?:sempre|mai|solo|esclusivamente) (?:con|senza|in|di|un|una|il|la|i|le)\b [^,;]+$", "rule", True),
        (r"^(?=.*\bcome (?:sempre|al solito)\b)(?=.*\b(?:per me|senza|per favore)\b)", "likes", False),
    ),
    pointed=_any(r"(?:questo|questa|questi|queste|quello|quella|quell'|quel|ciò|la tua|il tuo|i tuoi|le tue|la sua|il suo|tuo|tua|l'idea|te|come (?:hai|dici)|che (?:tu|hai)|mio (?:marito|figlio|padre)|mia (?:moglie|figlia|madre)|il mio (?:cane|gatto|lavoro)|ringraziar\w*|sapere|non dire)(?:\b|$)"),
    unsure=_any(r"\b(?:forse|magari|probabilmente|piacerebbe|preferirei|vorrei|piaceva|piacevano|adoravo|odiavo|preferivo|una volta|oggi|stasera|domani|ieri|per ora|questa volta|dice che|ha detto|pensa che|se mi|se io)\b"),
    cut=_any(r"\s*;\s*|,?\s+(?:ma|però|mentre|anche se)\s+|,\s+(?:e\s+|quindi\s+|perché\s+)?(?=(?:mi|il mio|la mia|io|non|lui|lei|preferisco|odio|sono|chiamami|grazie)\b)|\s+e\s+(?=(?:mi|io|non mi|odio|preferisco|detesto|sono|lei|lui)\b)"),
)  # fmt: skip

_PORTUGUESE_FROM_NOW = r"(?:sempre|nunca|jamais|a partir de agora|de agora em diante|daqui para a frente|daqui em diante|no futuro|cada vez)"
_PORTUGUESE_OFTEN = r"(?:sempre|normalmente|geralmente|costumo|habitualmente|em geral|todos os dias|todas as (?:manhãs|noites|semanas|\w+)|todo (?:dia|sábado|domingo)|toda (?:manhã|noite|semana|\w+-feira)|aos (?:sábados|domingos)|como sempre)"
_PORTUGUESE = _Language(
    signs=_any(r"\b(?:eu|meu|minha|meus|minhas|gosto|adoro|amo|prefiro|odeio|detesto|sou|não|nunca|sempre|cham[ae]-me|me cham[ae]|respond\w+|costumo|a partir de agora|de agora em diante|nada de|sem)\b"),
    rules=_compiled(
        (r"\b(?:eu )?sou (?:muito |estritamente )?(?:vegetarian[oa]|vegan[oa]|celíac[oa]|intolerante|alérgic[oa]|mais de|fã de|apaixonad[oa] por)", "rule", True),
        (r"\btenho (?:alergia|intolerância)", "rule", True),
        (r"\b(?:eu )?não (?:gosto|curto)(?: nada| muito)?(?: de| do| da| dos| das)?\s+(?P<o>[^,;]+)", "dislikes", True),
        (rf"\b(?:odeio|detesto|não suporto|não aguento|não tolero)\b{_O}", "dislikes", True),
        (rf"\b(?:eu )?(?:não|nunca) (?:como|bebo|tomo|fumo|uso|vejo|compro)\b{_O}", "dislikes", True),
        (r"\b(?:eu )?(?:não|nunca) (?:bebo|fumo)$", "dislikes", True),
        (r"\bnão sou (?:muito )?(?:fã|de\b|chegad[oa])", "dislikes", True),
        (r"(?<!não )\b(?:eu )?(?:gosto|curto) (?:muito |mais |imenso |bastante )*(?:de|do|da|dos|das)\s+(?P<o>[^,;]+)", "likes", True),
        (rf"\b(?:prefiro|adoro|amo)\b{_O}", "likes", True),
        (r"\b(?:o meu|a minha|meu|minha|meus|minhas) (?:[\wáàâãéêíóôõúç]+ ){1,3}?(?:favorit[oa]s?|preferid[oa]s?)\b[^,;]*(?:\bé|\bsão)\b", "likes", True),
        (r"(?:\bé|\bsão) (?:o meu|a minha|os meus|as minhas|meu|minha) (?:[\wáàâãéêíóôõúç]+ ){1,3}?(?:favorit[oa]s?|preferid[oa]s?)\b", "likes", True),
        (rf"\bquero {_PORTUGUESE_FROM_NOW}\b|\bsempre quero\b", "wants", True),
        (rf"\b(?:eu )?{_PORTUGUESE_OFTEN},? (?:eu )?(?:tomo|bebo|como|escolho|peço|viajo|vou|corro|leio|cozinho|uso|compro|reservo|tomar|beber|comer|escolher|pedir|viajar|ir|correr|ler|cozinhar|usar)\b", "likes", False),
        (rf"\b(?:tomo|bebo|como|vou|corro|leio|cozinho|nado|peço)\b (?:\w+ ){{0,5}}?{_PORTUGUESE_OFTEN}", "likes", False),
        (r"\b(?:nada de|sem|nenhum|nenhuma) (?P<o>(?!problemas?|dúvida)[\wáàâãéêíóôõúç]+(?: [\wáàâãéêíóôõúç]+)?) para mim\b", "dislikes", True),
        (r"\b(?:cham[ae]-me|(?:pode )?me cham(?:e|ar|a)) (?:de |só |apenas )?(?P<o>(?!amanhã|depois|quando|um|às|antes|mais)\w+)$", "rule", True),
        (rf"^(?:por favor,? )?(?:respond[ae](?:-me)?|escrev[ae](?:-me)?|us[ea]|utiliz[ea]|fal[ea](?:-me)?|reserv[ea](?:-me)?|envi[ea](?:-me)?|não \w+)\b(?=.*{_PORTUGUESE_FROM_NOW})", "rule", True),
        (rf"^(?:por favor,? )?{_PORTUGUESE_FROM_NOW},? (?:por favor,? )?(?:respond|escrev|us[ea]\b|utiliz|fal[ea]|reserv|não )\w*", "rule", True),
        (r"^(?:por favor,? )?(?:respond[ae](?:-me)?|escrev[ae](?:-me)?) .*\b(?:em português|em inglês|brevemente|mais curt[oa]s?|sem emojis?)\b", "rule", True),
        (r"\bnão (?:é|são) (?:para mim|a minha praia|comigo)|\b(?:me irrita\w*|irrita\w*-me|me enjoa\w*|enjoa\w*-me|me cansa\w*|me incomoda\w*|incomoda\w*-me|me aborrece\w*)\b|\bdispenso\b|\bevito\b|\bfujo de\b", "dislikes", True),
        (r"\bsou (?:louc[oa] por|mais de|viciad[oa] em)|\bnão abro mão de|\bnão vivo sem|\bnada como\b|\bsó (?:como|bebo|tomo|compro|uso|viajo|leio|vejo)\b", "likes", True),
        (r"^(?:sempre|nunca|só|apenas) (?:com|sem|em|de|um|uma|o|a)\b [^,;]+$", "rule", True),
        (r"^(?=.*\bcomo sempre\b)(?=.*\b(?:para mim|sem|por favor)\b)", "likes", False),
    ),
    pointed=_any(r"(?:isto|isso|disto|disso|este|esta|esse|essa|dess[ea]|dest[ea]|aquilo|tu[ao]s?|seus?|suas?|você|ti\b|ideia|que (?:você|tu)|como (?:você|tu)|meu (?:marido|filho|cão|gato|trabalho)|minha (?:mulher|esposa|filha|mãe)|saber|ajudar|agradecer|não dizer|teus?|tuas?)\b"),
    unsure=_any(r"\b(?:talvez|provavelmente|quem sabe|gostaria|adoraria|preferia|preferiria|queria|gostava|adorava|odiava|antes eu|hoje|esta noite|amanhã|ontem|por agora|por enquanto|desta vez|diz que|disse|acha que|se eu)\b"),
    cut=_any(r"\s*;\s*|,?\s+(?:mas|porém|enquanto|embora)\s+|,\s+(?:e\s+|por isso\s+|porque\s+)?(?=(?:eu|meu|minha|não|ele|ela|prefiro|odeio|sou|adoro|gosto|chame|obrigad[oa])\b)|\s+e\s+(?=(?:eu|não|odeio|prefiro|detesto|sou|adoro|gosto|ela|ele)\b)"),
)  # fmt: skip

_LANGUAGES = (_GERMAN, _FRENCH, _SPANISH, _ITALIAN, _PORTUGUESE)
