"""The words that consolidation knows: which mean the same, which one kind of another, which exclude each other.

They are English, and everyday ones: what is not here is compared by its stem alone.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from duramen.language.stemming import stem

# Each part is one meaning; the first word names it.
_SAME = """
    like love enjoy adore appreciate relish; dislike hate detest loathe despise; prefer favour favor; want wish
    desire; need require; work job occupation profession employ employed; employee staff worker; live reside; locate
    based sit lie situated headquarters; marry married wedding; spouse wife husband; engage engaged fiance fiancee
    betrothed; divorce divorced separate separated; study student degree; learn lesson; teach teacher teaching
    instructor lecturer; speak fluent; smoke smoking smoker cigarette tobacco; drink beverage; allergy allergic
    allergen; child children kid kids; begin start commence; end finish finished conclude; deadline due; buy
    purchase bought; own possess owner; sell sold; repair fix mend repaired; break broken defective faulty; mother
    mom mum mama mommy mummy; father dad daddy papa; parents folks; grandmother grandma granny; grandfather grandpa
    granddad; boss manager supervisor; colleague coworker workmate; doctor physician gp; neighbour neighbor; flat
    apartment condo; company firm business employer; supermarket grocery groceries; film movie; holiday vacation;
    trip journey travel; move relocate; car automobile; bicycle bike cycle cycling; motorcycle motorbike; phone
    telephone mobile cell smartphone; email mail; photo picture photograph; answer reply response respond; long
    lengthy; short brief concise; big large huge; small little tiny; fast quick rapid; quiet silent calm; loud
    noisy; cheap inexpensive; expensive costly pricey; ill sick unwell; happy glad; afraid scared fear frightened;
    tired exhausted; difficult hard; open opened reopen reopened; resolve solve; startup; fulltime; parttime;
    girlfriend; boyfriend; close closed shut; formal formally; informal casual informally; meet meeting; talk chat
    conversation; lead head leader chief; maintain maintainer; write written author wrote writer; build make produce
    manufacture develop create; cause reason; cost price; salary wage income; pay settle paid settled; bill invoice;
    restart reboot restarted; outage downtime; error bug fault; newest latest; remove delete; store keep kept
    stored; month; week; day; year; leave depart left; win won; play player; sing singer; paint painter painting;
    cook chef; bake baker; run jog; walk stroll; hike hiking; swim swimmer; climb climber; read reader reading;
    garden gardening; train exercise workout; sleep bed; wake awake; rise increase raise rose risen; fall decrease
    drop; yearly annual annually; name call called named nickname; age aged; favourite favorite; colour color; grey
    gray; centre center; tv television; euro euros eur; dollar dollars usd; minute minutes min mins; hour hours h;
    kilometre kilometer km; pregnant expecting; baby newborn; die died dead death; pass passed; train railway; plane
    airplane aeroplane flight fly; help assist support; plan intend; think believe; remember recall; lend loan; grow
    grew; collect collector collection; breed raise; seek; find found; arrive land; receive get got obtain; send
    sent; use utilise utilize; happen occur; team group; boat ship; woods forest; sea ocean; computer pc; laptop
    notebook; software program programme; app application; database db; document file; allow permit allowed
    permitted; forbid ban prohibit forbidden banned prohibited; carpenter joiner; lawyer attorney solicitor;
    hairdresser barber; accountant bookkeeper; programmer developer coder; single unattached; retire retired
    retirement pensioner; unemployed jobless; left-handed lefthanded; garbage rubbish trash; lorry truck;
    underground subway metro; pavement sidewalk; jumper sweater pullover; trousers pants; biscuit cookie; sweets
    candy; football soccer; lift elevator; postcode zip zipcode; glasses spectacles; injury injured hurt wound;
    operation surgery; medicine medication drug pill tablet; headache migraine; cold chill; sunny sun; rain rainy;
    snow snowy; stay remain; frequent often frequently; rarely seldom; whenever when
    """
# A kind of things, and things of that kind.
_KINDS = """
    dog: labrador poodle terrier retriever dachshund beagle spaniel collie shepherd husky bulldog puppy greyhound
    boxer pug corgi chihuahua rottweiler dalmatian whippet mongrel; cat: kitten siamese persian tabby tomcat; pet:
    dog cat rabbit hamster parrot budgie tortoise turtle puppy kitten labrador goldfish canary; animal: dog cat
    horse cow sheep goat pig rabbit donkey hen pony; horse: pony mare stallion; bird: parrot budgie canary crow
    robin owl duck goose hen eagle; insect: bee wasp ant beetle; fruit: apple pear banana orange plum cherry grape
    mango strawberry raspberry peach apricot lemon; vegetable: carrot onion potato tomato spinach cabbage leek
    broccoli courgette pepper; nut: peanut cashew almond walnut hazelnut pistachio; meat: beef pork chicken lamb
    steak bacon ham sausage; fish: salmon tuna trout cod herring; tree: oak birch pine fir maple beech apple pear;
    flower: rose tulip lily daisy orchid; instrument: piano guitar violin cello flute trumpet saxophone clarinet
    drum harp accordion banjo viola organ; sport: football tennis basketball hockey rugby cricket golf volleyball
    badminton swim climb judo karate row box cycle; car: skoda volkswagen vw toyota honda ford fiat volvo bmw audi
    mercedes tesla renault peugeot citroen opel hyundai kia mazda nissan seat subaru dacia porsche van estate;
    vehicle: car lorry van bus bicycle motorcycle tractor tram; phone: iphone android pixel; laptop: macbook
    thinkpad chromebook; computer: laptop macbook thinkpad pc; child: son daughter twin twins boy girl baby toddler;
    sibling: brother sister; parent: mother father; relative: aunt uncle cousin niece nephew grandmother
    grandfather; colour: red green blue yellow orange purple pink black white grey brown teal turquoise violet
    beige; drink: tea coffee water juice beer wine milk cocoa lemonade; alcohol: beer wine whisky gin vodka rum
    cider; house: cottage bungalow villa cabin; building: house church school hospital tower; furniture: table chair
    sofa desk wardrobe shelf bed; book: novel biography memoir thriller dictionary; music: jazz rock pop opera blues
    techno; noise: grinding rattling squeaking humming buzzing clicking rattle hum squeak; meal: breakfast lunch
    dinner supper brunch; job: pilot nurse doctor engineer teach; engineer: programmer; month: january february
    march april june july august september october november december; tool: hammer drill saw spanner screwdriver;
    boat: kayak canoe dinghy yacht; illness: flu measles diabetes asthma cancer pneumonia; run: marathon; language:
    english german french spanish italian portuguese dutch swedish danish norwegian finnish polish czech russian
    ukrainian greek turkish arabic hebrew hindi chinese mandarin japanese korean thai latin welsh hungarian
    romanian; like: prefer; want: prefer; prefer: like want; cost: rent fee fare; marry: spouse; spouse: marry
    """
# What one word says, the others deny.
_OPPOSITES = """
    like: dislike avoid; open: close resolve repair block; avoid: eat drink like; alone: flatmate roommate housemate
    spouse partner girlfriend boyfriend family parents; formal: informal; allow: forbid; cheap: expensive; loud:
    quiet; single: marry engage divorce spouse girlfriend boyfriend partner relationship; late: punctual; marry:
    divorce; engage: marry; die: live alive; alive: die; vegan: meat fish cheese milk egg omnivore; vegetarian: meat
    steak fish sausage bacon omnivore; teetotal: alcohol beer wine; sober: alcohol; break: repair work; early: late;
    full: empty; hot: cold; ill: recover well healthy; public: private; free: busy; remote: office; fulltime:
    parttime; unemployed: work; retire: work; pregnant: baby birth; lose: find; online: offline; enabled: disabled;
    active: inactive; on: off; always: never; rise: fall; daily: weekly monthly yearly; weekly: monthly daily
    yearly; monthly: weekly yearly
    """
_IRREGULAR = """
    goes go does do has have says say went go gone go ran run bought buy sold sell was be were be is be are be am be been be had have has have did do does do done do
    made make took take taken take gave give given give came come saw see seen see knew know known know got get gotten get
    found find left leave lost lose met meet paid pay said say told tell kept keep began begin begun begin wrote write
    written write drove drive driven drive rode ride ridden ride ate eat eaten eat drank drink drunk drink slept sleep
    spent spend spoke speak spoken speak stood stand taught teach thought think threw throw thrown throw understood
    understand woke wake woken wake wore wear worn wear won win built build brought bring became become broke break
    broken break chose choose chosen choose fell fall fallen fall felt feel flew fly flown fly forgot forget
    forgotten forget grew grow grown grow heard hear held hold hurt hurt led lead lent lend put put read read rose rise
    risen rise sang sing sung sing sat sit sent send set set shot shoot showed show shown show shut shut swam swim swum swim
    hung hang caught catch cut cut cost cost dealt deal dug dig drew draw drawn draw fought fight fed feed hid hide
    hit hit laid lay let let quit quit stole steal stolen steal stuck stick struck strike swore swear tore tear women woman
    men man children child people person feet foot teeth tooth mice mouse lives live wives wife knives knife married marry
    moved move lived live
    """
_VERBS = """
    like love enjoy hate dislike prefer want need work live reside locate sit lie stand marry study learn teach speak smoke
    drink eat begin start end finish buy own sell repair fix mend break visit answer open close meet talk lead maintain
    write build make produce develop create cause cost rent pay restart remove delete store keep arrive come leave win play
    sing paint cook bake run jog walk hike swim climb read train exercise sleep wake rise fall call name die pass fly help
    plan hope think believe remember forget lend borrow grow collect breed seek find receive get send use happen allow
    forbid cancel retire stay go take give do have be know see say tell ask become turn move relocate switch change replace drop quit
    stop put bring postpone raise lower weigh measure last contain hold belong report attend join graduate earn spend save
    drive ride park travel host serve offer sell lend order deliver support provide include print hang wear carry wash clean
    water feed walk care look watch listen hear follow manage direct own chair head found launch publish ship deploy test
    review approve reject sign accept decline invite book reserve call phone text mail email feel suffer recover treat
    expect plan intend decide choose pick avoid refuse tend aim try practise practice compete race row sail fish hunt knit sew
    design draw dance act direct film photograph record volunteer donate invest owe lose miss break crash fail expire renew
    close shut lock unlock cover protect heat cool connect link depend consist face share split divorce separate date adopt
    raise expect bear name speak translate understand handle fit suit belong house block merge revert rename migrate upgrade install
    wish dream aim mind fear trust respect admire sponsor fund cut add extend shorten bump push shift schedule reschedule delay announce
    insist rely recommend suggest advise commute cycle garden camp ski skate surf dive box fence tour celebrate marry
    """

# What says little: it is not missed where the rest agrees.
_WEAK = """
    be have do get take make go keep run use give put set let lie sit stand stay become seem appear feel come work know own
    plan want while soon someday sometime something someone somebody somewhere thing stuff kind sort way lot bit certain several various
    new whole own person man woman guy total certain also too even quite rather very really actually still already
    currently just only about around roughly approximately above all especially mostly usually generally often
    frequent regularly sometimes always together whenever day time year month week moment meanwhile any some each every
    such please always exactly nearly almost well call name there here happen therefore thus locate name
    aged mr mrs ms dr prof professor city town number amount per tend
    """

_LIGHT = """
    the a an this that these those of to in on at by for from with and or but as is are was were be been being am
    it its his her their our your him them he she they we you who which whom what where there then than so if
    because since will would shall can could may might should must has have had having do does did not no into
    onto over under up down out off about after before during until till through between among within per also too
    very really quite rather just only even still already both either own such other more most much many some any
    each every all few one ones again whenever without against around behind near above below via per as
    """
_PREPOSITIONS = """
    in on at to of for from with without by as into onto over under behind near between during after before about than per via
    through above below against around until
    """


def words_of(text: str) -> frozenset[str]:
    """Return the words of a paragraph."""
    return frozenset(text.split())


PREPOSITIONS = words_of(_PREPOSITIONS)
LIGHT = words_of(_LIGHT) | PREPOSITIONS
"""Words of no weight."""

DENYING = words_of("not no never without nobody nothing none neither nor hardly cannot")
"""Words that deny."""

ONLY_ONE = words_of("spouse boss mother father favourite newest deadline landlord capital leader")
"""Meanings of what everybody and everything has one of."""

UNITS = words_of(
    "euro dollar pound franc krona minute hour second day week month year kilometre metre mile kilo gram litre percent degree"
)
"""Words that belong to a number."""


@functools.cache
def base(word: str) -> str:
    """Return the meaning of a lower-case word: that of its line, or its stem."""
    return _meanings().get(word) or _meanings().get(_plain(word)) or _plain(word)


def meanings(text: str) -> frozenset[str]:
    """Return the meanings of the words of a paragraph."""
    return frozenset(map(base, words_of(text)))


def kinds(term: str) -> frozenset[str]:
    """Return what a thing is one kind of."""
    return _kinds().get(term, frozenset())


def opposed(one: str, other: str) -> bool:
    """Tell whether two meanings exclude each other."""
    return other in _opposites().get(one, ()) or one in _opposites().get(other, ())


def is_verb(word: str) -> bool:
    """Tell whether a lower-case word may be a form of a verb."""
    return _plain(word) in _verbs()


def is_known(word: str) -> bool:
    """Tell whether a lower-case word has a line of its own."""
    return word in _meanings() or _plain(word) in _meanings()


def is_weak(term: str) -> bool:
    """Tell whether a meaning says little."""
    return term in _weak()


def irregular(word: str) -> str | None:
    """Return what a word is an irregular form of."""
    return _forms().get(word)


def _plain(word: str) -> str:
    return stem(_forms().get(word, word), "english")


@functools.cache
def _forms() -> Mapping[str, str]:
    words = _IRREGULAR.split()
    return dict(zip(words[::2], words[1::2], strict=True))


@functools.cache
def _meanings() -> Mapping[str, str]:
    lines = [line.split() for line in _SAME.split(";")]
    found: dict[str, str] = {}
    for word, first in ((word, line[0]) for line in lines for word in line):
        found.setdefault(word, first)
    for word, first in list(found.items()):
        found.setdefault(_plain(word), first)
    return found


@functools.cache
def _kinds() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for kind, members in _lines(_KINDS):
        for member in members:
            found[member] = found.get(member, frozenset()) | {kind}
    return {member: of | frozenset(up for kind in of for up in found.get(kind, ())) for member, of in found.items()}


@functools.cache
def _opposites() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one, others in _lines(_OPPOSITES):
        found[one] = found.get(one, frozenset()) | others
    return found


@functools.cache
def _verbs() -> frozenset[str]:
    return frozenset(map(_plain, words_of(_VERBS)))


@functools.cache
def _weak() -> frozenset[str]:
    return meanings(_WEAK)


def _lines(text: str) -> list[tuple[str, frozenset[str]]]:
    parts = (part.partition(":") for part in text.split(";"))
    return [(base(first.strip()), meanings(rest)) for first, _, rest in parts]
