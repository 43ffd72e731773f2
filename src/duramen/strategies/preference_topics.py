"""What a preference is about: one to three of a small list of categories, told by its words."""

from __future__ import annotations

import functools
import re

from duramen.language.function_words import ENGLISH
from duramen.language.stemming import DEFAULT, stem

MOST = 3
"""Categories that one preference has at most."""

OTHER = "other"

# The order decides between categories that are named equally often.
_WORDS = {
    "communication": """
        answer reply response respond explanation explain emoji emoticon bullet tone jargon concise brief briefly verbose
        summary formal informal polite sarcasm newsletter email phone call text message chat notification sms whatsapp voicemail
        greeting name nickname pronoun address feedback disclaimer apology headline wording call called antwort antworten
        réponse répondre respuesta responder risposta rispondere resposta
        letter e-mail post fax sms voice memo video-call webcam font print caps capital slang acronym abbreviation
        """,
    "language": """
        english german french spanish italian portuguese dutch russian chinese mandarin japanese korean arabic hindi polish turkish
        language translation translate dialect accent spelling grammar deutsch englisch français anglais español inglés
        italiano inglese português inglês
        """,
    "food": """
        food eat eating meal breakfast lunch dinner brunch supper snack dish cook cooking cuisine restaurant vegetarian vegan pescatarian
        meat fish seafood shellfish prawn shrimp salmon tuna chicken beef pork bacon ham lamb steak egg cheese dairy milk butter
        margarine mayonnaise yoghurt yogurt cream bread gluten wheat pasta pizza rice noodle ramen sushi curry soup salad sandwich burger taco
        vegetable fruit apple banana berry strawberry mango pineapple tomato potato mushroom onion garlic ginger olive aubergine
        eggplant broccoli spinach cabbage kale carrot bean lentil chickpea tofu cilantro coriander nut peanut almond walnut sesame
        sugar salt spice spicy chili chilli mustard mayo ketchup sauce chocolate dessert cake cookie biscuit candy sweet pastry
        croissant porridge oatmeal cereal granola honey jam barbecue grill bake baking takeaway takeout kosher halal lactose
        vegetarier vegetarierin fleisch fisch essen käse viande poisson fromage manger carne pescado comida queso pesce cibo formaggio
        peixe comida queijo végétarien végétarienne vegetariano vegetariana soja diet
        soy crust liver kidney oyster mussel squid octopus clam crab lobster anchovy sardine mackerel cod herring duck turkey sausage
        salami chorizo mince venison mutton goat gelatine mint basil parsley dill fennel celery beetroot turnip parsnip leek
        radish cucumber courgette zucchini pumpkin artichoke asparagus sprout cauliflower pear peach apricot cherry grape plum
        melon lime lemon orange grapefruit fig raisin sultana coconut avocado vinegar pickle gherkin caper tahini hummus falafel
        dumpling risotto lasagne lasagna omelette pancake waffle muesli toast crisp popcorn marzipan liquorice licorice fudge
        caramel custard pudding sourdough baguette bagel quinoa couscous polenta tempeh seitan crust topping marmite
        peanut-butter hazelnut cashew pistachio pecan gravy stew casserole roast grill tapas kimchi pho paella ravioli gnocchi
        mozzarella feta parmesan brie cheddar raw vegan-friendly leftovers ready-meal portion ingredient recipe kitchen
        """,
    "drink": """
        drink coffee tea espresso latte cappuccino decaf americano macchiato mocha matcha water juice soda cola lemonade beer wine
        whisky whiskey gin vodka rum cocktail alcohol alcoholic champagne cider smoothie oat caffeine teetotal teetotaller
        kaffee tee bier wein wasser café thé vin bière eau té vino cerveza agua caffè birra acqua chá vinho cerveja água
        sparkling still tap lager ale stout prosecco sherry port cognac brandy tequila rooibos chai camomile chamomile
        peppermint cordial squash coke pepsi lemonade milkshake buttermilk
        """,
    "travel": """
        travel trip flight fly plane airline airport seat aisle window train rail bus coach ferry ship cruise car drive taxi cab
        uber rental hotel hostel airbnb room suite check-in luggage carry-on backpack holiday vacation destination abroad layover
        stopover itinerary tour road commute metro subway tube tram zug fliegen reisen hotel avión viajar tren voyager aereo viaggiare
        treno avião viajar comboio trem
        return ticket legroom berth bunk cabin lounge sleeper coach compartment stairs lift elevator balcony pool ground-floor
        off-season low-cost sightseeing cruise campsite cottage guesthouse b&b bed-and-breakfast sat-nav map route motorway
        night-train
        """,
    "time": """
        morning afternoon evening night midnight noon weekday weekend monday tuesday wednesday thursday friday saturday sunday early
        late hour schedule calendar deadline appointment meeting bird owl clock 24-hour timezone minute
        dawn sunrise bedtime lunchtime quarterly monthly weekly daily
        """,
    "health": """
        allergy allergic allergen intolerant intolerance medicine medication pill doctor dentist sleep nap insomnia migraine headache
        stress stressed meditation meditate therapy vitamin supplement smoke smoking cigarette coeliac celiac diabetic asthma pollen
        penicillin latex allergisch allergique alérgico alérgica allergico allergica
        itch rash eczema back knee hip wheelchair step-free vegan-safe heights scent fragrance perfume pain scented unscented
        hearing eyesight
        """,
    "sport": """
        sport run running jog jogging gym workout exercise train training yoga pilates swim swimming cycle cycling bike tennis football
        soccer basketball baseball volleyball golf hockey rugby cricket climbing boulder bouldering ski skiing snowboard surf surfing
        sailing rowing boxing marathon fitness martial judo karate skate dance dancing team match
        marathon squash badminton handball ping-pong darts snooker archery fencing kayak canoe rowing triathlon jog treadmill
        lido
        """,
    "music": """
        music song album band concert gig jazz rock pop metal punk blues folk techno classical opera hip-hop rap reggae country indie
        playlist vinyl spotify guitar piano violin drum singing sing choir orchestra podcast radio festival musik musique música musica
        lyrics instrumental guitar orchestra ballad soundtrack noise headphone earbud vinyl cd symphony baroque motown grunge
        ska disco
        """,
    "film": """
        film movie cinema series show television tv netflix documentary thriller horror comedy romcom anime cartoon sitcom subtitle
        dubbed episode actor director sci-fi
        cinema western noir romance musical animation blockbuster sequel trailer crime silent sci-fi
        """,
    "reading": """
        book novel paper e-reader read reading fiction nonfiction non-fiction author poetry poem paperback kindle e-book ebook audiobook library
        magazine newspaper biography mystery fantasy comic manga
        hardback hardcover crime-novel memoir newspaper broadsheet print thriller saga classic essay footnote
        """,
    "games": """
        game gaming chess puzzle crossword sudoku board card poker playstation xbox nintendo steam rpg shooter multiplayer lego
        chess darts board-game cards jigsaw
        """,
    "work": """
        work job office remote home-office colleague boss team project report presentation slide spreadsheet client interview career
        freelance standup desk coworking invoice document
        call deadline shift overtime agenda minutes calendar office spreadsheet pdf word-file excel powerpoint
        """,
    "technology": """
        computer laptop phone iphone android mac linux app software code coding program programming python rust java javascript
        typescript editor vim emacs vscode tab space dark mode keyboard mouse browser firefox chrome terminal framework library
        type docker git database api cloud ai test commit markdown table json celsius fahrenheit metric imperial unit
        kilometre kilometer mile font theme
        tab firefox kilometres metric notification app dark-mode light-theme wallpaper pdf csv usb
        bluetooth wifi smart-home alexa siri touchscreen stylus cable charger
        """,
    "shopping": """
        shop shopping buy brand store supermarket market online amazon discount secondhand second-hand thrift order delivery gift
        organic local price cheap luxury
        parcel package courier delivery deliver porter packaging plastic second-hand
        """,
    "home": """
        home house flat apartment furniture kitchen bedroom sofa bed pillow mattress garden gardening plant clean cleaning tidy
        candle light lamp temperature thermostat heating air-conditioning decor interior neighbourhood neighborhood
        carpet curtain blind sheet duvet linen butter detergent bleach cleaning cleaner air-con air-conditioning fan radiator
        heater candle rug shelf bath bathtub shower mattress firm soft
        """,
    "fashion": """
        wear clothes clothing dress shirt t-shirt jeans trousers skirt shoe sneaker boot heel jacket coat hat suit tie jewellery jewelry
        watch perfume makeup colour color black white blue red green yellow purple pink orange cotton wool linen leather
        polyester nylon silk cashmere denim velvet sock glove scarf sandal trainer blouse sweater jumper hoodie coat raincoat
        zip button navy grey gray beige brown heel lace logo second-hand
        """,
    "nature": """
        nature outdoors outdoor hike hiking mountain forest wood beach sea ocean lake river park camping camp walk walking sun sunshine
        rain snow summer winter autumn fall spring weather heat cold hot warm countryside fishing birdwatching sunrise sunset
        valley cliff desert island glacier shade wind storm fog frost flower tree
        """,
    "animals": "animal pet dog cat puppy kitten horse bird parrot rabbit hamster spider snake zoo puppy wolfhound terrier hound kitten cat-person leash wasp bee rat mouse",
    "culture": """
        art museum gallery theatre theater painting paint draw drawing photography photo sculpture architecture history exhibition
        ballet musical comedy craft knitting knit pottery sewing
        opera ballet concert-hall sculpture stage
        """,
    "money": """
        money pay payment cash card credit bank invest investing investment stock fund index save saving budget tip subscription paypal bitcoin
        crypto insurance
        share invoice bill receipt fee loan mortgage pension bond etf index cheque contactless vat price statement
        """,
    "social": """
        party people crowd crowded friend friends family group alone company guest neighbour neighbor small-talk talk conversation
        hug birthday wedding date dating club bar pub noise noisy loud quiet surprise
        meet-up reunion networking crowd audience small-talk gossip barbecue
        """,
    "learning": """
        learn learning study studying course class lesson lecture tutorial example diagram video hands-on step step-by-step school teacher
        practice theory flashcard visual
        flash-card exercise lecture webinar workbook
        """,
}

CATEGORIES = (*_WORDS, OTHER)
"""All that there are."""

_CAPITAL = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|uber|airbnb|netflix|spotify|amazon|iphone|android|windows|linux|mac|python|java\w*|typescript|vim|emacs|chrome|firefox|git|docker|paypal|bitcoin|nintendo|playstation|xbox|celsius|fahrenheit|debian|ubuntu|wi-?fi|bluetooth|alexa|siri|usb|pdfs?|brie|cheddar|a4",
    re.IGNORECASE,
)
_ADJECTIVES = frozenset(
    """
    long short early late loud quiet big small public private dark bright fake real hot cold warm old new good bad fresh strong plain simple large single double dry wet light heavy free thick thin soft firm paper index spare direct round flat high low slow fast natural unscented scented vegetarian vegan
    """.split()  # noqa: SIM905 - a paragraph of words reads better than quoted strings
)
_TO_BOOK = re.compile(r"\b(?:to|always|never|only) book\b")
_TOKEN = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def categories(text: str) -> tuple[str, ...]:
    """Return one to `MOST` of `CATEGORIES`, the one that most words of `text` name first; `other` if none fits.

    >>> categories("prefers window seats when flying")
    ('travel',)
    """
    counts: dict[str, int] = {}
    for token in set(_TOKEN.findall(_TO_BOOK.sub(" ", text.casefold()))) - ENGLISH:
        for category in _about(token):
            counts[category] = counts.get(category, 0) + 1
    order = list(_WORDS)
    best = sorted(counts, key=lambda category: (-counts[category], order.index(category)))
    return tuple(best[:MOST]) or (OTHER,)


def is_about(text: str, *wanted: str) -> bool:
    """Tell whether a word of `text` belongs to one of the categories `wanted`."""
    return any(_about(token) & set(wanted) for token in set(_TOKEN.findall(text.casefold())) - ENGLISH)


def _about(token: str) -> frozenset[str]:
    """Return the categories of a word; of one with hyphens, if it is not known, those of its parts."""
    index = _index()
    found = index.get(stem(token, DEFAULT))
    if found is not None or "-" not in token:
        return found or frozenset()
    return frozenset[str]().union(*(index.get(stem(part, DEFAULT), frozenset()) for part in token.split("-")))


def is_common(word: str) -> bool:
    """Tell whether `word` seems to be one that is written with a small letter within a sentence."""
    if _CAPITAL.fullmatch(word):
        return False
    low = word.casefold()
    known = _index().get(stem(low, DEFAULT), frozenset())
    return bool(known - {"language"}) or low in ENGLISH or low.endswith(("s", "ing")) or low in _ADJECTIVES


@functools.lru_cache(maxsize=1)
def _index() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for category, words in _WORDS.items():
        for word in words.split():
            found.setdefault(stem(word, DEFAULT), set()).add(category)
    return {word: frozenset(named) for word, named in found.items()}
